/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/kernel/maps.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define TABLE "zona"
/* Major number of the class ids: qdisc handle 1:. */
#define CLASSID(leaf) (1U << 16 | (leaf))
/* Room for a transaction of three elements (under 600 bytes), or one dump buffer. */
#define BUFFER_SIZE 32768
/* The kernel answers at once; silence this long means it never will. */
#define REPLY_TIMEOUT_S 5

enum map { MAP_ADMITTED, MAP_DOWNLOAD, MAP_UPLOAD, MAP_COUNT };

static const char *const map_name[MAP_COUNT] = {
	[MAP_ADMITTED] = "admitted",
	[MAP_DOWNLOAD] = "download",
	[MAP_UPLOAD] = "upload",
};

struct maps {
	struct mnl_socket *nl;
	uint32_t seq;
	char buffer[BUFFER_SIZE];
};

int maps_open(struct maps **ret_maps)
{
	AUTO(maps_free) struct maps *maps = calloc(1, sizeof(*maps));
	struct timeval timeout = {.tv_sec = REPLY_TIMEOUT_S};

	if (maps == NULL)
		return -ENOMEM;
	maps->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (maps->nl == NULL || mnl_socket_bind(maps->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	if (setsockopt(mnl_socket_get_fd(maps->nl), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		    sizeof(timeout)) < 0)
		return -errno;
	maps->seq = (uint32_t)time(NULL);
	*ret_maps = TAKE(maps);
	return 0;
}

void maps_free(struct maps *maps)
{
	if (maps == NULL)
		return;
	if (maps->nl != NULL)
		mnl_socket_close(maps->nl);
	free(maps);
}

/* An empty set that names the map in a message. */
static struct nftnl_set *name_map(enum map map)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set == NULL || nftnl_set_set_str(set, NFTNL_SET_TABLE, TABLE) < 0 ||
		nftnl_set_set_str(set, NFTNL_SET_NAME, map_name[map]) < 0)
		abort(); /* no memory: the helper is started again; nothing was sent */
	return set;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static void put_element(struct maps *maps, struct mnl_nlmsg_batch *batch, enum map map,
	uint16_t type, uint16_t flags, const struct kernel_session *session)
{
	struct nftnl_set *set = name_map(map);
	struct nftnl_set_elem *elem = nftnl_set_elem_alloc();
	uint32_t classid = CLASSID(session->leaf);
	struct nlmsghdr *nlh;

	if (elem == NULL)
		abort(); /* as above */
	if (map == MAP_ADMITTED) {
		nftnl_set_elem_set(
			elem, NFTNL_SET_ELEM_KEY, session->mac.b, sizeof(session->mac.b));
		if (type == NFT_MSG_NEWSETELEM)
			nftnl_set_elem_set(
				elem, NFTNL_SET_ELEM_DATA, &session->mark, sizeof(session->mark));
	} else {
		nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, &session->mark, sizeof(session->mark));
		if (type == NFT_MSG_NEWSETELEM)
			nftnl_set_elem_set(elem, NFTNL_SET_ELEM_DATA, &classid, sizeof(classid));
	}
	nftnl_set_elem_add(set, elem);
	nlh = nftnl_nlmsg_build_hdr(
		mnl_nlmsg_batch_current(batch), type, NFPROTO_INET, flags, maps->seq++);
	nftnl_set_elems_nlmsg_build_payload(nlh, set);
	nftnl_set_free(set);
	mnl_nlmsg_batch_next(batch);
}

/* Reads the answer to a transaction: the acknowledgement of its last message, or the first error.
 */
static int read_ack(struct maps *maps, uint32_t first, uint32_t last)
{
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(maps->nl, maps->buffer, sizeof(maps->buffer));
		int left = (int)n;

		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		for (struct nlmsghdr *nlh = (struct nlmsghdr *)maps->buffer;
			mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

			/* Leftovers of an earlier, failed transaction are passed over. */
			if (nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_seq - first > last - first)
				continue;
			if (err->error != 0)
				return err->error;
			if (nlh->nlmsg_seq == last)
				return 0;
		}
	}
}

static struct mnl_nlmsg_batch *batch_begin(struct maps *maps)
{
	struct mnl_nlmsg_batch *batch = mnl_nlmsg_batch_start(maps->buffer, sizeof(maps->buffer));

	if (batch == NULL)
		abort();
	nftnl_batch_begin(mnl_nlmsg_batch_current(batch), maps->seq++);
	mnl_nlmsg_batch_next(batch);
	return batch;
}

