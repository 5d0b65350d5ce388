/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/session/adopt.h"

#include "common/log.h"
#include "controller/session/internal.h"

#include <errno.h>
#include <string.h>

struct adoption {
	void (*ready)(int error, void *arg);
	void *arg;
	struct kernel_session *found; /* in the kernel */
	size_t count, room;
	unsigned kept, restored, removed, unknown;
	int error;
};

void adoption_free(struct adoption *a)
{
	if (a == NULL)
		return;
	free(a->found);
	free(a);
}

/* ---- what the journal holds ------------------------------------------------------------------ */

/* After a restart of the machine monotonic time begins anew and the leaves are gone: the session
 * goes on from its last record, as if no time had passed. */
static void move_to_this_boot(struct session *s, int64_t now_ms)
{
	int64_t shift = now_ms - s->updated_ms;

	s->started_ms += shift;
	s->granted_ms += shift;
	s->ends_ms += shift;
	s->active_ms += shift;
	s->updated_ms += shift;
	s->carry = s->total;
	s->base = (struct kernel_meter){0};
	s->leaf = 0;
}

/* The journal never saw the end of this session (its disk was full), but of a later one. */
static void end_unseen(struct engine *e, struct device *d)
{
	const struct stored_session stored = {
		.mac = d->mac, .state = STATE_ENDED, .final = true, .session = d->session};

	if (d->state == STATE_ACTIVE)
		e->sessions--;
	e->p.store.put_session(e->p.store.ctx, &stored);
}

int engine_load_session(struct engine *e, const struct stored_session *stored)
{
	struct device *d = engine_device(e, &stored->mac, true);

	if (d == NULL)
		return -ENOMEM;
	if (stored->session.id > e->last_id)
		e->last_id = stored->session.id;
	if (stored->session.id < d->session.id)
		return 0;
	if (d->state == STATE_ACTIVE || d->busy)
		end_unseen(e, d);
	d->session = stored->session;
	if (pass_name_session(e, &d->session) < 0)
		return -ENOMEM;
	if (!stored->same_boot)
		move_to_this_boot(&d->session, e->now.mono_ms);
	d->state = stored->state;
	/* Not final: the last reading, or (the leaf is gone) its record, is still to be taken. */
	d->busy = stored->state != STATE_ACTIVE && !stored->final;
	if (stored->state == STATE_ACTIVE)
		e->sessions++;
	return 0;
}

int engine_load_device(struct engine *e, const struct stored_device *stored)
{
	struct device *d = engine_device(e, &stored->mac, true);

	if (d == NULL)
		return -ENOMEM;
	d->day = stored->day;
	d->day_ms = stored->day_ms;
	d->day_bytes = stored->day_bytes;
	d->token_us = stored->token_us;
	d->stored = true;
	if (d->state != STATE_ACTIVE && stored->blocked)
		d->state = STATE_BLOCKED;
	else if (d->state == STATE_BLOCKED)
		d->state = STATE_ENDED; /* unblocked after its session was */
	return 0;
}

void engine_load_rates(struct engine *e, const struct kernel_rates *rates)
{
	if (rates->down_bps == 0) {
		e->rates_mixed = true;
		return;
	}
	e->rates = *rates;
	e->rates_known = true;
}

/* ---- comparison ------------------------------------------------------------------------------ */

static void on_leaf(const struct kernel_leaf *leaf, void *arg)
{
	struct engine *e = arg;

	leaves_note(&e->leaves, leaf);
	if (e->rates_known)
		e->leaves.table[leaf->leaf].rates = e->rates;
}

static void on_session(const struct kernel_session *session, void *arg)
{
	struct adoption *a = ((struct engine *)arg)->adoption;

	if (a->count == a->room) {
		size_t room = a->room == 0 ? 1024 : a->room * 2;
		struct kernel_session *more = reallocarray(a->found, room, sizeof(*more));

		if (more == NULL) {
			a->error = -ENOMEM;
			return;
		}
		a->found = more;
		a->room = room;
	}
	a->found[a->count++] = *session;
}

