/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of the base table. That the kernel takes it, and what it does, is asked in tests/net. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "controller/kernel/base.h"

#include <errno.h>
#include <string.h>

/* No interface of the machine is called so: matches are by name. */
static const struct base_params all_on = {
	.lan = "zona-no-lan",
	.uplink = "zona-no-up",
	.http_port = 18080,
	.https_port = 18443,
	.tls = true,
	.masquerade4 = true,
	.masquerade6 = true,
	.connections_per_second = 37,
	.dns_per_second = 41,
};

static char *render(const struct base_params *params)
{
	char *text = NULL;

	assert_int_equal(base_render(params, &text), 0);
	assert_non_null(text);
	return text;
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part)) != NULL) {
		n++;
		text++;
	}
	return n;
}

/* @admitted and the like are names of nft sets; @KEY@ would be ours, and left over. */
static void assert_nothing_left(const char *text)
{
	for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@')) {
		size_t length = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

		if (length > 0 && at[1 + length] == '@')
			fail_msg("left over: %.40s", at);
	}
	assert_int_equal(count(text, "\n%"), 0);
	assert_true(text[0] != '%');
}

static void test_all_on(void **state)
{
	AUTO_STR text = render(&all_on);

	(void)state;
	assert_nothing_left(text);
	assert_true(count(text, "\"zona-no-lan\"") > 3);
	assert_true(count(text, "\"zona-no-up\"") > 1);
	assert_true(count(text, "18080") > 0);
	assert_int_equal(count(text, "37/second burst 370 packets"), 1);
	assert_int_equal(count(text, "41/second burst 410 packets"), 1);
	assert_int_equal(count(text, "redirect to :18443"), 1);
	assert_int_equal(count(text, "oifname \"zona-no-up\" masquerade"), 2);
}

/* Each feature puts its own lines in, and no others. */
static void test_each_feature(void **state)
{
	static const struct {
		size_t offset;
		bool number;
		const char *part;
		unsigned on, off;
	} rows[] = {
		{offsetof(struct base_params, tls), false, "redirect to :18443", 1, 0},
		{offsetof(struct base_params, masquerade4), false, "nfproto ipv4", 1, 0},
		{offsetof(struct base_params, masquerade6), false, "nfproto ipv6", 1, 0},
		{offsetof(struct base_params, connections_per_second), true, "update @connections",
			1, 0},
		{offsetof(struct base_params, dns_per_second), true, "update @queries", 1, 0},
	};
	AUTO_STR with_all = render(&all_on);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct base_params params = all_on;
		AUTO_STR without = NULL;

		if (rows[i].number)
			*(unsigned *)((char *)&params + rows[i].offset) = 0;
		else
			*(bool *)((char *)&params + rows[i].offset) = false;
		without = render(&params);
		assert_nothing_left(without);
		assert_int_equal(count(with_all, rows[i].part), rows[i].on);
		assert_int_equal(count(without, rows[i].part), rows[i].off);
		assert_int_equal(count(with_all, "\n") - count(without, "\n"), 1);
	}
}

static void test_all_off(void **state)
{
	const struct base_params params = {
		.lan = "a", .uplink = "b", .http_port = 1, .https_port = 65535};
	AUTO_STR text = render(&params);

	(void)state;
	assert_nothing_left(text);
	assert_int_equal(count(text, "masquerade"), 0);
	assert_int_equal(count(text, "limit rate"), 0);
}

/* What must be there whatever is on: closed by construction. */
static void test_what_never_goes(void **state)
{
	static const char *const lines[] = {
		"add table inet zona\n",
		"map @admitted",
		"map @upload accept",
		"map @download accept",
		"iifname \"a\" goto refuse",
		"oifname \"a\" drop",
	};
	const struct base_params params = {.lan = "a", .uplink = "b", .http_port = 1};
	AUTO_STR text = render(&params);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (strstr(text, lines[i]) == NULL)
			fail_msg("missing: %s", lines[i]);
	assert_int_equal(count(text, "flush ruleset"), 0);
	assert_int_equal(count(text, "delete table"), 0);
}

static void test_by_number_where_the_interface_is_there(void **state)
{
	struct base_params params = all_on;
	AUTO_STR text = NULL;

	(void)state;
	params.uplink = "lo"; /* every machine has it */
	text = render(&params);
	assert_true(count(text, "oif \"lo\"") > 0);
	assert_true(count(text, "iifname \"zona-no-lan\"") > 0);
	assert_nothing_left(text);
}

static void test_bad_interface_names(void **state)
{
	static const char *const names[] = {"", " ", "lan 0", "lan0\"", "lan0;", "lan0\n",
		"la@LAN@", "$(id)", "lan/0", "lan*", "lan\\", "{", "}", "#", "l\xc3\xa1n",
		"sixteen-letters-", "far-too-long-for-an-interface"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct base_params lan = all_on, uplink = all_on;
		char *text = NULL;

		lan.lan = names[i];
		uplink.uplink = names[i];
		assert_int_equal(base_render(&lan, &text), -EINVAL);
		assert_int_equal(base_render(&uplink, &text), -EINVAL);
		assert_null(text);
	}
}

static void test_longest_names(void **state)
{
	struct base_params params = all_on;
	AUTO_STR text = NULL;

	(void)state;
	params.lan = "fifteen_letters";
	params.uplink = "A-Z.a_z-0.9_xyz";
	text = render(&params);
	assert_true(count(text, "iifname \"fifteen_letters\"") > 0);
	assert_true(count(text, "oifname \"A-Z.a_z-0.9_xyz\"") > 0);
	assert_nothing_left(text);
}

static void test_largest_limits(void **state)
{
	struct base_params params = all_on;
	AUTO_STR text = NULL;

	(void)state;
	params.connections_per_second = 100000000;
	params.dns_per_second = 100000000;
	text = render(&params);
	assert_int_equal(count(text, "100000000/second burst 1000000000 packets"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_on),
		cmocka_unit_test(test_each_feature),
		cmocka_unit_test(test_all_off),
		cmocka_unit_test(test_what_never_goes),
		cmocka_unit_test(test_by_number_where_the_interface_is_there),
		cmocka_unit_test(test_bad_interface_names),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_largest_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
