/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/control/describe.h"

#include <string.h>
#include <time.h>

static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* RFC 3339, local time with its offset from UTC. */
static json_t *timestamp(int64_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	char text[40], zone[8];
	struct tm tm;

	(void)localtime_r(&t, &tm);
	(void)strftime(text, sizeof(text) - sizeof(zone), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)strftime(zone, sizeof(zone), "%z", &tm);
	return json_sprintf("%s%.3s:%s", text, zone, zone + 3);
}

static void set_traffic(json_t *o, const struct device *d, const struct kernel_rates *rates)
{
	set(o, "bytes_down", number(d->session.total.down_bytes));
	set(o, "bytes_up", number(d->session.total.up_bytes));
	set(o, "rate_down_bps", number(rates->down_bps));
	set(o, "rate_up_bps", number(rates->up_bps));
}

static void set_identity(json_t *o, struct engine *e, const struct device *d)
{
	char mac[MAC_TEXT_SIZE];

	set(o, "mac", json_string(mac_format(&d->mac, mac)));
	set(o, "zone", json_string(engine_zone(e)->id));
	set(o, "class", json_string(device_class(e, d)->name));
	set(o, "state", json_string(session_state_name(d->state)));
}

static void set_cause(json_t *o, const struct device *d)
{
	if (d->state != STATE_ACTIVE && d->session.cause != CAUSE_NONE)
		set(o, "end_cause", json_string(end_cause_name(d->session.cause)));
}

json_t *describe_device(struct engine *e, const struct device *d)
{
	const struct policy_class *class = device_class(e, d);
	const struct kernel_rates offered = {.down_bps = class->down_bps, .up_bps = class->up_bps};
	struct device_view view;
	json_t *o = json_object();

	engine_view(e, d, &view);
	set_identity(o, e, d);
	set_cause(o, d);
	set_traffic(o, d, d->state == STATE_ACTIVE ? &d->session.rates : &offered);
	set(o, "zone_name", json_string(engine_zone(e)->name));
	set(o, "minutes", json_integer(view.minutes));
	set(o, "seconds_left", json_integer(view.seconds_left));
	if (view.has_quota)
		set(o, "bytes_left", number(view.bytes_left));
	if (view.refusal != OUTCOME_DONE)
		set(o, "refusal", json_string(outcome_name(view.refusal)));
	if (!view.open && view.opens_in >= 0)
		set(o, "opens_in", json_integer(view.opens_in));
	set(o, "can_extend", json_boolean(view.can_extend));
	return o;
}

static bool is_link_local(const struct ip_addr *ip)
{
	return ip->family == AF_INET6 && ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

static void append_ips(json_t *list, const struct device *d, int family, bool link_local)
{
	for (uint8_t i = 0; i < d->ip_count; i++) {
		char ip[IP_TEXT_SIZE];

		if (d->ips[i].family == family && is_link_local(&d->ips[i]) == link_local)
			(void)json_array_append_new(list, json_string(ip_format(&d->ips[i], ip)));
	}
}

json_t *describe_session(struct engine *e, const struct device *d)
{
	struct device_view view;
	json_t *o = json_object();
	json_t *v4 = json_array(), *v6 = json_array();

	engine_view(e, d, &view);
	set_identity(o, e, d);
	append_ips(v4, d, AF_INET, false);
	append_ips(v6, d, AF_INET6, false);
	append_ips(v6, d, AF_INET6, true); /* last: nobody looks for a device by it */
	set(o, "ipv4", v4);
	set(o, "ipv6", v6);
	set(o, "started", d->session.id != 0 ? timestamp(d->session.started_wall_ms) : json_null());
	if (d->session.id != 0 && d->session.started_unsynced)
		set(o, "unsynced", json_true());
	set(o, "seconds_left", json_integer(view.seconds_left));
	set(o, "idle_seconds", json_integer(view.idle_seconds));
	set_traffic(o, d, &d->session.rates);
	set_cause(o, d);
	return o;
}

json_t *describe_voucher(const struct voucher *v, int64_t now_ms)
{
	json_t *o = json_object();

	if (now_ms == 0) {
		set(o, "batch", json_integer(v->batch));
	} else {
		set(o, "voucher", json_sprintf("%u-%u", v->batch, v->number));
		set(o, "created", timestamp(v->created_wall_ms));
		set(o, "used", json_integer(v->uses));
		set(o, "state",
			json_string(v->expires_wall_ms <= now_ms ? "expired"
				    : v->uses >= v->uses_max	 ? "used"
								 : "valid"));
	}
	set(o, "class", json_string(v->class_name));
	set(o, "minutes", json_integer(v->minutes));
	set(o, "uses", json_integer(v->uses_max));
	/* The last moment, so that the day is the one that was asked for. */
	set(o, "expires", timestamp(v->expires_wall_ms - 1000));
	return o;
}

json_t *describe_status(struct engine *e)
{
	const struct policy_zone *zone = engine_zone(e);
	struct engine_status s;
	json_t *o = json_object();

	engine_status(e, &s);
	set(o, "zone", json_string(zone->id));
	set(o, "zone_name", json_string(zone->name));
	set(o, "class", json_string(zone->class->name));
	set(o, "sessions", json_integer(s.sessions));
	set(o, "peak_sessions", json_integer(s.sessions_peak));
	set(o, "devices_seen", json_integer(s.devices));
	set(o, "bytes_down", number(s.down_bytes));
	set(o, "bytes_up", number(s.up_bytes));
	set(o, "rate_down_bps", number(s.down_bps));
	set(o, "rate_up_bps", number(s.up_bps));
	set(o, "open", json_boolean(s.open));
	return o;
}
