/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/tree.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/class.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/fifo.h>
#include <netlink/route/qdisc/fq_codel.h>
#include <netlink/route/qdisc/htb.h>
#include <netlink/route/tc.h>
#include <stdlib.h>
#include <string.h>

#define HANDLE(minor) (1U << 16 | (uint32_t)(minor))
#define ROOT HANDLE(0)
#define CLASS_UPLINK 1
#define CLASS_GATEWAY 2
#define CLASS_GARDEN 3
/* Shares of the uplink that the gateway's own traffic and the walled garden are sure of. */
#define OWN_SHARE 20
/* Bytes a leaf may send in one go: this many milliseconds at its ceiling, within an Ethernet frame
 * and what keeps 20 leaves on a slow uplink smooth. The same for all leaves of a class, so that
 * borrowing is shared evenly. */
#define QUANTUM_MS 10
#define QUANTUM_MIN 1514
#define QUANTUM_MAX 60000
/* Depth of the token buckets. */
#define BURST_MS 5
#define BURST_MIN 3028
/* A pfifo leaf holds this much of its ceiling, in full frames: short enough for calls, long enough
 * for TCP. */
#define QUEUE_MS 100
#define QUEUE_MIN 16
#define QUEUE_MAX 1000
/* fq_codel's default of 1,024 flows costs 64 KiB a leaf; one device has few flows at a time. */
#define FQ_CODEL_FLOWS 64
#define ETHERNET_HEADER 14

struct device {
	char name[IFNAMSIZ];
	int ifindex;
	uint32_t l2_header; /* bytes before the IP header in what HTB counts */
};

enum direction { DOWN, UP, DIRECTIONS };

struct tree {
	struct nl_sock *sock;
	struct device device[DIRECTIONS];
	const char *leaf_qdisc;
};

