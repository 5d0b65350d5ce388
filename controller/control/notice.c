/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/control/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 8192 /* NOTICE_LANGUAGES_MAX texts, escaped */

struct notice {
	char *path, *new_path;
	json_t *document; /* NULL: no alert */
};

static bool is_language(const char *code)
{
	size_t length = strlen(code);

	return (length == 2 || length == 3) && strspn(code, "abcdefghijklmnopqrstuvwxyz") == length;
}

static bool is_text(const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;

	if (length == 0 || length > NOTICE_TEXT_MAX || text[strspn(text, " ")] == '\0')
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\x7f')
			return false;
	return true;
}

bool notice_texts_are_valid(const json_t *texts)
{
	size_t count = json_object_size(texts); /* 0 of what is no object */
	const char *code;
	json_t *text;

	if (count == 0 || count > NOTICE_LANGUAGES_MAX)
		return false;
	json_object_foreach((json_t *)texts, code, text)
	{
		/* A NUL within would hide the rest from us. */
		if (!is_language(code) || !is_text(json_string_value(text)) ||
			json_string_length(text) != strlen(json_string_value(text)))
			return false;
	}
	return true;
}

static bool is_valid(const json_t *document)
{
	const json_t *until = json_object_get(document, "until");

	return notice_texts_are_valid(json_object_get(document, "texts")) &&
	       (until == NULL || json_integer_value(until) > 0);
}

static void load(struct notice *notice)
{
	AUTO_FD fd = open(notice->path, O_RDONLY | O_CLOEXEC);
	char text[FILE_MAX];
	ssize_t size = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if (size <= 0)
		return;
	notice->document = json_loadb(text, (size_t)size, 0, NULL);
	if (!is_valid(notice->document)) {
		json_decref(notice->document);
		notice->document = NULL;
	}
}

int notice_new(const char *state_dir, struct notice **ret_notice)
{
	AUTO(notice_free) struct notice *notice = calloc(1, sizeof(*notice));

	if (notice == NULL)
		return -ENOMEM;
	if (asprintf(&notice->path, "%s/" NOTICE_FILE, state_dir) < 0)
		notice->path = NULL;
	if (asprintf(&notice->new_path, "%s/" NOTICE_FILE ".new", state_dir) < 0)
		notice->new_path = NULL;
	if (notice->path == NULL || notice->new_path == NULL)
		return -ENOMEM;
	load(notice);
	*ret_notice = TAKE(notice);
	return 0;
}

void notice_free(struct notice *notice)
{
	if (notice == NULL)
		return;
	json_decref(notice->document);
	free(notice->path);
	free(notice->new_path);
	free(notice);
}

/* On the disk before anybody is told that it is there. */
static int write_whole(const char *path, const char *text)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t written;

	if (fd < 0)
		return -errno;
	written = write(fd, text, strlen(text));
	if (written < 0 || fsync(fd) < 0)
		return -errno;
	return (size_t)written == strlen(text) ? 0 : -ENOSPC;
}

int notice_set(struct notice *notice, const json_t *texts, int64_t until_s)
{
	json_t *document = json_pack("{s:O}", "texts", texts);
	AUTO_STR text = NULL;
	int r;

	if (document != NULL && until_s > 0)
		(void)json_object_set_new(document, "until", json_integer(until_s));
	text = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;
	r = text != NULL ? write_whole(notice->new_path, text) : -ENOMEM;
	if (r == 0 && rename(notice->new_path, notice->path) < 0)
		r = -errno;
	if (r < 0) {
		json_decref(document);
		(void)unlink(notice->new_path);
		return r;
	}
	json_decref(notice->document);
	notice->document = document;
	return 0;
}

int notice_clear(struct notice *notice)
{
	if (unlink(notice->path) < 0 && errno != ENOENT)
		return -errno;
	json_decref(notice->document);
	notice->document = NULL;
	return 0;
}

json_t *notice_describe(const struct notice *notice, int64_t now_s)
{
	json_int_t until = json_integer_value(json_object_get(notice->document, "until"));

	if (notice->document == NULL || (until > 0 && now_s >= until))
		return json_null();
	return json_incref(notice->document);
}
