/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real SQLite files: there and back, versions, purge, and an engine that starts from one. */
#include "tests/unit/journal_fixture.h"

/* ---- there and back -------------------------------------------------------------------------- */

static void test_every_column(void **state)
{
	const struct stored_session s = session_of(5);
	const struct stored_device d = device_with(5, 20260304);
	const struct kernel_rates rates = {1, 2, 3, 4};
	struct journal *j = open_at(*state);
	struct store store = journal_store(j);
	const struct loaded *l;

	put_session(j, &s);
	put_device(j, &d);
	store.put_rates(store.ctx, &rates);
	assert_int_equal(journal_commit(j), 0);
	assert_true(journal_size(j) > 0);
	journal_close(j);
	l = load_at(*state);
	assert_int_equal(l->session_count, 1);
	assert_session(&l->sessions[0], &s);
	assert_true(l->sessions[0].same_boot);
	assert_int_equal(l->device_count, 1);
	assert_memory_equal(&l->devices[0].mac, &d.mac, sizeof(d.mac));
	assert_true(l->devices[0].blocked);
	assert_int_equal(l->devices[0].day, d.day);
	assert_int_equal(l->devices[0].day_ms, d.day_ms);
	assert_int_equal(l->devices[0].day_bytes, d.day_bytes);
	assert_int_equal(l->devices[0].token_us, d.token_us);
	assert_int_equal(l->rates_count, 1);
	assert_int_equal(l->rates.down_bps, 1);
	assert_int_equal(l->rates.up_bps, 2);
	assert_int_equal(l->rates.down_floor_bps, 3);
	assert_int_equal(l->rates.up_floor_bps, 4);
}

static void test_put_again_replaces(void **state)
{
	struct stored_session s = session_of(5);
	struct journal *j = open_at(*state);

	put_session(j, &s);
	s.session.total.up_bytes += 1000;
	s.state = STATE_BLOCKED;
	put_session(j, &s);
	journal_close(j); /* commits */
	assert_int_equal(load_at(*state)->session_count, 1);
	assert_session(&load_at(*state)->sessions[0], &s);
}

/* The machine's start since: leaves and rates are not what they were. */
static void test_another_boot(void **state)
{
	const struct stored_session s = session_of(5);
	struct journal *j = open_at(*state);
	struct store store = journal_store(j);
	const struct loaded *l;

	put_session(j, &s);
	store.put_rates(store.ctx, &(struct kernel_rates){1, 2, 3, 4});
	journal_close(j);
	execute(*state, "UPDATE session SET boot = 'another'; UPDATE leaf_rates SET boot = 'x'");
	l = load_at(*state);
	assert_int_equal(l->session_count, 1);
	assert_false(l->sessions[0].same_boot);
	assert_int_equal(l->rates_count, 0);
}

