/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The certificate chain and key of the portal, and noticing that their files were replaced. */
#ifndef ZONA_PORTAL_TLS_PAIR_H
#define ZONA_PORTAL_TLS_PAIR_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <sys/stat.h>

struct tls_pair {
	char *certificate; /* PEM, with intermediate certificates */
	char *key;	   /* PEM; wiped when freed */
};

/* Reads both files and sees that they are a pair. Returns 0 and a pair that the caller frees, or
 * -errno with ret_which the file that is wrong (-EKEYREJECTED: not a certificate and its key). */
int tls_pair_read(const char *certificate, const char *key, struct tls_pair **ret_pair,
	const char **ret_which);
struct tls_pair *tls_pair_copy(const struct tls_pair *pair);
void tls_pair_free(struct tls_pair *pair);
DEFINE_AUTO(struct tls_pair, tls_pair_free);

/* What the two files looked like when they were last read. */
struct tls_watch {
	struct stat certificate, key;
};

/* Looks at the files; true when one is another than last time. A file that is not there counts
 * as unchanged: it is about to be replaced. */
bool tls_watch_changed(struct tls_watch *watch, const char *certificate, const char *key);

#endif