/* Sends what is in the batch; the message before the end asked for the acknowledgement. */
static int batch_commit(struct maps *maps, struct mnl_nlmsg_batch *batch, uint32_t first)
{
	uint32_t last = maps->seq - 1;
	ssize_t n;

	nftnl_batch_end(mnl_nlmsg_batch_current(batch), maps->seq++);
	mnl_nlmsg_batch_next(batch);
	n = mnl_socket_sendto(maps->nl, mnl_nlmsg_batch_head(batch), mnl_nlmsg_batch_size(batch));
	mnl_nlmsg_batch_stop(batch);
	if (n < 0)
		return -errno;
	return read_ack(maps, first, last);
}

int maps_add(struct maps *maps, const struct kernel_session *session)
{
	uint32_t first = maps->seq;
	struct mnl_nlmsg_batch *batch = batch_begin(maps);

	put_element(
		maps, batch, MAP_DOWNLOAD, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, session);
	put_element(
		maps, batch, MAP_UPLOAD, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, session);
	put_element(maps, batch, MAP_ADMITTED, NFT_MSG_NEWSETELEM,
		NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, session);
	return batch_commit(maps, batch, first);
}

static int remove_one(struct maps *maps, enum map map, const struct kernel_session *session)
{
	uint32_t first = maps->seq;
	struct mnl_nlmsg_batch *batch = batch_begin(maps);
	int r;

	put_element(maps, batch, map, NFT_MSG_DELSETELEM, NLM_F_ACK, session);
	r = batch_commit(maps, batch, first);
	return r == -ENOENT ? 0 : r;
}

int maps_remove(struct maps *maps, const struct kernel_session *session)
{
	uint32_t first = maps->seq;
	struct mnl_nlmsg_batch *batch = batch_begin(maps);
	int r;

	put_element(maps, batch, MAP_ADMITTED, NFT_MSG_DELSETELEM, 0, session);
	put_element(maps, batch, MAP_DOWNLOAD, NFT_MSG_DELSETELEM, 0, session);
	put_element(maps, batch, MAP_UPLOAD, NFT_MSG_DELSETELEM, NLM_F_ACK, session);
	r = batch_commit(maps, batch, first);
	if (r != -ENOENT)
		return r;
	/* A part is missing: the transaction did nothing, so each alone. */
	r = 0;
	for (int m = 0; m < MAP_COUNT && r == 0; m++)
		r = remove_one(maps, (enum map)m, session);
	return r;
}

int maps_flush(struct maps *maps)
{
	uint32_t first = maps->seq;
	struct mnl_nlmsg_batch *batch = batch_begin(maps);

	for (int m = 0; m < MAP_COUNT; m++) {
		struct nlmsghdr *nlh =
			nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(batch), NFT_MSG_DELSETELEM,
				NFPROTO_INET, m == MAP_COUNT - 1 ? NLM_F_ACK : 0, maps->seq++);
		struct nftnl_set *set = name_map((enum map)m);

		nftnl_set_nlmsg_build_payload(nlh, set);
		nftnl_set_free(set);
		mnl_nlmsg_batch_next(batch);
	}
	return batch_commit(maps, batch, first);
}

int maps_check(struct maps *maps)
{
	struct nftnl_table *table = nftnl_table_alloc();
	uint32_t seq = maps->seq++;
	struct nlmsghdr *nlh;

	if (table == NULL)
		return -ENOMEM;
	nlh = nftnl_nlmsg_build_hdr(maps->buffer, NFT_MSG_GETTABLE, NFPROTO_INET, NLM_F_ACK, seq);
	(void)nftnl_table_set_str(table, NFTNL_TABLE_NAME, TABLE);
	nftnl_table_nlmsg_build_payload(nlh, table);
	nftnl_table_free(table);
	if (mnl_socket_sendto(maps->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return read_ack(maps, seq, seq);
}

/* ---- listing --------------------------------------------------------------------------------- */

struct element {
	uint32_t mark;
	uint32_t value; /* class id of a mark */
	struct mac_addr mac;
};

struct dump {
	enum map map;
	struct element *elements;
	size_t count, room;
	int error;
};

static int dump_element(struct nftnl_set_elem *elem, void *arg)
{
	struct dump *dump = arg;
	uint32_t key_size = 0, data_size = 0;
	const void *key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY, &key_size);
	const void *data = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_DATA, &data_size);
	struct element e = {0};

	if (key == NULL || data == NULL || data_size != sizeof(uint32_t))
		return 0;
	if (dump->count == dump->room) {
		size_t room = dump->room == 0 ? 1024 : dump->room * 2;
		struct element *more = reallocarray(dump->elements, room, sizeof(*more));

		if (more == NULL) {
			dump->error = -ENOMEM;
			return -1;
		}
		dump->elements = more;
		dump->room = room;
	}
	if (dump->map == MAP_ADMITTED && key_size == sizeof(e.mac)) {
		memcpy(&e.mac, key, sizeof(e.mac));
		memcpy(&e.mark, data, sizeof(e.mark));
	} else if (dump->map != MAP_ADMITTED && key_size == sizeof(e.mark)) {
		memcpy(&e.mark, key, sizeof(e.mark));
		memcpy(&e.value, data, sizeof(e.value));
	} else {
		return 0;
	}
	dump->elements[dump->count++] = e;
	return 0;
}

