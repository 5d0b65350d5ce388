/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/bad_conf.h"

#include "policies/policy.h"
#include "policies/schemas.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DIR_NAME "policies"
#define CLASS_FILE DIR_NAME "/classes/c.conf"
#define ZONE_FILE DIR_NAME "/zones/z.conf"

#define RATES "bandwidth { down = \"8mbit\" up = \"2mbit\" }\n"
#define CLASS(options) "class \"c\" {\n" RATES options " }\n"		   /* options in line 3 */
#define BANDWIDTH(options) "class \"c\" {\nbandwidth {\n" options " } }\n" /* in line 3 */
#define GOOD_CLASS CLASS("")
#define ZONE(options) "zone \"z\" {\n" options " }\n" /* options in line 2 */
#define GOOD_ZONE ZONE("class = \"c\" name = \"Z\"")
#define X10 "xxxxxxxxxx"
#define X64 X10 X10 X10 X10 X10 X10 "xxxx"
#define X121 X64 X10 X10 X10 X10 X10 "xxxxxxx"

static const struct bad_conf bad_classes[] = {
	{"class \"c\" {", 1, "'{' of this line is not closed"},
	{"class { }", 1, "missing title for section 'class'"},
	{"class \"\" { }", 1, "class \"\": expected lower-case letters"},
	{"class \"A\" { }", 1, "class \"A\": expected lower-case letters"},
	{"class \"a b\" { }", 1, "class \"a b\""},
	{"class \"-a\" { }", 1, "class \"-a\""},
	{"class \"ñ\" { }", 1, "class \"ñ\""},
	{"class \"" X64 "\" { }", 1, "1 to 63 bytes"},
	{"class \"c\" \"d\" { }", 1, "missing opening brace for section 'class'"},
	{"class = \"c\"", 1, "missing title for section 'class'"},
	{"minutes = 5", 1, "no such option 'minutes'; known here: class"},
	{"zone \"z\" { }", 1, "no such option 'zone'; known here: class"},
	{GOOD_CLASS GOOD_CLASS, 4, "found duplicate title 'c'"},
	{"\n\nclass \"c\" { }", 3, "bandwidth.down is missing"},
	{"class \"c\" {\nbandwidth { up = \"1mbit\" } }", 2, "bandwidth.down is missing"},
	{"class \"c\" {\n\nbandwidth { down = \"1mbit\" } }", 3, "bandwidth.up is missing"},
	{"class \"c\" {\nsession { minutes = 5 }\n}", 1, "bandwidth.down is missing"},
	{CLASS("class \"d\" { }"), 3, "no such option 'class'"},
	{CLASS("minutes = 5"), 3, "no such option 'minutes'; known here: hours, walled-garden"},
	{CLASS("\nsession {\nhour = 5 }"), 5, "no such option 'hour'; known here: minutes"},
	{CLASS("session { }\nsession { }"), 4, "section 'session' is here twice, first in line 3"},
	{CLASS(RATES), 3, "section 'bandwidth' is here twice, first in line 2"},
	{CLASS("session { minutes = 5\nminutes = 5 }"), 4,
		"'minutes' is here twice, first in line 3"},
	{CLASS("hours = { \"always\" }\n\nhours = { }"), 5,
		"'hours' is here twice, first in line 3"},
	{CLASS("hours = { }\nhours = { \"always\" }"), 4, "'hours' is here twice, first in line 3"},
	{CLASS("session { minutes = 0 }"), 3,
		"session.minutes = \"0\": expected a whole number of minutes from 1 to 10080"},
	{CLASS("session { minutes = 10081 }"), 3, "session.minutes = \"10081\""},
	{CLASS("session { minutes = -1 }"), 3, "session.minutes = \"-1\""},
	{CLASS("session { minutes = \"1 h\" }"), 3, "session.minutes = \"1 h\""},
	{CLASS("session { minutes = 1h }"), 3, "session.minutes = \"1h\""},
	{CLASS("session { minutes = 060 }"), 3, "session.minutes = \"060\""},
	{CLASS("session { minutes = \"\" }"), 3, "session.minutes = \"\""},
	{CLASS("session { minutes = { 60 } }"), 3, "unexpected token '{'"},
	{CLASS("session {\n\n extend-minutes = 10081 }"), 5, "session.extend-minutes = \"10081\""},
	{CLASS("session { idle-minutes = 15m }"), 3, "session.idle-minutes = \"15m\""},
	{CLASS("session { daily-minutes = 1441 }"), 3, "minutes from 0 to 1440"},
	{CLASS("session { daily-megabytes = 1000001 }"), 3,
		"megabytes (10^6 bytes) from 0 to 1000000"},
	{CLASS("session { daily-megabytes = 1gb }"), 3, "session.daily-megabytes = \"1gb\""},
	{CLASS("session { daily-megabytes = 18446744073709551615 }"), 3, "session.daily-megabytes"},
	{CLASS("roaming-minutes = 10081"), 3, "roaming-minutes = \"10081\""},
	{CLASS("roaming-minutes = yes"), 3, "roaming-minutes = \"yes\""},
	{BANDWIDTH("down = \"7999bit\" up = \"1mbit\""), 3,
		"bandwidth.down = \"7999bit\": expected a rate"},
	{BANDWIDTH("down = \"1MB\" up = \"1mbit\""), 3, "from 8kbit to 100gbit"},
	{BANDWIDTH("down = \"1mbit\" up = \"1m\""), 3, "bandwidth.up = \"1m\""},
	{BANDWIDTH("down = 0 up = \"1mbit\""), 3, "bandwidth.down = \"0\""},
	{BANDWIDTH("down = \"1mbit\" up = \"1mbit\"\ndown-floor = \"2mbit\""), 4,
		"bandwidth.down-floor = 2000000 bit/s: expected at most bandwidth.down, which is "
		"1000000"},
	{BANDWIDTH("down-floor = \"1001kbit\"\ndown = \"1mbit\" up = \"1mbit\""), 3,
		"expected at most bandwidth.down"},
	{BANDWIDTH("down = \"1mbit\" up = \"1mbit\" up-floor = \"1000001bit\""), 3,
		"bandwidth.up-floor = 1000001 bit/s: expected at most bandwidth.up"},
	{BANDWIDTH("down = \"1mbit\" up = \"1mbit\" up-floor = \"0kbit\""), 3,
		"bandwidth.up-floor = \"0kbit\""},
	{CLASS("hours = { }"), 3, "hours is an empty list: expected opening hours"},
	{CLASS("hours = { \"\" }"), 3, "hours = \"\": expected opening hours"},
	{CLASS("hours = {\n\"always\",\n\"mon 25:00-26:00\" }"), 5, "hours = \"mon 25:00-26:00\""},
	{CLASS("hours = \"mon 05:00\""), 3, "hours = \"mon 05:00\""},
	{CLASS("hours = { \"mon 05:00-05:00\" }"), 3, "hours = \"mon 05:00-05:00\""},
	{CLASS("hours = { \"lun-vie 05:00-23:00\" }"), 3, "hours = \"lun-vie 05:00-23:00\""},
	{CLASS("hours = { \"always\" \"always\" }"), 3, "unexpected token 'always'"},
	{CLASS("hours = { \"always\", \"always\" }"), 3, "hours: \"always\" is in the list twice"},
	{CLASS("hours = { , }"), 3, "unexpected token ','"},
	{CLASS("hours { \"always\" }"), 3, "a string where the name of an option is expected"},
	{CLASS("hours = { { } }"), 3, "unexpected token '{'"},
	{CLASS("hours = { \"always\""), 1, "'{' of this line is not closed"},
	{CLASS("walled-garden = { \"*.gov.co\" }"), 3,
		"walled-garden = \"*.gov.co\": expected a DNS name"},
	{CLASS("walled-garden = { \".gov.co\" }"), 3, "walled-garden = \".gov.co\""},
	{CLASS("walled-garden = { \"https://gov.co/\" }"), 3,
		"walled-garden = \"https://gov.co/\""},
	{CLASS("walled-garden = { \"192.0.2.1\" }"), 3, "walled-garden = \"192.0.2.1\""},
	{CLASS("walled-garden = { \"a.co b.co\" }"), 3, "walled-garden = \"a.co b.co\""},
	{CLASS("walled-garden = { \"a.co\",\n\"b.co\",\n\"a.co\" }"), 5,
		"\"a.co\" is in the list twice"},
	{CLASS("walled-garden = { \"a.co\", \"\" }"), 3, "walled-garden = \"\""},
	{CLASS("walled-garden = { \"a." X64 ".co\" }"), 3, "walled-garden = \"a.xxx"},
	{CLASS("languages = { }"), 3, "languages is an empty list: expected a language code"},
	{CLASS("languages = { \"ES\" }"), 3, "languages = \"ES\""},
	{CLASS("languages = { \"español\" }"), 3, "languages = \"español\""},
	{CLASS("languages = { \"es-CO\" }"), 3, "languages = \"es-CO\""},
	{CLASS("languages = { es, en, es }"), 3, "languages: \"es\" is in the list twice"},
	{CLASS("languages = { e }"), 3, "languages = \"e\""},
	{CLASS("languages = { aa,ab,ac,ad,ae,af,ag,ah,ai,aj,ak,al,am,an,ao,ap,\naq }"), 4,
		"languages: more than 16 items"},
};

