/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/fake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct call {
	STAILQ_ENTRY(call) link;
	struct wire_request request;
	bool event; /* a neighbour's, not asked for */
	bool present;
	kernel_done_fn *done;
	kernel_meter_fn *meter;
	kernel_neighbour_fn *neighbour;
	kernel_leaf_fn *each_leaf;
	kernel_session_fn *each_session;
	void *arg;
};
STAILQ_HEAD(call_list, call);

struct fake_leaf {
	bool exists;
	struct kernel_rates rates;
	struct kernel_meter meter;
};

struct fake_neighbour {
	struct ip_addr ip;
	struct mac_addr mac;
};

struct kernel_fake {
	struct kernel base;
	struct call_list waiting;
	struct fake_leaf *leaves; /* by number */
	struct kernel_session *sessions;
	size_t session_count, session_room;
	struct fake_neighbour *neighbours;
	size_t neighbour_count, neighbour_room;
	struct wire_request *log;
	size_t log_count, log_room;
	struct {
		int error;
		unsigned times;
	} refuse[WIRE_VERB_COUNT];
};

/* What a dead engine had in flight went with its process; here it stays reachable, so that the leak
 * checker sees only what is really lost. */
static struct call_list dead = STAILQ_HEAD_INITIALIZER(dead);

static struct kernel_fake *fake(const struct kernel *k)
{
	return (struct kernel_fake *)k;
}

/* A test without memory is over. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room == 0 ? 64 : *room * 2;
	items = reallocarray(items, *room, size);
	if (items == NULL)
		abort();
	return items;
}

/* ---- what is there --------------------------------------------------------------------------- */

static struct kernel_session *find_session(const struct kernel_fake *f, const struct mac_addr *mac)
{
	for (size_t i = 0; i < f->session_count; i++)
		if (mac_equal(&f->sessions[i].mac, mac))
			return &f->sessions[i];
	return NULL;
}

static bool mark_is_used(const struct kernel_fake *f, uint32_t mark)
{
	for (size_t i = 0; i < f->session_count; i++)
		if (f->sessions[i].mark == mark)
			return true;
	return false;
}

static struct fake_neighbour *find_neighbour(const struct kernel_fake *f, const struct ip_addr *ip)
{
	for (size_t i = 0; i < f->neighbour_count; i++)
		if (ip_equal(&f->neighbours[i].ip, ip))
			return &f->neighbours[i];
	return NULL;
}

unsigned kernel_fake_session_count(const struct kernel *k)
{
	return (unsigned)fake(k)->session_count;
}

const struct kernel_session *kernel_fake_session(const struct kernel *k, const struct mac_addr *mac)
{
	return find_session(fake(k), mac);
}

unsigned kernel_fake_leaf_count(const struct kernel *k)
{
	unsigned count = 0;

	for (uint32_t n = LEAF_FIRST; n <= LEAF_LAST; n++)
		count += fake(k)->leaves[n].exists;
	return count;
}

bool kernel_fake_leaf(const struct kernel *k, uint16_t n, struct kernel_rates *ret_rates,
	struct kernel_meter *ret_meter)
{
	const struct fake_leaf *leaf = &fake(k)->leaves[n];

	if (!leaf->exists)
		return false;
	if (ret_rates != NULL)
		*ret_rates = leaf->rates;
	if (ret_meter != NULL)
		*ret_meter = leaf->meter;
	return true;
}

/* ---- what happens to it ---------------------------------------------------------------------- */

void kernel_fake_traffic(struct kernel *k, uint16_t leaf, uint64_t down_bytes, uint64_t up_bytes)
{
	fake(k)->leaves[leaf].meter.down_bytes += down_bytes;
	fake(k)->leaves[leaf].meter.up_bytes += up_bytes;
}

void kernel_fake_set_meter(struct kernel *k, uint16_t leaf, const struct kernel_meter *meter)
{
	fake(k)->leaves[leaf].meter = *meter;
}

