/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of people and operators, with the kernel slow, busy or refusing. */
#include "tests/unit/engine_fixture.h"

static struct bench *begin(void)
{
	struct bench *b = bench_prepare();

	bench_begin(b);
	return b;
}

/* ---- accept ---------------------------------------------------------------------------------- */

static void test_accept(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct device *d;
	struct kernel_rates rates;

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	d = device_of(b, mac_of(1));
	assert_int_equal(d->state, STATE_ACTIVE);
	assert_false(d->busy);
	assert_int_equal(d->session.ends_ms, bench_now.mono_ms + HOUR);
	assert_true(kernel_fake_leaf(b->kernel, d->session.leaf, &rates, NULL));
	assert_int_equal(rates.down_bps, 8 * MBIT);
	assert_int_equal(rows_session(b->rows, &d->mac)->state, STATE_ACTIVE);
	bench_check(b);
}

/* Nothing is told before the kernel has done it; the journal knows before the kernel. */
static void test_accept_waits_for_the_kernel(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result r = {0};
	struct mac_addr mac = mac_of(1);
	struct ip_addr ip = {AF_INET, {10, 20, 0, 1}};

	(void)state;
	kernel_fake_neighbour(b->kernel, &ip, &mac, true);
	(void)kernel_fake_run(b->kernel);
	engine_accept(b->engine, &(struct who){.ip = ip}, 100, result_take, &r);
	assert_int_equal(r.calls, 0);
	assert_int_equal(rows_session(b->rows, &mac)->state, STATE_ACTIVE);
	assert_int_equal(kernel_fake_session_count(b->kernel), 0);
	assert_int_equal(result_of(b, &r), OUTCOME_DONE);
	assert_int_equal(r.state, STATE_ACTIVE);
	bench_check(b);
}

static void test_accept_of_an_address_that_the_kernel_knows(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct mac_addr mac = mac_of(1);
	struct ip_addr ip = {AF_INET6, {0x20, 1, 0xd, 0xb8, [15] = 1}};
	struct who who = {.ip = ip};
	struct result known = {0}, unknown = {0};

	(void)state;
	engine_accept(b->engine, &who, 100, result_take, &unknown);
	assert_int_equal(result_of(b, &unknown), OUTCOME_NOT_FOUND);
	assert_false(unknown.has_device);
	b->kernel->on_neighbour = NULL; /* the notification is lost; asking helps */
	kernel_fake_neighbour(b->kernel, &ip, &mac, true);
	engine_accept(b->engine, &who, 100, result_take, &known);
	assert_int_equal(result_of(b, &known), OUTCOME_DONE);
	assert_true(mac_equal(&known.mac, &mac));
	assert_int_equal(device_of(b, mac)->ip_count, 1);
}

static void test_accept_of_a_mac_never_seen(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result r = {0};
	struct who who = who_of(9);

	(void)state;
	engine_accept(b->engine, &who, 100, result_take, &r);
	assert_int_equal(result_of(b, &r), OUTCOME_NOT_FOUND);
	assert_null(device_of(b, mac_of(9)));
}

static void test_stale_token(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_STALE_TOKEN);
	assert_int_equal(bench_accept(b, 1, 99), OUTCOME_STALE_TOKEN);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	assert_int_equal(bench_accept(b, 1, 101), OUTCOME_DONE);
	/* A used form is used up after a restart, too. */
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	bench_crash(b, 0);
	assert_int_equal(bench_accept(b, 1, 101), OUTCOME_STALE_TOKEN);
}

/* A refused form can be sent again when the reason is gone. */
static void test_a_refusal_does_not_use_the_token_up(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	b->class.hours = (struct hours){0};
	(void)bench_reload(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_CLOSED_HOURS);
	b->class.hours.always = true;
	(void)bench_reload(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
}

static void test_double_accept(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result first = {0}, second = {0};
	struct who who = who_of(1);

	(void)state;
	assert_int_equal(bench_ask(b, 1, engine_visit), OUTCOME_NOT_FOUND);
	engine_neighbour(b->engine, &(struct ip_addr){AF_INET, {10, 20, 0, 1}}, &who.mac, true);
	engine_accept(b->engine, &who, 100, result_take, &first);
	engine_accept(b->engine, &who, 100, result_take, &second); /* tapped twice */
	assert_int_equal(result_of(b, &first), OUTCOME_DONE);
	assert_int_equal(result_of(b, &second), OUTCOME_DONE);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 1);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE); /* and again, online */
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 1);
	bench_check(b);
}