static const struct bad_conf bad_zones[] = {
	{"zone \"z\" { class = \"c\" name = \"a\xff\" }", 1, "byte 0xff is not valid UTF-8"},
	{"zone { }", 1, "missing title for section 'zone'"},
	{"zone \"Z\" { }", 1, "zone \"Z\": expected lower-case letters"},
	{"zone \"a/b\" { }", 1, "zone \"a/b\""},
	{"zone \"peñón\" { }", 1, "zone \"peñón\""},
	{"zone \"z\"\n{\n}", 2, "class is missing: expected lower-case letters"},
	{ZONE("name = \"Z\""), 1, "class is missing"},
	{ZONE("class = \"c\""), 1, "name is missing: expected text"},
	{ZONE("name = \"Z\"\nclass = \"d\""), 3, "class = \"d\": expected a class of classes/"},
	{ZONE("class = \"C\" name = \"Z\""), 2, "class = \"C\": expected lower-case letters"},
	{ZONE("class = \"\" name = \"Z\""), 2, "class = \"\""},
	{ZONE("class = \"c\" name = \"\""), 2, "name = \"\": expected text"},
	{ZONE("class = \"c\" name = \"  \""), 2, "name = \"  \""},
	{ZONE("class = \"c\" name = \"a\tb\""), 2, "a tab in a string"},
	{ZONE("class = \"c\" name = \"" X121 "\""), 2, "text, 1 to 120 bytes"},
	{ZONE("class = \"c\" name = Nuevo Paraiso"), 2, "no such option 'Paraiso'"},
	{ZONE("class = \"c\" name = Colombiatón"), 2, "'ó' outside quotes"},
	{ZONE("class = \"c\" name = \"Z\" barrio = \"" X121 "\""), 2, "barrio = \"xxx"},
	{ZONE("class = \"c\" name = \"Z\" barrio = { \"B\" }"), 2, "unexpected token '{'"},
	{ZONE("class = \"c\"\nname = \"Z\"\nname = \"Y\""), 4,
		"'name' is here twice, first in line 3"},
	{ZONE("class = \"c\" name = \"Z\" minutes = 5"), 2,
		"no such option 'minutes'; known here: class, name, barrio"},
	{ZONE("class = \"c\" name = \"Z\"\nsession { minutes = 5 }"), 3,
		"no such option 'session'"},
	{GOOD_ZONE GOOD_ZONE, 3, "found duplicate title 'z'"},
	{GOOD_ZONE "zone \"y\" { class = \"c\" }", 3, "name is missing"},
	{GOOD_CLASS, 1, "no such option 'class'; known here: zone"},
	{GOOD_ZONE "}", 3, "'}' without a '{'"},
	{GOOD_ZONE "zone", 3, "end of file"},
};

