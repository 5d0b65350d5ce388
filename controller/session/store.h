/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine asks of the journal: keep these values. The implementation gathers what is put
 * and commits it at the end of the event loop's round, before any reply leaves. */
#ifndef ZONA_STORE_H
#define ZONA_STORE_H

#include "controller/session/session.h"
#include "controller/session/voucher.h"

/* A session as the journal keeps it. */
struct stored_session {
	struct mac_addr mac;
	enum session_state state; /* STATE_ACTIVE, or what it ended in */
	bool final;		  /* ended, and the last reading is in total */
	bool same_boot;		  /* on load: the kernel has not restarted since */
	struct session session;
};

/* A device as the journal keeps it. */
struct stored_device {
	struct mac_addr mac;
	bool blocked;
	int32_t day;
	int64_t day_ms;
	uint64_t day_bytes;
	int64_t token_us;
};

/* A device's pass as the journal keeps it; class_name need not outlive the call. */
struct stored_pass {
	struct mac_addr mac;
	struct pass pass;
};

struct store {
	void *ctx;
	void (*put_session)(void *ctx, const struct stored_session *session);
	void (*put_device)(void *ctx, const struct stored_device *device);
	/* The rates that leaves have now, to know at the next start whether they must be changed;
	 * all 0 when they differ from leaf to leaf. */
	void (*put_rates)(void *ctx, const struct kernel_rates *rates);
	void (*put_pass)(void *ctx, const struct stored_pass *pass);
	void (*put_voucher)(void *ctx, const struct voucher *voucher);
};

#endif
