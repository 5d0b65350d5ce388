/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets at a rate that Python cannot reach.
 *
 *   blast udp    UDP datagrams to a list of targets, from one or many source addresses
 *   blast frames whole Ethernet frames read from standard input (2 bytes of length, big endian,
 *                before each; frames.py builds them), sent round and round
 *   blast sink   receives UDP and counts
 *
 * Prints one JSON object: packets, seconds, per_second (and bytes for sink). */
#include "common/addr.h"
#include "common/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

enum {
	BATCH = 64, /* messages a system call */
	TARGETS_MAX = 64,
	FRAMES_MAX = 4096,
	PACKET_MAX = 2048, /* an Ethernet frame and a bit */
};

struct options {
	struct sockaddr_storage targets[TARGETS_MAX];
	socklen_t target_sizes[TARGETS_MAX];
	unsigned target_count;
	uint32_t first; /* source addresses, host order; 0: the kernel's choice */
	unsigned count;
	unsigned size; /* payload bytes of a datagram: 18 make a 64-byte frame over IPv4 */
	double rate;   /* packets a second; 0: as many as go */
	double seconds;
	unsigned port;
	const char *interface;
};

struct frame {
	size_t size;
	char data[PACKET_MAX];
};

/* Room for one address of struct in_pktinfo. */
union source {
	char buffer[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct cmsghdr align;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((noreturn)) static void fatal(const char *what)
{
	(void)fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void report(uint64_t packets, uint64_t bytes, double seconds)
{
	printf("{\"packets\": %llu, \"bytes\": %llu, \"seconds\": %.3f, \"per_second\": %.1f}\n",
		(unsigned long long)packets, (unsigned long long)bytes, seconds,
		(double)packets / seconds);
}

/* How many packets may go now at the rate; sleeps when none may. */
static unsigned allowance(const struct options *o, double started, uint64_t sent)
{
	static const struct timespec nap = {0, 200000};

	if (o->rate <= 0)
		return BATCH;
	double due = (now_s() - started) * o->rate - (double)sent;
	if (due >= 1)
		return due > BATCH ? BATCH : (unsigned)due;
	(void)nanosleep(&nap, NULL);
	return 0;
}

/* Sends count messages; a full queue or a refusal by the far side (an ICMP error) is not an end. */
static unsigned send_batch(int fd, struct mmsghdr *messages, unsigned count)
{
	int n = sendmmsg(fd, messages, count, 0);

	if (n >= 0)
		return (unsigned)n;
	if (errno == ENOBUFS || errno == EAGAIN || errno == ECONNREFUSED || errno == EPERM ||
		errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EACCES)
		return 0;
	fatal("sendmmsg");
}

/* ---- udp --------------------------------------------------------------------------------------*/
static void set_source(struct msghdr *message, union source *room, uint32_t address)
{
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(address)};

	message->msg_control = room->buffer;
	message->msg_controllen = sizeof(room->buffer);
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static int udp_socket(int family, unsigned port)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = 8 << 20;

	if (fd < 0)
		fatal("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (family == AF_INET6 ? bind(fd, (struct sockaddr *)&any6, sizeof(any6)) != 0
			       : bind(fd, (struct sockaddr *)&any4, sizeof(any4)) != 0)
		fatal("bind");
	return fd;
}

static void blast_udp(const struct options *o)
{
	static char payload[65536];
	struct mmsghdr messages[BATCH] = {0};
	union source sources[BATCH];
	struct iovec part = {payload, o->size};
	int fds[2] = {udp_socket(AF_INET, 0), udp_socket(AF_INET6, 0)};
	uint64_t sent = 0, turn = 0;
	double started = now_s();

	memset(payload, 'z', sizeof(payload));
	memset(sources, 0, sizeof(sources));
	while (now_s() < started + o->seconds) {
		unsigned count = allowance(o, started, sent);
		/* One family a batch: a batch is one socket's. */
		unsigned target = (unsigned)(turn / BATCH % o->target_count);
		for (unsigned i = 0; i < count; i++, turn++) {
			struct msghdr *m = &messages[i].msg_hdr;
			m->msg_name = (void *)(uintptr_t)&o->targets[target];
			m->msg_namelen = o->target_sizes[target];
			m->msg_iov = &part;
			m->msg_iovlen = 1;
			if (o->first != 0)
				set_source(m, &sources[i], o->first + (uint32_t)(turn % o->count));
		}
		if (count > 0)
			sent += send_batch(
				fds[o->targets[target].ss_family == AF_INET6], messages, count);
	}
	report(sent, sent * o->size, now_s() - started);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* ---- frames -----------------------------------------------------------------------------------*/
static unsigned read_frames(struct frame *frames)
{
	unsigned count = 0;
	unsigned char head[2];

	while (count < FRAMES_MAX && fread(head, 1, 2, stdin) == 2) {
		struct frame *f = &frames[count++];
		f->size = (size_t)head[0] << 8 | head[1];
		if (f->size > PACKET_MAX || fread(f->data, 1, f->size, stdin) != f->size) {
			(void)fputs("blast: bad frame on standard input\n", stderr);
			exit(2);
		}
	}
	if (count == 0) {
		(void)fputs("blast: no frame on standard input\n", stderr);
		exit(2);
	}
	return count;
}

static int packet_socket(const char *interface)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = 0};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	to.sll_ifindex = (int)if_nametoindex(interface != NULL ? interface : "eth0");
	if (fd < 0 || to.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fatal("packet socket");
	return fd;
}

static void blast_frames(const struct options *o)
{
	static struct frame frames[FRAMES_MAX];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	unsigned frame_count = read_frames(frames);
	int fd = packet_socket(o->interface);
	uint64_t sent = 0, bytes = 0;
	double started = now_s();

	while (now_s() < started + o->seconds) {
		unsigned count = allowance(o, started, sent);
		for (unsigned i = 0; i < count; i++) {
			struct frame *f = &frames[(sent + i) % frame_count];
			parts[i] = (struct iovec){f->data, f->size};
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		unsigned done = count > 0 ? send_batch(fd, messages, count) : 0;
		for (unsigned i = 0; i < done; i++)
			bytes += parts[i].iov_len;
		sent += done;
	}
	report(sent, bytes, now_s() - started);
	(void)close(fd);
}

/* ---- sink -------------------------------------------------------------------------------------*/
static void sink(const struct options *o)
{
	static char buffers[BATCH][PACKET_MAX];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	struct timeval patience = {0, 100000};
	int fd = udp_socket(AF_INET6, o->port);
	uint64_t packets = 0, bytes = 0;
	double first = 0, last = 0, started = now_s();

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){buffers[i], PACKET_MAX};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (now_s() < started + o->seconds) {
		int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
		if (n <= 0)
			continue;
		last = now_s();
		first = first > 0 ? first : last;
		packets += (uint64_t)n;
		for (int i = 0; i < n; i++)
			bytes += messages[i].msg_len;
	}
	/* From the first packet to the last: the sender need not start on time. */
	report(packets, bytes, last > first ? last - first : o->seconds);
	(void)close(fd);
}

/* ---- options ----------------------------------------------------------------------------------*/
/* IPv4:PORT or [IPv6]:PORT */
static void add_target(struct options *o, const char *text)
{
	char address[INET6_ADDRSTRLEN] = "";
	unsigned port = 0, i = o->target_count++;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&o->targets[i % TARGETS_MAX];
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&o->targets[i % TARGETS_MAX];

	if (i >= TARGETS_MAX) {
		(void)fputs("blast: too many targets\n", stderr);
	} else if (sscanf(text, "[%45[0-9a-fA-F:]]:%u", address, &port) == 2 &&
		   inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		o->target_sizes[i] = sizeof(*v6);
		return;
	} else if (sscanf(text, "%15[0-9.]:%u", address, &port) == 2 &&
		   inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		o->target_sizes[i] = sizeof(*v4);
		return;
	} else {
		(void)fprintf(stderr, "blast: not ADDRESS:PORT: %s\n", text);
	}
	exit(2);
}

static void set_first(struct options *o, const char *text)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1) {
		(void)fprintf(stderr, "blast: not an IPv4 address: %s\n", text);
		exit(2);
	}
	o->first = ntohl(in.s_addr);
}

