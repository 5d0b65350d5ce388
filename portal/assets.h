/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts that are compiled in: templates (portal/pages/) and catalogues (portal/messages/). A
 * new page or language is a file there and a row in assets.c. */
#ifndef ZONA_PORTAL_ASSETS_H
#define ZONA_PORTAL_ASSETS_H

#include <stddef.h>

/* A template by file name, NULL when there is none. */
const char *asset_part(const char *name);

/* The i-th language's code ("es") and catalogue; NULL at the end. The first is the default. */
const char *asset_language(size_t i);
const char *asset_messages(size_t i);

#define LANGUAGES_MAX 8

#endif
