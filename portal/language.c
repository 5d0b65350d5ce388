/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define HEADER_MAX 512 /* browsers send under 100 bytes */
#define SEPARATORS " \t"

/* "0.8" as 800; 0 (never use it) for what is not a weight, as for q=0. */
static unsigned parse_weight(const char *p, const char *end)
{
	unsigned weight, place = 100;

	if (p == end || (*p != '0' && *p != '1'))
		return 0;
	weight = *p++ == '1' ? 1000 : 0;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, place /= 10)
			weight += (unsigned)(*p - '0') * place;
	return weight > 1000 ? 1000 : weight;
}

/* The weight after the range: ";q=0.8", 1 when there is none. */
static unsigned weight_of(const char *p, const char *end)
{
	while (p < end) {
		if (*p++ != ';')
			continue;
		while (p < end && strchr(SEPARATORS, *p) != NULL)
			p++;
		if (end - p >= 2 && (*p == 'q' || *p == 'Q') && p[1] == '=')
			return parse_weight(p + 2, end);
	}
	return 1000;
}

/* "es", "es-CO" and "ES" match "es"; "est" does not. */
static bool matches(const char *range, size_t size, const char *code)
{
	size_t length = strlen(code);

	return size >= length && strncasecmp(range, code, length) == 0 &&
	       (size == length || range[length] == '-');
}

size_t language_choose(const char *header, const char *const *offered, size_t count)
{
	size_t best = 0;
	unsigned best_weight = 0;

	if (header == NULL)
		return 0;
	const char *end = header + strnlen(header, HEADER_MAX);
	for (const char *item = header, *next; item < end; item = next) {
		const char *stop = memchr(item, ',', (size_t)(end - item));

		stop = stop != NULL ? stop : end;
		next = stop < end ? stop + 1 : end;
		while (item < stop && strchr(SEPARATORS, *item) != NULL)
			item++;
		size_t size = 0;
		while (item + size < stop && item[size] != ';' &&
			strchr(SEPARATORS, item[size]) == NULL)
			size++;
		unsigned weight = weight_of(item + size, stop);
		for (size_t i = 0; i < count; i++)
			/* Of equal weights the one that was named first wins. */
			if (weight > best_weight && matches(item, size, offered[i])) {
				best = i;
				best_weight = weight;
			}
	}
	return best;
}

size_t language_find(const char *code, const char *const *offered, size_t count)
{
	size_t i = 0;

	while (i < count && (code == NULL || strcmp(code, offered[i]) != 0))
		i++;
	return i;
}