/* ---- a directory of policies ------------------------------------------------------------------
 */

struct place {
	char path[32];
	int fd;
};

static int place_new(void **state)
{
	static struct place place;

	(void)strcpy(place.path, "/tmp/zona-policy-XXXXXX");
	if (mkdtemp(place.path) == NULL)
		return -1;
	place.fd = open(place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &place;
	if (mkdirat(place.fd, "classes", 0755) < 0 || mkdirat(place.fd, "zones", 0755) < 0)
		return -1;
	return 0;
}

static void remove_file(const struct place *place, const char *file)
{
	(void)unlinkat(place->fd, file, 0);
}

static int place_free(void **state)
{
	static const char *const files[] = {"classes/c.conf", "zones/z.conf", "zones/a.conf",
		"classes/d.conf", "zones/.hidden.conf", "zones/README", "zones/fifo.conf"};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		remove_file(place, files[i]);
	(void)unlinkat(place->fd, "classes", AT_REMOVEDIR);
	(void)unlinkat(place->fd, "zones", AT_REMOVEDIR);
	(void)close(place->fd);
	return rmdir(place->path);
}

static void write_file(const struct place *place, const char *file, const char *text)
{
	AUTO_FD fd = openat(place->fd, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static int load(const struct place *place, const char *class_text, const char *zone_text,
	struct policy **ret_policy, struct conf_error *error)
{
	write_file(place, "classes/c.conf", class_text);
	write_file(place, "zones/z.conf", zone_text);
	return policy_load(place->fd, DIR_NAME, ret_policy, error);
}

static void test_malformed_classes(void **state)
{
	struct policy *const untouched = (struct policy *)(void *)state;

	assert_distinct(bad_classes, ARRAY_SIZE(bad_classes));
	for (size_t i = 0; i < ARRAY_SIZE(bad_classes); i++) {
		struct policy *policy = untouched;
		struct conf_error error = {0};
		int r = load(*state, bad_classes[i].text, GOOD_ZONE, &policy, &error);

		assert_refusal(&bad_classes[i], CLASS_FILE, r, &error);
		assert_ptr_equal(policy, untouched);
	}
}

static void test_malformed_zones(void **state)
{
	struct policy *const untouched = (struct policy *)(void *)state;

	assert_distinct(bad_zones, ARRAY_SIZE(bad_zones));
	for (size_t i = 0; i < ARRAY_SIZE(bad_zones); i++) {
		struct policy *policy = untouched;
		struct conf_error error = {0};
		int r = load(*state, GOOD_CLASS, bad_zones[i].text, &policy, &error);

		assert_refusal(&bad_zones[i], ZONE_FILE, r, &error);
		assert_ptr_equal(policy, untouched);
	}
}

static void test_defaults(void **state)
{
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};
	const struct policy_class *class;

	assert_int_equal(load(*state, GOOD_CLASS, GOOD_ZONE, &policy, &error), 0);
	class = policy_class_find(policy, "c");
	assert_non_null(class);
	assert_int_equal(class->minutes, 60);
	assert_int_equal(class->extend_minutes, 30);
	assert_int_equal(class->idle_minutes, 15);
	assert_int_equal(class->daily_minutes, 240);
	assert_int_equal(class->daily_bytes, 1024000000);
	assert_int_equal(class->roaming_minutes, 120);
	assert_int_equal(class->down_floor_bps, 500000);
	assert_int_equal(class->up_floor_bps, 125000);
	assert_true(class->hours.always);
	assert_int_equal(class->walled_garden.count, 0);
	assert_int_equal(class->languages.count, 2);
	assert_string_equal(class->languages.items[0], "es");
	assert_string_equal(policy_zone_find(policy, "z")->barrio, "");
}

static void test_every_option(void **state)
{
	static const char text[] =
		"class \"c\" {\n"
		"  session { minutes = 1 extend-minutes = 0 idle-minutes = 0 daily-minutes = 0 "
		"daily-megabytes = 0 }\n"
		"  bandwidth { down = \"1gbit\" up = \"8kbit\" down-floor = \"1gbit\" up-floor = "
		"8000bit }\n"
		"  hours = { \"mon 05:00-06:00\", 'tue 05:00-06:00', }\n"
		"  walled-garden = { \"Cartagena.GOV.co\", co }\n"
		"  roaming-minutes = 0\n"
		"  languages = \"fr\"\n"
		"}";
	static const struct tm tuesday = {.tm_wday = 2, .tm_hour = 5},
			       wednesday = {.tm_wday = 3, .tm_hour = 5};
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};
	const struct policy_class *class;

	if (load(*state, text, GOOD_ZONE, &policy, &error) != 0)
		fail_msg("%s", error.text);
	class = &policy->classes[0];
	assert_int_equal(class->minutes, 1);
	assert_int_equal(class->daily_bytes, 0);
	assert_int_equal(class->roaming_minutes, 0);
	assert_int_equal(class->down_bps, 1000000000);
	assert_int_equal(class->down_floor_bps, 1000000000);
	assert_int_equal(class->up_floor_bps, 8000);
	assert_true(hours_is_open(&class->hours, &tuesday));
	assert_false(hours_is_open(&class->hours, &wednesday));
	assert_int_equal(class->walled_garden.count, 2);
	assert_string_equal(class->walled_garden.items[0], "cartagena.gov.co");
	assert_int_equal(class->languages.count, 1);
	assert_string_equal(class->languages.items[0], "fr");
}

static void test_empty_walled_garden(void **state)
{
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};

	assert_int_equal(load(*state, CLASS("walled-garden = {}"), GOOD_ZONE, &policy, &error), 0);
	assert_int_equal(policy->classes[0].walled_garden.count, 0);
}

