/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vouchers on paper: a page to print, with a code that phones scan for each. */
#ifndef ZONA_ZONACTL_VOUCHER_PAGE_H
#define ZONA_ZONACTL_VOUCHER_PAGE_H

#include <jansson.h>
#include <stdio.h>

/* Writes HTML that needs nothing else. reply is what voucher-create answers. Returns 0 or -errno.
 */
int voucher_page_print(FILE *out, const json_t *reply);

#endif
