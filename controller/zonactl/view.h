/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon answered, for people. */
#ifndef ZONA_ZONACTL_VIEW_H
#define ZONA_ZONACTL_VIEW_H

#include "controller/zonactl/sessions.h"
#include "controller/zonactl/table.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* The gateway's state. Returns 0 or -errno, like all below. */
int view_status(FILE *out, const json_t *status, const struct table_view *view);

/* One session, each member in a line. */
int view_session(FILE *out, const json_t *session, const struct table_view *view);

/* "02:00:00:00:00:01 active, 60 min left", after a verb that changed it. */
/* The alert of a reply, one line a language; null: none. */
int view_alert(FILE *out, const json_t *alert);
/* A genuine certificate, in one line. */
int view_certificate(FILE *out, const json_t *certificate);
int view_outcome(FILE *out, const json_t *session);

/* The list as a table, with the rates that each session may have. */
int view_sessions(FILE *out, const struct session_list *list, const struct table_view *view);
/* The first rows of list, at most max_rows, with the rates that each session has now. */
int view_live(
	FILE *out, const struct session_list *list, size_t max_rows, const struct table_view *view);

#endif