static void test_names_across_files(void **state)
{
	struct policy *policy = NULL;
	struct conf_error error = {0};

	write_file(*state, "zones/a.conf", "\n\n" GOOD_ZONE);
	assert_int_equal(load(*state, GOOD_CLASS, GOOD_ZONE, &policy, &error), -EINVAL);
	assert_string_equal(error.text,
		ZONE_FILE ":1: zone \"z\": expected a new id, another file has this zone");
	remove_file(*state, "zones/a.conf");
	write_file(*state, "classes/d.conf", "\n" GOOD_CLASS);
	assert_int_equal(load(*state, GOOD_CLASS, GOOD_ZONE, &policy, &error), -EINVAL);
	assert_string_equal(error.text, DIR_NAME
		"/classes/d.conf:2: class \"c\": expected a new name, another file has this class");
	remove_file(*state, "classes/d.conf");
	assert_null(policy);
}

static void test_only_conf_files_count(void **state)
{
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};

	write_file(*state, "zones/.hidden.conf", "garbage");
	write_file(*state, "zones/README", "garbage");
	assert_int_equal(load(*state, GOOD_CLASS, GOOD_ZONE, &policy, &error), 0);
	assert_int_equal(policy->zone_count, 1);
	remove_file(*state, "zones/.hidden.conf");
	remove_file(*state, "zones/README");
}

