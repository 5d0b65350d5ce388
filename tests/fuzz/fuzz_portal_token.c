/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token field: nothing that was not made with the key is taken. A changed copy of a right token
 * is tried as well: the first byte says where, the second what. */
#include "portal/token.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_US INT64_C(1790000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct token_key key = {.bytes = {9, 8, 7}};
	static const struct mac_addr mac = {{2, 0, 0, 1, 2, 3}};
	char *text = malloc(size + 1), made[TOKEN_TEXT_SIZE];
	int64_t made_us;

	token_make(&key, TOKEN_ACCEPT, &mac, NOW_US, made);
	memcpy(text, data, size);
	text[size] = '\0';
	if (token_check(&key, TOKEN_ACCEPT, &mac, text, NOW_US, &made_us) == 0 &&
		strcmp(text, made) != 0)
		abort();
	free(text);
	if (size < 2)
		return 0;
	size_t at = data[0] % (TOKEN_TEXT_SIZE - 1);
	char before = made[at];
	made[at] = (char)data[1];
	if ((token_check(&key, TOKEN_ACCEPT, &mac, made, NOW_US, &made_us) == 0) !=
		(made[at] == before))
		abort();
	return 0;
}
