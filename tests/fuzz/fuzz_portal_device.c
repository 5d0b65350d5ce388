/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controller's answer: numbers are never negative but for "no limit", and texts end. */
#include "portal/device.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *reply = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct device device;

	if (device_parse(reply, &device) == 0 &&
		(device.state >= DEVICE_STATE_COUNT || device.refusal >= REFUSAL_COUNT ||
			device.end_cause >= END_CAUSE_COUNT || device.minutes < 0 ||
			device.seconds_left < NO_LIMIT || device.bytes_left < NO_LIMIT ||
			strnlen(device.zone_name, DEVICE_NAME_SIZE) == DEVICE_NAME_SIZE))
		abort();
	json_decref(reply);
	return 0;
}
