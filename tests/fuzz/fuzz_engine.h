/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine on a fake kernel and a fake clock, for the fuzzers, and what must hold of the two at
 * any time. Header only, as each fuzzer is one file. */
#ifndef ZONA_TESTS_FUZZ_ENGINE_H
#define ZONA_TESTS_FUZZ_ENGINE_H

#include "common/cleanup.h"
#include "controller/kernel/fake.h"
#include "controller/session/internal.h"

#include <string.h>

#define ZONE "fuzz-zone"
#define SESSIONS_MAX 20
/* Rounds in which no time passes; more mean that the engine asks to be called again for ever. */
#define ROUNDS_AT_ONCE_MAX 10000

static struct now fuzz_now;

static inline void fuzz_clock(struct now *ret_now)
{
	*ret_now = fuzz_now;
}

static inline struct policy *fuzz_policy(void)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		abort();
	policy->classes = calloc(1, sizeof(*policy->classes));
	policy->zones = calloc(1, sizeof(*policy->zones));
	if (policy->classes == NULL || policy->zones == NULL)
		abort();
	policy->class_count = policy->zone_count = 1;
	policy->classes[0] = (struct policy_class){
		.name = strdup("class"),
		.minutes = 60,
		.extend_minutes = 30,
		.idle_minutes = 15,
		.daily_minutes = 240,
		.daily_bytes = 1000000000,
		.down_bps = 8000000,
		.up_bps = 2000000,
		.down_floor_bps = 512000,
		.up_floor_bps = 128000,
		.hours.always = true,
	};
	policy->zones[0].id = strdup(ZONE);
	policy->zones[0].name = strdup("Parque");
	policy->zones[0].class = &policy->classes[0];
	return policy;
}

static inline struct engine *fuzz_engine(struct kernel *kernel, struct store store)
{
	const struct engine_params params = {
		.kernel = kernel,
		.store = store,
		.now = fuzz_clock,
		.uplink_down_bps = 50000000,
		.uplink_up_bps = 10000000,
		.sessions_max = SESSIONS_MAX,
	};
	struct engine *engine = NULL;

	if (engine_new(&params, fuzz_policy(), ZONE, &engine) < 0)
		abort();
	return engine;
}

static inline void fuzz_ready(int error, void *arg)
{
	*(int *)arg = error;
}

static inline void fuzz_start(struct engine *engine, struct kernel *kernel)
{
	int ready = 1;

	engine_start(engine, fuzz_ready, &ready);
	(void)kernel_fake_run(kernel);
	if (ready != 0)
		abort();
}

static inline void fuzz_round(struct engine *engine, struct kernel *kernel)
{
	for (int i = 0; i < ROUNDS_AT_ONCE_MAX; i++) {
		int wait = engine_run(engine);

		if (wait < 0 || wait > 1000)
			abort();
		if (kernel_fake_run(kernel) == 0 && wait > 0)
			return;
	}
	abort();
}

/* Whoever is online for the engine is in the kernel just so, and nobody else is. */
static inline void fuzz_check(struct engine *engine, struct kernel *kernel)
{
	struct device *d, *next;
	unsigned active = 0;

	HASH_ITER(hh, engine->devices, d, next)
	{
		const struct kernel_session *ks = kernel_fake_session(kernel, &d->mac);

		if (d->busy) /* the kernel refused, and will be asked again */
			return;
		if (d->state == STATE_ACTIVE &&
			(ks == NULL || ks->mark != d->session.id || ks->leaf != d->session.leaf))
			abort();
		if (d->state != STATE_ACTIVE && ks != NULL)
			abort();
		active += d->state == STATE_ACTIVE;
	}
	if (active != engine->sessions || active != kernel_fake_session_count(kernel))
		abort();
}

#endif
