/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a certificate's code is genuine: it is signed with the key of the portal of this gateway.
 */
#ifndef ZONA_CONTROL_CERTIFY_H
#define ZONA_CONTROL_CERTIFY_H

#include <jansson.h>

/* key_path: the portal's key, which its user (ours) may read. Returns 0 and what the certificate
 * says ("lesson", "day", "serial"), -EINVAL when the code is not genuine, or another -errno when
 * the key cannot be read; ret_certificate is untouched then. */
int certify(const char *key_path, const char *code, json_t **ret_certificate);

#endif