/* An element that should not be there, until it is not. */
struct removal {
	struct removal *next; /* of those that the kernel refused */
	struct engine *engine;
	struct kernel_session session;
	bool has_leaf; /* that is ours to give back */
};

void removals_free(struct engine *e)
{
	while (e->removals != NULL) {
		struct removal *removal = e->removals;

		e->removals = removal->next;
		free(removal);
	}
}

static void on_removed(int error, const struct kernel_meter *meter, void *arg)
{
	struct removal *removal = arg;
	struct engine *e = removal->engine;
	char mac[MAC_TEXT_SIZE];

	if (error != 0 && error != -ENOENT) {
		log_error("%s: the kernel does not take it out: %s; trying again",
			mac_format(&removal->session.mac, mac), strerror(-error));
		removal->next = e->removals;
		e->removals = removal;
		e->p.now(&e->now);
		e->removals_at_ms = e->now.mono_ms + DOWN_RETRY_MS;
		return;
	}
	if (removal->has_leaf && error == 0)
		leaves_give(&e->leaves, removal->session.leaf, meter);
	else if (removal->has_leaf)
		leaves_give_gone(&e->leaves, removal->session.leaf);
	free(removal);
}

void removals_retry(struct engine *e)
{
	struct removal *removal = TAKE(e->removals);

	while (removal != NULL) {
		struct removal *next = removal->next;

		kernel_session_down(e->p.kernel, &removal->session, &e->rates, on_removed, removal);
		removal = next;
	}
}

/* Takes out what should not be there. */
static void remove_found(struct engine *e, const struct kernel_session *found)
{
	struct removal *removal = calloc(1, sizeof(*removal));
	struct kernel_session *ks;

	if (removal == NULL)
		abort(); /* the supervisor starts anew */
	removal->engine = e;
	removal->session = *found;
	ks = &removal->session;
	removal->has_leaf = leaves_claim(&e->leaves, ks->leaf);
	if (ks->leaf < LEAF_FIRST)
		ks->leaf = LEAF_FIRST; /* only names a queue to empty */
	if (!mac_is_unicast(&ks->mac))
		ks->mac = (struct mac_addr){{2}}; /* a mark without a device: no such element */
	kernel_session_down(e->p.kernel, ks, &e->rates, on_removed, removal);
	e->adoption->removed++;
}

/* An active session that the kernel holds just as the journal says. */
static bool keep(struct engine *e, struct device *d, const struct kernel_session *found)
{
	struct session *s = &d->session;

	if (found->mark != s->id || found->leaf != s->leaf || !leaves_claim(&e->leaves, s->leaf))
		return false;
	e->by_leaf[s->leaf] = d;
	s->rates = session_rates(e, s);
	meter_account(e, d, &e->leaves.table[s->leaf].meter);
	e->adoption->kept++;
	return true;
}

/* A session in the kernel of which the journal (lost, or set aside) knows nothing: only this
 * program can have admitted the device, so it stays, with the class's time from now on. */
static bool adopt_unknown(struct engine *e, const struct kernel_session *found)
{
	struct device *d;

	if (!mac_is_unicast(&found->mac) || engine_device(e, &found->mac, false) != NULL)
		return false;
	d = engine_device(e, &found->mac, true);
	if (d == NULL || admission_check(e, d) != OUTCOME_DONE ||
		!leaves_claim(&e->leaves, found->leaf))
		return false;
	engine_session_begin(e, d, 0, found->leaf);
	d->session.id = found->mark;
	if (found->mark > e->last_id)
		e->last_id = found->mark;
	e->by_leaf[found->leaf] = d;
	engine_transition(d, STATE_ACTIVE, "found in the kernel");
	e->sessions++;
	engine_put_session(e, d, false);
	e->adoption->unknown++;
	return true;
}

