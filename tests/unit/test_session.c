/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/engine_fixture.h"

static const struct {
	enum session_state from, to;
} legal[] = {
	{STATE_UNKNOWN, STATE_PENDING},
	{STATE_UNKNOWN, STATE_ACTIVE},
	{STATE_UNKNOWN, STATE_BLOCKED},
	{STATE_PENDING, STATE_ACTIVE},
	{STATE_PENDING, STATE_BLOCKED},
	{STATE_ACTIVE, STATE_ENDED},
	{STATE_ACTIVE, STATE_BLOCKED},
	{STATE_ENDED, STATE_ACTIVE},
	{STATE_ENDED, STATE_BLOCKED},
	{STATE_BLOCKED, STATE_UNKNOWN},
	{STATE_BLOCKED, STATE_ENDED},
};

static bool is_listed(enum session_state from, enum session_state to)
{
	for (size_t i = 0; i < ARRAY_SIZE(legal); i++)
		if (legal[i].from == from && legal[i].to == to)
			return true;
	return false;
}

static void test_every_pair(void **state)
{
	(void)state;
	for (int from = 0; from < STATE_COUNT; from++)
		for (int to = 0; to < STATE_COUNT; to++)
			assert_int_equal(session_transition_is_legal(
						 (enum session_state)from, (enum session_state)to),
				is_listed((enum session_state)from, (enum session_state)to));
}

static void test_beyond_the_states(void **state)
{
	(void)state;
	assert_false(session_transition_is_legal(STATE_COUNT, STATE_ACTIVE));
	assert_false(session_transition_is_legal(STATE_UNKNOWN, STATE_COUNT));
	assert_string_equal(session_state_name(STATE_COUNT), "invalid");
	assert_string_equal(end_cause_name(CAUSE_COUNT), "invalid");
	assert_string_equal(outcome_name(OUTCOME_COUNT), "invalid");
}

static void test_an_illegal_transition_changes_nothing(void **state)
{
	(void)state;
	for (int from = 0; from < STATE_COUNT; from++) {
		for (int to = 0; to < STATE_COUNT; to++) {
			struct device d = {.state = (enum session_state)from};
			bool ok = is_listed(d.state, (enum session_state)to);

			engine_transition(&d, (enum session_state)to, "test");
			assert_int_equal(d.state, ok ? to : from);
		}
	}
}

static void test_names_are_those_of_the_contract(void **state)
{
	static const char *const states[] = {"unknown", "pending", "active", "ended", "blocked"};
	static const char *const causes[] = {
		"none", "time", "idle", "quota", "closing-hours", "logout", "operator", "blocked"};

	(void)state;
	assert_int_equal(ARRAY_SIZE(states), STATE_COUNT);
	assert_int_equal(ARRAY_SIZE(causes), CAUSE_COUNT);
	for (int i = 0; i < STATE_COUNT; i++)
		assert_string_equal(session_state_name((enum session_state)i), states[i]);
	for (int i = 0; i < CAUSE_COUNT; i++)
		assert_string_equal(end_cause_name((enum end_cause)i), causes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_beyond_the_states),
		cmocka_unit_test(test_an_illegal_transition_changes_nothing),
		cmocka_unit_test(test_names_are_those_of_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
