/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs about vouchers. */
#ifndef ZONA_ZONACTL_VOUCHERS_H
#define ZONA_ZONACTL_VOUCHERS_H

#include "controller/zonactl/call.h"

enum zonactl_exit voucher_run(struct call *call);  /* voucher create */
enum zonactl_exit vouchers_run(struct call *call); /* vouchers */

#endif
