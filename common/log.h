/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line a message on standard error, with the syslog level in front ("<4>…") when the service
 * manager reads it (JOURNAL_STREAM is set), with the time otherwise. Library code does not log:
 * it returns -errno, and whoever decides logs once. */
#ifndef ZONA_LOG_H
#define ZONA_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Names the process in each line; name must outlive the process. ZONA_LOG=debug in the
 * environment shows debug lines. */
void log_open(const char *name);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