void kernel_fake_put_session(struct kernel *k, const struct kernel_session *session)
{
	struct kernel_fake *f = fake(k);

	f->sessions = grow(f->sessions, f->session_count, &f->session_room, sizeof(*f->sessions));
	f->sessions[f->session_count++] = *session;
}

void kernel_fake_delete_session(struct kernel *k, const struct mac_addr *mac)
{
	struct kernel_fake *f = fake(k);
	struct kernel_session *session = find_session(f, mac);

	if (session != NULL)
		*session = f->sessions[--f->session_count];
}

void kernel_fake_delete_leaf(struct kernel *k, uint16_t leaf)
{
	fake(k)->leaves[leaf] = (struct fake_leaf){0};
}

void kernel_fake_reboot(struct kernel *k)
{
	struct kernel_fake *f = fake(k);

	(void)kernel_fake_lose(k, 0);
	memset(f->leaves, 0, (LEAF_LAST + 1) * sizeof(*f->leaves));
	f->session_count = 0;
	f->neighbour_count = 0;
}

static void set_neighbour(
	struct kernel_fake *f, const struct ip_addr *ip, const struct mac_addr *mac, bool present)
{
	struct fake_neighbour *n = find_neighbour(f, ip);

	if (n == NULL && present) {
		f->neighbours = grow(f->neighbours, f->neighbour_count, &f->neighbour_room,
			sizeof(*f->neighbours));
		n = &f->neighbours[f->neighbour_count++];
		n->ip = *ip;
	}
	if (n != NULL && present)
		n->mac = *mac;
	else if (n != NULL)
		*n = f->neighbours[--f->neighbour_count];
}

/* ---- asking ---------------------------------------------------------------------------------- */

static struct call *ask(struct kernel *k, enum wire_verb verb, uint16_t leaf, void *arg)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		abort();
	call->request.verb = (uint16_t)verb;
	call->request.leaf = leaf;
	call->arg = arg;
	STAILQ_INSERT_TAIL(&fake(k)->waiting, call, link);
	return call;
}

void kernel_fake_neighbour(
	struct kernel *k, const struct ip_addr *ip, const struct mac_addr *mac, bool present)
{
	struct call *call = ask(k, WIRE_NEIGHBOUR, 0, NULL);

	set_neighbour(fake(k), ip, mac, present);
	call->event = true;
	call->present = present;
	call->request.ip = *ip;
	call->request.mac = *mac;
}

static void fake_leaf_set(struct kernel *k, uint16_t leaf, const struct kernel_rates *rates,
	kernel_done_fn *done, void *arg)
{
	struct call *call = ask(k, WIRE_LEAF_SET, leaf, arg);

	call->request.rates = *rates;
	call->done = done;
}

static void fake_session_up(
	struct kernel *k, const struct kernel_session *session, kernel_done_fn *done, void *arg)
{
	struct call *call = ask(k, WIRE_SESSION_UP, session->leaf, arg);

	call->request.mac = session->mac;
	call->request.mark = session->mark;
	call->done = done;
}

static void fake_session_down(struct kernel *k, const struct kernel_session *session,
	const struct kernel_rates *rates, kernel_meter_fn *done, void *arg)
{
	struct call *call = ask(k, WIRE_SESSION_DOWN, session->leaf, arg);

	call->request.mac = session->mac;
	call->request.mark = session->mark;
	call->request.rates = *rates;
	call->meter = done;
}

static void fake_meter(struct kernel *k, uint16_t leaf, kernel_meter_fn *done, void *arg)
{
	ask(k, WIRE_METER, leaf, arg)->meter = done;
}

static void fake_list_leaves(
	struct kernel *k, kernel_leaf_fn *each, kernel_done_fn *done, void *arg)
{
	struct call *call = ask(k, WIRE_LIST_LEAVES, 0, arg);

	call->each_leaf = each;
	call->done = done;
}

static void fake_list_sessions(
	struct kernel *k, kernel_session_fn *each, kernel_done_fn *done, void *arg)
{
	struct call *call = ask(k, WIRE_LIST_SESSIONS, 0, arg);