static void test_accept_while_it_ends(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result out = {0}, in = {0};
	struct who who = who_of(1);

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	engine_logout(b->engine, &who, CAUSE_LOGOUT, result_take, &out);
	engine_accept(b->engine, &who, 200, result_take, &in);
	assert_int_equal(result_of(b, &out), OUTCOME_DONE);
	assert_int_equal(out.state, STATE_ENDED);
	assert_int_equal(result_of(b, &in), OUTCOME_DONE);
	assert_int_equal(in.state, STATE_ACTIVE);
	bench_check(b);
}

/* ---- login ----------------------------------------------------------------------------------- */

static void test_login(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 2, 7), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->session.ends_ms, bench_now.mono_ms + HOUR);
	assert_int_equal(device_of(b, mac_of(2))->session.ends_ms, bench_now.mono_ms + 7 * MINUTE);
	bench_advance(b, 7 * MINUTE);
	assert_int_equal(device_of(b, mac_of(2))->state, STATE_ENDED);
	assert_int_equal(device_of(b, mac_of(2))->session.cause, CAUSE_TIME);
	bench_check(b);
}

static void test_login_of_an_active_one(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	int64_t ends_ms;

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	ends_ms = device_of(b, mac_of(1))->session.ends_ms;
	bench_advance(b, 10 * MINUTE);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->session.ends_ms, ends_ms);
	assert_int_equal(bench_login(b, 1, 5), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->session.ends_ms, bench_now.mono_ms + 5 * MINUTE);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_UP), 1);
	bench_advance(b, 5 * MINUTE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
}

/* ---- logout, block --------------------------------------------------------------------------- */

static void test_logout(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	const struct stored_session *row;

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, device_of(b, mac_of(1))->session.leaf, 1000, 200);
	assert_int_equal(bench_logout(b, 1, CAUSE_OPERATOR), OUTCOME_DONE);
	row = rows_session(b->rows, &(struct mac_addr){{2, 0, 0, 0, 0, 1}});
	assert_true(row->final);
	assert_int_equal(row->state, STATE_ENDED);
	assert_int_equal(row->session.cause, CAUSE_OPERATOR);
	assert_int_equal(row->session.total.down_bytes, 1000); /* the last reading is in */
	assert_int_equal(row->session.total.up_bytes, 200);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_NOT_ACTIVE);
	assert_int_equal(bench_logout(b, 2, CAUSE_LOGOUT), OUTCOME_NOT_FOUND);
	bench_check(b);
}

static void test_logout_while_it_comes_up(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result in = {0}, out = {0};
	struct who who = who_of(1);

	(void)state;
	engine_login(b->engine, &who, 0, result_take, &in);
	engine_logout(b->engine, &who, CAUSE_LOGOUT, result_take, &out);
	assert_int_equal(out.calls, 0);
	assert_int_equal(result_of(b, &in), OUTCOME_DONE);
	assert_int_equal(result_of(b, &out), OUTCOME_DONE);
	assert_int_equal(out.state, STATE_ENDED);
	bench_check(b);
}

static void test_block(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 1, engine_block), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_BLOCKED);
	assert_int_equal(device_of(b, mac_of(1))->session.cause, CAUSE_BLOCKED);
	assert_int_equal(bench_ask(b, 1, engine_block), OUTCOME_ALREADY);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_BLOCKED);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_BLOCKED);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_NOT_ACTIVE);
	bench_check(b);
	assert_int_equal(bench_ask(b, 1, engine_unblock), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	assert_int_equal(bench_ask(b, 1, engine_unblock), OUTCOME_ALREADY);
	assert_int_equal(bench_accept(b, 1, 300), OUTCOME_DONE);
	bench_check(b);
}

static void test_block_of_one_never_seen(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_ask(b, 5, engine_block), OUTCOME_DONE);
	assert_true(rows_device(b->rows, &(struct mac_addr){{2, 0, 0, 0, 0, 5}})->blocked);
	assert_int_equal(bench_ask(b, 5, engine_unblock), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(5))->state, STATE_UNKNOWN);
	assert_int_equal(bench_ask(b, 6, engine_unblock), OUTCOME_NOT_FOUND);
}

