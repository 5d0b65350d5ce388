/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/policy.h"

#include "policies/schemas.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* A country's worth of zones; a directory given by mistake ends soon. */
#define FILES_MAX 4096
#define ZONES_MAX 8192
#define CLASSES_MAX 256

/* HTB keeps rates in bytes a second and quanta in packets: less is not steady. */
#define RATE_MIN 8000
#define RATE_MAX 100000000000
/* A floor that a class leaves out: 8mbit gives 512kbit. */
#define FLOOR_SHARE 16
#define WEEK_MINUTES 10080
#define DAY_MINUTES 1440

#define AT(field) offsetof(struct policy_class, field)

static const struct conf_row class_rows[] = {
	{"session", "minutes", CONF_MINUTES, .min = 1, .max = WEEK_MINUTES, .standard = "60",
		.unit = "minutes", .help = "Time online that one tap gives.",
		.offset = AT(minutes)},
	{"session", "extend-minutes", CONF_MINUTES, .min = 0, .max = WEEK_MINUTES, .standard = "30",
		.unit = "minutes",
		.help = "Time that a lesson adds; 0: a session cannot be extended.",
		.offset = AT(extend_minutes)},
	{"session", "idle-minutes", CONF_MINUTES, .min = 0, .max = WEEK_MINUTES, .standard = "15",
		.unit = "minutes", .help = "A session without traffic ends after it; 0: never.",
		.offset = AT(idle_minutes)},
	{"session", "daily-minutes", CONF_MINUTES, .min = 0, .max = DAY_MINUTES, .standard = "240",
		.unit = "minutes", .help = "Time online of a device in a local day; 0: no limit.",
		.offset = AT(daily_minutes)},
	{"session", "daily-megabytes", CONF_MEGABYTES, .min = 0, .max = 1000000, .standard = "1024",
		.unit = "megabytes (10^6 bytes)",
		.help = "Volume of a device in a local day, both directions together; 0: no limit.",
		.offset = AT(daily_bytes)},
	{"bandwidth", "down", CONF_RATE, .required = true, .min = RATE_MIN, .max = RATE_MAX,
		.unit = "bit/s", .example = "8mbit", .help = "Most that one device gets.",
		.offset = AT(down_bps)},
	{"bandwidth", "up", CONF_RATE, .required = true, .min = RATE_MIN, .max = RATE_MAX,
		.unit = "bit/s", .example = "2mbit", .help = "Most that one device sends.",
		.offset = AT(up_bps)},
	{"bandwidth", "down-floor", CONF_RATE, .min = RATE_MIN, .max = RATE_MAX, .unit = "bit/s",
		.example = "512kbit",
		.help = "What one device gets however full the zone is; left out: a sixteenth of "
			"down.",
		.offset = AT(down_floor_bps)},
	{"bandwidth", "up-floor", CONF_RATE, .min = RATE_MIN, .max = RATE_MAX, .unit = "bit/s",
		.example = "128kbit", .help = "The same for up; left out: a sixteenth of up.",
		.offset = AT(up_floor_bps)},
	{NULL, "hours", CONF_HOURS, .min = 1, .max = 64, .standard = "always",
		.help = "When the zone is open, in local time; outside of it all sessions end.",
		.offset = AT(hours)},
	{NULL, "walled-garden", CONF_DOMAINS, .min = 0, .max = 200, .standard = "",
		.example = "cartagena.gov.co|gov.co",
		.help = "Sites, with all names below them, that are open before the tap; left out: "
			"none.",
		.offset = AT(walled_garden)},
	{NULL, "roaming-minutes", CONF_MINUTES, .min = 0, .max = WEEK_MINUTES, .standard = "120",
		.unit = "minutes",
		.help = "A device that was online so long ago at another zone of the class is let "
			"in "
			"without a tap; 0: never.",
		.offset = AT(roaming_minutes)},
	{NULL, "languages", CONF_LANGUAGES, .min = 1, .max = 16, .standard = "es|en",
		.help = "Languages of the portal; the first is shown where a device asks for none "
			"of them.",
		.offset = AT(languages)},
};

const struct conf_schema class_schema = {
	.title = "class",
	.sample_id = "community",
	.summary = "policies/classes/community.conf: what every zone of a class gives.",
	.rows = class_rows,
	.row_count = ARRAY_SIZE(class_rows),
};

/* The class is looked up when all files are read. */
struct zone_entry {
	struct policy_zone zone;
	char *class_name;
};

