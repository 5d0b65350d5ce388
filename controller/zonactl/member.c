/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/zonactl/member.h"

/* The greatest double below 2^63; casting more to an integer is undefined. */
#define REAL_MAX 9223372036854774784.0

const char *member_text(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : otherwise;
}

uint64_t member_number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_integer(value)) {
		json_int_t number = json_integer_value(value);

		return number > 0 ? (uint64_t)number : 0;
	}
	if (json_is_real(value)) {
		double number = json_real_value(value);

		if (number > REAL_MAX)
			return (uint64_t)REAL_MAX;
		return number > 0 ? (uint64_t)number : 0;
	}
	return 0;
}

bool member_has_number(const json_t *object, const char *name)
{
	return json_is_number(json_object_get(object, name));
}
