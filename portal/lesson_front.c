/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/lesson_front.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FENCE "---\n"
#define LINE_MAX_BYTES 300 /* a summary of two lines on a phone */
#define MINUTES_MAX 15	   /* longer is a course, not a lesson while one waits */
#define AREA_MAX 5

static const char *const topic_names[TOPIC_COUNT] = {
	[TOPIC_PROTECTION] = "protection",
	[TOPIC_MEDIA] = "media",
	[TOPIC_PROCUREMENT] = "procurement",
	[TOPIC_COLLABORATION] = "collaboration",
	[TOPIC_CREATION] = "creation",
	[TOPIC_PROBLEMS] = "problems",
};

const char *lesson_topic_name(enum lesson_topic topic)
{
	return topic_names[topic];
}

static int set_name(char *target, const char *value)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t size = strlen(value);

	if (size == 0 || size >= LESSON_NAME_SIZE || strspn(value, allowed) != size)
		return -EINVAL;
	memcpy(target, value, size + 1);
	return 0;
}

static int set_text(char **target, const char *value)
{
	if (value[0] == '\0')
		return -EINVAL;
	*target = strdup(value);
	return *target != NULL ? 0 : -ENOMEM;
}

static int set_number(unsigned *target, const char *value, unsigned max)
{
	unsigned number = 0;

	if (value[0] == '\0' || strlen(value) > 2 || strspn(value, "0123456789") != strlen(value))
		return -EINVAL;
	for (; *value != '\0'; value++)
		number = number * 10 + (unsigned)(*value - '0');
	if (number < 1 || number > max)
		return -EINVAL;
	*target = number;
	return 0;
}

static int set_topic(enum lesson_topic *target, const char *value)
{
	for (size_t i = 0; i < TOPIC_COUNT; i++) {
		if (strcmp(topic_names[i], value) == 0) {
			*target = (enum lesson_topic)i;
			return 0;
		}
	}
	return -EINVAL;
}

enum key { ID, TOPIC, AREA, AUDIENCE, MINUTES, LANGUAGE, TITLE, SUMMARY, ALT, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {
	[ID] = "id",
	[TOPIC] = "topic",
	[AREA] = "digcomp",
	[AUDIENCE] = "audience",
	[MINUTES] = "minutes",
	[LANGUAGE] = "language",
	[TITLE] = "title",
	[SUMMARY] = "summary",
	[ALT] = "drawing",
};

static int set(struct lesson *lesson, enum key key, const char *value)
{
	switch (key) {
	case ID:
		return set_name(lesson->id, value);
	case TOPIC:
		return set_topic(&lesson->topic, value);
	case AREA:
		return set_number(&lesson->area, value, AREA_MAX);
	case AUDIENCE:
		return set_name(lesson->audience, value);
	case MINUTES:
		return set_number(&lesson->minutes, value, MINUTES_MAX);
	case LANGUAGE:
		return set_name(lesson->language, value);
	case TITLE:
		return set_text(&lesson->title, value);
	case SUMMARY:
		return set_text(&lesson->summary, value);
	case ALT:
		return set_text(&lesson->alt, value);
	case KEY_COUNT:
		break;
	}
	return -EINVAL;
}

static int refuse(struct lesson_error *error, const char *what, const char *why)
{
	(void)snprintf(error->text, sizeof(error->text), "front matter: %.100s %s", what, why);
	return -EINVAL;
}

/* One line, NUL-terminated. seen: a bit for each key. */
static int parse_line(char *line, struct lesson *lesson, unsigned *seen, struct lesson_error *error)
{
	char *colon = strstr(line, ": ");
	size_t key = 0;

	if (colon == NULL)
		return refuse(error, line, "is not \"key: value\"");
	*colon = '\0';
	while (key < KEY_COUNT && strcmp(key_names[key], line) != 0)
		key++;
	if (key == KEY_COUNT)
		return refuse(error, line, "is not known");
	if ((*seen & 1U << key) != 0)
		return refuse(error, line, "is there twice");
	*seen |= 1U << key;
	int r = set(lesson, (enum key)key, colon + 2);
	return r == -EINVAL ? refuse(error, line, "has a wrong value") : r;
}

int lesson_front_parse(
	const char *text, struct lesson *lesson, const char **ret_body, struct lesson_error *error)
{
	unsigned seen = 0;

	if (strncmp(text, FENCE, strlen(FENCE)) != 0)
		return refuse(error, "\"---\"", "is not the first line");
	for (text += strlen(FENCE); strncmp(text, FENCE, strlen(FENCE)) != 0;) {
		char line[LINE_MAX_BYTES + 1];
		size_t size = strcspn(text, "\n");

		if (text[size] == '\0')
			return refuse(error, "the second \"---\"", "is missing");
		if (size > LINE_MAX_BYTES)
			return refuse(error, "a line", "is too long");
		memcpy(line, text, size);
		line[size] = '\0';
		int r = parse_line(line, lesson, &seen, error);
		if (r < 0)
			return r;
		text += size + 1;
	}
	for (size_t key = 0; key < KEY_COUNT; key++)
		if ((seen & 1U << key) == 0)
			return refuse(error, key_names[key], "is missing");
	*ret_body = text + strlen(FENCE);
	return 0;
}
