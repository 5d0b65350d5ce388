/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A form's body: what is found fits, ends, and has no control character. */
#include "portal/form.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"token", "lang", "", "e"};
	/* Exactly as long as the data, so that a byte too far is seen. */
	char *body = malloc(size + 1);

	memcpy(body, data, size);
	char *exact = realloc(body, size > 0 ? size : 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char value[FORM_VALUE_SIZE];

		if (form_get(exact, size, names[i], value) < 0)
			continue;
		if (strnlen(value, sizeof(value)) == sizeof(value))
			abort();
		for (const unsigned char *p = (unsigned char *)value; *p != '\0'; p++)
			if (*p < 0x20 || *p == 0x7f)
				abort();
	}
	free(exact);
	return 0;
}
