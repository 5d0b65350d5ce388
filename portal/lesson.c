/* SPDX-License-Identifier: GPL-2.0-or-later */
/* md4c finds headings, paragraphs, lists and emphasis; whatever else a file has is refused, so no
 * author can bring in HTML, links or pictures. */
#include "portal/lesson.h"

#include "portal/buffer.h"
#include "portal/lesson_front.h"

#include <errno.h>
#include <md4c.h>
#include <stdarg.h>
#include <string.h>

#define CARDS_LEVEL 2 /* "## Title" begins a card, and below "# Quiz" a question */
#define QUIZ_LEVEL 1
#define TEXT_BYTES_MAX 600 /* of a heading, option or feedback: what fits a screen */

struct reader {
	struct lesson *lesson;
	struct lesson_error *error;
	int result;	     /* -errno of a callback; md4c only knows that one failed */
	struct buffer text;  /* escaped; of the block that is open */
	struct buffer plain; /* the same as it is: headings, options, feedback */
	struct buffer body;  /* markup of the open card */
	bool in_quiz, in_item;
	size_t questions;		   /* headings below "# Quiz" */
	size_t options, rights, feedbacks; /* of the open question */
	bool is_right;			   /* the open item's mark */
};

/* ---- errors -------------------------------------------------------------------------------------
 */

static const char *heading(const struct reader *r)
{
	const struct lesson *lesson = r->lesson;
	const char *text = NULL;

	if (r->questions > 0)
		text = lesson->questions[r->questions - 1].text;
	else if (lesson->card_count > 0)
		text = lesson->cards[lesson->card_count - 1].title;
	return text != NULL ? text : "beginning";
}

static int __attribute__((format(printf, 2, 3))) refuse(struct reader *r, const char *format, ...)
{
	va_list args;
	char reason[96];

	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	(void)snprintf(r->error->text, sizeof(r->error->text), "\"%.80s\": %s", heading(r), reason);
	r->result = -EINVAL;
	return -EINVAL;
}

/* A result of a callback: kept, since md4c passes on only that it failed. */
static int keep(struct reader *r, int result)
{
	if (result < 0 && r->result == 0)
		r->result = result;
	return result;
}

/* ---- cards --------------------------------------------------------------------------------------
 */

static const char *find_body(void *context, const char *name)
{
	(void)name;
	return context;
}

static const char *no_message(void *context, const char *key)
{
	(void)context;
	(void)key;
	return NULL;
}

/* The card that was open is complete. */
static int close_card(struct reader *r)
{
	struct lesson *lesson = r->lesson;
	struct template_error error;

	if (lesson->card_count == 0)
		return 0;
	if (r->body.size == 0)
		return refuse(r, "a card without text");
	int result = buffer_append(&r->body, "", 1);
	if (result < 0)
		return result;
	const struct template_source source = {.page = "lesson",
		.part = find_body,
		.message = no_message,
		.context = r->body.data};
	result = template_compile(
		"card", &source, &lesson->cards[lesson->card_count - 1].body, &error);
	r->body.size = 0;
	return result == -EINVAL ? refuse(r, "%.80s", error.text) : result;
}

static int take_plain(struct reader *r, char **ret_text)
{
	if (r->plain.size == 0)
		return refuse(r, "an empty text");
	if (r->plain.size > TEXT_BYTES_MAX)
		return refuse(r, "a text over %d bytes", TEXT_BYTES_MAX);
	*ret_text = strndup(r->plain.data, r->plain.size);
	return *ret_text != NULL ? 0 : -ENOMEM;
}

/* Puts the text that was gathered into the card as <tag>. */
static int add_markup(struct reader *r, const char *open, const char *close)
{
	int result = buffer_append(&r->body, open, strlen(open));

	if (result == 0 && r->text.size > 0)
		result = buffer_append(&r->body, r->text.data, r->text.size);
	if (result == 0)
		result = buffer_append(&r->body, close, strlen(close));
	r->text.size = 0;
	return result;
}

/* ---- headings -----------------------------------------------------------------------------------
 */

