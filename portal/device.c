/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/device.h"

#include "common/cleanup.h"

#include <errno.h>
#include <string.h>

static const char *const state_names[DEVICE_STATE_COUNT] = {
	[DEVICE_UNKNOWN] = "unknown",
	[DEVICE_PENDING] = "pending",
	[DEVICE_ACTIVE] = "active",
	[DEVICE_ENDED] = "ended",
	[DEVICE_BLOCKED] = "blocked",
};

static const char *const end_names[END_CAUSE_COUNT] = {
	[END_NONE] = "",
	[END_TIME] = "time",
	[END_IDLE] = "idle",
	[END_QUOTA] = "quota",
	[END_CLOSING_HOURS] = "closing-hours",
	[END_LOGOUT] = "logout",
	[END_OPERATOR] = "operator",
	[END_BLOCKED] = "blocked",
};

static const char *const refusal_names[REFUSAL_COUNT] = {
	[REFUSAL_NONE] = "",
	[REFUSAL_CLOSED_HOURS] = "closed-hours",
	[REFUSAL_DAILY_QUOTA] = "daily-quota",
	[REFUSAL_DAILY_TIME] = "daily-time",
	[REFUSAL_BLOCKED] = "blocked",
	[REFUSAL_FULL] = "full",
};

static const struct {
	const char *name;
	size_t offset;
	int64_t absent;
} numbers[] = {
	{"minutes", offsetof(struct device, minutes), 0},
	{"seconds_left", offsetof(struct device, seconds_left), NO_LIMIT},
	{"bytes_left", offsetof(struct device, bytes_left), NO_LIMIT},
	{"bytes_down", offsetof(struct device, bytes_down), 0},
	{"bytes_up", offsetof(struct device, bytes_up), 0},
	{"rate_down_bps", offsetof(struct device, rate_down_bps), 0},
	{"rate_up_bps", offsetof(struct device, rate_up_bps), 0},
	{"opens_in", offsetof(struct device, opens_in_s), NO_LIMIT},
};

static bool is_absent(const json_t *value)
{
	return value == NULL || json_is_null(value);
}

/* The index of a text in a table whose first entry stands for "absent". */
static int parse_name(const json_t *value, const char *const *names, size_t count)
{
	const char *text = json_string_value(value);

	if (is_absent(value))
		return 0;
	for (size_t i = 0; text != NULL && i < count; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return -EBADMSG;
}

static int parse_numbers(const json_t *reply, struct device *device)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const json_t *value = json_object_get(reply, numbers[i].name);
		int64_t number = numbers[i].absent;

		if (!is_absent(value)) {
			if (!json_is_integer(value))
				return -EBADMSG;
			number = json_integer_value(value);
			if (number < 0)
				number = 0;
		}
		memcpy((char *)device + numbers[i].offset, &number, sizeof(number));
	}
	return 0;
}

static int parse_names(const json_t *reply, struct device *device)
{
	int state = parse_name(json_object_get(reply, "state"), state_names, DEVICE_STATE_COUNT);
	int cause = parse_name(json_object_get(reply, "end_cause"), end_names, END_CAUSE_COUNT);
	int refusal = parse_name(json_object_get(reply, "refusal"), refusal_names, REFUSAL_COUNT);

	if (state < 0 || cause < 0 || refusal < 0)
		return -EBADMSG;
	device->state = (enum device_state)state;
	device->end_cause = (enum end_cause)cause;
	device->refusal = (enum refusal)refusal;
	if (device->state == DEVICE_BLOCKED)
		device->refusal = REFUSAL_BLOCKED;
	return 0;
}

int device_parse(const json_t *reply, struct device *ret_device)
{
	struct device device = {0};
	const char *mac = json_string_value(json_object_get(reply, "mac"));
	const char *zone_name = json_string_value(json_object_get(reply, "zone_name"));

	if (mac == NULL || mac_parse(mac, &device.mac) < 0 ||
		!json_is_string(json_object_get(reply, "state")))
		return -EBADMSG;
	int r = parse_names(reply, &device);
	if (r == 0)
		r = parse_numbers(reply, &device);
	if (r < 0)
		return r;
	device.can_extend = json_is_true(json_object_get(reply, "can_extend"));
	device.uplink_down = json_is_false(json_object_get(reply, "uplink_up"));
	if (zone_name != NULL)
		(void)snprintf(device.zone_name, sizeof(device.zone_name), "%s", zone_name);
	*ret_device = device;
	return 0;
}
