/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/lesson_page.h"

#include <stdio.h>
#include <string.h>

#define AS_SYMBOL(symbol, name) V_##symbol,
enum { LESSON_VALUES(AS_SYMBOL) };

#define YES "1"
#define ROWS_MAX 80 /* a row for each lesson and topic */
#define NUMBER_SIZE 12

struct lesson_rows {
	size_t value_count;
	size_t used;
	struct template_value *memory; /* ROWS_MAX rows of value_count */
	const struct template_value *pointers[ROWS_MAX];
	char numbers[ROWS_MAX][NUMBER_SIZE];
	char step[NUMBER_SIZE], steps[NUMBER_SIZE], score[NUMBER_SIZE], more[NUMBER_SIZE];
};

struct lesson_rows *lesson_rows_new(size_t value_count)
{
	struct lesson_rows *rows = calloc(1, sizeof(*rows));

	if (rows == NULL)
		return NULL;
	rows->value_count = value_count;
	rows->memory = calloc(ROWS_MAX * value_count, sizeof(*rows->memory));
	if (rows->memory == NULL) {
		free(rows);
		return NULL;
	}
	return rows;
}

void lesson_rows_free(struct lesson_rows *rows)
{
	if (rows == NULL)
		return;
	free(rows->memory);
	free(rows);
}

static const char *put_number(char text[NUMBER_SIZE], size_t number)
{
	(void)snprintf(text, NUMBER_SIZE, "%zu", number);
	return text;
}

/* The next row, empty; NULL when there is no room. */
static struct template_value *add_row(struct lesson_rows *rows)
{
	if (rows->used == ROWS_MAX)
		return NULL;
	struct template_value *row = &rows->memory[rows->used * rows->value_count];
	rows->pointers[rows->used++] = row;
	return row;
}

/* ---- the list -----------------------------------------------------------------------------------
 */

static const char *topic_text(const struct catalogue *catalogue, enum lesson_topic topic)
{
	char key[48];

	(void)snprintf(key, sizeof(key), "lesson.topic-%s", lesson_topic_name(topic));
	return catalogue_get(catalogue, key);
}

static void fill_head(const struct lesson *lesson, struct template_value *values)
{
	values[V_LESSON_ID].text = lesson->id;
	values[V_LESSON_TITLE].text = lesson->title;
	values[V_LESSON_SUMMARY].text = lesson->summary;
	values[V_LESSON_LANG].text = lesson->language;
}

static void fill_topic(const struct lesson_view *view, enum lesson_topic topic, const char *code,
	struct lesson_rows *rows, struct template_value *values)
{
	size_t first = rows->used;

	for (size_t i = 0; i < lesson_set_count(view->set); i++) {
		const struct lesson *lesson = lesson_set_get(view->set, i, code);
		struct template_value *row = lesson->topic == topic ? add_row(rows) : NULL;

		if (row == NULL)
			continue;
		fill_head(lesson, row);
		row[V_LESSON_MINUTES].text =
			put_number(rows->numbers[rows->used - 1], lesson->minutes);
	}
	values[V_LESSON_LESSONS].rows = &rows->pointers[first];
	values[V_LESSON_LESSONS].row_count = rows->used - first;
}

static void fill_list(const struct lesson_view *view, const struct catalogue *catalogue,
	const char *code, struct lesson_rows *rows, struct template_value *values)
{
	struct template_value *topics[TOPIC_COUNT];

	for (size_t i = 0; i < TOPIC_COUNT; i++)
		topics[i] = add_row(rows);
	for (size_t i = 0; i < TOPIC_COUNT; i++) {
		topics[i][V_LESSON_TOPIC].text = topic_text(catalogue, (enum lesson_topic)i);
		fill_topic(view, (enum lesson_topic)i, code, rows, topics[i]);
	}
	values[V_LESSON_TOPICS] =
		(struct template_value){.rows = rows->pointers, .row_count = TOPIC_COUNT};
}

/* ---- a lesson -----------------------------------------------------------------------------------
 */

static void fill_options(const struct lesson_question *question, unsigned chosen,
	struct lesson_rows *rows, struct template_value *values)
{
	size_t first = rows->used;

