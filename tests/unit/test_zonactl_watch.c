/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rates between samples, and the live view on a real terminal (a pty) and on a pipe. */
#include "tests/unit/zonactl_fixture.h"

#include "common/cleanup.h"
#include "controller/zonactl/sampler.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#define SECOND_MS 1000U

#define UNKNOWN UINT64_MAX

struct sample {
	const char *mac;
	uint64_t down, up;
};

/* A list as sessions_fetch() makes it, without the daemon. */
static struct session_list *list_of(const struct sample *samples, size_t count)
{
	struct session_list *list = calloc(1, sizeof(*list));

	assert_non_null(list);
	list->array = json_array();
	list->rows = calloc(count + 1, sizeof(*list->rows));
	list->count = count;
	for (size_t i = 0; i < count; i++) {
		struct session_row *row = &list->rows[i];

		(void)snprintf(row->mac, sizeof(row->mac), "%s", samples[i].mac);
		row->bytes_down = samples[i].down;
		row->bytes_up = samples[i].up;
	}
	return list;
}

/* Gives rates one sample of one session; its rate down then, or UNKNOWN. */
static uint64_t rate_after(struct sampler *sampler, uint64_t at_ms, uint64_t down)
{
	const struct sample sample = {.mac = "02:00:00:00:00:01", .down = down};
	AUTO(session_list_free) struct session_list *list = list_of(&sample, 1);

	assert_int_equal(sampler_update(sampler, list, at_ms), 0);
	return list->rows[0].measured ? list->rows[0].down_bps : UNKNOWN;
}

static void test_rate_is_the_difference_over_the_time(void **state)
{
	AUTO(sampler_free) struct sampler *sampler = sampler_new();

	(void)state;
	/* Until two readings were seen it is not known over which time the bytes came. */
	assert_int_equal(rate_after(sampler, 0, 1000), UNKNOWN);
	assert_int_equal(rate_after(sampler, SECOND_MS, 2000), UNKNOWN);
	assert_int_equal(rate_after(sampler, 2 * SECOND_MS, 127000), 1000000);
	assert_int_equal(rate_after(sampler, 2 * SECOND_MS + 500, 127000 + 62500), 1000000);
}

/* A daemon that reads its meters every 10 s: nine samples of ten show the same counters. */
static void test_rate_holds_between_two_readings_of_the_meters(void **state)
{
	AUTO(sampler_free) struct sampler *sampler = sampler_new();

	(void)state;
	(void)rate_after(sampler, 0, 0);
	(void)rate_after(sampler, 7 * SECOND_MS, 1000);
	assert_int_equal(rate_after(sampler, 17 * SECOND_MS, 1000 + 1250000), 1000000);
	for (unsigned i = 18; i < 27; i++)
		assert_int_equal(rate_after(sampler, i * SECOND_MS, 1000 + 1250000), 1000000);
	assert_int_equal(rate_after(sampler, 27 * SECOND_MS, 1000 + 2500000), 1000000);
}

static void test_silence_is_a_rate_of_0(void **state)
{
	AUTO(sampler_free) struct sampler *sampler = sampler_new();

	(void)state;
	(void)rate_after(sampler, 0, 0);
	(void)rate_after(sampler, SECOND_MS, 1000);
	assert_int_equal(rate_after(sampler, 2 * SECOND_MS, 126000), 1000000);
	assert_int_equal(rate_after(sampler, 60 * SECOND_MS, 126000), 0);
	/* It is not known when in that minute the bytes began to flow. */
	assert_int_equal(rate_after(sampler, 61 * SECOND_MS, 251000), 0);
	assert_int_equal(rate_after(sampler, 62 * SECOND_MS, 376000), 1000000);
}

static void test_a_device_that_never_moves_anything_has_a_rate_of_0(void **state)
{
	AUTO(sampler_free) struct sampler *sampler = sampler_new();

	(void)state;
	for (unsigned i = 0; i <= 12; i++)
		assert_int_equal(rate_after(sampler, i * SECOND_MS, 5), UNKNOWN);
	assert_int_equal(rate_after(sampler, 13 * SECOND_MS, 5), 0);
}

static void test_a_new_session_of_the_device_has_no_negative_rate(void **state)
{
	AUTO(sampler_free) struct sampler *sampler = sampler_new();

	(void)state;
	(void)rate_after(sampler, 0, 500000);
	(void)rate_after(sampler, SECOND_MS, 600000);
	assert_int_equal(rate_after(sampler, 2 * SECOND_MS, 10), UNKNOWN);
}

