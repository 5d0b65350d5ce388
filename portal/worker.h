/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread that serves: its own event loop, listening sockets, and connection to the controller.
 * Workers share nothing but limiters, so there is no lock on the way of a request. */
#ifndef ZONA_PORTAL_WORKER_H
#define ZONA_PORTAL_WORKER_H

#include "common/cleanup.h"
#include "portal/limiter.h"
#include "portal/pages.h"
#include "portal/site.h"
#include "portal/tls_pair.h"
#include "portal/token.h"

#include <pthread.h>

struct worker;

struct worker_config {
	int http_fd, https_fd; /* listening; https_fd is -1 without a certificate */
	int control_dir_fd;    /* see control_new() */
	const char *control_socket;
	const struct pages *pages;
	const struct token_key *key;
	struct limiter *limiter, *accept_limiter;
	pthread_mutex_t *gate; /* may be NULL; the thread serves once it can be had */
};

/* Makes everything but the thread. What config points to stays the caller's and outlives the
 * worker; site and pair (NULL without TLS) are taken over. Returns 0 or -errno. */
int worker_new(const struct worker_config *config, struct site *site, struct tls_pair *pair,
	struct worker **ret_worker);
/* Starts the thread, which serves until worker_free(). Returns 0 or -errno. */
int worker_start(struct worker *worker);
/* Stops the thread if it was started. */
void worker_free(struct worker *worker);
DEFINE_AUTO(struct worker, worker_free);

/* From any thread: hands over what is to be used from now on. */
void worker_set_site(struct worker *worker, struct site *site);
void worker_set_pair(struct worker *worker, struct tls_pair *pair);

#endif
