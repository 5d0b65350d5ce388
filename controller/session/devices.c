/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that are known, and the addresses they are at. */
#include "controller/session/internal.h"

#include <string.h>

/* Addresses of the LAN that are remembered; the kernel answers for others when asked. */
#define NEIGHBOURS_MAX 32768
/* Devices that are remembered for each that may be online: unknown and ended ones. */
#define DEVICES_PER_SESSION 2

void device_free(struct engine *e, struct device *d)
{
	heap_remove(&e->due, &d->due);
	HASH_DEL(e->devices, d);
	free(d->ips);
	free(d->pass);
	free(d);
}

/* A device without which nothing is lost. */
bool device_is_forgettable(const struct engine *e, const struct device *d)
{
	if (d->busy || d->waiters != NULL)
		return false;
	if (d->state == STATE_ACTIVE || d->state == STATE_BLOCKED || pass_is_valid(e, d))
		return false;
	return d->day != local_day(&e->now); /* the day's use counts until midnight */
}

/* Makes room, oldest first. Returns false when every device matters. */
static bool forget_one(struct engine *e)
{
	struct device *d, *next;

	HASH_ITER(hh, e->devices, d, next)
	{
		if (device_is_forgettable(e, d)) {
			device_free(e, d);
			return true;
		}
	}
	return false;
}

struct device *engine_device(struct engine *e, const struct mac_addr *mac, bool create)
{
	struct device *d;

	HASH_FIND(hh, e->devices, mac, sizeof(*mac), d);
	if (d != NULL || !create)
		return d;
	if (e->started && HASH_COUNT(e->devices) >= e->p.sessions_max * DEVICES_PER_SESSION &&
		!forget_one(e))
		return NULL;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->mac = *mac;
	d->seen_ms = e->now.mono_ms;
	HASH_ADD(hh, e->devices, mac, sizeof(d->mac), d);
	return d;
}

void device_add_ip(struct device *d, const struct ip_addr *ip)
{
	struct ip_addr *more;

	for (uint8_t i = 0; i < d->ip_count; i++)
		if (ip_equal(&d->ips[i], ip))
			return;
	if (d->ip_count == DEVICE_IPS_MAX) {
		/* Phones rotate their IPv6 addresses: the oldest goes. */
		memmove(&d->ips[0], &d->ips[1], (DEVICE_IPS_MAX - 1) * sizeof(*ip));
		d->ips[DEVICE_IPS_MAX - 1] = *ip;
		return;
	}
	more = reallocarray(d->ips, d->ip_count + 1U, sizeof(*ip));
	if (more == NULL)
		return;
	d->ips = more;
	d->ips[d->ip_count++] = *ip;
}

static void remove_ip(struct device *d, const struct ip_addr *ip)
{
	for (uint8_t i = 0; i < d->ip_count; i++) {
		if (ip_equal(&d->ips[i], ip)) {
			memmove(&d->ips[i], &d->ips[i + 1],
				(size_t)(d->ip_count - i - 1) * sizeof(*ip));
			d->ip_count--;
			return;
		}
	}
}

void neighbour_forget(struct engine *e, struct neighbour *n)
{
	HASH_DEL(e->neighbours, n);
	free(n);
}

static struct neighbour *remember_neighbour(struct engine *e, const struct ip_addr *ip)
{
	struct neighbour *n;

	if (HASH_COUNT(e->neighbours) >= NEIGHBOURS_MAX)
		neighbour_forget(e, e->neighbours); /* the oldest */
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->ip = *ip;
	HASH_ADD(hh, e->neighbours, ip, sizeof(n->ip), n);
	return n;
}

void engine_neighbour(
	struct engine *e, const struct ip_addr *ip, const struct mac_addr *mac, bool present)
{
	struct neighbour *n;
	struct device *d;

	HASH_FIND(hh, e->neighbours, ip, sizeof(*ip), n);
	if (n != NULL && (!present || !mac_equal(&n->mac, mac))) {
		d = engine_device(e, &n->mac, false);
		if (d != NULL && present)
			remove_ip(d, ip); /* another device has this address now */
	}
	if (!present) {
		/* The kernel drops what is quiet; the device keeps its address until another has
		 * it. */
		if (n != NULL)
			neighbour_forget(e, n);
		return;
	}
	if (n == NULL)
		n = remember_neighbour(e, ip);
	if (n != NULL)
		n->mac = *mac;
	d = engine_device(e, mac, true);
	if (d != NULL) {
		d->seen_ms = e->now.mono_ms;
		device_add_ip(d, ip);
	}
}