/* Live and unfinished ones, the last of each known device, and the last number. */
static void test_what_is_loaded(void **state)
{
	static const uint32_t expected[] = {2, 3, 6, 8};
	struct journal *j = open_at(*state);
	const struct loaded *l;

	for (uint32_t id = 1; id <= 8; id++) {
		struct stored_session s = session_of(id);

		s.state = id == 3 ? STATE_ACTIVE : STATE_ENDED;
		s.final = id != 2 && id != 3;
		if (id == 5 || id == 6)
			s.mac = mac_of(5);
		put_session(j, &s);
	}
	put_device(j, &(struct stored_device){.mac = mac_of(5)});
	l = load(j);
	assert_int_equal(l->session_count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(l->sessions[i].session.id, expected[i]);
	journal_close(j);
}

static int refuse_session(void *arg, const struct stored_session *s)
{
	(void)arg;
	(void)s;
	return -ENOMEM;
}

static void test_the_reader_gives_up(void **state)
{
	const struct stored_session s = session_of(5);
	struct journal *j = open_at(*state);
	struct loaded l = {0};

	put_session(j, &s);
	assert_int_equal(journal_load(j, &(struct journal_sink){.session = refuse_session,
						 .device = take_device,
						 .rates = take_rates,
						 .arg = &l}),
		-ENOMEM);
	journal_close(j);
}

/* Values that this program never writes: each is left out, none reaches the arithmetic. */
static void test_rows_that_make_no_sense(void **state)
{
	static const char *const changes[] = {
		"id = 0",
		"id = -1",
		"id = 4294967296",
		"mac = x'0200'",
		"mac = x'000000000000'",
		"mac = x'010000000001'",
		"mac = 'text'",
		"state = 5",
		"state = 1",
		"state = -1",
		"cause = 8",
		"cause = -3",
		"leaf = -1",
		"leaf = 65001",
		"started_wall_ms = 9223372036854775807",
		"started_ms = -9223372036854775807",
		"granted_ms = 9223372036854775807",
		"ends_ms = 9223372036854775807",
		"active_ms = -9223372036854775807",
		"updated_ms = -9223372036854775807",
		"minutes = -1",
		"minutes = 4294967295",
		"extended_min = 2147483648",
		"carry_down = -1",
		"carry_up = 9223372036854775807",
		"base_down = -1",
		"total_down = -1",
		"total_up = 9223372036854775807",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct stored_session good = session_of(7), bad = session_of(6);
		struct journal *j = open_at(*state);
		char sql[160];
		struct loaded *l;

		put_session(j, &good);
		put_session(j, &bad);
		journal_close(j);
		(void)snprintf(sql, sizeof(sql), "UPDATE session SET %s WHERE id = 6", changes[i]);
		execute(*state, sql);
		l = load_at(*state);
		if (l->session_count != 1)
			fail_msg("%s was loaded", changes[i]);
		execute(*state, "DELETE FROM session");
	}
}

static void test_devices_that_make_no_sense(void **state)
{
	static const char *const changes[] = {
		"mac = x'02'",
		"mac = x'ffffffffffff'",
		"day_ms = -1",
		"day_ms = 9223372036854775807",
		"day_bytes = -1",
		"day_bytes = 9223372036854775807",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct stored_device d = device_with(1, 20260304);
		struct journal *j = open_at(*state);
		char sql[160];

		put_device(j, &d);
		journal_close(j);
		(void)snprintf(sql, sizeof(sql), "UPDATE device SET %s", changes[i]);
		execute(*state, sql);
		if (load_at(*state)->device_count != 0)
			fail_msg("%s was loaded", changes[i]);
		execute(*state, "DELETE FROM device");
	}
}

/* ---- files that are not as they should be ---------------------------------------------------- */

/* A newer program wrote it: it is left alone, and nothing is begun beside it. */
static void test_newer_schema_is_refused(void **state)
{
	const struct place *p = *state;
	struct journal *j = NULL;
	bool damaged = true;

	fill(p);
	execute(p, "PRAGMA user_version = 3");
	assert_int_equal(journal_open(p->path, &j, &damaged), -EPROTO);
	assert_false(damaged);
	assert_null(j);
	assert_int_equal(count_files(p, "damaged", false), 0);
	execute(p, "PRAGMA user_version = 2");
	assert_int_equal(load_at(p)->session_count, 300);
}

/* Before there were vouchers a session had no class. */
static void test_first_schema_is_upgraded(void **state)
{
	const struct place *p = *state;

	fill(p);
	execute(p, "ALTER TABLE session DROP COLUMN class; DROP TABLE pass; DROP TABLE voucher;"
		   "PRAGMA user_version = 1");
	assert_int_equal(load_at(p)->session_count, 300);
	assert_int_equal(load_at(p)->session_count, 300);
	assert_int_equal(count_files(p, "damaged", false), 0);
}

struct loaded_vouchers {
	struct voucher vouchers[3];
	size_t voucher_count;
	struct pass pass;
	char class_name[CLASS_NAME_SIZE];
	size_t pass_count;
};

static int take_voucher(void *arg, const struct voucher *v)
{
	struct loaded_vouchers *l = arg;

	assert_true(l->voucher_count < ARRAY_SIZE(l->vouchers));
	l->vouchers[l->voucher_count++] = *v;
	return 0;
}

static int take_pass(void *arg, const struct stored_pass *stored)
{
	struct loaded_vouchers *l = arg;

	l->pass = stored->pass;
	(void)snprintf(l->class_name, sizeof(l->class_name), "%s", stored->pass.class_name);
	l->pass_count++;
	return 0;
}

static void take_no_rates(void *arg, const struct kernel_rates *rates)
{
	(void)arg;
	(void)rates;
}

/* Of a journal without sessions and devices. */
static struct loaded_vouchers *load_vouchers_at(const struct place *p)
{
	static struct loaded_vouchers l;
	struct journal *j = open_at(p);

	memset(&l, 0, sizeof(l));
	assert_int_equal(journal_load(j, &(struct journal_sink){.rates = take_no_rates,
						 .arg = &l,
						 .pass = take_pass,
						 .voucher = take_voucher}),
		0);
	journal_close(j);
	return &l;
}

static void test_vouchers_and_passes_come_back(void **state)
{
	const struct place *p = *state;
	struct journal *j = open_at(p);
	const struct store store = journal_store(j);
	struct voucher v = {.hash = {1, 2, 3},
		.batch = 2,
		.number = 7,
		.class_name = "tourist",
		.minutes = 90,
		.created_wall_ms = 1000,
		.expires_wall_ms = 1LL << 41,
		.uses_max = 5};
	const struct stored_pass pass = {
		.mac = {{2, 0, 0, 0, 0, 9}}, .pass = {2, 7, "tourist", 1LL << 40}};
	struct loaded_vouchers *l;

	store.put_voucher(store.ctx, &v);
	v.uses = 3;
	store.put_voucher(store.ctx, &v);
	store.put_pass(store.ctx, &pass);
	assert_int_equal(journal_commit(j), 0);
	journal_close(j);
	l = load_vouchers_at(p);
	assert_int_equal(l->voucher_count, 1);
	assert_memory_equal(l->vouchers[0].hash, v.hash, VOUCHER_HASH_SIZE);
	assert_string_equal(l->vouchers[0].class_name, "tourist");
	assert_int_equal(l->vouchers[0].uses, 3);
	assert_int_equal(l->vouchers[0].uses_max, 5);
	assert_int_equal(l->vouchers[0].minutes, 90);
	assert_int_equal(l->vouchers[0].expires_wall_ms, v.expires_wall_ms);
	assert_int_equal(l->pass_count, 1);
	assert_string_equal(l->class_name, "tourist");
	assert_int_equal(l->pass.number, 7);
	/* Rows that make no sense are left out; ended ones are purged. */
	execute(p, "UPDATE voucher SET minutes = -1; UPDATE pass SET class = hex(zeroblob(99))");
	l = load_vouchers_at(p);
	assert_int_equal(l->voucher_count + l->pass_count, 0);
	execute(p, "UPDATE voucher SET minutes = 5; UPDATE pass SET class = 'x'");
	j = open_at(p);
	assert_int_equal(journal_purge(j, 1LL << 42, 20260101), 0);
	journal_close(j);
	l = load_vouchers_at(p);
	assert_int_equal(l->voucher_count + l->pass_count, 0);
}

/* ---- purge ----------------------------------------------------------------------------------- */

static void test_purge(void **state)
{
	struct journal *j = open_at(*state);
	const struct loaded *l;

	for (uint32_t id = 1; id <= 6; id++) {
		struct stored_session s = session_of(id);
		struct stored_device d = device_with(id, id <= 3 ? 20260101 : 20260304);

		s.session.started_wall_ms = id * 1000;
		s.state = id == 2 ? STATE_ACTIVE : STATE_ENDED;
		s.final = id != 2 && id != 3;
		d.blocked = id == 1;
		put_session(j, &s);
		put_device(j, &d);
	}
	assert_int_equal(journal_purge(j, 5000, 20260304), 0);
	l = load(j);
	/* 1 and 4 are old and over; 2 and 3 are not over, 5 and 6 not old. */
	assert_int_equal(l->session_count, 4);
	assert_int_equal(l->sessions[0].session.id, 2);
	assert_int_equal(l->sessions[1].session.id, 3);
	assert_int_equal(l->sessions[2].session.id, 5);
	assert_int_equal(l->device_count, 4); /* 1 is blocked, 4 to 6 of today */
	/* The highest number stays, however old: it is never given again. */
	assert_int_equal(journal_purge(j, INT64_MAX, 20260304), 0);
	l = load(j);
	assert_int_equal(l->session_count, 3);
	assert_int_equal(l->sessions[2].session.id, 6);
	journal_close(j);
}

/* ---- with the engine ------------------------------------------------------------------------- */

static int into_engine_session(void *arg, const struct stored_session *s)
{
	return engine_load_session(arg, s);
}

static int into_engine_device(void *arg, const struct stored_device *d)
{
	return engine_load_device(arg, d);
}

static void into_engine_rates(void *arg, const struct kernel_rates *rates)
{
	engine_load_rates(arg, rates);
}

static void test_engine_and_journal(void **state)
{
	AUTO(bench_free) struct bench *b = bench_prepare();
	struct journal *j = open_at(*state);
	struct journal_sink sink = {
		.session = into_engine_session,
		.device = into_engine_device,
		.rates = into_engine_rates,
	};

	bench_begin(b);
	b->engine->p.store = journal_store(j);
	for (unsigned n = 1; n <= 10; n++)
		assert_int_equal(bench_login(b, n, 0), OUTCOME_DONE);
	assert_int_equal(bench_logout(b, 9, CAUSE_LOGOUT), OUTCOME_DONE);
	assert_int_equal(bench_ask(b, 8, engine_block), OUTCOME_DONE);
	bench_advance(b, SECOND);
	engine_store_all(b->engine);
	journal_close(j);
	/* A row that never ended, older than the device's session: it is ended while rows are read.
	 */
	execute(*state,
		"INSERT INTO session SELECT 100, mac, 2, 0, 0, boot, 30, 1, 0, 1, 1, 1, 1, 1,"
		" 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL FROM session WHERE id = 1;"
		"UPDATE session SET id = 101 WHERE id = 1;"
		"UPDATE session SET id = 1 WHERE id = 100;");
	(void)kernel_fake_lose(b->kernel, 0);
	engine_free(b->engine);
	bench_engine(b);
	j = open_at(*state);
	b->engine->p.store = journal_store(j);
	sink.arg = b->engine;
	assert_int_equal(journal_load(j, &sink), 0);
	assert_int_equal(journal_commit(j), 0);
	bench_start(b);
	assert_int_equal(journal_commit(j), 0);
	assert_int_equal(b->engine->sessions, 8);
	assert_int_equal(device_of(b, mac_of(8))->state, STATE_BLOCKED);
	assert_int_equal(device_of(b, mac_of(9))->state, STATE_ENDED);
	bench_check(b);
	journal_close(j);
	j = open_at(*state);
	for (size_t i = 0; i < load(j)->session_count; i++)
		assert_true(load(j)->sessions[i].session.id != 1);
	journal_close(j);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_every_column),
		TEST(test_put_again_replaces),
		TEST(test_another_boot),
		TEST(test_what_is_loaded),
		TEST(test_the_reader_gives_up),
		TEST(test_rows_that_make_no_sense),
		TEST(test_devices_that_make_no_sense),
		TEST(test_newer_schema_is_refused),
		TEST(test_first_schema_is_upgraded),
		TEST(test_vouchers_and_passes_come_back),
		TEST(test_purge),
		TEST(test_engine_and_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
