/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/sampler.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The daemon reads the meters of all sessions together, at least this often; in between its
 * counters may stand still, and a rate over less time would be now 0, now many times too high. */
#define METER_PERIOD_MS 10000
#define SLACK_MS 2000

struct sampler {
	struct session_row *rows; /* the sample before, by MAC */
	size_t count;
	uint64_t metered_ms; /* when the counters were last seen to move */
	bool metered;	     /* … which was seen at all */
};

struct sampler *sampler_new(void)
{
	return calloc(1, sizeof(struct sampler));
}

void sampler_free(struct sampler *sampler)
{
	if (sampler == NULL)
		return;
	free(sampler->rows);
	free(sampler);
}

static int compare_mac(const void *a, const void *b)
{
	return strcmp(((const struct session_row *)a)->mac, ((const struct session_row *)b)->mac);
}

static const struct session_row *find_before(
	const struct sampler *sampler, const struct session_row *row)
{
	if (sampler->count == 0)
		return NULL;
	return bsearch(row, sampler->rows, sampler->count, sizeof(*row), compare_mac);
}

/* Counters only grow; less than before is another session of the same device. */
static bool is_same_session(const struct session_row *before, const struct session_row *row)
{
	return before != NULL && row->bytes_down >= before->bytes_down &&
	       row->bytes_up >= before->bytes_up;
}

static bool has_moved(const struct sampler *sampler, const struct session_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct session_row *row = &list->rows[i];
		const struct session_row *before = find_before(sampler, row);

		if (is_same_session(before, row) && (row->bytes_down != before->bytes_down ||
							    row->bytes_up != before->bytes_up))
			return true;
	}
	return false;
}

static uint64_t bits_per_second(uint64_t bytes, uint64_t elapsed_ms)
{
	return (uint64_t)((double)bytes * 8000.0 / (double)elapsed_ms);
}

static void measure(const struct sampler *sampler, struct session_list *list, uint64_t elapsed_ms)
{
	for (size_t i = 0; i < list->count; i++) {
		struct session_row *row = &list->rows[i];
		const struct session_row *before = find_before(sampler, row);

		if (!is_same_session(before, row))
			continue;
		row->down_bps = bits_per_second(row->bytes_down - before->bytes_down, elapsed_ms);
		row->up_bps = bits_per_second(row->bytes_up - before->bytes_up, elapsed_ms);
		row->measured = true;
	}
}

/* Between two readings of the meters the last rates hold. */
static void hold(const struct sampler *sampler, struct session_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct session_row *row = &list->rows[i];
		const struct session_row *before = find_before(sampler, row);

		if (!is_same_session(before, row))
			continue;
		row->down_bps = before->down_bps;
		row->up_bps = before->up_bps;
		row->measured = before->measured;
	}
}

static int remember(struct sampler *sampler, const struct session_list *list)
{
	size_t size = (list->count + 1) * sizeof(*sampler->rows);
	struct session_row *rows = malloc(size);

	if (rows == NULL)
		return -ENOMEM;
	memcpy(rows, list->rows, list->count * sizeof(*rows));
	qsort(rows, list->count, sizeof(*rows), compare_mac);
	for (size_t i = 0; i < list->count; i++)
		rows[i].json = NULL; /* belongs to the list */
	free(sampler->rows);
	sampler->rows = rows;
	sampler->count = list->count;
	return 0;
}

int sampler_update(struct sampler *sampler, struct session_list *list, uint64_t now_ms)
{
	bool first = sampler->rows == NULL;
	uint64_t elapsed_ms = now_ms - sampler->metered_ms;
	bool recent = !first && elapsed_ms <= METER_PERIOD_MS + SLACK_MS;
	bool moved = has_moved(sampler, list);

	/* Over which time the bytes came is known only between two readings; after a long silence
	 * they may have begun to flow at any moment of it. */
	if (moved && recent && sampler->metered && elapsed_ms > 0)
		measure(sampler, list, elapsed_ms);
	else if (moved || recent)
		hold(sampler, list);
	else if (!first)
		measure(sampler, list, elapsed_ms); /* nothing moved: all are 0 */
	if (moved)
		sampler->metered = true;
	if (moved || first)
		sampler->metered_ms = now_ms;
	return remember(sampler, list);
}
