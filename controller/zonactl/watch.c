/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/watch.h"

#include "controller/zonactl/figures.h"
#include "controller/zonactl/member.h"
#include "controller/zonactl/sampler.h"
#include "controller/zonactl/sessions.h"
#include "controller/zonactl/terminal.h"
#include "controller/zonactl/text.h"
#include "controller/zonactl/view.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define PERIOD_MS 1000

/* Head line, titles and foot line. */
#define ROWS_AROUND 3

#define HOME_CODE "\033[H"
#define CLEAR_LINE_CODE "\033[K"
#define CLEAR_BELOW_CODE "\033[J"

struct watch {
	struct call *call;
	struct sampler *sampler;
	struct session_list *list; /* the last sample */
	json_t *status;		   /* names the gateway; asked anew after each reconnection */
	char *trouble;		   /* why there is no newer sample; NULL: there is */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum zonactl_exit ask_sample(
	struct watch *watch, struct call *call, struct session_list **ret_list)
{
	enum zonactl_exit status = ZONACTL_DONE;

	if (watch->status == NULL)
		status = call_ask(call, "status", NULL, &watch->status);
	return status == ZONACTL_DONE ? sessions_fetch(call, ret_list) : status;
}

/* Takes a sample; what call_fail() says goes to watch->trouble instead of standard error, which
 * is the screen. */
static enum zonactl_exit sample(struct watch *watch)
{
	AUTO_STR said = NULL;
	size_t said_size = 0;
	struct session_list *list = NULL;
	struct zonactl_io io = *watch->call->io;
	struct call call = *watch->call;
	enum zonactl_exit status;

	io.err = open_memstream(&said, &said_size);
	if (io.err == NULL)
		return call_fail(&call, ZONACTL_REFUSED, "memory", strerror(ENOMEM));
	call.io = &io;
	status = ask_sample(watch, &call, &list);
	watch->call->client = call.client;
	(void)fclose(io.err);
	free(watch->trouble);
	said[strcspn(said, "\n")] = '\0';
	watch->trouble = status == ZONACTL_DONE ? NULL : TAKE(said);
	if (status != ZONACTL_DONE) {
		json_decref(watch->status);
		watch->status = NULL;
		return status;
	}
	/* Short memory leaves the rates out of one frame. */
	(void)sampler_update(watch->sampler, list, now_ms());
	sessions_sort_by_rate(list);
	session_list_free(watch->list);
	watch->list = list;
	return ZONACTL_DONE;
}

static void print_head(const struct watch *watch, FILE *out, size_t width)
{
	uint64_t down_bps = 0, up_bps = 0;
	char down[FIGURE_SIZE], up[FIGURE_SIZE], clock[16], line[256];
	time_t now = time(NULL);
	struct tm tm;
	AUTO_STR clean = NULL;
	size_t shown;

	for (size_t i = 0; i < watch->list->count; i++) {
		down_bps += watch->list->rows[i].down_bps;
		up_bps += watch->list->rows[i].up_bps;
	}
	(void)strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	(void)snprintf(line, sizeof(line), "%s  %zu sessions  down %s  up %s  %s  %s", clock,
		watch->list->count, figure_rate(down_bps, down), figure_rate(up_bps, up),
		member_text(watch->status, "zone_name", ""),
		member_text(watch->status, "gateway", ""));
	clean = text_clean(line);
	if (clean != NULL)
		(void)fprintf(out, "%.*s\n",
			(int)text_prefix(clean, width > 0 ? width : sizeof(line), &shown), clean);
}

static void print_foot(const struct watch *watch, FILE *out, size_t width)
{
	const char *text = watch->trouble != NULL ? watch->trouble : "q leaves";
	size_t shown;

	(void)fprintf(out, "%.*s", (int)text_prefix(text, width, &shown), text);
}

/* Head, table and, on a terminal, foot. */
static int print_frame(
	const struct watch *watch, FILE *out, const struct terminal_size *size, bool colour)
{
	struct table_view view = {.width = size->columns, .colour = colour};
	size_t rows = SIZE_MAX;
	int rc;

	if (size->rows > 0)
		rows = size->rows > ROWS_AROUND ? size->rows - ROWS_AROUND : 0;
	print_head(watch, out, size->columns);
	rc = view_live(out, watch->list, rows, &view);
	if (rc == 0 && size->rows > 0)
		print_foot(watch, out, size->columns);
	return rc;
}

/* Writes a frame over the one before, clearing what was longer: nothing flickers. */
static void paint(FILE *out, const char *frame)
{
	(void)fputs(HOME_CODE, out);
	for (const char *at = frame; *at != '\0';) {
		size_t length = strcspn(at, "\n");

		(void)fwrite(at, 1, length, out);
		(void)fputs(CLEAR_LINE_CODE, out);
		at += length;
		if (*at == '\n') {
			(void)fputc('\n', out);
			at++;
		}
	}
	(void)fputs(CLEAR_BELOW_CODE, out);
}

static int draw(const struct watch *watch)
{
	FILE *out = watch->call->io->out;
	struct terminal_size size = terminal_size(out);
	AUTO_STR frame = NULL;
	size_t frame_size = 0;
	AUTO(fclose) FILE *to = open_memstream(&frame, &frame_size);
	int rc;

	if (to == NULL)
		return -ENOMEM;
	rc = print_frame(watch, to, &size, terminal_view(out).colour);
	if (fflush(to) != 0)
		return -ENOMEM;
	if (rc < 0)
		return rc;
	if (size.rows > 0)
		paint(out, frame);
	else
		(void)fprintf(out, "%s\n", frame);
	return 0;
}

/* On a pipe there is no foot line to tell what is wrong. */
static void tell_trouble(const struct watch *watch)
{
	if (watch->trouble != NULL && !terminal_is(watch->call->io->out))
		(void)fprintf(watch->call->io->err, "%s\n", watch->trouble);
}

static enum zonactl_exit watch_loop(struct watch *watch)
{
	enum terminal_event event = TERMINAL_TIME_IS_UP;

	for (;;) {
		enum zonactl_exit written = ZONACTL_DONE;
		bool stale = watch->trouble != NULL && !terminal_is(watch->call->io->out);

		if (!stale)
			written = call_printed(watch->call, draw(watch));
		if (written != ZONACTL_DONE)
			return written;
		event = terminal_wait(PERIOD_MS);
		if (event == TERMINAL_QUIT)
			return ZONACTL_DONE;
		if (event == TERMINAL_TIME_IS_UP && sample(watch) != ZONACTL_DONE)
			tell_trouble(watch);
	}
}

static enum zonactl_exit watch_start(struct watch *watch)
{
	const struct zonactl_io *io = watch->call->io;
	enum zonactl_exit status = sample(watch);
	int rc;

	if (status != ZONACTL_DONE) {
		(void)fprintf(io->err, "%s\n", watch->trouble);
		return status;
	}
	rc = terminal_enter(io->in_fd, io->out);
	if (rc < 0) {
		terminal_leave();
		return call_fail(watch->call, ZONACTL_REFUSED, "terminal", strerror(-rc));
	}
	status = watch_loop(watch);
	terminal_leave();
	return status;
}

enum zonactl_exit watch_run(struct call *call)
{
	struct watch watch = {.call = call, .sampler = sampler_new()};
	enum zonactl_exit status;

	if (watch.sampler == NULL)
		return call_fail(call, ZONACTL_REFUSED, "memory", strerror(ENOMEM));
	status = watch_start(&watch);
	sampler_free(watch.sampler);
	session_list_free(watch.list);
	json_decref(watch.status);
	free(watch.trouble);
	return status;
}