static void test_block_while_the_kernel_is_busy(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result in = {0}, block = {0}, unblock = {0};
	struct who who = who_of(1);

	(void)state;
	engine_login(b->engine, &who, 0, result_take, &in);
	engine_block(b->engine, &who, result_take, &block);
	engine_unblock(b->engine, &who, result_take, &unblock);
	assert_int_equal(result_of(b, &in), OUTCOME_DONE);
	assert_int_equal(result_of(b, &block), OUTCOME_DONE);
	assert_int_equal(result_of(b, &unblock), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	bench_check(b);
}

/* ---- the kernel refuses ---------------------------------------------------------------------- */

static void test_up_is_refused(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	kernel_fake_refuse(b->kernel, WIRE_SESSION_UP, -ENOMEM, 1);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_KERNEL);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	bench_check(b);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DONE);
	bench_check(b);
}

/* The maps take an element for a leaf that is not there: its traffic would pass unlimited and
 * uncounted. */
static void test_leaf_is_refused(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	kernel_fake_refuse(b->kernel, WIRE_LEAF_SET, -ENOSPC, 100000);
	bench_begin(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_KERNEL);
	bench_check(b);
	kernel_fake_refuse(b->kernel, WIRE_LEAF_SET, 0, 0);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DONE);
	bench_check(b);
}

/* Making leaves ahead went through all 65,000 numbers in a moment when the kernel refused, and then
 * nobody could log in any more. */
static void test_leaves_ahead_are_refused(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	kernel_fake_refuse(b->kernel, WIRE_LEAF_SET, -EIO, 200000);
	bench_begin(b);
	bench_advance(b, MINUTE);
	assert_in_range(kernel_fake_asked(b->kernel, WIRE_LEAF_SET), 1, 1000);
	kernel_fake_refuse(b->kernel, WIRE_LEAF_SET, 0, 0);
	for (unsigned n = 1; n <= SESSIONS_MAX; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	assert_in_range(b->engine->leaves.next, LEAF_FIRST, LEAF_FIRST + 1000);
	bench_check(b);
}

static void test_down_is_tried_again_until_it_is_done(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct result out = {0}, in = {0};
	struct who who = who_of(1);

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	kernel_fake_refuse(b->kernel, WIRE_SESSION_DOWN, -EIO, 5);
	engine_logout(b->engine, &who, CAUSE_LOGOUT, result_take, &out);
	(void)kernel_fake_run(b->kernel);
	assert_int_equal(out.calls, 0); /* not told before it is true */
	engine_accept(b->engine, &who, 200, result_take, &in);
	bench_advance(b, 4 * SECOND);
	assert_int_equal(out.calls, 0);
	assert_int_equal(kernel_fake_session_count(b->kernel), 1);
	bench_advance(b, 2 * SECOND);
	assert_int_equal(result_of(b, &out), OUTCOME_DONE);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_SESSION_DOWN), 6);
	assert_int_equal(result_of(b, &in), OUTCOME_DONE);
	bench_check(b);
}

/* A leaf that somebody deleted does not keep its session from ending, nor the next from beginning
 * (the end was tried again for ever). */
static void test_leaf_vanished(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	uint16_t leaf;

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	leaf = device_of(b, mac_of(1))->session.leaf;
	kernel_fake_traffic(b->kernel, leaf, 5000, 500);
	bench_advance(b, 11 * SECOND);
	kernel_fake_delete_leaf(b->kernel, leaf);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->session.total.down_bytes, 5000);
	for (unsigned n = 2; n < 70; n++) /* the leaf's number serves again */
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	assert_true(kernel_fake_leaf(b->kernel, leaf, NULL, NULL));
	bench_check(b);
}

/* ---- extend, look ---------------------------------------------------------------------------- */

static bool can_extend(struct bench *b, unsigned n)
{
	struct device_view v;

	engine_view(b->engine, device_of(b, mac_of(n)), &v);
	return v.can_extend;
}

/* Once a day for each device, whatever it does: it ends and begins again, or we crash. */
static void test_extend_once_a_day(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	int64_t begun = bench_now.mono_ms;

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	bench_advance(b, 10 * MINUTE);
	assert_true(can_extend(b, 1));
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_DONE);
	assert_false(can_extend(b, 1));
	assert_int_equal(device_of(b, mac_of(1))->session.ends_ms, begun + 90 * MINUTE);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_ALREADY);
	bench_crash(b, 0);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_ALREADY);
	bench_advance(b, 80 * MINUTE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
	bench_crash(b, 0);
	assert_int_equal(bench_accept(b, 1, 200), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_ALREADY);
	assert_int_equal(bench_logout(b, 1, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_accept(b, 2, 200), OUTCOME_DONE); /* another device */
	assert_int_equal(bench_ask(b, 2, engine_extend), OUTCOME_DONE);
	bench_advance(b, 24 * HOUR);
	assert_int_equal(bench_accept(b, 1, 300), OUTCOME_DONE); /* another day */
	assert_true(can_extend(b, 1));
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_ALREADY);
}

