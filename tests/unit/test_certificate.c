/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/certificate.h"
#include "common/cleanup.h"
#include "controller/control/certify.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint8_t key[CERTIFICATE_KEY_SIZE] = {1, 2, 3};
static const uint8_t other_key[CERTIFICATE_KEY_SIZE] = {3, 2, 1};
static const struct certificate some = {.lesson = 7, .day = 20779, .serial = 0xbeef};

static void test_there_and_back(void **state)
{
	char text[CERTIFICATE_CODE_SIZE], day[CERTIFICATE_DAY_SIZE];
	struct certificate back = {0};

	(void)state;
	certificate_make(key, &some, text);
	assert_int_equal(strlen(text), 19);
	assert_int_equal(strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ-"), 19);
	assert_true(text[4] == '-' && text[9] == '-' && text[14] == '-');
	assert_int_equal(certificate_check(key, text, &back), 0);
	assert_int_equal(back.lesson, some.lesson);
	assert_int_equal(back.day, some.day);
	assert_int_equal(back.serial, some.serial);
	assert_string_equal(certificate_day(back.day, day), "2026-11-22");
	assert_string_equal(certificate_day(UINT16_MAX, day), "2149-06-06");
}

static void test_as_people_type_it(void **state)
{
	char text[CERTIFICATE_CODE_SIZE], typed[2 * CERTIFICATE_CODE_SIZE] = "  ";
	struct certificate back;
	size_t used = 2;

	(void)state;
	certificate_make(key, &some, text);
	for (size_t i = 0; text[i] != '\0'; i++) {
		char c = text[i] == '0' ? 'o' : text[i] == '1' ? 'L' : text[i];

		if (c != '-')
			typed[used++] = (char)tolower(c);
		else
			typed[used++] = ' ';
	}
	assert_int_equal(certificate_check(key, typed, &back), 0);
	assert_int_equal(back.serial, some.serial);
}

static void test_every_other_code_is_refused(void **state)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	static const char *const wrong[] = {"", "-", "0", "0000-0000-0000-0000",
		"ZZZZ-ZZZZ-ZZZZ-ZZZZ", "U000-0000-0000-0000", "ñ", "0000-0000-0000-00000",
		"0000000000000000000000000000000000000000000000", "%s%s%n", "../../portal.key"};
	char text[CERTIFICATE_CODE_SIZE], changed[CERTIFICATE_CODE_SIZE];
	struct certificate back = some;

	(void)state;
	certificate_make(key, &some, text);
	assert_int_equal(certificate_check(other_key, text, &back), -EINVAL);
	assert_int_equal(certificate_check(key, NULL, &back), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(certificate_check(key, wrong[i], &back), -EINVAL);
	for (size_t i = 0; text[i] != '\0'; i++) {
		for (size_t d = 0; text[i] != '-' && digits[d] != '\0'; d++) {
			memcpy(changed, text, sizeof(text));
			changed[i] = digits[d];
			if (digits[d] != text[i])
				assert_int_equal(certificate_check(key, changed, &back), -EINVAL);
		}
	}
	assert_int_equal(back.serial, some.serial);
}

/* The controller's side: the portal's key file, and lessons by their name. */
static void test_certify(void **state)
{
	char path[] = "/tmp/zona-certify-XXXXXX", text[CERTIFICATE_CODE_SIZE];
	struct certificate unknown = {.lesson = 255, .day = 1};
	json_auto_t *found = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	certificate_make(key, &some, text);
	assert_int_equal(certify(path, text, &found), -EBADMSG);
	assert_int_equal(write(fd, key, sizeof(key)), sizeof(key));
	assert_int_equal(certify(path, "nonsense", &found), -EINVAL);
	assert_null(found);
	assert_int_equal(certify(path, text, &found), 0);
	assert_string_equal(json_string_value(json_object_get(found, "lesson")), "follow-works");
	assert_string_equal(json_string_value(json_object_get(found, "day")), "2026-11-22");
	json_decref(found);
	found = NULL;
	certificate_make(key, &unknown, text);
	assert_int_equal(certify(path, text, &found), -EINVAL);
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(certify(path, text, &found), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_as_people_type_it),
		cmocka_unit_test(test_every_other_code_is_refused),
		cmocka_unit_test(test_certify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
