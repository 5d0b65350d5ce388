/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every page in every language: which template, which status, which values. */
#ifndef ZONA_PORTAL_PAGES_H
#define ZONA_PORTAL_PAGES_H

#include "common/cleanup.h"
#include "portal/alert.h"
#include "portal/assets.h"
#include "portal/buffer.h"
#include "portal/device.h"
#include "portal/lesson_page.h"
#include "portal/template.h"

#include <stdbool.h>
#include <stddef.h>

enum page {
	PAGE_WELCOME,
	PAGE_STATUS,
	PAGE_TERMS,
	PAGE_PRIVACY,
	PAGE_HELP,
	PAGE_LESSONS,
	PAGE_LESSON,
	PAGE_VOUCHER,
	PAGE_CERTIFICATE,
	PAGE_BAD_REQUEST,
	PAGE_NOT_FOUND,
	PAGE_NOT_ALLOWED,
	PAGE_TOO_LARGE,
	PAGE_URI_TOO_LONG,
	PAGE_TOO_MANY,
	PAGE_UNAVAILABLE, /* the controller is away */
	PAGE_UNSEEN,	  /* the controller does not know the device's address yet */
	PAGE_COUNT,
};

struct pages;

/* Compiles all templates for all languages. Returns 0 and pages that the caller frees, -ENOMEM, or
 * -EINVAL with error filled. Immutable afterwards, so threads may share it. */
int pages_new(struct pages **ret_pages, struct template_error *error);
void pages_free(struct pages *pages);
DEFINE_AUTO(struct pages, pages_free);

/* Why a voucher was not taken. */
enum voucher_note {
	VOUCHER_NOTE_NONE,
	VOUCHER_NOTE_UNKNOWN,
	VOUCHER_NOTE_EXPIRED,
	VOUCHER_NOTE_USED,
	VOUCHER_NOTE_WAIT,
	VOUCHER_NOTE_COUNT,
};
/* By the controller's error code, which may be NULL. */
enum voucher_note voucher_note_find(const char *error);

struct page_view {
	enum page page;
	size_t language;       /* index of asset_language() */
	bool language_chosen;  /* carried on in links and forms */
	const size_t *offered; /* languages of the menu */
	size_t offered_count;
	const char *zone_name;		  /* may be NULL */
	const struct device *device;	  /* NULL where the page is not about one */
	const char *token;		  /* of the page's form; NULL where there is none */
	bool stale;			  /* the form that was sent had expired */
	const struct alert *alert;	  /* NULL when there is none */
	const struct lesson_view *lesson; /* NULL where the page is not of a lesson */
	const char *voucher_code;	  /* as typed or scanned; NULL or "": none */
	enum voucher_note voucher_note;
	const char *help; /* the operator's text; NULL: the catalogue's */
};

/* Appends the page to out. Returns 0, -ENOMEM or -EMSGSIZE. */
int pages_render(const struct pages *pages, const struct page_view *view, struct buffer *out);

/* The body of a redirect: a link, in no language. */
int pages_render_redirect(const struct pages *pages, const char *location, struct buffer *out);

unsigned pages_status(enum page page); /* HTTP status */
/* Seconds after which the client should try again, 0 for never: Retry-After. */
unsigned pages_retry_s(enum page page);
/* The value of style-src that admits the one style sheet: 'sha256-…' (CSP 3, 2.3.1). */
const char *pages_style_source(const struct pages *pages);
/* The same of the sheet that lessons have besides. */
const char *pages_lesson_style_source(const struct pages *pages);
/* The lessons that the pages show. */
const struct lesson_set *pages_lessons(const struct pages *pages);
/* The same for script-src: what renews a page by itself and counts the time down. */
const char *pages_script_source(const struct pages *pages);

#endif
