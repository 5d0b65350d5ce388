/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificate and key: reading, refusing, and replacing them under a worker that serves. */
#include "portal/listen.h"
#include "portal/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/portal_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>
#include <time.h>

#define PEM_SIZE 8192
#define HOST "wifi.cartagena.example"

static char root[ROOT_SIZE], certificate_path[ROOT_SIZE + 16], key_path[ROOT_SIZE + 16];

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_certificate(gnutls_x509_privkey_t key, unsigned char serial, char pem[PEM_SIZE])
{
	gnutls_x509_crt_t certificate;
	size_t size = PEM_SIZE;

	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	assert_int_equal(gnutls_x509_crt_set_version(certificate, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(certificate, &serial, 1), 0);
	assert_int_equal(gnutls_x509_crt_set_dn(certificate, "CN=" HOST, NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(certificate, time(NULL) - 3600), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(certificate, time(NULL) + 3600), 0);
	assert_int_equal(gnutls_x509_crt_set_key(certificate, key), 0);
	assert_int_equal(
		gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_PEM, pem, &size), 0);
	pem[size] = '\0';
	gnutls_x509_crt_deinit(certificate);
}

/* Writes a self-signed pair that can be told by its serial number. */
static void make_pair(unsigned char serial)
{
	char pem[PEM_SIZE];
	size_t size = sizeof(pem);
	gnutls_x509_privkey_t key;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, 256, 0), 0);
	assert_int_equal(gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, pem, &size), 0);
	pem[size] = '\0';
	write_file(key_path, pem);
	make_certificate(key, serial, pem);
	write_file(certificate_path, pem);
	gnutls_x509_privkey_deinit(key);
}

static void a_pair_must_fit(void **state)
{
	AUTO(tls_pair_free) struct tls_pair *pair = NULL, *copy = NULL;
	struct tls_pair *none = NULL;
	const char *which = NULL;

	(void)state;
	make_pair(1);
	assert_int_equal(tls_pair_read(certificate_path, key_path, &pair, &which), 0);
	copy = tls_pair_copy(pair);
	assert_string_equal(copy->key, pair->key);
	assert_string_equal(copy->certificate, pair->certificate);
	make_pair(2);
	write_file(certificate_path, pair->certificate); /* of another key */
	assert_int_equal(tls_pair_read(certificate_path, key_path, &none, &which), -EKEYREJECTED);
	write_file(key_path, "nonsense");
	assert_int_equal(tls_pair_read(certificate_path, key_path, &none, &which), -EKEYREJECTED);
	assert_string_equal(which, key_path);
	write_file(key_path, "");
	assert_int_equal(tls_pair_read(certificate_path, key_path, &none, &which), -EFBIG);
	assert_int_equal(tls_pair_read("/nowhere", key_path, &none, &which), -ENOENT);
	assert_string_equal(which, "/nowhere");
	assert_int_equal(tls_pair_read(root, key_path, &none, &which), -EINVAL);
	assert_null(none);
}

static void a_change_is_seen_once(void **state)
{
	struct tls_watch watch = {0};

	(void)state;
	make_pair(1);
	assert_true(tls_watch_changed(&watch, certificate_path, key_path));
	assert_false(tls_watch_changed(&watch, certificate_path, key_path));
	write_file(key_path, "another");
	assert_true(tls_watch_changed(&watch, certificate_path, key_path));
	assert_false(tls_watch_changed(&watch, certificate_path, key_path));
	assert_int_equal(unlink(key_path), 0); /* about to be replaced */
	assert_false(tls_watch_changed(&watch, certificate_path, key_path));
	write_file(key_path, "another again");
	assert_true(tls_watch_changed(&watch, certificate_path, key_path));
}

/* ---- a worker with HTTPS ------------------------------------------------------------------------
 */

static bool no_answer(void *context, const json_t *request, json_t *reply)
{
	(void)context;
	(void)request;
	(void)reply;
	return false;
}

static int tcp_connect(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_return_code(connect(fd, (const struct sockaddr *)&address, sizeof(address)), errno);
	return fd;
}

static unsigned char serial_of(gnutls_session_t session)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	unsigned char serial[20];
	size_t size = sizeof(serial);
	gnutls_x509_crt_t certificate;

	assert_true(count > 0);
	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	assert_int_equal(gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_serial(certificate, serial, &size), 0);
	gnutls_x509_crt_deinit(certificate);
	return serial[size - 1];
}