static const struct conf_row zone_rows[] = {
	{NULL, "class", CONF_ID, .required = true, .min = 1, .max = 63, .example = "community",
		.help = "Class of the zone, as in policies/classes/.",
		.offset = offsetof(struct zone_entry, class_name)},
	{NULL, "name", CONF_TEXT, .required = true, .min = 1, .max = 120,
		.example = "Parque San Francisco", .help = "Name of the zone as people know it.",
		.offset = offsetof(struct zone_entry, zone.name)},
	{NULL, "barrio", CONF_TEXT, .min = 0, .max = 120, .standard = "",
		.example = "San Francisco", .help = "Its barrio or corregimiento, for reports.",
		.offset = offsetof(struct zone_entry, zone.barrio)},
};

const struct conf_schema zone_schema = {
	.title = "zone",
	.sample_id = "san-francisco",
	.summary = "policies/zones/san-francisco.conf: one zone.",
	.rows = zone_rows,
	.row_count = ARRAY_SIZE(zone_rows),
};

static int out_of_memory(const char *name, struct conf_error *error)
{
	(void)conf_error_set(error, name, 0, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

/* ---- one section of a file ------------------------------------------------------------------- */

struct floor_rule {
	const char *floor_key, *ceiling_key;
	size_t floor, ceiling; /* offsets */
};

static int check_floor(const struct conf_doc *doc, size_t body, struct policy_class *class,
	const struct floor_rule *rule, const char *name, struct conf_error *error)
{
	uint64_t *floor = (uint64_t *)(void *)((char *)class + rule->floor);
	uint64_t ceiling = *(uint64_t *)(void *)((char *)class + rule->ceiling);

	if (*floor == 0)
		*floor = ceiling / FLOOR_SHARE;
	if (*floor <= ceiling)
		return 0;
	return conf_error_set(error, name, conf_doc_line(doc, body, "bandwidth", rule->floor_key),
		"bandwidth.%s = %llu bit/s: expected at most bandwidth.%s, which is %llu bit/s",
		rule->floor_key, (unsigned long long)*floor, rule->ceiling_key,
		(unsigned long long)ceiling);
}

static int add_class(struct policy *policy, const struct conf_doc *doc, size_t body,
	const char *name, struct conf_error *error)
{
	static const struct floor_rule rules[] = {
		{"down-floor", "down", AT(down_floor_bps), AT(down_bps)},
		{"up-floor", "up", AT(up_floor_bps), AT(up_bps)},
	};
	struct policy_class *class = &policy->classes[policy->class_count];
	const char *title = conf_doc_title(doc, body);
	int r;

	if (policy_class_find(policy, title) != NULL)
		return conf_error_set(error, name, conf_doc_line(doc, body, NULL, NULL),
			"class \"%s\": expected a new name, another file has this class", title);
	if (policy->class_count++ == CLASSES_MAX)
		return conf_error_set(error, name, conf_doc_line(doc, body, NULL, NULL),
			"class \"%s\": expected at most %d classes", title, CLASSES_MAX);
	class->name = strdup(title);
	if (class->name == NULL)
		return out_of_memory(name, error);
	r = conf_doc_fill(doc, body, class, error);
	for (size_t i = 0; i < ARRAY_SIZE(rules) && r == 0; i++)
		r = check_floor(doc, body, class, &rules[i], name, error);
	return r;
}

static void class_clear(struct policy_class *class)
{
	conf_schema_release(&class_schema, class);
	free(class->name);
}

static int fill_zone(const struct policy *policy, const struct conf_doc *doc, size_t body,
	struct zone_entry *entry, const char *name, struct conf_error *error)
{
	int r;

	entry->zone.id = strdup(conf_doc_title(doc, body));
	if (entry->zone.id == NULL)
		return out_of_memory(name, error);
	r = conf_doc_fill(doc, body, entry, error);
	if (r < 0)
		return r;
	entry->zone.class = policy_class_find(policy, entry->class_name);
	if (entry->zone.class != NULL)
		return 0;
	return conf_error_set(error, name, conf_doc_line(doc, body, NULL, "class"),
		"class = \"%s\": expected a class of classes/, where \"%s\" is one of %zu",
		entry->class_name, policy->classes[0].name, policy->class_count);
}

static int add_zone(struct policy *policy, const struct conf_doc *doc, size_t body,
	const char *name, struct conf_error *error)
{
	struct zone_entry entry = {0};
	const char *title = conf_doc_title(doc, body);
	int r;

	if (policy_zone_find(policy, title) != NULL)
		return conf_error_set(error, name, conf_doc_line(doc, body, NULL, NULL),
			"zone \"%s\": expected a new id, another file has this zone", title);
	if (policy->zone_count == ZONES_MAX)
		return conf_error_set(error, name, conf_doc_line(doc, body, NULL, NULL),
			"zone \"%s\": expected at most %d zones", title, ZONES_MAX);
	r = fill_zone(policy, doc, body, &entry, name, error);
	if (r == 0) {
		policy->zones[policy->zone_count++] = entry.zone;
		entry.zone = (struct policy_zone){0};
	}
	conf_schema_release(&zone_schema, &entry);
	free(entry.zone.id);
	return r;
}

/* ---- the two directories --------------------------------------------------------------------- */

static const struct part {
	const char *directory;
	const struct conf_schema *schema;
	int (*add)(struct policy *policy, const struct conf_doc *doc, size_t body, const char *name,
		struct conf_error *error);
} parts[] = {
	{"classes", &class_schema, add_class}, /* first: zones name classes */
	{"zones", &zone_schema, add_zone},
};

static int load_file(struct policy *policy, const struct part *part, int dir_fd, const char *file,
	const char *name, struct conf_error *error)
{
	AUTO(conf_doc_free) struct conf_doc *doc = NULL;
	/* O_NONBLOCK: a FIFO must not hold the daemon up; it is refused below. */
	AUTO_FD fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0) {
		r = -errno;
		(void)conf_error_set(error, name, 0, "%s", strerror(-r));
		return r;
	}
	if (!S_ISREG(status.st_mode))
		return conf_error_set(error, name, 0, "expected a regular file");
	r = conf_doc_read(part->schema, fd, name, &doc, error);
	if (r < 0)
		return r;
	for (size_t i = 0; i < conf_doc_count(doc) && r == 0; i++)
		r = part->add(policy, doc, i, name, error);
	return r;
}

static int is_conf_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       strcmp(entry->d_name + length - 5, ".conf") == 0;
}