static int dump_message(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *dump = arg;
	struct nftnl_set *set = nftnl_set_alloc();

	if (set == NULL) {
		dump->error = -ENOMEM;
		return MNL_CB_ERROR;
	}
	if (nftnl_set_elems_nlmsg_parse(nlh, set) == 0)
		(void)nftnl_set_elem_foreach(set, dump_element, dump);
	nftnl_set_free(set);
	return dump->error != 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int dump_map(struct maps *maps, struct dump *dump)
{
	uint32_t seq = maps->seq++;
	struct nlmsghdr *nlh = nftnl_nlmsg_build_hdr(
		maps->buffer, NFT_MSG_GETSETELEM, NFPROTO_INET, NLM_F_DUMP, seq);
	struct nftnl_set *set = name_map(dump->map);
	int r = MNL_CB_OK;

	nftnl_set_elems_nlmsg_build_payload(nlh, set);
	nftnl_set_free(set);
	if (mnl_socket_sendto(maps->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (r > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(maps->nl, maps->buffer, sizeof(maps->buffer));

		if (n < 0)
			return -errno;
		nlh = (struct nlmsghdr *)maps->buffer;
		if (nlh->nlmsg_seq != seq)
			continue; /* a leftover of an earlier request */
		r = mnl_cb_run(maps->buffer, (size_t)n, seq, mnl_socket_get_portid(maps->nl),
			dump_message, dump);
	}
	if (dump->error != 0)
		return dump->error;
	return r < 0 ? -errno : 0;
}

static int by_mark(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->mark < y->mark ? -1 : x->mark > y->mark;
}

/* The next element of a sorted list with this mark, or NULL. */
static const struct element *take(const struct dump *dump, size_t *at, uint32_t mark)
{
	if (*at < dump->count && dump->elements[*at].mark == mark)
		return &dump->elements[(*at)++];
	return NULL;
}

/* Walks the three sorted lists together, one mark at a time. */
static void join(const struct dump dumps[MAP_COUNT], kernel_session_fn *each, void *arg)
{
	size_t at[MAP_COUNT] = {0};

	for (;;) {
		const struct element *found[MAP_COUNT];
		struct kernel_session session = {0};
		bool any = false;

		for (int m = 0; m < MAP_COUNT; m++) {
			const struct dump *d = &dumps[m];

			if (at[m] < d->count && (!any || d->elements[at[m]].mark < session.mark)) {
				session.mark = d->elements[at[m]].mark;
				any = true;
			}
		}
		if (!any)
			return;
		for (int m = 0; m < MAP_COUNT; m++)
			found[m] = take(&dumps[m], &at[m], session.mark);
		if (found[MAP_ADMITTED] != NULL)
			session.mac = found[MAP_ADMITTED]->mac;
		if (found[MAP_ADMITTED] != NULL && found[MAP_DOWNLOAD] != NULL &&
			found[MAP_UPLOAD] != NULL &&
			found[MAP_DOWNLOAD]->value == found[MAP_UPLOAD]->value)
			session.leaf = (uint16_t)(found[MAP_UPLOAD]->value & 0xffff);
		each(&session, arg);
	}
}

int maps_list(struct maps *maps, kernel_session_fn *each, void *arg)
{
	struct dump dumps[MAP_COUNT] = {0};
	int r = 0;

	for (int m = 0; m < MAP_COUNT && r == 0; m++) {
		dumps[m].map = (enum map)m;
		r = dump_map(maps, &dumps[m]);
		if (r == 0 && dumps[m].count > 1)
			qsort(dumps[m].elements, dumps[m].count, sizeof(struct element), by_mark);
	}
	if (r == 0)
		join(dumps, each, arg);
	for (int m = 0; m < MAP_COUNT; m++)
		free(dumps[m].elements);
	return r;
}