static void compare(struct engine *e, const struct kernel_session *found)
{
	struct device *d = engine_device(e, &found->mac, false);

	if (d != NULL && d->state == STATE_ACTIVE && keep(e, d, found))
		return;
	if (d != NULL && d->state != STATE_ACTIVE && d->busy && d->session.id == found->mark &&
		d->session.leaf == found->leaf && leaves_claim(&e->leaves, found->leaf)) {
		/* Its end was decided but not finished. */
		e->by_leaf[found->leaf] = d;
		d->session.rates = session_rates(e, &d->session);
		engine_down(e, d);
		return;
	}
	if (d == NULL && adopt_unknown(e, found))
		return;
	remove_found(e, found);
}

/* Its end was decided, and only the record of the last reading is missing. */
static void finish_record(struct engine *e, struct device *d)
{
	struct session *s = &d->session;

	d->busy = false;
	if (s->leaf != 0 && e->leaves.table[s->leaf].exists && !e->leaves.table[s->leaf].used)
		meter_account(e, d, &e->leaves.table[s->leaf].meter);
	engine_put_session(e, d, true);
}

/* An active session that the kernel does not hold (the machine was restarted, or the tables were
 * flushed). */
static void restore(struct engine *e, struct device *d)
{
	struct session *s = &d->session;
	uint16_t leaf;

	if (s->leaf != 0 && e->leaves.table[s->leaf].exists && !e->leaves.table[s->leaf].used)
		meter_account(e, d, &e->leaves.table[s->leaf].meter);
	leaf = leaves_take(&e->leaves);
	if (leaf == 0) {
		engine_transition(d, STATE_ENDED, "no leaf left");
		e->sessions--;
		return;
	}
	s->leaf = leaf;
	s->carry = s->total;
	s->base = e->leaves.table[leaf].meter;
	s->rates = session_rates(e, s);
	engine_put_session(e, d, false);
	engine_up(e, d);
	e->adoption->restored++;
}

static void settle_devices(struct engine *e)
{
	struct device *d, *next;

	HASH_ITER(hh, e->devices, d, next)
	{
		if (d->state != STATE_ACTIVE && d->busy && e->by_leaf[d->session.leaf] != d)
			finish_record(e, d);
	}
	leaves_settle(&e->leaves);
	HASH_ITER(hh, e->devices, d, next)
	{
		if (d->state != STATE_ACTIVE)
			continue;
		if (e->by_leaf[d->session.leaf] != d)
			restore(e, d);
		else
			meter_schedule(e, d);
	}
}

static void done(struct engine *e, int error)
{
	struct adoption *a = TAKE(e->adoption);

	if (error == 0)
		log_info("adopted: %u sessions as they are, %u put back, %u unknown kept, "
			 "%u removed",
			a->kept, a->restored, a->unknown, a->removed);
	a->ready(error, a->arg);
	adoption_free(a);
}

static void on_sessions_listed(int error, void *arg)
{
	struct engine *e = arg;
	struct adoption *a = e->adoption;

	if (error == 0)
		error = a->error;
	if (error != 0) {
		done(e, error);
		return;
	}
	e->p.now(&e->now);
	rates_update(e);
	for (size_t i = 0; i < a->count; i++)
		compare(e, &a->found[i]);
	settle_devices(e);
	e->sessions_peak = e->sessions;
	rates_update(e);
	e->rates_sweep = LEAF_FIRST;
	rates_continue(e);
	done(e, 0);
}

static void on_leaves_listed(int error, void *arg)
{
	struct engine *e = arg;

	if (error != 0)
		done(e, error);
	else
		kernel_list_sessions(e->p.kernel, on_session, on_sessions_listed, e);
}

void engine_start(struct engine *e, void (*ready)(int error, void *arg), void *arg)
{
	e->started = true;
	e->adoption = calloc(1, sizeof(*e->adoption));
	if (e->adoption == NULL) {
		ready(-ENOMEM, arg);
		return;
	}
	e->adoption->ready = ready;
	e->adoption->arg = arg;
	e->p.now(&e->now);
	kernel_list_leaves(e->p.kernel, on_leaf, on_leaves_listed, e);
}
