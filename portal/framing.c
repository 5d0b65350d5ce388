/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal/framing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* libmicrohttpd has refused a Content-Length that is not a number. */
enum body framing_body(struct MHD_Connection *connection)
{
	const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
		return BODY_READABLE;
	if (length == NULL || strcmp(length, "0") == 0)
		return BODY_NONE;
	return strtoull(length, NULL, 10) > DISCARD_MAX ? BODY_TOO_LARGE : BODY_READABLE;
}

/* Who asks so is up to something. */
static enum MHD_Result count_framing(
	void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	unsigned *counts = cls;

	(void)kind;
	(void)value;
	counts[0] += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
	counts[1] += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
	return MHD_YES;
}

bool framing_is_ambiguous(struct MHD_Connection *connection)
{
	unsigned counts[2] = {0};

	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_framing, counts);
	return counts[0] > 1 || counts[1] > 1;
}
