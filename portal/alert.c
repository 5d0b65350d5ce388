/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/alert.h"

#include <errno.h>
#include <string.h>

static int parse_texts(const json_t *texts, struct alert *alert)
{
	for (size_t i = 0; asset_language(i) != NULL; i++) {
		const json_t *value = json_object_get(texts, asset_language(i));
		const char *text = json_string_value(value);

		if (value == NULL)
			continue;
		if (text == NULL || strlen(text) >= sizeof(alert->texts[i]))
			return -EBADMSG;
		memcpy(alert->texts[i], text, strlen(text) + 1);
		alert->is_set |= text[0] != '\0';
	}
	return 0;
}

int alert_parse(const json_t *reply, struct alert *ret_alert)
{
	const json_t *value = json_object_get(reply, "alert");
	const json_t *until = json_object_get(value, "until");
	struct alert alert = {0};

	if (!json_is_true(json_object_get(reply, "ok")))
		return -EBADMSG;
	if (value != NULL && !json_is_null(value)) {
		if (!json_is_object(json_object_get(value, "texts")) ||
			(until != NULL && !json_is_integer(until)))
			return -EBADMSG;
		alert.until_s = json_integer_value(until);
		int r = parse_texts(json_object_get(value, "texts"), &alert);
		if (r < 0)
			return r;
	}
	*ret_alert = alert;
	return 0;
}

bool alert_is_shown(const struct alert *alert, int64_t now_s)
{
	return alert->is_set && (alert->until_s == 0 || now_s < alert->until_s);
}