/* Opened without O_NONBLOCK, a FIFO would hold the daemon for ever. */
static void test_a_fifo_is_refused(void **state)
{
	const struct place *place = *state;
	struct policy *policy = NULL;
	struct conf_error error = {0};

	assert_int_equal(mkfifoat(place->fd, "zones/fifo.conf", 0644), 0);
	assert_int_equal(load(place, GOOD_CLASS, GOOD_ZONE, &policy, &error), -EINVAL);
	assert_string_equal(error.text, DIR_NAME "/zones/fifo.conf: expected a regular file");
	remove_file(place, "zones/fifo.conf");
}

static void test_empty_and_missing_directories(void **state)
{
	struct place *place = *state;
	struct policy *policy = NULL;
	struct conf_error error = {0};

	write_file(place, "classes/c.conf", GOOD_CLASS);
	remove_file(place, "zones/z.conf");
	assert_int_equal(policy_load(place->fd, DIR_NAME, &policy, &error), -EINVAL);
	assert_string_equal(error.text, DIR_NAME "/zones: 0 files *.conf: expected 1 to 4096");
	assert_int_equal(unlinkat(place->fd, "zones", AT_REMOVEDIR), 0);
	assert_int_equal(policy_load(place->fd, DIR_NAME, &policy, &error), -ENOENT);
	assert_string_equal(error.text, DIR_NAME "/zones: No such file or directory");
	assert_int_equal(mkdirat(place->fd, "zones", 0755), 0);
	assert_int_equal(policy_load(-1, DIR_NAME, &policy, &error), -EBADF);
	assert_null(policy);
}

