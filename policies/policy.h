/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator decides: classes of zones and the zones themselves (the files *.conf in
 * policies/classes and policies/zones). Plain values, no I/O beyond policy_load(). */
#ifndef ZONA_POLICY_H
#define ZONA_POLICY_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Where and why a file was refused: "FILE:LINE: reason" (LINE left out where there is none). */
struct conf_error {
	char text[512];
};

/* Opening hours of a week, local time: bit m of day d is minute m after midnight. */
struct hours {
	bool always;
	uint8_t open[7][1440 / 8]; /* day 0 is Sunday, as in struct tm */
};

/* "mon-sun 05:00-23:00", "sat,sun 08:00-24:00", "fri 22:00-02:00" (past midnight), or "always".
 * Adds to hours.
 * Returns 0, or -EINVAL with hours untouched. An empty struct hours is never open. */
int hours_add(struct hours *hours, const char *text);
bool hours_is_open(const struct hours *hours, const struct tm *local);
/* Seconds from local until the state (open or closed) changes; -1 when it never does. */
long hours_until_change(const struct hours *hours, const struct tm *local);

struct str_list {
	char **items;
	size_t count;
};

/* 0 in a limit means "no limit", but minutes is at least 1. */
struct policy_class {
	char *name;
	/* extend_minutes 0: a session cannot be extended. Floors that a file leaves out are a
	 * sixteenth of the ceiling. */
	unsigned minutes, extend_minutes, idle_minutes, daily_minutes;
	uint64_t daily_bytes; /* daily-megabytes x 10^6, layer 3, both directions */
	uint64_t down_bps, up_bps, down_floor_bps, up_floor_bps;
	struct hours hours;
	struct str_list walled_garden; /* DNS suffixes */
	unsigned roaming_minutes;
	struct str_list languages; /* "es", "en", …; the first is the default */
};

struct policy_zone {
	char *id; /* [a-z0-9-], the title of the section */
	const struct policy_class *class;
	char *name;
	char *barrio;
};

struct policy {
	struct policy_class *classes;
	size_t class_count;
	struct policy_zone *zones;
	size_t zone_count;
};

/* Reads every *.conf of classes/ and zones/ below the directory behind dir_fd (dir_name is what
 * errors call it). All or nothing: returns 0 and a policy that the caller frees, or -errno with
 * error filled and ret_policy untouched. Does not depend on the process's working directory, and
 * works after privileges were dropped as long as dir_fd was opened before. */
int policy_load(
	int dir_fd, const char *dir_name, struct policy **ret_policy, struct conf_error *error);
void policy_free(struct policy *policy);
DEFINE_AUTO(struct policy, policy_free);

const struct policy_zone *policy_zone_find(const struct policy *policy, const char *id);
const struct policy_class *policy_class_find(const struct policy *policy, const char *name);

#endif
