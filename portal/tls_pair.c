/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/tls_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>

#define PEM_MAX ((size_t)256 * 1024) /* a chain of certificates has a few kilobytes */

static int read_all(int fd, char *data, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, data + used, size - used);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO; /* got shorter meanwhile */
		if (n > 0)
			used += (size_t)n;
	}
	data[used] = '\0';
	return 0;
}

static int read_file(const char *path, char **ret_text)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	AUTO_STR text = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size <= 0 || (size_t)st.st_size > PEM_MAX)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL)
		return -ENOMEM;
	int r = read_all(fd, text, (size_t)st.st_size);
	if (r < 0)
		return r;
	*ret_text = TAKE(text);
	return 0;
}

static int check_pair(const struct tls_pair *pair)
{
	const gnutls_datum_t certificate = {
		(unsigned char *)pair->certificate, (unsigned)strlen(pair->certificate)};
	const gnutls_datum_t key = {(unsigned char *)pair->key, (unsigned)strlen(pair->key)};
	gnutls_certificate_credentials_t credentials;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0)
		return -ENOMEM;
	int r = gnutls_certificate_set_x509_key_mem(
		credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(credentials);
	return r < 0 ? -EKEYREJECTED : 0;
}

int tls_pair_read(const char *certificate, const char *key, struct tls_pair **ret_pair,
	const char **ret_which)
{
	AUTO(tls_pair_free) struct tls_pair *pair = calloc(1, sizeof(*pair));

	*ret_which = certificate;
	if (pair == NULL)
		return -ENOMEM;
	int r = read_file(certificate, &pair->certificate);
	if (r < 0)
		return r;
	*ret_which = key;
	r = read_file(key, &pair->key);
	if (r == 0)
		r = check_pair(pair);
	if (r < 0)
		return r;
	*ret_pair = TAKE(pair);
	return 0;
}

struct tls_pair *tls_pair_copy(const struct tls_pair *pair)
{
	AUTO(tls_pair_free) struct tls_pair *copy = calloc(1, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	copy->certificate = strdup(pair->certificate);
	copy->key = strdup(pair->key);
	return copy->certificate != NULL && copy->key != NULL ? TAKE(copy) : NULL;
}

void tls_pair_free(struct tls_pair *pair)
{
	if (pair == NULL)
		return;
	if (pair->key != NULL)
		sodium_memzero(pair->key, strlen(pair->key));
	free(pair->certificate);
	free(pair->key);
	free(pair);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool look(struct stat *known, const char *path)
{
	struct stat now;

	if (stat(path, &now) < 0 || is_same(known, &now))
		return false;
	*known = now;
	return true;
}

bool tls_watch_changed(struct tls_watch *watch, const char *certificate, const char *key)
{
	bool certificate_changed = look(&watch->certificate, certificate);
	bool key_changed = look(&watch->key, key);

	return certificate_changed || key_changed;
}