/* A title is compared with all before it, so their number is bounded. */
static void test_too_many_zones_in_a_file(void **state)
{
	AUTO_STR text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct policy *policy = NULL;
	struct conf_error error = {0};

	for (int i = 0; i <= CONF_BODIES_MAX; i++)
		(void)fprintf(out, "zone \"z%d\" { class = \"c\" name = \"Z\" }\n", i);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(load(*state, GOOD_CLASS, text, &policy, &error), -EINVAL);
	assert_string_equal(error.text, ZONE_FILE ":1025: more than 1024 sections in one file");
	*strstr(text, "zone \"z1024\"") = '\0';
	assert_int_equal(load(*state, GOOD_CLASS, text, &policy, &error), 0);
	assert_int_equal(policy->zone_count, 1024);
	assert_string_equal(policy_zone_find(policy, "z1023")->class->name, "c");
	policy_free(policy);
}

static void test_samples_load(void **state)
{
	AUTO_STR class_text = NULL;
	AUTO_STR zone_text = NULL;
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};
	size_t size;
	FILE *out = open_memstream(&class_text, &size);

	conf_schema_print_sample(&class_schema, out);
	assert_int_equal(fclose(out), 0);
	out = open_memstream(&zone_text, &size);
	conf_schema_print_sample(&zone_schema, out);
	assert_int_equal(fclose(out), 0);
	if (load(*state, class_text, zone_text, &policy, &error) != 0)
		fail_msg("%s", error.text);
	assert_string_equal(policy_zone_find(policy, "san-francisco")->class->name, "community");
}

/* ---- what is shipped --------------------------------------------------------------------------
 */

static void test_shipped_policies(void **state)
{
	static const char *const zones[][3] = {
		{"tierra-bomba", "community", "Tierra Bomba"},
		{"punta-canoa", "community", "Punta Canoa"},
		{"ternera", "community", "Ternera"},
		{"pontezuela", "community", "Pontezuela"},
		{"jorge-artel", "community", "El Socorro"},
		{"ciudadela-la-paz", "community", "Ciudadela La Paz"},
		{"bayunca", "community", "Bayunca"},
		{"san-francisco", "community", "San Francisco"},
		{"nuevo-paraiso", "community", "Nuevo Paraíso"},
		{"las-palmeras", "community", "Las Palmeras"},
		{"el-bosque", "community", "El Bosque"},
		{"bicentenario", "community", "Ciudad del Bicentenario"},
		{"blas-de-lezo", "community", "Blas de Lezo"},
		{"el-pozon", "community", "El Pozón"},
		{"ciudadela-2000", "community", "Ciudadela 2000"},
		{"colombiaton", "community", "Colombiatón"},
		{"fredonia", "community", "Fredonia"},
		{"arroyo-de-piedra", "community", "Arroyo de Piedra"},
		{"plaza-de-la-aduana", "tourist", "El Centro"},
		{"bocagrande", "tourist", "Bocagrande"},
		{"la-boquilla", "tourist", "La Boquilla"},
	};
	AUTO(policy_free) struct policy *policy = NULL;
	struct conf_error error = {0};
	AUTO_FD fd = open("policies", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	if (policy_load(fd, "policies", &policy, &error) != 0)
		fail_msg("%s", error.text);
	assert_int_equal(policy->class_count, 2);
	assert_int_equal(policy->zone_count, ARRAY_SIZE(zones));
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		const struct policy_zone *zone = policy_zone_find(policy, zones[i][0]);

		assert_non_null(zone);
		assert_string_equal(zone->class->name, zones[i][1]);
		assert_string_equal(zone->barrio, zones[i][2]);
	}
	assert_int_equal(policy_class_find(policy, "community")->down_bps, 8000000);
	assert_true(policy_class_find(policy, "tourist")->hours.always);
	assert_int_equal(policy_class_find(policy, "tourist")->languages.count, 4);
	assert_null(policy_class_find(policy, "vip"));
	assert_null(policy_zone_find(policy, "atlantis"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed_classes),
		cmocka_unit_test(test_malformed_zones),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_empty_walled_garden),
		cmocka_unit_test(test_names_across_files),
		cmocka_unit_test(test_only_conf_files_count),
		cmocka_unit_test(test_a_fifo_is_refused),
		cmocka_unit_test(test_empty_and_missing_directories),
		cmocka_unit_test(test_too_many_zones_in_a_file),
		cmocka_unit_test(test_samples_load),
		cmocka_unit_test(test_shipped_policies),
	};

	return cmocka_run_group_tests(tests, place_new, place_free);
}