static int from_nl(int r)
{
	switch (-r) {
	case 0:
		return 0;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_PERM:
		return -EPERM;
	case NLE_NODEV:
		return -ENODEV;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_RANGE:
	case NLE_INVAL:
		return -EINVAL;
	case NLE_OPNOTSUPP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

static int find_device(struct tree *tree, enum direction dir, const char *name)
{
	struct rtnl_link *link = NULL;
	int r = rtnl_link_get_kernel(tree->sock, 0, name, &link);

	if (r < 0)
		return -ENODEV;
	(void)snprintf(tree->device[dir].name, IFNAMSIZ, "%s", name);
	tree->device[dir].ifindex = rtnl_link_get_ifindex(link);
	tree->device[dir].l2_header =
		rtnl_link_get_arptype(link) == ARPHRD_ETHER ? ETHERNET_HEADER : 0;
	rtnl_link_put(link);
	return 0;
}

static int class_exists(struct tree *tree, enum direction dir, uint16_t minor);

int tree_check(struct tree *tree)
{
	for (int dir = 0; dir < DIRECTIONS; dir++) {
		const struct device *device = &tree->device[dir];
		struct rtnl_link *link = NULL;
		bool same;

		if (rtnl_link_get_kernel(tree->sock, 0, device->name, &link) < 0)
			return -ENODEV;
		same = rtnl_link_get_ifindex(link) == device->ifindex;
		rtnl_link_put(link);
		if (!same)
			return -ENODEV;
		if (class_exists(tree, (enum direction)dir, CLASS_UPLINK) < 0)
			return -ENOENT;
	}
	return 0;
}

int tree_open(const char *lan, const char *uplink, struct tree **ret_tree, const char **ret_missing)
{
	AUTO(tree_free) struct tree *tree = calloc(1, sizeof(*tree));
	const char *const name[DIRECTIONS] = {[DOWN] = lan, [UP] = uplink};

	if (tree == NULL)
		return -ENOMEM;
	tree->leaf_qdisc = "pfifo";
	tree->sock = nl_socket_alloc();
	if (tree->sock == NULL || nl_connect(tree->sock, NETLINK_ROUTE) < 0)
		return -ENOMEM;
	(void)nl_socket_set_buffer_size(tree->sock, 1 << 20, 1 << 16);
	(void)nl_socket_set_msg_buf_size(tree->sock, 1 << 15);
	for (int dir = 0; dir < DIRECTIONS; dir++) {
		int r = find_device(tree, (enum direction)dir, name[dir]);

		if (r < 0) {
			*ret_missing = name[dir];
			return r;
		}
	}
	*ret_tree = TAKE(tree);
	return 0;
}

void tree_free(struct tree *tree)
{
	if (tree == NULL)
		return;
	nl_socket_free(tree->sock);
	free(tree);
}

const char *tree_leaf_qdisc(const struct tree *tree)
{
	return tree->leaf_qdisc;
}

int tree_lan_ifindex(const struct tree *tree)
{
	return tree->device[DOWN].ifindex;
}

/* ---- classes --------------------------------------------------------------------------------- */

static uint32_t clamp(uint64_t value, uint32_t low, uint32_t high)
{
	return value < low ? low : value > high ? high : (uint32_t)value;
}

static uint64_t bytes_in(uint64_t bps, unsigned ms)
{
	return bps / 8 * ms / 1000;
}

static int class_set(struct tree *tree, enum direction dir, uint16_t minor, uint32_t parent,
	uint64_t floor_bps, uint64_t ceil_bps, uint32_t prio, int flags)
{
	struct rtnl_class *class = rtnl_class_alloc();
	int r;

	if (class == NULL)
		return -ENOMEM;
	rtnl_tc_set_ifindex(TC_CAST(class), tree->device[dir].ifindex);
	rtnl_tc_set_parent(TC_CAST(class), parent);
	rtnl_tc_set_handle(TC_CAST(class), HANDLE(minor));
	r = rtnl_tc_set_kind(TC_CAST(class), "htb");
	if (r == 0)
		r = rtnl_htb_set_rate64(class, floor_bps / 8);
	if (r == 0)
		r = rtnl_htb_set_ceil64(class, ceil_bps / 8);
	if (r == 0) {
		rtnl_htb_set_rbuffer(
			class, clamp(bytes_in(floor_bps, BURST_MS), BURST_MIN, INT32_MAX));
		rtnl_htb_set_cbuffer(
			class, clamp(bytes_in(ceil_bps, BURST_MS), BURST_MIN, INT32_MAX));
		rtnl_htb_set_quantum(
			class, clamp(bytes_in(ceil_bps, QUANTUM_MS), QUANTUM_MIN, QUANTUM_MAX));
		rtnl_htb_set_prio(class, prio);
		r = rtnl_class_add(tree->sock, class, NLM_F_CREATE | flags);
	}
	rtnl_class_put(class);
	return from_nl(r);
}

/* ---- leaf queues ----------------------------------------------------------------------------- */

static struct rtnl_qdisc *queue_new(struct tree *tree, enum direction dir, uint16_t leaf)
{
	struct rtnl_qdisc *qdisc = rtnl_qdisc_alloc();

	if (qdisc == NULL)
		return NULL;
	rtnl_tc_set_ifindex(TC_CAST(qdisc), tree->device[dir].ifindex);
	rtnl_tc_set_parent(TC_CAST(qdisc), HANDLE(leaf));
	if (rtnl_tc_set_kind(TC_CAST(qdisc), tree->leaf_qdisc) < 0) {
		rtnl_qdisc_put(qdisc);
		return NULL;
	}
	return qdisc;
}

/* Gives the leaf its queue. One of the same kind that is there is only changed, and what it holds
 * stays (tc_modify_qdisc()). */
static int queue_set(struct tree *tree, enum direction dir, uint16_t leaf, uint64_t ceil_bps)
{
	struct rtnl_qdisc *qdisc = queue_new(tree, dir, leaf);
	uint32_t frames = clamp(bytes_in(ceil_bps, QUEUE_MS) / QUANTUM_MIN, QUEUE_MIN, QUEUE_MAX);
	int r;

	if (qdisc == NULL)
		return -ENOMEM;
	if (strcmp(tree->leaf_qdisc, "fq_codel") == 0) {
		(void)rtnl_qdisc_fq_codel_set_flows(qdisc, FQ_CODEL_FLOWS);
		(void)rtnl_qdisc_fq_codel_set_limit(qdisc, (int)QUEUE_MAX);
	} else {
		(void)rtnl_qdisc_fifo_set_limit(qdisc, (int)frames);
	}
	r = rtnl_qdisc_add(tree->sock, qdisc, NLM_F_CREATE | NLM_F_REPLACE);
	rtnl_qdisc_put(qdisc);
	return from_nl(r);
}

/* Deletes the queue with all that it holds, and gives the leaf a new one. */
static int queue_renew(struct tree *tree, enum direction dir, uint16_t leaf, uint64_t ceil_bps)
{
	struct rtnl_qdisc *qdisc = queue_new(tree, dir, leaf);
	int r;

	if (qdisc == NULL)
		return -ENOMEM;
	r = from_nl(rtnl_qdisc_delete(tree->sock, qdisc));
	rtnl_qdisc_put(qdisc);
	/* No queue of its own: HTB's default one, which holds nothing that we put there. */
	return r == 0 || r == -ENOENT || r == -EINVAL ? queue_set(tree, dir, leaf, ceil_bps) : r;
}

/* Tries the better qdisc on the walled garden's leaf; a kernel without it answers ENOENT. */
static int choose_leaf_qdisc(struct tree *tree, uint64_t bps)
{
	int r;

	tree->leaf_qdisc = "fq_codel";
	r = queue_set(tree, DOWN, CLASS_GARDEN, bps);
	if (r < 0) {
		tree->leaf_qdisc = "pfifo";
		r = queue_set(tree, DOWN, CLASS_GARDEN, bps);
	}
	return r;
}

/* ---- setup ----------------------------------------------------------------------------------- */

static struct rtnl_qdisc *root_new(struct tree *tree, enum direction dir)
{
	struct rtnl_qdisc *qdisc = rtnl_qdisc_alloc();

	if (qdisc == NULL)
		return NULL;
	rtnl_tc_set_ifindex(TC_CAST(qdisc), tree->device[dir].ifindex);
	rtnl_tc_set_parent(TC_CAST(qdisc), TC_H_ROOT);
	rtnl_tc_set_handle(TC_CAST(qdisc), ROOT);
	return qdisc;
}

static int root_make(struct tree *tree, enum direction dir)
{
	struct rtnl_qdisc *qdisc = root_new(tree, dir);
	int r;

	if (qdisc == NULL)
		return -ENOMEM;
	r = rtnl_tc_set_kind(TC_CAST(qdisc), "htb");
	if (r == 0)
		r = rtnl_htb_set_defcls(qdisc, dir == UP ? CLASS_GATEWAY : 0);
	if (r == 0)
		r = rtnl_qdisc_add(tree->sock, qdisc, NLM_F_CREATE | NLM_F_REPLACE);
	rtnl_qdisc_put(qdisc);
	return from_nl(r);
}

static int setup_device(struct tree *tree, enum direction dir, uint64_t bps)
{
	uint64_t own = bps / OWN_SHARE;
	int r = class_exists(tree, dir, CLASS_UPLINK);

	if (r == -ENOENT)
		r = root_make(tree, dir);
	if (r == 0)
		r = class_set(tree, dir, CLASS_UPLINK, ROOT, bps, bps, 0, 0);
	if (r == 0 && dir == UP)
		r = class_set(tree, dir, CLASS_GATEWAY, HANDLE(CLASS_UPLINK), own, bps, 0, 0);
	if (r == 0)
		r = class_set(tree, dir, CLASS_GARDEN, HANDLE(CLASS_UPLINK), own, bps, 1, 0);
	return r;
}

int tree_setup(struct tree *tree, uint64_t down_bps, uint64_t up_bps)
{
	int r = setup_device(tree, DOWN, down_bps);

	if (r == 0)
		r = setup_device(tree, UP, up_bps);
	if (r == 0)
		r = choose_leaf_qdisc(tree, down_bps);
	if (r == 0)
		r = queue_set(tree, UP, CLASS_GARDEN, up_bps);
	return r;
}

int tree_remove(struct tree *tree)
{
	int result = 0;

	for (int dir = 0; dir < DIRECTIONS; dir++) {
		struct rtnl_qdisc *qdisc = root_new(tree, (enum direction)dir);
		int r;

		if (qdisc == NULL)
			return -ENOMEM;
		r = from_nl(rtnl_qdisc_delete(tree->sock, qdisc));
		rtnl_qdisc_put(qdisc);
		if (r < 0 && r != -ENOENT && r != -EINVAL)
			result = r;
	}
	return result;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

int tree_leaf_set(struct tree *tree, uint16_t leaf, const struct kernel_rates *rates)
{
	const uint64_t ceiling[DIRECTIONS] = {[DOWN] = rates->down_bps, [UP] = rates->up_bps};
	const uint64_t floor[DIRECTIONS] = {
		[DOWN] = rates->down_floor_bps, [UP] = rates->up_floor_bps};

	for (int d = 0; d < DIRECTIONS; d++) {
		enum direction dir = (enum direction)d;
		int r = class_set(tree, dir, leaf, HANDLE(CLASS_UPLINK), floor[dir], ceiling[dir],
			1, NLM_F_EXCL);

		if (r == -EEXIST)
			r = class_set(tree, dir, leaf, HANDLE(CLASS_UPLINK), floor[dir],
				ceiling[dir], 1, 0);
		if (r == 0)
			r = queue_set(tree, dir, leaf, ceiling[dir]);
		if (r < 0)
			return r;
	}
	return 0;
}

int tree_leaf_purge(struct tree *tree, uint16_t leaf, const struct kernel_rates *rates)
{
	int r = queue_renew(tree, DOWN, leaf, rates->down_bps);

	return r < 0 ? r : queue_renew(tree, UP, leaf, rates->up_bps);
}

/* ---- counters -------------------------------------------------------------------------------- */

/* One class as the kernel reports it. */
struct reading {
	uint32_t handle;
	uint64_t l3_bytes;
};

/* struct gnet_stats_basic is followed by a 64-bit packet count once 32 bits are not enough. */
static bool parse_class(
	const struct tree *tree, enum direction dir, struct nlmsghdr *nlh, struct reading *ret)
{
	const struct tcmsg *tcm = nlmsg_data(nlh);
	struct nlattr *stats, *basic, *packets64;
	struct gnet_stats_basic b;
	uint64_t packets;

	if (nlh->nlmsg_type != RTM_NEWTCLASS || tcm->tcm_ifindex != tree->device[dir].ifindex)
		return false;
	stats = nlmsg_find_attr(nlh, sizeof(*tcm), TCA_STATS2);
	if (stats == NULL)
		return false;
	basic = nla_find(nla_data(stats), nla_len(stats), TCA_STATS_BASIC);
	packets64 = nla_find(nla_data(stats), nla_len(stats), TCA_STATS_PKT64);
	if (basic == NULL || nla_len(basic) < (int)sizeof(b.bytes) + (int)sizeof(b.packets))
		return false;
	memset(&b, 0, sizeof(b));
	memcpy(&b, nla_data(basic), sizeof(b.bytes) + sizeof(b.packets));
	packets = packets64 != NULL ? nla_get_u64(packets64) : b.packets;
	ret->handle = tcm->tcm_handle;
	ret->l3_bytes = b.bytes - packets * tree->device[dir].l2_header;
	return true;
}

struct read_state {
	const struct tree *tree;
	enum direction dir;
	void (*each)(const struct reading *, enum direction, void *);
	void *arg;
};

static int on_class(struct nl_msg *msg, void *arg)
{
	const struct read_state *state = arg;
	struct reading reading;

	if (parse_class(state->tree, state->dir, nlmsg_hdr(msg), &reading))
		state->each(&reading, state->dir, state->arg);
	return NL_OK;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	(void)msg;
	*(bool *)arg = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *peer, struct nlmsgerr *err, void *arg)
{
	(void)peer;
	*(int *)arg = err->error;
	return NL_STOP;
}

/* Sends a request for classes and feeds each answer to state->each. */
static int read_classes(struct tree *tree, int flags, uint32_t handle, struct read_state *state)
{
	struct tcmsg tcm = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = tree->device[state->dir].ifindex,
		.tcm_handle = handle,
	};
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);
	bool ended = false;
	int error = 0;
	int r;

	if (cb == NULL)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_class, state);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &ended);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, &ended);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &error);
	r = nl_send_simple(tree->sock, RTM_GETTCLASS, flags, &tcm, sizeof(tcm));
	while (r >= 0 && !ended && error == 0)
		r = nl_recvmsgs(tree->sock, cb);
	nl_cb_put(cb);
	return error != 0 ? error : r < 0 ? from_nl(r) : 0;
}

