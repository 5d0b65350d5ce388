/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All sessions of a gateway. */
#ifndef ZONA_ZONACTL_SESSIONS_H
#define ZONA_ZONACTL_SESSIONS_H

#include "common/addr.h"
#include "common/cleanup.h"
#include "controller/zonactl/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session_row {
	char mac[MAC_TEXT_SIZE];
	uint64_t bytes_down, bytes_up;
	uint64_t down_bps, up_bps; /* moved now; 0 until sampler_update() has measured it */
	bool measured;
	const json_t *json; /* in the list */
};

struct session_list {
	json_t *array; /* of sessions as the daemon gave them */
	struct session_row *rows;
	size_t count;
};

/* Asks for page after page. Returns ZONACTL_DONE and a list that the caller frees; else the
 * failure has been told. */
enum zonactl_exit sessions_fetch(struct call *call, struct session_list **ret_list);
void session_list_free(struct session_list *list); /* NULL is fine */
DEFINE_AUTO(struct session_list, session_list_free);

/* Greatest rate (both directions together) first, the MAC where equal. */
void sessions_sort_by_rate(struct session_list *list);

#endif