	call->each_session = each;
	call->done = done;
}

static void fake_neighbour(
	struct kernel *k, const struct ip_addr *ip, kernel_neighbour_fn *done, void *arg)
{
	struct call *call = ask(k, WIRE_NEIGHBOUR, 0, arg);

	call->request.ip = *ip;
	call->neighbour = done;
}

static void fake_clear(struct kernel *k, kernel_done_fn *done, void *arg)
{
	ask(k, WIRE_CLEAR, 0, arg)->done = done;
}

/* ---- serving: as the helper does ------------------------------------------------------------- */

static int do_leaf_set(struct kernel_fake *f, struct call *c)
{
	f->leaves[c->request.leaf].exists = true;
	f->leaves[c->request.leaf].rates = c->request.rates;
	return 0;
}

static int do_session_up(struct kernel_fake *f, struct call *c)
{
	const struct kernel_session session = {c->request.mac, c->request.mark, c->request.leaf};

	/* The maps know nothing of the tree: like them, this takes a leaf that is not there. */
	if (find_session(f, &session.mac) != NULL || mark_is_used(f, session.mark))
		return -EEXIST;
	kernel_fake_put_session(&f->base, &session);
	return 0;
}

static int do_session_down(struct kernel_fake *f, struct call *c)
{
	kernel_fake_delete_session(&f->base, &c->request.mac);
	return f->leaves[c->request.leaf].exists ? 0 : -ENOENT;
}

static int do_meter(struct kernel_fake *f, struct call *c)
{
	return f->leaves[c->request.leaf].exists ? 0 : -ENOENT;
}

static int do_list_leaves(struct kernel_fake *f, struct call *c)
{
	for (uint32_t n = LEAF_FIRST; n <= LEAF_LAST && c->each_leaf != NULL; n++)
		if (f->leaves[n].exists)
			c->each_leaf(
				&(struct kernel_leaf){(uint16_t)n, f->leaves[n].meter}, c->arg);
	return 0;
}

static int do_list_sessions(struct kernel_fake *f, struct call *c)
{
	for (size_t i = 0; i < f->session_count && c->each_session != NULL; i++)
		c->each_session(&f->sessions[i], c->arg);
	return 0;
}

static int do_neighbour(struct kernel_fake *f, struct call *c)
{
	const struct fake_neighbour *n = find_neighbour(f, &c->request.ip);

	if (n == NULL)
		return -ENOENT;
	c->request.mac = n->mac;
	return 0;
}

static int do_clear(struct kernel_fake *f, struct call *c)
{
	(void)c;
	memset(f->leaves, 0, (LEAF_LAST + 1) * sizeof(*f->leaves));
	f->session_count = 0;
	return 0;
}

static int (*const verbs[])(struct kernel_fake *f, struct call *c) = {
	[WIRE_LEAF_SET] = do_leaf_set,
	[WIRE_SESSION_UP] = do_session_up,
	[WIRE_SESSION_DOWN] = do_session_down,
	[WIRE_METER] = do_meter,
	[WIRE_LIST_LEAVES] = do_list_leaves,
	[WIRE_LIST_SESSIONS] = do_list_sessions,
	[WIRE_NEIGHBOUR] = do_neighbour,
	[WIRE_CLEAR] = do_clear,
};
_Static_assert(ARRAY_SIZE(verbs) == WIRE_VERB_COUNT, "a verb is missing");

static int effect(struct kernel_fake *f, struct call *c)
{
	uint16_t verb = c->request.verb;

	f->log = grow(f->log, f->log_count, &f->log_room, sizeof(*f->log));
	f->log[f->log_count++] = c->request;
	if (!wire_request_is_sane(&c->request, sizeof(c->request)))
		return -EINVAL;
	if (f->refuse[verb].times > 0) {
		f->refuse[verb].times--;
		return f->refuse[verb].error;
	}
	return verbs[verb](f, c);
}