struct pair {
	uint64_t l3_bytes[DIRECTIONS];
	bool seen[DIRECTIONS];
};

static void into_pair(const struct reading *reading, enum direction dir, void *arg)
{
	struct pair *pair = arg;

	pair->l3_bytes[dir] = reading->l3_bytes;
	pair->seen[dir] = true;
}

static int read_one(struct tree *tree, enum direction dir, uint16_t minor, struct pair *pair)
{
	struct read_state state = {tree, dir, into_pair, pair};
	/* A single class is only told to who asks for an echo (rtnetlink_send()). */
	int r = read_classes(tree, NLM_F_ACK | NLM_F_ECHO, HANDLE(minor), &state);

	/* Without our qdisc at the root the kernel answers EINVAL or EOPNOTSUPP. */
	if (r == -EINVAL || r == -EOPNOTSUPP)
		return -ENOENT;
	return r < 0 ? r : pair->seen[dir] ? 0 : -ENOENT;
}

static int class_exists(struct tree *tree, enum direction dir, uint16_t minor)
{
	struct pair pair = {0};

	return read_one(tree, dir, minor, &pair);
}

int tree_leaf_meter(struct tree *tree, uint16_t leaf, struct kernel_meter *ret_meter)
{
	struct pair pair = {0};

	for (int dir = 0; dir < DIRECTIONS; dir++) {
		int r = read_one(tree, (enum direction)dir, leaf, &pair);

		if (r < 0)
			return r;
	}
	ret_meter->down_bytes = pair.l3_bytes[DOWN];
	ret_meter->up_bytes = pair.l3_bytes[UP];
	return 0;
}

