/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

/* Second screen, cursor hidden, and back (xterm's codes, which every current terminal knows). */
#define ENTER_CODE "\033[?1049h\033[?25l"
#define LEAVE_CODE "\033[?25h\033[?1049l"

/* A terminal that tells no size is taken for the smallest common one. */
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

#define NS_PER_MS 1000000L

/* Signal handlers can reach nothing else. */
static struct {
	int in_fd, out_fd;
	struct termios before;
	bool keys;   /* in_fd was switched */
	bool screen; /* out_fd was switched */
	sigset_t wait_mask;
	volatile sig_atomic_t resized;
} live = {.in_fd = -1, .out_fd = -1};

bool terminal_is(FILE *out)
{
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) == 1;
}

struct terminal_size terminal_size(FILE *out)
{
	struct terminal_size size = {.columns = DEFAULT_COLUMNS, .rows = DEFAULT_ROWS};
	struct winsize window;

	if (!terminal_is(out))
		return (struct terminal_size){0};
	if (ioctl(fileno(out), TIOCGWINSZ, &window) == 0 && window.ws_col > 0) {
		size.columns = window.ws_col;
		size.rows = window.ws_row;
	}
	return size;
}

struct table_view terminal_view(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
	const char *term = getenv("TERM");
	bool refused = no_color != NULL && no_color[0] != '\0';
	bool able = term != NULL && strcmp(term, "dumb") != 0;

	return (struct table_view){
		.width = terminal_size(out).columns,
		.colour = terminal_is(out) && able && !refused,
	};
}

/* Called in signal handlers too: write() and tcsetattr() are allowed there. */
static void put_back(void)
{
	if (live.screen)
		(void)!write(live.out_fd, LEAVE_CODE, sizeof(LEAVE_CODE) - 1);
	if (live.keys)
		(void)tcsetattr(live.in_fd, TCSANOW, &live.before);
	live.screen = false;
	live.keys = false;
}

/* Ctrl-C is a way to leave the view, not a failure: status 0. */
static void on_interrupt(int number)
{
	(void)number;
	put_back();
	_exit(0);
}

/* The handler is installed for one signal only (SA_RESETHAND): this one ends the process. */
static void on_end(int number)
{
	put_back();
	(void)raise(number);
}

static void on_resize(int number)
{
	(void)number;
	live.resized = 1;
}

static void set_handler(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

/* The resize signal is let in only while terminal_wait() waits, so none is lost in between and
 * none disturbs a call to the daemon. */
static int set_signals(void)
{
	sigset_t resize;

	(void)sigemptyset(&resize);
	(void)sigaddset(&resize, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &resize, &live.wait_mask) < 0)
		return -errno;
	(void)sigdelset(&live.wait_mask, SIGWINCH);
	set_handler(SIGWINCH, on_resize, 0);
	set_handler(SIGINT, on_interrupt, 0);
	set_handler(SIGTERM, on_end, (int)SA_RESETHAND);
	set_handler(SIGHUP, on_end, (int)SA_RESETHAND);
	return 0;
}

static int read_single_keys(int in_fd)
{
	struct termios mode;

	if (tcgetattr(in_fd, &live.before) < 0)
		return -errno;
	mode = live.before;
	mode.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	/* Ctrl-Z would leave the shell on the second screen. */
	mode.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(in_fd, TCSANOW, &mode) < 0)
		return -errno;
	live.keys = true;
	return 0;
}

int terminal_enter(int in_fd, FILE *out)
{
	int rc;

	live.in_fd = in_fd >= 0 && isatty(in_fd) == 1 ? in_fd : -1;
	live.out_fd = fileno(out);
	rc = set_signals();
	if (rc < 0 || !terminal_is(out))
		return rc;
	live.screen = write(live.out_fd, ENTER_CODE, sizeof(ENTER_CODE) - 1) > 0;
	return live.in_fd >= 0 ? read_single_keys(live.in_fd) : 0;
}

void terminal_leave(void)
{
	put_back();
	set_handler(SIGINT, SIG_DFL, 0);
	set_handler(SIGTERM, SIG_DFL, 0);
	set_handler(SIGHUP, SIG_DFL, 0);
	set_handler(SIGWINCH, SIG_DFL, 0);
	(void)sigprocmask(SIG_SETMASK, &live.wait_mask, NULL);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

/* A key was pressed: is it the one to leave? The end of the input is not: a view whose keyboard
 * went away goes on until a signal. */
static bool key_is_quit(void)
{
	char key = 0;

	if (read(live.in_fd, &key, 1) <= 0)
		live.in_fd = -1;
	return key == 'q' || key == 'Q';
}

enum terminal_event terminal_wait(int wait_ms)
{
	int64_t until = now_ms() + wait_ms;

	for (;;) {
		struct pollfd keys = {.fd = live.in_fd, .events = POLLIN};
		int64_t left = until - now_ms();
		struct timespec limit = {
			.tv_sec = left / 1000,
			.tv_nsec = left % 1000 * NS_PER_MS,
		};
		int n = left > 0 ? ppoll(&keys, 1, &limit, &live.wait_mask) : 0;

		if (live.resized != 0) {
			live.resized = 0;
			return TERMINAL_RESIZED;
		}
		if (n > 0 && key_is_quit())
			return TERMINAL_QUIT;
		if (n == 0)
			return TERMINAL_TIME_IS_UP;
	}
}
