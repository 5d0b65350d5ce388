/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *log_name = "zona";
static enum log_level log_max = LOG_LEVEL_INFO;
static bool log_for_journal;

void log_open(const char *name)
{
	const char *wanted = getenv("ZONA_LOG");

	log_name = name;
	log_for_journal = getenv("JOURNAL_STREAM") != NULL;
	if (wanted != NULL && strcmp(wanted, "debug") == 0)
		log_max = LOG_LEVEL_DEBUG;
}

void log_write(enum log_level level, const char *format, ...)
{
	static const int syslog_level[] = {
		[LOG_LEVEL_ERROR] = 3,
		[LOG_LEVEL_WARNING] = 4,
		[LOG_LEVEL_INFO] = 6,
		[LOG_LEVEL_DEBUG] = 7,
	};
	static const char *const word[] = {
		[LOG_LEVEL_ERROR] = "error: ",
		[LOG_LEVEL_WARNING] = "warning: ",
		[LOG_LEVEL_INFO] = "",
		[LOG_LEVEL_DEBUG] = "debug: ",
	};
	char line[1024];
	va_list args;

	if (level > log_max)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* What a client sent may be part of the message: one message stays one line. */
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	if (log_for_journal) {
		(void)dprintf(STDERR_FILENO, "<%d>%s\n", syslog_level[level], line);
	} else {
		char stamp[32];
		struct timespec now;
		struct tm tm;

		(void)clock_gettime(CLOCK_REALTIME, &now);
		(void)localtime_r(&now.tv_sec, &tm);
		(void)strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm);
		(void)dprintf(STDERR_FILENO, "%s.%03ld %s: %s%s\n", stamp, now.tv_nsec / 1000000,
			log_name, word[level], line);
	}
}
