/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message catalogue: what one language says. The file (portal/messages/LANGUAGE.msg) is UTF-8
 * with one "key = text" a line, empty lines and # comments. {name} in a text is a value of the
 * page. Translators edit nothing else. */
#ifndef ZONA_PORTAL_CATALOGUE_H
#define ZONA_PORTAL_CATALOGUE_H

#include "common/cleanup.h"

#include <stddef.h>

struct catalogue;

/* Returns 0 and a catalogue that the caller frees, -ENOMEM, or -EINVAL with ret_line the line that
 * is wrong (not "key = text", a key twice, not UTF-8); ret_catalogue is untouched on failure. */
int catalogue_parse(const char *text, struct catalogue **ret_catalogue, unsigned *ret_line);
void catalogue_free(struct catalogue *catalogue);
DEFINE_AUTO(struct catalogue, catalogue_free);

/* The text of key, NULL when there is none. */
const char *catalogue_get(const struct catalogue *catalogue, const char *key);
/* The i-th key in order, NULL at the end: for comparing languages. */
const char *catalogue_key(const struct catalogue *catalogue, size_t i);

#endif