static void test_extend_where_the_class_has_none(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	b->class.extend_minutes = 0;
	(void)bench_reload(b);
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_ALREADY);
	assert_int_equal(bench_ask(b, 2, engine_extend), OUTCOME_NOT_FOUND);
}

/* After a reload to a much shorter class more time was less time. */
static void test_extend_never_shortens(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	int64_t ends_ms;

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	bench_advance(b, 50 * MINUTE);
	b->class.minutes = 10;
	b->class.extend_minutes = 15;
	(void)bench_reload(b);
	ends_ms = device_of(b, mac_of(1))->session.ends_ms;
	assert_int_equal(ends_ms, bench_now.mono_ms + MINUTE);
	assert_int_equal(bench_ask(b, 1, engine_extend), OUTCOME_DONE);
	assert_true(device_of(b, mac_of(1))->session.ends_ms >= ends_ms);
}

static void test_visit_makes_pending_and_look_does_not(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	engine_neighbour(b->engine, &(struct ip_addr){AF_INET, {10, 20, 0, 1}},
		&(struct mac_addr){{2, 0, 0, 0, 0, 1}}, true);
	assert_int_equal(bench_ask(b, 1, engine_look), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_UNKNOWN);
	assert_int_equal(bench_ask(b, 1, engine_visit), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_PENDING);
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 1, engine_visit), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ACTIVE);
}

static void test_look_is_fresh(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	kernel_fake_traffic(b->kernel, device_of(b, mac_of(1))->session.leaf, 7777, 11);
	assert_int_equal(bench_ask(b, 1, engine_look), OUTCOME_DONE);
	assert_int_equal(device_of(b, mac_of(1))->session.total.down_bytes, 7777);
	kernel_fake_refuse(b->kernel, WIRE_METER, -EIO, 1); /* what is known is shown */
	assert_int_equal(bench_ask(b, 1, engine_look), OUTCOME_DONE);
}

static void count_call(void *arg)
{
	++*(unsigned *)arg;
}

static void test_one_reading_serves_all_who_ask(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	unsigned calls = 0;

	(void)state;
	engine_refresh(b->engine, count_call, &calls);
	assert_int_equal(calls, 1); /* nobody is online: nothing to read */
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	kernel_fake_log_clear(b->kernel);
	for (int i = 0; i < 5; i++)
		engine_refresh(b->engine, count_call, &calls);
	assert_int_equal(calls, 1);
	(void)kernel_fake_run(b->kernel);
	assert_int_equal(calls, 6);
	engine_refresh(b->engine, count_call, &calls); /* it is fresh */
	assert_int_equal(calls, 7);
	assert_int_equal(kernel_fake_asked(b->kernel, WIRE_LIST_LEAVES), 1);
	bench_tick(SECOND);
	kernel_fake_refuse(b->kernel, WIRE_LIST_LEAVES, -EIO, 1);
	engine_refresh(b->engine, count_call, &calls);
	(void)kernel_fake_run(b->kernel);
	assert_int_equal(calls, 8); /* also when the kernel refuses */
}

/* ---- views ----------------------------------------------------------------------------------- */

struct walk {
	unsigned count, most;
	struct mac_addr last;
};

static bool walk_one(const struct device *d, void *arg)
{
	struct walk *w = arg;

	if (w->count == w->most)
		return false;
	assert_true(w->count == 0 || memcmp(&w->last, &d->mac, sizeof(d->mac)) < 0);
	w->last = d->mac;
	w->count++;
	return true;
}

static void test_sessions_in_order_by_pages(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct walk w = {.most = 30};
	unsigned total = 0;

	(void)state;
	for (unsigned n = 0; n < SESSIONS_MAX; n++)
		assert_int_equal(bench_login(b, 1 + n * 37 % SESSIONS_MAX, 0), OUTCOME_DONE);
	do {
		struct mac_addr after = w.last;

		w.count = 0;
		engine_sessions(b->engine, total == 0 ? NULL : &after, walk_one, &w);
		total += w.count;
	} while (w.count == w.most);
	assert_int_equal(total, SESSIONS_MAX);
}