static void test_each_session_has_its_own_rate(void **state)
{
	AUTO(sampler_free) struct sampler *sampler = sampler_new();
	const struct sample samples[3][3] = {
		{{"b", 0, 0}, {"a", 0, 0}, {"gone", 5, 5}},
		{{"a", 1, 0}, {"b", 1, 0}, {"gone", 6, 6}},
		{{"new", 9, 9}, {"a", 1, 1}, {"b", 126, 250}},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO(session_list_free) struct session_list *list = list_of(samples[i], 3);

		assert_int_equal(sampler_update(sampler, list, i * SECOND_MS), 0);
		if (i < 2)
			continue;
		sessions_sort_by_rate(list);
		assert_string_equal(list->rows[0].mac, "b");
		assert_int_equal(list->rows[0].down_bps, 1000);
		assert_int_equal(list->rows[0].up_bps, 2000);
		assert_string_equal(list->rows[1].mac, "a");
		assert_int_equal(list->rows[1].down_bps, 0);
		assert_int_equal(list->rows[1].up_bps, 8);
		assert_string_equal(list->rows[2].mac, "new");
		assert_false(list->rows[2].measured);
	}
}

/* ---- the view itself: zonactl in a process of its own ------------------------------------------
 */

struct live {
	struct gateway_fixture gateway;
	struct control_fixture *fixture;
	pid_t pid;
	int fd; /* the terminal's other side, or the pipe's */
	char said[1 << 17];
	size_t size;
};

static void run_child(struct live *live) __attribute__((noreturn));

static void run_child(struct live *live)
{
	char *argv[] = {"zonactl", "--socket", live->fixture->path, "sessions", "--watch"};
	const struct zonactl_io io = {.out = stdout, .err = stderr, .in_fd = STDIN_FILENO};

	(void)setenv("TERM", "xterm", 1);
	(void)unsetenv("NO_COLOR");
	_exit((int)zonactl_run((int)ARRAY_SIZE(argv), argv, &io));
}

static struct live *live_new(unsigned sessions)
{
	struct live *live = calloc(1, sizeof(*live));

	assert_non_null(live);
	live->gateway = (struct gateway_fixture){.sessions = sessions, .step_bytes = 125000};
	live->fixture = fixture_start(fixture_gateway, &live->gateway);
	return live;
}

static struct live *live_on_terminal(unsigned sessions, unsigned short columns)
{
	const struct winsize window = {.ws_col = columns, .ws_row = 12};
	struct live *live = live_new(sessions);

	live->pid = forkpty(&live->fd, NULL, NULL, &window);
	assert_return_code(live->pid, 0);
	if (live->pid == 0)
		run_child(live);
	return live;
}

static struct live *live_on_pipe(unsigned sessions)
{
	struct live *live = live_new(sessions);
	int ends[2];

	assert_return_code(pipe2(ends, O_CLOEXEC), 0);
	live->pid = fork();
	assert_return_code(live->pid, 0);
	if (live->pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		run_child(live);
	}
	(void)close(ends[1]);
	live->fd = ends[0];
	return live;
}

/* Reads until wanted was said after the mark from, at most 10 s. */
static void expect(struct live *live, size_t from, const char *wanted)
{
	struct pollfd fd = {.fd = live->fd, .events = POLLIN};
	time_t deadline = time(NULL) + 10;

	while (strstr(live->said + from, wanted) == NULL) {
		ssize_t n;

		if (time(NULL) > deadline || poll(&fd, 1, 5000) != 1)
			fail_msg("no '%s' after: %s", wanted, live->said + from);
		n = read(live->fd, live->said + live->size, sizeof(live->said) - live->size - 1);
		if (n <= 0)
			fail_msg("ended without '%s' after: %s", wanted, live->said + from);
		live->size += (size_t)n;
		live->said[live->size] = '\0';
	}
}

/* Reads to the end and returns what waitpid() says. */
static int live_end(struct live *live)
{
	int status;

	for (;;) {
		ssize_t n = read(
			live->fd, live->said + live->size, sizeof(live->said) - live->size - 1);

		if (n <= 0)
			break;
		live->size += (size_t)n;
		live->said[live->size] = '\0';
	}
	assert_int_equal(waitpid(live->pid, &status, 0), live->pid);
	(void)close(live->fd);
	fixture_stop(live->fixture);
	return status;
}

#define ENTERED "\033[?1049h"
#define LEFT "\033[?1049l"

