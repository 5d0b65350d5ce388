/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lessons there are: L(number, symbol, id). Certificates carry the number: one that was given
 * out is never given to another lesson. */
#ifndef ZONA_PORTAL_CONTENT_LESSONS_H
#define ZONA_PORTAL_CONTENT_LESSONS_H

#define LESSONS(L)                                                                                 \
	L(1, bank_message, "bank-message")                                                         \
	L(2, strong_keys, "strong-keys")                                                           \
	L(3, child_account, "child-account")                                                       \
	L(4, check_rumour, "check-rumour")                                                         \
	L(5, read_news, "read-news")                                                               \
	L(6, find_contract, "find-contract")                                                       \
	L(7, follow_works, "follow-works")                                                         \
	L(8, shared_document, "shared-document")                                                   \
	L(9, job_email, "job-email")                                                               \
	L(10, craft_photos, "craft-photos")                                                        \
	L(11, event_flyer, "event-flyer")                                                          \
	L(12, slow_phone, "slow-phone")                                                            \
	L(13, save_data, "save-data")

#endif