/* What the helper sends with an error is a reading of nothing. */
static void answer(struct kernel_fake *f, const struct call *c, int error)
{
	const struct kernel_meter zero = {0};

	if (c->done != NULL)
		c->done(error, c->arg);
	else if (c->meter != NULL)
		c->meter(error, error == 0 ? &f->leaves[c->request.leaf].meter : &zero, c->arg);
	else if (c->neighbour != NULL)
		c->neighbour(error, &c->request.mac, c->arg);
}

static struct call *first(struct kernel_fake *f)
{
	struct call *c = STAILQ_FIRST(&f->waiting);

	if (c != NULL)
		STAILQ_REMOVE_HEAD(&f->waiting, link);
	return c;
}

bool kernel_fake_run_one(struct kernel *k)
{
	struct kernel_fake *f = fake(k);
	struct call *c = first(f);

	if (c == NULL)
		return false;
	if (!c->event)
		answer(f, c, effect(f, c));
	else if (k->on_neighbour != NULL)
		k->on_neighbour(&c->request.ip, &c->request.mac, c->present, k->on_neighbour_arg);
	free(c);
	return true;
}

unsigned kernel_fake_run(struct kernel *k)
{
	unsigned served = 0;

	while (kernel_fake_run_one(k))
		served++;
	return served;
}

unsigned kernel_fake_lose(struct kernel *k, unsigned served)
{
	struct kernel_fake *f = fake(k);
	unsigned lost = 0;
	struct call *c;

	while ((c = first(f)) != NULL) {
		c->each_leaf = NULL;
		c->each_session = NULL;
		if (lost++ < served && !c->event)
			(void)effect(f, c);
		STAILQ_INSERT_TAIL(&dead, c, link);
	}
	k->on_neighbour = NULL;
	return lost;
}

void kernel_fake_refuse(struct kernel *k, enum wire_verb verb, int error, unsigned times)
{
	fake(k)->refuse[verb].error = error;
	fake(k)->refuse[verb].times = times;
}

/* ---- what was asked -------------------------------------------------------------------------- */

unsigned kernel_fake_asked(const struct kernel *k, enum wire_verb verb)
{
	unsigned count = 0;

	for (size_t i = 0; i < fake(k)->log_count; i++)
		count += fake(k)->log[i].verb == verb;
	return count;
}

unsigned kernel_fake_changes(const struct kernel *k)
{
	return kernel_fake_asked(k, WIRE_LEAF_SET) + kernel_fake_asked(k, WIRE_SESSION_UP) +
	       kernel_fake_asked(k, WIRE_SESSION_DOWN) + kernel_fake_asked(k, WIRE_CLEAR);
}

const struct wire_request *kernel_fake_log(const struct kernel *k, size_t number)
{
	return number < fake(k)->log_count ? &fake(k)->log[number] : NULL;
}

void kernel_fake_log_clear(struct kernel *k)
{
	fake(k)->log_count = 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void fake_free(struct kernel *k)
{
	struct kernel_fake *f = fake(k);

	(void)kernel_fake_lose(k, 0);
	free(f->leaves);
	free(f->sessions);
	free(f->neighbours);
	free(f->log);
	free(f);
}

int kernel_fake_new(struct kernel **ret_kernel)
{
	static const struct kernel_ops ops = {
		.leaf_set = fake_leaf_set,
		.session_up = fake_session_up,
		.session_down = fake_session_down,
		.meter = fake_meter,
		.list_leaves = fake_list_leaves,
		.list_sessions = fake_list_sessions,
		.neighbour = fake_neighbour,
		.clear = fake_clear,
		.free = fake_free,
	};
	struct kernel_fake *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -ENOMEM;
	f->base.ops = &ops;
	f->base.leaf_qdisc = "fake";
	STAILQ_INIT(&f->waiting);
	f->leaves = calloc(LEAF_LAST + 1, sizeof(*f->leaves));
	if (f->leaves == NULL) {
		free(f);
		return -ENOMEM;
	}
	*ret_kernel = &f->base;
	return 0;
}
