/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/sessions.h"

#include "controller/zonactl/member.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* A gateway has at most 60,000 sessions (gateway.conf, limits), 100 a page; the rest is room for
 * sessions that come while we read. A daemon that never ends its list is told to. */
#define PAGES_MAX 1000

/* Appends the page's sessions to all and moves after to the next page's mark. Returns 1, 0 when it
 * was the last page, -EBADMSG on nonsense: a mark that does not advance would be an endless list.
 */
static int take_page(const json_t *page, json_t *all, json_t **after)
{
	json_t *sessions = json_object_get(page, "sessions");
	json_t *next = json_object_get(page, "next");

	if (!json_is_array(sessions) || json_array_extend(all, sessions) < 0)
		return -EBADMSG;
	if (next == NULL || json_is_null(next))
		return 0;
	if (!json_is_string(next) || json_equal(next, *after))
		return -EBADMSG;
	json_decref(*after);
	*after = json_incref(next);
	return 1;
}

static enum zonactl_exit fetch_pages(struct call *call, json_t *all)
{
	json_auto_t *after = NULL;

	for (unsigned i = 0; i < PAGES_MAX; i++) {
		json_auto_t *page = NULL;
		json_t *arguments = after != NULL ? json_pack("{s:O}", "after", after) : NULL;
		enum zonactl_exit status = call_ask(call, "sessions", arguments, &page);
		int more;

		if (status != ZONACTL_DONE)
			return status;
		more = take_page(page, all, &after);
		if (more == 0)
			return ZONACTL_DONE;
		if (more < 0)
			break;
	}
	return call_fail(call, ZONACTL_UNREACHABLE, "unreachable",
		"the daemon's list of sessions makes no sense");
}

static int fill_rows(struct session_list *list)
{
	const json_t *session;
	size_t i;

	/* One more, so that an empty list is not a failure. */
	list->rows = calloc(json_array_size(list->array) + 1, sizeof(*list->rows));
	if (list->rows == NULL)
		return -ENOMEM;
	json_array_foreach(list->array, i, session)
	{
		struct session_row *row = &list->rows[list->count++];

		(void)snprintf(row->mac, sizeof(row->mac), "%s", member_text(session, "mac", "?"));
		row->bytes_down = member_number(session, "bytes_down");
		row->bytes_up = member_number(session, "bytes_up");
		row->json = session;
	}
	return 0;
}

enum zonactl_exit sessions_fetch(struct call *call, struct session_list **ret_list)
{
	AUTO(session_list_free) struct session_list *list = calloc(1, sizeof(*list));
	enum zonactl_exit status;

	if (list != NULL)
		list->array = json_array();
	if (list == NULL || list->array == NULL)
		return call_fail(call, ZONACTL_REFUSED, "memory", strerror(ENOMEM));
	status = fetch_pages(call, list->array);
	if (status != ZONACTL_DONE)
		return status;
	if (fill_rows(list) < 0)
		return call_fail(call, ZONACTL_REFUSED, "memory", strerror(ENOMEM));
	*ret_list = TAKE(list);
	return ZONACTL_DONE;
}

void session_list_free(struct session_list *list)
{
	if (list == NULL)
		return;
	free(list->rows);
	json_decref(list->array);
	free(list);
}

static uint64_t rate_of(const struct session_row *row)
{
	return row->down_bps + row->up_bps;
}

static int compare_rate(const void *a, const void *b)
{
	const struct session_row *x = a, *y = b;

	if (rate_of(x) != rate_of(y))
		return rate_of(x) < rate_of(y) ? 1 : -1;
	return strcmp(x->mac, y->mac);
}

void sessions_sort_by_rate(struct session_list *list)
{
	qsort(list->rows, list->count, sizeof(*list->rows), compare_rate);
}