static gnutls_certificate_credentials_t credentials;

static gnutls_session_t open_session(int fd)
{
	gnutls_session_t session;

	assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT), 0);
	assert_int_equal(gnutls_set_default_priority(session), 0);
	assert_int_equal(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), 0);
	gnutls_transport_set_int(session, fd);
	gnutls_handshake_set_timeout(session, 10000);
	assert_int_equal(gnutls_handshake(session), 0);
	return session;
}

/* Reads /terms over the session, and ends it. */
static void read_terms(gnutls_session_t session, int fd)
{
	static const char request[] = "GET /terms HTTP/1.1\r\nHost: " HOST "\r\n\r\n";
	char answer[512] = "";

	assert_int_equal(
		gnutls_record_send(session, request, sizeof(request) - 1), sizeof(request) - 1);
	assert_true(gnutls_record_recv(session, answer, sizeof(answer) - 1) > 0);
	assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
	gnutls_deinit(session);
	(void)close(fd);
}

static unsigned char served_serial(uint16_t port)
{
	int fd = tcp_connect(port);
	gnutls_session_t session = open_session(fd);
	unsigned char serial = serial_of(session);

	read_terms(session, fd);
	return serial;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin6_port);
}

static struct site *a_site(void)
{
	struct site *site = calloc(1, sizeof(*site));

	site->host = strdup(HOST);
	site->url = strdup("https://" HOST "/");
	site->zone_name = strdup("Plaza");
	site->codes[0] = asset_language(0);
	site->language_count = 1;
	return site;
}

static struct tls_pair *read_pair(void)
{
	struct tls_pair *pair = NULL;
	const char *which;

	assert_int_equal(tls_pair_read(certificate_path, key_path, &pair, &which), 0);
	return pair;
}

static void a_new_certificate_cuts_nobody_off(void **state)
{
	static const struct token_key key;
	struct stand_in controller = {.answer = no_answer};
	struct template_error error;
	struct pages *pages = NULL;
	struct worker *worker = NULL;
	int fds[2];

	(void)state;
	make_pair(1);
	stand_in_start(&controller, root);
	assert_int_equal(pages_new(&pages, &error), 0);
	assert_int_equal(listen_open(0, 1, &fds[0]), 0);
	assert_int_equal(listen_open(0, 1, &fds[1]), 0);
	const struct worker_config config = {
		.http_fd = fds[0],
		.https_fd = fds[1],
		.control_dir_fd = -1,
		.control_socket = controller.path,
		.pages = pages,
		.key = &key,
		.limiter = limiter_new(1000, 1000),
		.accept_limiter = limiter_new(1000, 1000),
	};
	assert_int_equal(worker_new(&config, a_site(), read_pair(), &worker), 0);
	assert_int_equal(worker_start(worker), 0);
	uint16_t port = port_of(fds[1]);
	assert_int_equal(served_serial(port), 1);
	/* More often than there are places for old servers, with a connection open all the time. */
	int open_fd = tcp_connect(port);
	gnutls_session_t open_one = open_session(open_fd);
	for (unsigned char serial = 2; serial < 8; serial++) {
		make_pair(serial);
		worker_set_pair(worker, read_pair());
		(void)usleep(50 * 1000);
		unsigned char served = served_serial(port);
		assert_true(served == serial || serial > 3);
	}
	(void)usleep(1500 * 1000); /* a place becomes free within a second */
	assert_int_equal(served_serial(port), 7);
	read_terms(open_one, open_fd);
	worker_free(worker);
	limiter_free(config.limiter);
	limiter_free(config.accept_limiter);
	listen_close(2, fds);
	pages_free(pages);
	stand_in_stop(&controller);
}

static int set_up(void **state)
{
	(void)state;
	make_root(root);
	(void)snprintf(certificate_path, sizeof(certificate_path), "%s/cert.pem", root);
	(void)snprintf(key_path, sizeof(key_path), "%s/key.pem", root);
	return gnutls_certificate_allocate_credentials(&credentials);
}

static int tear_down(void **state)
{
	(void)state;
	gnutls_certificate_free_credentials(credentials);
	(void)unlink(certificate_path);
	(void)unlink(key_path);
	(void)rmdir(root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_must_fit),
		cmocka_unit_test(a_change_is_seen_once),
		cmocka_unit_test(a_new_certificate_cuts_nobody_off),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, set_up, tear_down);
}
