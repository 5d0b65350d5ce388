/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An Accept-Language field: the answer is one of ours. */
#include "portal/language.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const offered[] = {"es", "en", "fr", "pt"};
	char *header = malloc(size + 1);

	memcpy(header, data, size);
	header[size] = '\0';
	if (language_choose(header, offered, 4) >= 4 || language_find(header, offered, 4) > 4)
		abort();
	free(header);
	return 0;
}
