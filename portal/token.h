/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hidden field of a form: proves that this portal showed the form to this device a short time
 * ago. It holds no secret and no state is kept for it; that it is used only once is the
 * controller's to see (it is told when the token was made). */
#ifndef ZONA_PORTAL_TOKEN_H
#define ZONA_PORTAL_TOKEN_H

#include "common/addr.h"

#include <stdint.h>

#define TOKEN_KEY_SIZE 32
#define TOKEN_TEXT_SIZE 55 /* 8 bytes of time and 32 of hash in base64url, and NUL */
#define TOKEN_VALID_S 1800 /* long enough to read the terms, short enough for a stolen phone */

struct token_key {
	unsigned char bytes[TOKEN_KEY_SIZE];
};

/* What the form does; a token of one is worth nothing for the other. The values are hashed. */
enum token_action { TOKEN_ACCEPT = 1, TOKEN_LEAVE = 2, TOKEN_VOUCHER = 3 };

/* Writes the token made at now_us (microseconds since the epoch) and returns text. */
const char *token_make(const struct token_key *key, enum token_action action,
	const struct mac_addr *mac, int64_t now_us, char text[TOKEN_TEXT_SIZE]);

/* Returns 0 and when the token was made; -EINVAL (not a token of ours for this device and action)
 * or -ETIME (too old, or from the future because the clock was set back). text may be NULL. */
int token_check(const struct token_key *key, enum token_action action, const struct mac_addr *mac,
	const char *text, int64_t now_us, int64_t *ret_made_us);

#endif