static void test_view_shows_the_busiest_first_and_q_leaves(void **state)
{
	struct live *live = live_on_terminal(30, 120);
	char *frame;
	int status;

	(void)state;
	expect(live, 0, ENTERED);
	/* Nothing is known of the rates until the view has measured them: then the last is first.
	 */
	expect(live, 0, "UP NOW\033[0m\033[K\r\n02:00:00:00:00:1d");
	frame = strstr(live->said, "\r\n02:00:00:00:00:1d");
	expect(live, (size_t)(frame - live->said), "q leaves");
	assert_int_equal(write(live->fd, "q", 1), 1);
	status = live_end(live);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ZONACTL_DONE);
	assert_non_null(strstr(frame, LEFT));
	assert_non_null(strstr(live->said, "30 sessions"));
	assert_non_null(strstr(live->said, "Ciudadela ñandú"));
	/* 12 rows: head, titles, foot and nine sessions. */
	*strstr(frame, "q leaves") = '\0';
	assert_non_null(strstr(frame, "\r\n02:00:00:00:00:15"));
	assert_null(strstr(frame, "\r\n02:00:00:00:00:14"));
	free(live);
}

static void test_view_follows_the_window(void **state)
{
	const struct winsize narrow = {.ws_col = 60, .ws_row = 5};
	struct live *live = live_on_terminal(30, 120);
	size_t mark;

	(void)state;
	expect(live, 0, "q leaves");
	assert_non_null(strstr(live->said, "IPV6"));
	mark = live->size;
	assert_return_code(ioctl(live->fd, TIOCSWINSZ, &narrow), 0);
	expect(live, mark, "q leaves");
	assert_null(strstr(live->said + mark, "IPV6"));
	assert_int_equal(write(live->fd, "q", 1), 1);
	(void)live_end(live);
	free(live);
}

static void test_ctrl_c_puts_the_terminal_back(void **state)
{
	struct live *live = live_on_terminal(1, 80);
	struct termios mode;
	int status;

	(void)state;
	expect(live, 0, "q leaves");
	assert_return_code(tcgetattr(live->fd, &mode), 0);
	assert_false(mode.c_lflag & ICANON);
	assert_int_equal(write(live->fd, "\x03", 1), 1);
	expect(live, 0, LEFT);
	status = live_end(live);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ZONACTL_DONE);
	free(live);
}

static void test_termination_puts_the_terminal_back(void **state)
{
	struct live *live = live_on_terminal(1, 80);
	int status;

	(void)state;
	expect(live, 0, "q leaves");
	assert_return_code(kill(live->pid, SIGTERM), 0);
	status = live_end(live);
	assert_non_null(strstr(live->said, LEFT));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	free(live);
}

static void test_view_outlives_a_restart_of_the_daemon(void **state)
{
	struct live *live = live_on_terminal(2, 120);
	size_t mark;
	int status;

	(void)state;
	expect(live, 0, "q leaves");
	live->gateway.down = true;
	expect(live, 0, "the daemon hung up");
	live->gateway.down = false;
	mark = live->size;
	expect(live, mark, "q leaves");
	assert_int_equal(write(live->fd, "q", 1), 1);
	status = live_end(live);
	assert_int_equal(WEXITSTATUS(status), ZONACTL_DONE);
	free(live);
}

static void test_on_a_pipe_tables_follow_each_other_as_plain_text(void **state)
{
	struct live *live = live_on_pipe(3);
	const char *second;
	int status;

	(void)state;
	expect(live, 0, "\n\n");
	second = strstr(live->said, "\n\n") + 2;
	expect(live, (size_t)(second - live->said), "\n\n");
	assert_return_code(kill(live->pid, SIGINT), 0);
	status = live_end(live);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ZONACTL_DONE);
	assert_harmless(live->said);
	assert_non_null(strstr(second, "MAC "));
	assert_non_null(strstr(second, "02:00:00:00:00:00"));
	free(live);
}

static void test_without_a_daemon_there_is_no_view(void **state)
{
	struct written written = RUN("--socket", "/nonexistent/s", "sessions", "--watch");

	(void)state;
	assert_int_equal(written.status, ZONACTL_UNREACHABLE);
	assert_string_equal(written.out, "");
	assert_lines(written.err, 1);
	written_free(&written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate_is_the_difference_over_the_time),
		cmocka_unit_test(test_rate_holds_between_two_readings_of_the_meters),
		cmocka_unit_test(test_silence_is_a_rate_of_0),
		cmocka_unit_test(test_a_device_that_never_moves_anything_has_a_rate_of_0),
		cmocka_unit_test(test_a_new_session_of_the_device_has_no_negative_rate),
		cmocka_unit_test(test_each_session_has_its_own_rate),
		cmocka_unit_test(test_view_shows_the_busiest_first_and_q_leaves),
		cmocka_unit_test(test_view_follows_the_window),
		cmocka_unit_test(test_ctrl_c_puts_the_terminal_back),
		cmocka_unit_test(test_termination_puts_the_terminal_back),
		cmocka_unit_test(test_view_outlives_a_restart_of_the_daemon),
		cmocka_unit_test(test_on_a_pipe_tables_follow_each_other_as_plain_text),
		cmocka_unit_test(test_without_a_daemon_there_is_no_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