static int check_question(struct reader *r)
{
	if (r->questions == 0)
		return 0;
	if (r->options != LESSON_OPTIONS)
		return refuse(r, "%zu options, not %d", r->options, LESSON_OPTIONS);
	if (r->rights != 1)
		return refuse(r, "%zu right options, not one", r->rights);
	if (r->feedbacks != 2)
		return refuse(r, "%zu paragraphs below the options, not 2", r->feedbacks);
	return 0;
}

static int begin_quiz(struct reader *r)
{
	if (r->in_quiz)
		return refuse(r, "a second \"# Quiz\"");
	if (r->lesson->card_count < LESSON_CARDS_MIN)
		return refuse(r, "fewer than %d cards", LESSON_CARDS_MIN);
	r->in_quiz = true;
	return close_card(r);
}

static int begin_question(struct reader *r)
{
	int result = check_question(r);

	if (result < 0)
		return result;
	if (r->questions == LESSON_QUESTIONS)
		return refuse(r, "more than %d questions", LESSON_QUESTIONS);
	r->options = r->rights = r->feedbacks = 0;
	return take_plain(r, &r->lesson->questions[r->questions++].text);
}

static int begin_card(struct reader *r)
{
	int result = close_card(r);

	if (result < 0)
		return result;
	if (r->lesson->card_count == LESSON_CARDS_MAX)
		return refuse(r, "more than %d cards", LESSON_CARDS_MAX);
	return take_plain(r, &r->lesson->cards[r->lesson->card_count++].title);
}

static int end_heading(struct reader *r, unsigned level)
{
	int result;

	if (level == QUIZ_LEVEL)
		result = begin_quiz(r);
	else
		result = r->in_quiz ? begin_question(r) : begin_card(r);
	r->text.size = r->plain.size = 0;
	return result;
}

/* ---- paragraphs and lists -----------------------------------------------------------------------
 */

static int add_option(struct reader *r)
{
	struct lesson_question *question;

	if (r->questions == 0 || r->options == LESSON_OPTIONS || r->feedbacks > 0)
		return refuse(r, "an option too many");
	question = &r->lesson->questions[r->questions - 1];
	if (r->is_right) {
		question->right = (unsigned)r->options;
		r->rights++;
	}
	return take_plain(r, &question->options[r->options++]);
}

static int add_feedback(struct reader *r)
{
	struct lesson_question *question;

	if (r->questions == 0 || r->options == 0)
		return refuse(r, "a paragraph that belongs to no question");
	question = &r->lesson->questions[r->questions - 1];
	if (r->feedbacks == 2)
		return refuse(r, "more than two paragraphs below the options");
	return take_plain(r, r->feedbacks++ == 0 ? &question->if_right : &question->if_wrong);
}

static int end_text(struct reader *r, bool is_item)
{
	int result;

	if (r->in_quiz)
		result = is_item ? add_option(r) : add_feedback(r);
	else if (r->lesson->card_count == 0)
		result = refuse(r, "text before the first card");
	else
		result = is_item ? add_markup(r, "<li>", "</li>") : add_markup(r, "<p>", "</p>");
	r->text.size = r->plain.size = 0;
	return result;
}

static int enter_item(struct reader *r, const MD_BLOCK_LI_DETAIL *detail)
{
	if (r->in_item)
		return refuse(r, "a list in a list");
	if (r->in_quiz != (detail->is_task != 0))
		return refuse(r, "options are \"- [ ]\" and \"- [x]\", other items are \"-\"");
	r->in_item = true;
	r->is_right = r->in_quiz && detail->task_mark != ' ';
	return 0;
}

static int enter_list(struct reader *r, const MD_BLOCK_UL_DETAIL *detail)
{
	if (r->in_item)
		return refuse(r, "a list in a list");
	if (!detail->is_tight)
		return refuse(r, "a list with empty lines in it");
	if (!r->in_quiz && r->lesson->card_count == 0)
		return refuse(r, "a list before the first card");
	return r->in_quiz ? 0 : buffer_append(&r->body, "<ul>", strlen("<ul>"));
}