struct file_names {
	struct dirent **entries;
	int count; /* -1 before the scan and when it failed */
};

static void file_names_free(struct file_names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->entries[i]);
	free(names->entries);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* alphasort() depends on the locale */
}

static int load_directory(struct policy *policy, const struct part *part, int parent_fd,
	const char *dir_name, struct conf_error *error)
{
	__attribute__((cleanup(file_names_free))) struct file_names names = {NULL, -1};
	AUTO_FD fd = openat(parent_fd, part->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[768];
	int r = 0;

	(void)snprintf(name, sizeof(name), "%.255s/%s", dir_name, part->directory);
	if (fd >= 0)
		names.count = scandirat(fd, ".", &names.entries, is_conf_file, by_name);
	if (names.count < 0) {
		r = -errno;
		(void)conf_error_set(error, name, 0, "%s", strerror(-r));
		return r;
	}
	if (names.count == 0 || names.count > FILES_MAX)
		return conf_error_set(error, name, 0, "%d files *.conf: expected 1 to %d",
			names.count, FILES_MAX);
	for (int i = 0; i < names.count && r == 0; i++) {
		const char *file = names.entries[i]->d_name;

		(void)snprintf(name, sizeof(name), "%.255s/%s/%s", dir_name, part->directory, file);
		r = load_file(policy, part, fd, file, name, error);
	}
	return r;
}

int policy_load(
	int dir_fd, const char *dir_name, struct policy **ret_policy, struct conf_error *error)
{
	AUTO(policy_free) struct policy *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		return out_of_memory(dir_name, error);
	/* Fixed places: zones point at their classes while more of both are read. */
	policy->classes = calloc(CLASSES_MAX + 1, sizeof(*policy->classes));
	policy->zones = calloc(ZONES_MAX, sizeof(*policy->zones));
	if (policy->classes == NULL || policy->zones == NULL)
		return out_of_memory(dir_name, error);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int r = load_directory(policy, &parts[i], dir_fd, dir_name, error);

		if (r < 0)
			return r;
	}
	*ret_policy = TAKE(policy);
	return 0;
}

void policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	for (size_t i = 0; i < policy->class_count; i++)
		class_clear(&policy->classes[i]);
	for (size_t i = 0; i < policy->zone_count; i++) {
		free(policy->zones[i].id);
		free(policy->zones[i].name);
		free(policy->zones[i].barrio);
	}
	free(policy->classes);
	free(policy->zones);
	free(policy);
}

const struct policy_zone *policy_zone_find(const struct policy *policy, const char *id)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		if (strcmp(policy->zones[i].id, id) == 0)
			return &policy->zones[i];
	return NULL;
}

const struct policy_class *policy_class_find(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->class_count; i++)
		if (strcmp(policy->classes[i].name, name) == 0)
			return &policy->classes[i];
	return NULL;
}