static void test_view(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct device_view v;
	struct engine_status s;

	(void)state;
	assert_int_equal(bench_accept(b, 1, 100), OUTCOME_DONE);
	b->flows[b->flow_count++] = (struct flow){mac_of(1), 4 * MBIT, MBIT};
	bench_advance(b, 10 * MINUTE + 20 * SECOND);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_in_range(v.seconds_left, 49 * 60 + 39, 49 * 60 + 40);
	assert_true(v.can_extend);
	assert_true(v.open);
	assert_int_equal(v.minutes, 60);
	assert_false(v.has_quota);
	assert_in_range(v.idle_seconds, 0, 11);
	engine_status(b->engine, &s);
	assert_int_equal(s.sessions, 1);
	assert_int_equal(s.sessions_peak, 1);
	assert_in_range(s.down_bps, 4 * MBIT * 99 / 100, 4 * MBIT);
	assert_in_range(s.up_bps, MBIT * 99 / 100, MBIT);
	bench_logout(b, 1, CAUSE_LOGOUT);
	engine_view(b->engine, device_of(b, mac_of(1)), &v);
	assert_int_equal(v.seconds_left, 0);
	assert_true(v.can_extend); /* once it is active again */
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static void test_device_table_is_bounded(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	for (unsigned n = 1; n <= 10 * SESSIONS_MAX; n++) {
		struct mac_addr mac = mac_of(n);

		engine_neighbour(b->engine,
			&(struct ip_addr){AF_INET, {10, 20, (uint8_t)(n >> 8), (uint8_t)n}}, &mac,
			true);
	}
	assert_int_equal(HASH_COUNT(b->engine->devices), 2 * SESSIONS_MAX);
	assert_null(device_of(b, mac_of(1))); /* the oldest went */
	assert_non_null(device_of(b, mac_of(10 * SESSIONS_MAX)));
}

/* The day's use of who was online is not forgotten, however many pass by. */
static void test_a_crowd_does_not_push_out_who_matters(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_login(b, 1, 0), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 2, engine_block), OUTCOME_DONE);
	assert_int_equal(bench_login(b, 3, 0), OUTCOME_DONE);
	assert_int_equal(bench_logout(b, 3, CAUSE_LOGOUT), OUTCOME_DONE);
	for (unsigned n = 10; n <= 10 * SESSIONS_MAX; n++) {
		struct mac_addr mac = mac_of(n);

		engine_neighbour(b->engine,
			&(struct ip_addr){AF_INET, {10, 21, (uint8_t)(n >> 8), (uint8_t)n}}, &mac,
			true);
	}
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ACTIVE);
	assert_int_equal(device_of(b, mac_of(2))->state, STATE_BLOCKED);
	assert_int_equal(device_of(b, mac_of(3))->state, STATE_ENDED);
}

static void test_visitors_are_forgotten(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	engine_neighbour(b->engine, &(struct ip_addr){AF_INET, {10, 20, 0, 1}},
		&(struct mac_addr){{2, 0, 0, 0, 0, 1}}, true);
	assert_int_equal(bench_ask(b, 1, engine_visit), OUTCOME_DONE);
	bench_advance(b, 29 * MINUTE);
	assert_non_null(device_of(b, mac_of(1)));
	bench_advance(b, 2 * MINUTE);
	assert_null(device_of(b, mac_of(1)));
}

static void test_neighbour_table_is_bounded(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct mac_addr mac = mac_of(1);

	(void)state;
	for (uint32_t n = 1; n <= 40000; n++) {
		struct ip_addr ip = {
			AF_INET6, {0xfd, [13] = (uint8_t)(n >> 16), [14] = (uint8_t)(n >> 8),
					  [15] = (uint8_t)n}};

		engine_neighbour(b->engine, &ip, &mac, true);
	}
	assert_int_equal(HASH_COUNT(b->engine->neighbours), 32768);
	assert_int_equal(device_of(b, mac)->ip_count, DEVICE_IPS_MAX);
	assert_int_equal(device_of(b, mac)->ips[DEVICE_IPS_MAX - 1].b[15], 40000 & 0xff);
}