static void read_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {{"to", 1, NULL, 't'}, {"first", 1, NULL, 'f'},
		{"count", 1, NULL, 'n'}, {"size", 1, NULL, 'b'}, {"rate", 1, NULL, 'r'},
		{"seconds", 1, NULL, 's'}, {"port", 1, NULL, 'p'}, {"interface", 1, NULL, 'i'},
		{0}};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 't':
			add_target(o, optarg);
			break;
		case 'f':
			set_first(o, optarg);
			break;
		case 'n':
			o->count = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'b':
			o->size = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			o->rate = strtod(optarg, NULL);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		case 'p':
			o->port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'i':
			o->interface = optarg;
			break;
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct options o = {.count = 1, .size = 18, .seconds = 1, .port = 9};
	const char *mode = argc > 1 ? argv[1] : "";

	if (argc > 1)
		read_options(argc - 1, argv + 1, &o);
	if (strcmp(mode, "udp") == 0 && o.target_count > 0 && o.count > 0 && o.size <= 65000) {
		blast_udp(&o);
	} else if (strcmp(mode, "frames") == 0) {
		blast_frames(&o);
	} else if (strcmp(mode, "sink") == 0) {
		sink(&o);
	} else {
		(void)fputs("usage: blast udp --to IP:PORT … [--first IP --count N] [--size N]\n"
			    "       blast frames [--interface NAME] < frames\n"
			    "       blast sink [--port N]\n"
			    "       each with [--seconds S] [--rate PACKETS_PER_SECOND]\n",
			stderr);
		return 2;
	}
	return 0;
}
