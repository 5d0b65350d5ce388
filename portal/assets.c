/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/assets.h"

#include "common/cleanup.h"

#include <string.h>

/* Puts a file's bytes and a NUL between two symbols (paths are relative to the root, where the
 * compiler runs; the Makefile knows the dependency). */
#define ASSET(symbol, path)                                                                        \
	__asm__(".pushsection .rodata\n" #symbol ": .incbin \"" path "\"\n.byte 0\n.popsection");  \
	extern const char symbol[] __attribute__((visibility("hidden")))

ASSET(part_certificate, "portal/pages/certificate.html");
ASSET(part_foot, "portal/pages/foot.html");
ASSET(part_head, "portal/pages/head.html");
ASSET(part_help, "portal/pages/help.html");
ASSET(part_lesson, "portal/pages/lesson.html");
ASSET(part_lesson_css, "portal/pages/lesson.css");
ASSET(part_lesson_result, "portal/pages/lesson-result.html");
ASSET(part_lessons, "portal/pages/lessons.html");
ASSET(part_notice, "portal/pages/notice.html");
ASSET(part_privacy, "portal/pages/privacy.html");
ASSET(part_redirect, "portal/pages/redirect.html");
ASSET(part_script, "portal/pages/script.js");
ASSET(part_status, "portal/pages/status.html");
ASSET(part_style, "portal/pages/style.css");
ASSET(part_terms, "portal/pages/terms.html");
ASSET(part_voucher, "portal/pages/voucher.html");
ASSET(part_walls, "portal/pages/walls.svg");
ASSET(part_welcome, "portal/pages/welcome.html");
ASSET(messages_en, "portal/messages/en.msg");
ASSET(messages_es, "portal/messages/es.msg");
ASSET(messages_fr, "portal/messages/fr.msg");
ASSET(messages_pt, "portal/messages/pt.msg");

static const struct {
	const char *name, *text;
} parts[] = {
	{"certificate.html", part_certificate},
	{"foot.html", part_foot},
	{"head.html", part_head},
	{"help.html", part_help},
	{"lesson-result.html", part_lesson_result},
	{"lesson.css", part_lesson_css},
	{"lesson.html", part_lesson},
	{"lessons.html", part_lessons},
	{"notice.html", part_notice},
	{"privacy.html", part_privacy},
	{"redirect.html", part_redirect},
	{"script.js", part_script},
	{"status.html", part_status},
	{"style.css", part_style},
	{"terms.html", part_terms},
	{"voucher.html", part_voucher},
	{"walls.svg", part_walls},
	{"welcome.html", part_welcome},
};

static const struct {
	const char *code, *messages;
} languages[] = {
	{"es", messages_es},
	{"en", messages_en},
	{"fr", messages_fr},
	{"pt", messages_pt},
};

_Static_assert(ARRAY_SIZE(languages) <= LANGUAGES_MAX, "LANGUAGES_MAX is too small");

const char *asset_part(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strcmp(parts[i].name, name) == 0)
			return parts[i].text;
	return NULL;
}

const char *asset_language(size_t i)
{
	return i < ARRAY_SIZE(languages) ? languages[i].code : NULL;
}

const char *asset_messages(size_t i)
{
	return i < ARRAY_SIZE(languages) ? languages[i].messages : NULL;
}