	for (size_t i = 0; i < LESSON_OPTIONS; i++) {
		struct template_value *row = add_row(rows);

		row[V_LESSON_OPTION].text = question->options[i];
		row[V_LESSON_NUMBER].text = put_number(rows->numbers[rows->used - 1], i + 1);
		if (i == question->right)
			row[V_LESSON_RIGHT].text = YES;
		else if (i == chosen)
			row[V_LESSON_WRONG].text = YES;
		if (i == chosen)
			row[V_LESSON_CHOSEN].text = YES;
	}
	values[V_LESSON_OPTIONS].rows = &rows->pointers[first];
	values[V_LESSON_OPTIONS].row_count = LESSON_OPTIONS;
	values[V_LESSON_QUESTION].text = question->text;
}

static void fill_feedback(
	const struct lesson_question *question, unsigned chosen, struct template_value *values)
{
	bool is_right = chosen == question->right;

	values[V_LESSON_FEEDBACK].text = is_right ? question->if_right : question->if_wrong;
	values[is_right ? V_LESSON_PASSED : V_LESSON_FAILED].text = YES;
}

static void fill_result(const struct lesson_view *view, const struct lesson *lesson,
	struct lesson_rows *rows, struct template_value *values)
{
	static const int time_values[] = {
		[LESSON_TIME_GIVEN] = V_LESSON_GIVEN,
		[LESSON_TIME_ALREADY] = V_LESSON_GIVEN_TODAY,
		[LESSON_TIME_OFFER] = V_LESSON_OFFER,
	};
	bool is_passed = lesson_is_passed(lesson, &view->progress);

	values[V_LESSON_SCORE].text =
		put_number(rows->score, lesson_score(lesson, &view->progress));
	values[is_passed ? V_LESSON_PASSED : V_LESSON_FAILED].text = YES;
	if (view->time != LESSON_TIME_NONE)
		values[time_values[view->time]].text = YES;
}

static void fill_step(const struct lesson_view *view, const struct lesson *lesson,
	const struct template *drawing, struct lesson_rows *rows, struct template_value *values)
{
	size_t index, cards = lesson->card_count;
	enum lesson_step step = lesson_step(lesson, &view->progress, &index);

	values[V_LESSON_STEPS].text = put_number(rows->steps, cards + LESSON_QUESTIONS);
	switch (step) {
	case STEP_CARD:
		values[V_LESSON_STEP].text = put_number(rows->step, index + 1);
		values[V_LESSON_HEADING].text = lesson->cards[index].title;
		values[V_LESSON_CARD].inner = lesson->cards[index].body;
		if (index == 0) {
			values[V_LESSON_FIRST].text = YES;
			values[V_LESSON_DRAWING].inner = drawing;
		}
		break;
	case STEP_QUESTION:
	case STEP_FEEDBACK:
		values[V_LESSON_STEP].text = put_number(rows->step, cards + index + 1);
		fill_options(
			&lesson->questions[index], view->progress.answers[index], rows, values);
		if (step == STEP_FEEDBACK)
			fill_feedback(
				&lesson->questions[index], view->progress.answers[index], values);
		break;
	case STEP_RESULT:
		fill_result(view, lesson, rows, values);
		break;
	}
}

void lesson_page_fill(const struct lesson_view *view, const struct catalogue *catalogue,
	const char *code, const struct template *drawing, struct lesson_rows *rows,
	struct template_value *values)
{
	values[V_LESSON].text = YES;
	if (view->more_minutes > 0)
		values[V_LESSON_MORE_MINUTES].text = put_number(rows->more, view->more_minutes);
	if (view->index >= lesson_set_count(view->set)) {
		fill_list(view, catalogue, code, rows, values);
		return;
	}
	const struct lesson *lesson = lesson_set_get(view->set, view->index, code);
	fill_head(lesson, values);
	values[V_LESSON_ALT].text = lesson->alt;
	values[V_LESSON_TOPIC].text = topic_text(catalogue, lesson->topic);
	values[V_LESSON_TOKEN].text = view->token;
	values[V_LESSON_CERTIFICATE].text = view->certificate;
	values[V_LESSON_DAY].text = view->day;
	fill_step(view, lesson, drawing, rows, values);
}
