/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The alert: an operator's emergency notice for every page of the portal. It is kept in a file of
 * the state directory, so a restart does not lose it. */
#ifndef ZONA_CONTROL_NOTICE_H
#define ZONA_CONTROL_NOTICE_H

#include "common/cleanup.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Of one language, in bytes: two or three sentences, which a frightened reader takes in. */
#define NOTICE_TEXT_MAX 480
#define NOTICE_LANGUAGES_MAX 8
#define NOTICE_FILE "alert.json"

struct notice;

/* Reads what an earlier run left; a file that makes no sense counts as none. Returns 0 with a
 * notice that the caller frees, or -ENOMEM. */
int notice_new(const char *state_dir, struct notice **ret_notice);
void notice_free(struct notice *notice);
DEFINE_AUTO(struct notice, notice_free);

/* Whether texts is an object of language codes with texts of 1 to NOTICE_TEXT_MAX bytes that have
 * no control characters. */
bool notice_texts_are_valid(const json_t *texts);

/* until_s: seconds since 1970, 0 for until it is cleared. Returns 0, or -errno when it could not be
 * written; then what was there before stays. texts is borrowed. */
int notice_set(struct notice *notice, const json_t *texts, int64_t until_s);
int notice_clear(struct notice *notice);

/* {"texts": {…}, "until": …}, or null when there is none or its time is over. */
json_t *notice_describe(const struct notice *notice, int64_t now_s);

#endif
