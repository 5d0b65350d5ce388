/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/accounting/syncer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <time.h>

/* A power cut loses no more than this and the time of one sync. */
#define PERIOD_S 1
/* The thread calls SQLite and nothing else. */
#define STACK_SIZE (256 << 10)

struct syncer {
	sqlite3 *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool dirty, stop; /* under lock */
};

/* Waits for work. Returns false when there will be none any more. */
static bool wait_for_work(struct syncer *s)
{
	bool work;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->dirty && !s->stop)
		(void)pthread_cond_wait(&s->woken, &s->lock);
	work = s->dirty;
	s->dirty = false;
	(void)pthread_mutex_unlock(&s->lock);
	return work;
}

/* Lets more commits gather, but not when the end is waited for. */
static void pause_a_period(struct syncer *s)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PERIOD_S;
	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop && pthread_cond_timedwait(&s->woken, &s->lock, &until) != ETIMEDOUT)
		;
	(void)pthread_mutex_unlock(&s->lock);
}

static void *run(void *arg)
{
	struct syncer *s = arg;

	/* A checkpoint that fails (a full disk) leaves the WAL as it is: the next one covers it. */
	while (wait_for_work(s)) {
		(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		pause_a_period(s);
	}
	return NULL;
}

static int start_thread(struct syncer *s)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r;

	/* Signals are the event loop's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_attr_init(&attr);
	if (r == 0) {
		(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
		r = pthread_create(&s->thread, &attr, run, s);
		(void)pthread_attr_destroy(&attr);
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

int syncer_start(const char *path, struct syncer **ret_syncer)
{
	struct syncer *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->woken, NULL);
	r = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	r = r == SQLITE_OK ? start_thread(s) : -EIO;
	if (r < 0) {
		(void)sqlite3_close(s->db);
		free(s);
		return r;
	}
	*ret_syncer = s;
	return 0;
}

void syncer_wake(struct syncer *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->dirty = true;
	(void)pthread_cond_signal(&s->woken);
	(void)pthread_mutex_unlock(&s->lock);
}

void syncer_stop(struct syncer *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_signal(&s->woken);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	(void)sqlite3_close(s->db);
	(void)pthread_cond_destroy(&s->woken);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}
