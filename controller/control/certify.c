/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/control/certify.h"

#include "common/certificate.h"
#include "common/cleanup.h"
#include "portal/content/lessons.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>

#define NAME_OF(number, symbol, id) [number] = id,

static const char *const lessons[] = {LESSONS(NAME_OF)};

/* Read each time: operators ask seldom, and the portal may make its key after we started. */
static int read_key(const char *path, uint8_t key[CERTIFICATE_KEY_SIZE])
{
	AUTO_FD fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ssize_t size = read(fd, key, CERTIFICATE_KEY_SIZE);
	if (size < 0)
		return -errno;
	return size == CERTIFICATE_KEY_SIZE ? 0 : -EBADMSG;
}

int certify(const char *key_path, const char *code, json_t **ret_certificate)
{
	uint8_t key[CERTIFICATE_KEY_SIZE];
	char day[CERTIFICATE_DAY_SIZE];
	struct certificate certificate;
	int r = read_key(key_path, key);

	if (r == 0)
		r = certificate_check(key, code, &certificate);
	sodium_memzero(key, sizeof(key));
	if (r < 0)
		return r;
	if (certificate.lesson >= ARRAY_SIZE(lessons) || lessons[certificate.lesson] == NULL)
		return -EINVAL;
	json_t *description = json_pack("{s:s, s:s, s:i}", "lesson", lessons[certificate.lesson],
		"day", certificate_day(certificate.day, day), "serial", (int)certificate.serial);
	if (description == NULL)
		return -ENOMEM;
	*ret_certificate = description;
	return 0;
}