static void test_an_address_moves_to_another_device(void **state)
{
	AUTO(bench_free) struct bench *b = begin();
	struct ip_addr ip = {AF_INET, {10, 20, 0, 7}};
	struct mac_addr one = mac_of(1), two = mac_of(2);
	struct result r = {0};

	(void)state;
	kernel_fake_neighbour(b->kernel, &ip, &one, true);
	kernel_fake_neighbour(b->kernel, &ip, &two, true);
	(void)kernel_fake_run(b->kernel);
	assert_int_equal(device_of(b, one)->ip_count, 0);
	assert_int_equal(device_of(b, two)->ip_count, 1);
	engine_look(b->engine, &(struct who){.ip = ip}, result_take, &r);
	assert_int_equal(result_of(b, &r), OUTCOME_DONE);
	assert_true(mac_equal(&r.mac, &two));
	kernel_fake_neighbour(b->kernel, &ip, &two, false);
	(void)kernel_fake_run(b->kernel);
	r = (struct result){0};
	engine_look(b->engine, &(struct who){.ip = ip}, result_take, &r);
	assert_int_equal(result_of(b, &r), OUTCOME_NOT_FOUND);
	assert_int_equal(device_of(b, two)->ip_count, 1); /* quiet, not gone */
}

static void test_full(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	for (unsigned n = 1; n <= SESSIONS_MAX; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	assert_int_equal(bench_login(b, SESSIONS_MAX + 1, 0), OUTCOME_FULL);
	assert_int_equal(bench_login(b, 1, 30), OUTCOME_DONE); /* is in already */
	assert_int_equal(bench_logout(b, 5, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_login(b, SESSIONS_MAX + 1, 0), OUTCOME_DONE);
	bench_check(b);
}

/* ---- the round ------------------------------------------------------------------------------- */

static void test_wait(void **state)
{
	AUTO(bench_free) struct bench *b = begin();

	(void)state;
	assert_int_equal(bench_round(b), 1000); /* idle: once a second */
	bench_tick(9500);
	assert_int_equal(bench_round(b), 500); /* to the next reading of all */
	assert_int_equal(bench_login(b, 1, 1), OUTCOME_DONE);
	bench_advance(b, 59 * SECOND + 700);
	assert_int_equal(bench_round(b), 300); /* to the session's end */
	bench_tick(301);
	(void)bench_round(b);
	assert_int_equal(device_of(b, mac_of(1))->state, STATE_ENDED);
}

/* After a stand-still (a suspended machine) everything that is due is done. */
static void test_many_ends_at_once(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();

	(void)state;
	b->sessions_max = 1000;
	bench_begin(b);
	for (unsigned n = 1; n <= 1000; n++)
		assert_int_equal(bench_login(b, n, 1), OUTCOME_DONE);
	bench_tick(2 * HOUR);
	assert_int_equal(engine_run(b->engine), 0); /* more is due: at once again */
	(void)bench_round(b);
	assert_int_equal(b->engine->sessions, 0);
	bench_check(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_accept_waits_for_the_kernel),
		cmocka_unit_test(test_accept_of_an_address_that_the_kernel_knows),
		cmocka_unit_test(test_accept_of_a_mac_never_seen),
		cmocka_unit_test(test_stale_token),
		cmocka_unit_test(test_a_refusal_does_not_use_the_token_up),
		cmocka_unit_test(test_double_accept),
		cmocka_unit_test(test_accept_while_it_ends),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_of_an_active_one),
		cmocka_unit_test(test_logout),
		cmocka_unit_test(test_logout_while_it_comes_up),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_block_of_one_never_seen),
		cmocka_unit_test(test_block_while_the_kernel_is_busy),
		cmocka_unit_test(test_up_is_refused),
		cmocka_unit_test(test_leaf_is_refused),
		cmocka_unit_test(test_leaves_ahead_are_refused),
		cmocka_unit_test(test_down_is_tried_again_until_it_is_done),
		cmocka_unit_test(test_leaf_vanished),
		cmocka_unit_test(test_extend_once_a_day),
		cmocka_unit_test(test_extend_where_the_class_has_none),
		cmocka_unit_test(test_extend_never_shortens),
		cmocka_unit_test(test_visit_makes_pending_and_look_does_not),
		cmocka_unit_test(test_look_is_fresh),
		cmocka_unit_test(test_one_reading_serves_all_who_ask),
		cmocka_unit_test(test_sessions_in_order_by_pages),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_device_table_is_bounded),
		cmocka_unit_test(test_a_crowd_does_not_push_out_who_matters),
		cmocka_unit_test(test_visitors_are_forgotten),
		cmocka_unit_test(test_neighbour_table_is_bounded),
		cmocka_unit_test(test_an_address_moves_to_another_device),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_many_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
