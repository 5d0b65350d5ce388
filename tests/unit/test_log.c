/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/log.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

/* Standard error goes to a memory file in between. */
static int saved_fd = -1, memory_fd = -1;

static void capture(void)
{
	memory_fd = memfd_create("stderr", MFD_CLOEXEC);
	saved_fd = dup(STDERR_FILENO);
	assert_true(memory_fd >= 0 && saved_fd >= 0);
	assert_int_equal(dup2(memory_fd, STDERR_FILENO), STDERR_FILENO);
}

static const char *captured(void)
{
	static char text[8192];
	ssize_t got;

	assert_int_equal(dup2(saved_fd, STDERR_FILENO), STDERR_FILENO);
	got = pread(memory_fd, text, sizeof(text) - 1, 0);
	assert_true(got >= 0);
	text[got] = '\0';
	(void)close(memory_fd);
	(void)close(saved_fd);
	return text;
}

static void open_log(bool for_journal)
{
	if (for_journal)
		assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
	else
		assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	log_open("test");
}

static void test_journal_levels(void **state)
{
	(void)state;
	open_log(true);
	capture();
	log_error("a %d", 1);
	log_warning("b");
	log_info("c");
	log_debug("hidden");
	assert_string_equal(captured(), "<3>a 1\n<4>b\n<6>c\n");
}

static void test_terminal_lines(void **state)
{
	const char *text;

	(void)state;
	open_log(false);
	capture();
	log_warning("the uplink is gone");
	text = captured();
	assert_int_equal(strlen(text), strlen("HH:MM:SS.mmm test: warning: the uplink is gone\n"));
	assert_int_equal(text[2], ':');
	assert_int_equal(text[5], ':');
	assert_int_equal(text[8], '.');
	assert_string_equal(text + strlen("HH:MM:SS.mmm"), " test: warning: the uplink is gone\n");
}

/* A host name or agent with line ends must not forge a line of its own. */
static void test_one_message_is_one_line(void **state)
{
	(void)state;
	open_log(true);
	capture();
	log_info("agent %s", "x\r\n<3>forged\x1b[2J\x7f");
	assert_string_equal(captured(), "<6>agent x?\?<3>forged?[2J?\n");
}

static void test_long_message_is_cut(void **state)
{
	static char message[5000];
	const char *text;

	(void)state;
	memset(message, 'x', sizeof(message) - 1);
	open_log(true);
	capture();
	log_info("%s", message);
	text = captured();
	assert_int_equal(strlen(text), strlen("<6>") + 1023 + strlen("\n"));
	assert_int_equal(text[strlen(text) - 1], '\n');
}

/* Last: the level stays raised in this process. */
static void test_debug_on_request(void **state)
{
	(void)state;
	assert_int_equal(setenv("ZONA_LOG", "debug", 1), 0);
	open_log(true);
	assert_int_equal(unsetenv("ZONA_LOG"), 0);
	capture();
	log_debug("seen");
	assert_string_equal(captured(), "<7>seen\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal_levels),
		cmocka_unit_test(test_terminal_lines),
		cmocka_unit_test(test_one_message_is_one_line),
		cmocka_unit_test(test_long_message_is_cut),
		cmocka_unit_test(test_debug_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
