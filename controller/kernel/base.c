/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/base.h"

#include "common/cleanup.h"

#include <errno.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>

__asm__(".section .rodata\n"
	"base_nft_start:\n"
	".incbin \"controller/kernel/base.nft\"\n"
	"base_nft_end:\n"
	".byte 0\n"
	".previous\n");
extern const char base_nft_start[] __attribute__((visibility("hidden")));
extern const char base_nft_end[] __attribute__((visibility("hidden")));

/* New connections wait no longer than this many seconds' worth of their rate: a phone opens dozens
 * at once when it joins. */
#define BURST_SECONDS 10
#define VALUE_SIZE 32

static bool is_interface_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t length = strlen(name);

	return length > 0 && length < IFNAMSIZ && strspn(name, allowed) == length;
}

struct value {
	const char *key;
	char text[VALUE_SIZE];
};

struct feature {
	const char *key;
	bool on;
};

/* Copies one line, with each @KEY@ replaced. An @ that begins no known key (a set's name) stays. */
static void put_line(FILE *out, const char *line, size_t length, const struct value *values)
{
	const char *end = line + length;

	while (line < end) {
		const struct value *v = NULL;

		if (*line == '@')
			for (v = values; v->key != NULL; v++)
				if (strncmp(line, v->key, strlen(v->key)) == 0)
					break;
		if (v != NULL && v->key != NULL) {
			(void)fputs(v->text, out);
			line += strlen(v->key);
		} else {
			(void)fputc(*line++, out);
		}
	}
	(void)fputc('\n', out);
}

/* A line "%word<TAB>…" loses its first word, and is left out when that feature is off. */
static bool line_is_on(const char **line, size_t *length, const struct feature *features)
{
	if (**line != '%')
		return true;
	for (const struct feature *f = features; f->key != NULL; f++) {
		size_t n = strlen(f->key);

		if (*length > n + 1 && strncmp(*line + 1, f->key, n) == 0 &&
			(*line)[n + 1] == '\t') {
			*line += n + 1;
			*length -= n + 1;
			return f->on;
		}
	}
	return false;
}

/* By number where the interface exists already, else (before it is made, at boot) by name. */
static void put_match(struct value *value, const char *direction, const char *interface)
{
	(void)snprintf(value->text, VALUE_SIZE, "%s%s \"%s\"", direction,
		if_nametoindex(interface) != 0 ? "" : "name", interface);
}

int base_render(const struct base_params *params, char **ret_text)
{
	const struct feature features[] = {
		{"limit-connections", params->connections_per_second > 0},
		{"limit-dns", params->dns_per_second > 0},
		{"masquerade4", params->masquerade4},
		{"masquerade6", params->masquerade6},
		{"tls", params->tls},
		{NULL, false},
	};
	struct value values[] = {
		{"@LAN@", ""},
		{"@UPLINK@", ""},
		{"@FROM_LAN@", ""},
		{"@TO_LAN@", ""},
		{"@TO_UPLINK@", ""},
		{"@HTTP@", ""},
		{"@HTTPS@", ""},
		{"@CONNECTIONS@", ""},
		{"@CONNECTIONS_BURST@", ""},
		{"@QUERIES@", ""},
		{"@QUERIES_BURST@", ""},
		{NULL, ""},
	};
	unsigned numbers[] = {
		params->http_port,
		params->https_port,
		params->connections_per_second,
		params->connections_per_second * BURST_SECONDS,
		params->dns_per_second,
		params->dns_per_second * BURST_SECONDS,
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!is_interface_name(params->lan) || !is_interface_name(params->uplink))
		return -EINVAL;
	(void)snprintf(values[0].text, VALUE_SIZE, "%s", params->lan);
	(void)snprintf(values[1].text, VALUE_SIZE, "%s", params->uplink);
	put_match(&values[2], "iif", params->lan);
	put_match(&values[3], "oif", params->lan);
	put_match(&values[4], "oif", params->uplink);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		(void)snprintf(values[5 + i].text, VALUE_SIZE, "%u", numbers[i]);

	out = open_memstream(&text, &size);
	if (out == NULL)
		return -ENOMEM;
	for (const char *line = base_nft_start; line < base_nft_end;) {
		const char *end = memchr(line, '\n', (size_t)(base_nft_end - line));
		size_t length = (size_t)(end - line);

		if (line_is_on(&line, &length, features))
			put_line(out, line, length, values);
		line = end + 1;
	}
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	return 0;
}

static int run(const char *text, char **ret_message)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	int r = 0;

	if (nft == NULL)
		return -ENOMEM;
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	if (nft_run_cmd_from_buffer(nft, text) != 0) {
		r = -EIO;
		if (*ret_message == NULL)
			*ret_message = strdup(nft_ctx_get_error_buffer(nft));
	}
	nft_ctx_free(nft);
	return r;
}

int base_apply(const struct base_params *params, bool *ret_replaced, char **ret_message)
{
	static const char replace[] = "add table inet zona\ndelete table inet zona\n";
	AUTO_STR text = NULL;
	AUTO_STR whole = NULL;
	AUTO_STR message = NULL;
	bool replaced = false;
	int r;

	r = base_render(params, &text);
	if (r < 0)
		return r;
	r = run(text, &message);
	if (r < 0) {
		/* A table of another shape (an older version) is in the way. */
		if (asprintf(&whole, "%s%s", replace, text) < 0) {
			whole = NULL;
			return -ENOMEM;
		}
		replaced = true;
		r = run(whole, &message);
	}
	if (r < 0) {
		*ret_message = TAKE(message);
		return r;
	}
	*ret_replaced = replaced;
	return 0;
}