/* ---- md4c's side --------------------------------------------------------------------------------
 */

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct reader *r = arg;

	if (type == MD_BLOCK_DOC || type == MD_BLOCK_P)
		return 0;
	if (type == MD_BLOCK_H && ((const MD_BLOCK_H_DETAIL *)detail)->level <= CARDS_LEVEL &&
		!r->in_item)
		return 0;
	if (type == MD_BLOCK_UL)
		return keep(r, enter_list(r, detail));
	if (type == MD_BLOCK_LI)
		return keep(r, enter_item(r, detail));
	return refuse(r, "only ## headings, # Quiz, paragraphs and - lists");
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct reader *r = arg;

	if (type == MD_BLOCK_H)
		return keep(r, end_heading(r, ((const MD_BLOCK_H_DETAIL *)detail)->level));
	if (type == MD_BLOCK_P)
		return keep(
			r, r->in_item ? refuse(r, "a paragraph in a list") : end_text(r, false));
	if (type == MD_BLOCK_LI) {
		r->in_item = false;
		return keep(r, end_text(r, true));
	}
	if (type == MD_BLOCK_UL && !r->in_quiz)
		return keep(r, buffer_append(&r->body, "</ul>", strlen("</ul>")));
	return 0;
}

static int emphasis(struct reader *r, MD_SPANTYPE type, const char *strong, const char *em)
{
	const char *tag = type == MD_SPAN_STRONG ? strong : em;

	if (type != MD_SPAN_STRONG && type != MD_SPAN_EM)
		return refuse(r, "no links, pictures or code");
	if (r->in_quiz)
		return refuse(r, "no emphasis in the quiz");
	return keep(r, buffer_append(&r->text, tag, strlen(tag)));
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	(void)detail;
	return emphasis(arg, type, "<strong>", "<em>");
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	(void)detail;
	return emphasis(arg, type, "</strong>", "</em>");
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *bytes, MD_SIZE size, void *arg)
{
	struct reader *r = arg;

	if (type == MD_TEXT_SOFTBR) {
		bytes = " ";
		size = 1;
	} else if (type != MD_TEXT_NORMAL) {
		return refuse(r, "no HTML, entities or line breaks");
	}
	if (memchr(bytes, '{', size) != NULL || memchr(bytes, '<', size) != NULL)
		return refuse(r, "no { and no <");
	AUTO_STR copy = strndup(bytes, size);
	if (copy == NULL)
		return keep(r, -ENOMEM);
	int result = buffer_append(&r->plain, bytes, size);
	if (result == 0)
		result = buffer_append_escaped(&r->text, copy);
	return keep(r, result);
}

static int read_body(struct reader *r, const char *body)
{
	const MD_PARSER parser = {
		.flags = MD_FLAG_TASKLISTS | MD_FLAG_NOINDENTEDCODEBLOCKS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = add_text,
	};

	if (md_parse(body, (MD_SIZE)strlen(body), &parser, r) != 0)
		return r->result < 0 ? r->result : -ENOMEM;
	int result = check_question(r);
	if (result == 0 && r->questions != LESSON_QUESTIONS)
		result = refuse(r, "%zu questions, not %d", r->questions, LESSON_QUESTIONS);
	return result;
}

int lesson_parse(const char *text, struct lesson **ret_lesson, struct lesson_error *error)
{
	AUTO(lesson_free) struct lesson *lesson = calloc(1, sizeof(*lesson));
	struct reader reader = {.lesson = lesson, .error = error};
	const char *body;

	if (lesson == NULL)
		return -ENOMEM;
	int r = lesson_front_parse(text, lesson, &body, error);
	if (r == 0)
		r = read_body(&reader, body);
	buffer_free(&reader.text);
	buffer_free(&reader.plain);
	buffer_free(&reader.body);
	if (r < 0)
		return r;
	*ret_lesson = TAKE(lesson);
	return 0;
}

void lesson_free(struct lesson *lesson)
{
	if (lesson == NULL)
		return;
	for (size_t i = 0; i < LESSON_CARDS_MAX; i++) {
		free(lesson->cards[i].title);
		template_free(lesson->cards[i].body);
	}
	for (size_t i = 0; i < LESSON_QUESTIONS; i++) {
		struct lesson_question *question = &lesson->questions[i];

		free(question->text);
		for (size_t j = 0; j < LESSON_OPTIONS; j++)
			free(question->options[j]);
		free(question->if_right);
		free(question->if_wrong);
	}
	free(lesson->title);
	free(lesson->summary);
	free(lesson->alt);
	free(lesson);
}
