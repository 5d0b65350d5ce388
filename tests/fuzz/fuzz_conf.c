/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration text of every schema. What must hold for any input: a file is read whole or
 * refused with one line "FILE:LINE: reason" of valid text, and nothing is kept of a refused one. */
#include "policies/gateway_conf.h"
#include "policies/policy.h"
#include "policies/schemas.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define FILE_NAME "fuzz.conf"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

static void check_error(const struct conf_error *error)
{
	const char *line = error->text + strlen(FILE_NAME ":");
	char *rest;

	if (strncmp(error->text, FILE_NAME ":", strlen(FILE_NAME ":")) != 0)
		abort();
	if (strtol(line, &rest, 10) < 1 || strncmp(rest, ": ", 2) != 0 || rest[2] == '\0')
		abort();
	for (size_t length; *line != '\0'; line += length) {
		length = conf_utf8_length(line, strlen(line));
		if (length == 0 || (unsigned char)*line < ' ' || *line == 0x7f)
			abort();
	}
}

static void fuzz_gateway(const uint8_t *data, size_t size)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};
	int r = gateway_conf_read(file_of(data, size), FILE_NAME, &conf, &error);

	if ((r == 0) != (conf != NULL))
		abort();
	if (r < 0)
		check_error(&error);
	else if (conf->limits.devices == 0 || strlen(conf->lan.interface) > 15 ||
		 strlen(conf->control_socket) > 107 || conf->uplink.down_bps == 0)
		abort();
}

/* The document behind classes and zones; policy.c only puts the structs into a list. */
static void fuzz_schema(const struct conf_schema *schema, const uint8_t *data, size_t size)
{
	AUTO(conf_doc_free) struct conf_doc *doc = NULL;
	AUTO_FD fd = file_of(data, size);
	struct conf_error error = {0};
	union {
		struct policy_class class;
		char room[4096];
	} base;

	if (conf_doc_read(schema, fd, FILE_NAME, &doc, &error) < 0) {
		check_error(&error);
		return;
	}
	for (size_t i = 0; i < conf_doc_count(doc); i++) {
		memset(&base, 0, sizeof(base));
		if (conf_doc_fill(doc, i, &base, &error) < 0)
			check_error(&error);
		conf_schema_release(schema, &base);
		if (strlen(conf_doc_title(doc, i)) > 63 || conf_doc_line(doc, i, NULL, NULL) == 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		fuzz_gateway(data + 1, size - 1);
		break;
	case 1:
		fuzz_schema(&class_schema, data + 1, size - 1);
		break;
	case 2:
		fuzz_schema(&zone_schema, data + 1, size - 1);
		break;
	}
	return 0;
}