struct all {
	struct pair *pairs; /* by leaf number */
};

static void into_all(const struct reading *reading, enum direction dir, void *arg)
{
	struct all *all = arg;
	uint32_t minor = reading->handle & 0xffff;

	if (reading->handle >> 16 == 1 && minor >= LEAF_FIRST && minor <= LEAF_LAST)
		into_pair(reading, dir, &all->pairs[minor]);
}

int tree_list(struct tree *tree, kernel_leaf_fn *each, void *arg)
{
	struct all all = {calloc(LEAF_LAST + 1, sizeof(struct pair))};
	int r = 0;

	if (all.pairs == NULL)
		return -ENOMEM;
	for (int dir = 0; dir < DIRECTIONS && r == 0; dir++) {
		struct read_state state = {tree, (enum direction)dir, into_all, &all};

		r = read_classes(tree, NLM_F_DUMP, 0, &state);
	}
	for (uint32_t i = LEAF_FIRST; i <= LEAF_LAST && r == 0; i++) {
		const struct pair *pair = &all.pairs[i];
		struct kernel_leaf leaf = {
			.leaf = (uint16_t)i,
			.meter = {pair->l3_bytes[DOWN], pair->l3_bytes[UP]},
		};

		if (pair->seen[DOWN] && pair->seen[UP])
			each(&leaf, arg);
	}
	free(all.pairs);
	return r;
}
