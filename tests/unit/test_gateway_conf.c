/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With --print-options as argument: the block of docs/configuration.md that is kept in step. */
#include "tests/unit/bad_conf.h"

#include "policies/gateway_conf.h"
#include "policies/schemas.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#define FILE_NAME "gateway.conf"

#define IDS "gateway = \"g\"\nzone = \"z\"\n"
#define LAN "lan { interface = \"l\" }\n"
#define UPLINK "uplink { interface = \"u\" down = \"1mbit\" up = \"1mbit\" }\n"
#define BASE IDS LAN UPLINK						  /* 4 lines */
#define UP(options) IDS LAN "uplink { interface = \"u\"\n" options " }\n" /* options in line 5 */
#define X10 "xxxxxxxxxx"
#define X64 X10 X10 X10 X10 X10 X10 "xxxx"
#define X256 X64 X64 X64 X64

static const struct bad_conf bad[] = {
	/* characters and structure */
	{BASE "\x01", 5, "control character (byte 0x01)"},
	{BASE "user = \"a\x07\"", 5, "control character (byte 0x07)"},
	{BASE "# \x1b[31m", 5, "control character (byte 0x1b)"},
	{BASE "/*\n\x7f */", 6, "control character (byte 0x7f)"},
	{"gateway = \"g\"\r", 1, "control character (byte 0x0d)"},
	{BASE "user = \"a\r\"", 5, "control character (byte 0x0d)"},
	{BASE "user = \"\xff\"", 5, "byte 0xff is not valid UTF-8"},
	{BASE "\n\nuser = \"caf\xe9\"", 7, "byte 0xe9 is not valid UTF-8"},
	{BASE "# \xc3(", 5, "byte 0xc3 is not valid UTF-8"},
	{BASE "# \xc0\xaf", 5, "byte 0xc0 is not valid UTF-8"},
	{BASE "# \xe0\x80\xaf", 5, "byte 0xe0 is not valid UTF-8"},
	{BASE "# \xed\xa0\x80", 5, "byte 0xed is not valid UTF-8"},
	{BASE "# \xf4\x90\x80\x80", 5, "byte 0xf4 is not valid UTF-8"},
	{BASE "# \xf0\x9f\x98", 5, "byte 0xf0 is not valid UTF-8"},
	{BASE "# \x80", 5, "byte 0x80 is not valid UTF-8"},
	{BASE "user = \"\xc2\x9b\"", 5, "byte 0xc2 is not valid UTF-8"},
	{BASE "user = \"a", 5, "string is not closed"},
	{BASE "user = \"a\nzone = \"b\"", 5, "string is not closed"},
	{BASE "user = 'a", 5, "string is not closed"},
	{BASE "user = \"a'", 5, "string is not closed"},
	{BASE "user = \"a\\", 5, "backslash in a string"},
	{BASE "user = \"a\\n\"", 5, "only \\\" and \\\\ are known"},
	{BASE "user = \"a\\x41\"", 5, "backslash in a string"},
	{BASE "user = \"\\0\"", 5, "backslash in a string"},
	{BASE "user = \"a\\\nb\"", 5, "backslash in a string"},
	{BASE "user = 'a\\n'", 5, "only \\' and \\\\ are known"},
	{BASE "state-dir = \"${HOME}\"", 5, "variables are not replaced"},
	{BASE "state-dir = \"/x/${HOME:-/tmp}/y\"", 5, "variables are not replaced"},
	{BASE "state-dir = '${HOME}'", 5, "variables are not replaced"},
	{BASE "state-dir = ${HOME}", 5, "'$' outside quotes"},
	{BASE "/* never closed\n\n", 5, "comment that begins here is not closed"},
	{BASE "user = \"a\" /*/", 5, "comment that begins here is not closed"},
	{BASE "include(\"/etc/passwd\")", 5, "include() is refused"},
	{BASE "include (\"a\")", 5, "include() is refused"},
	{BASE ")", 5, "')' outside quotes"},
	{BASE "user = a;", 5, "';' outside quotes"},
	{BASE "user += \"a\"", 5, "'+' outside quotes"},
	{BASE "lan|interface = x", 5, "'|' outside quotes"},
	{BASE "state-dir = /var/lib/zona", 5, "'/' outside quotes"},
	{BASE "redis { url = redis://h }", 5, "':' outside quotes"},
	{BASE "user = a*b", 5, "'*' outside quotes"},
	{BASE "user = ñ", 5, "'ñ' outside quotes"},
	{BASE "user = `id`", 5, "'`' outside quotes"},
	{BASE "user = a\\", 5, "'\\' outside quotes"},
	{BASE "[portal]", 5, "'[' outside quotes"},
	{BASE "<portal>", 5, "'<' outside quotes"},
	{BASE "user: a", 5, "':' outside quotes"},
	{BASE "%", 5, "'%' outside quotes"},
	{BASE "}", 5, "'}' without a '{'"},
	{BASE "portal { } }", 5, "'}' without a '{'"},
	{BASE "portal {\n\n", 5, "'{' of this line is not closed"},
	{BASE "\nportal {\n redis {\n }", 6, "'{' of this line is not closed"},
	{BASE "portal {{{{{{{{{", 5, "too many '{'"},
	{BASE "{ }", 5, "unexpected token '{'"},
	{BASE "portal { { } }", 5, "unexpected token '{'"},
	{BASE "= 5", 5, "unexpected token '='"},
	{BASE ", user = a", 5, "unexpected token ','"},
	{BASE "user", 5, "end of file"},
	{BASE "user = ", 5, "end of file"},
	{BASE "user \"a\"", 5, "missing equal sign after option 'user'"},
	{BASE "user = = a", 5, "unexpected token '='"},
	{BASE "user = { \"a\" }", 5, "unexpected token '{'"},
	{BASE "user { }", 5, "missing equal sign after option 'user'"},
	{BASE "user =\noperators = \"x\"", 6, "unexpected token '='"},
	{BASE "user = a b", 5, "no such option 'b'"},
	{BASE "user = a, operators = b", 5, "unexpected token ','"},
	{BASE "portal = { }", 5, "missing opening brace for section 'portal'"},
	{BASE "portal", 5, "end of file"},
	{BASE "portal \"x\" { }", 5, "missing opening brace for section 'portal'"},
	{BASE "portal { host }", 5, "missing equal sign after option 'host'"},
	{BASE "portal { host = }", 5, "unexpected token '}'"},
	{BASE "portal { host = a = b }", 5, "unexpected token '='"},
	/* names */
	{"x = 1", 1, "no such option 'x'; known here: gateway, zone, policies"},
	{"\n\n  gatewy = \"g\"", 3, "no such option 'gatewy'"},
	{BASE "Zone = \"z\"", 5, "no such option 'Zone'"},
	{BASE "lan2 { interface = \"b\" }", 5, "no such option 'lan2'"},
	{BASE "interface = \"b\"", 5, "no such option 'interface'"},
	{BASE "\"\" = \"b\"", 5, "a string where the name of an option is expected"},
	{BASE "\"user\" = \"b\"", 5, "a string where the name of an option is expected"},
	{BASE "user = a \"portal|host\" = b", 5, "a string where the name of an option"},
	{BASE "portal {\n'host' = b }", 6, "a string where the name of an option is expected"},
	{BASE "user = \"a\" \"b\"", 5, "a string where the name of an option is expected"},
	{BASE X256 X256 " = 1", 5, "no such option 'xxxx"},
	{BASE "class \"c\" { }", 5, "no such option 'class'"},
	{BASE "portal { hots = \"a.b\" }", 5,
		"no such option 'hots'; known here: host, http-port, https-port, certificate, key"},
	{BASE "portal {\n host = \"a.b\"\n user = \"u\"\n}", 7, "no such option 'user'"},
	{BASE "limits { lan { } }", 5, "no such option 'lan'"},
	{BASE "redis { path = \"/x\" }", 5, "no such option 'path'; known here: url"},
	/* twice */
	{BASE "gateway = \"h\"", 5, "option 'gateway' is here twice, first in line 1"},
	{BASE "zone = \"z\"", 5, "option 'zone' is here twice, first in line 2"},
	{BASE "lan { interface = \"l2\" }", 5, "section 'lan' is here twice, first in line 3"},
	{BASE "lan { }", 5, "section 'lan' is here twice, first in line 3"},
	{BASE "uplink {\n}", 5, "section 'uplink' is here twice, first in line 4"},
	{BASE "portal { }\nportal { }", 6, "section 'portal' is here twice, first in line 5"},
	{BASE "portal { host = \"a.b\"\nhost = \"a.c\" }", 6,
		"option 'host' is here twice, first in line 5"},
	{BASE "user = \"\" user = \"\"", 5, "option 'user' is here twice"},
	{BASE "limits { devices = 1 devices = 1 }", 5, "option 'devices' is here twice"},
	/* missing */
	{"", 1, "gateway is missing"},
	{"\n# nothing but a comment\n", 1, "gateway is missing"},
	{"zone = \"z\"\n" LAN UPLINK, 1, "gateway is missing"},
	{"gateway = \"g\"\n" LAN UPLINK, 1, "zone is missing"},
	{IDS UPLINK, 1, "lan.interface is missing: expected an interface name"},
	{IDS "lan { }" UPLINK, 3, "lan.interface is missing"},
	{IDS "lan\n{\n}\n" UPLINK, 4, "lan.interface is missing"},
	{IDS LAN, 1, "uplink.interface is missing"},
	{IDS LAN "uplink { down = \"1mbit\" up = \"1mbit\" }", 4, "uplink.interface is missing"},
	{IDS LAN "\nuplink {\ninterface = \"u\"\nup = \"1mbit\" }", 5, "uplink.down is missing"},
	{UP("down = \"1mbit\""), 4, "uplink.up is missing: expected a rate"},
	/* gateway, zone */
	{"gateway = \"\"", 1, "gateway = \"\": expected letters"},
	{"gateway = \"a b\"", 1, "gateway = \"a b\": expected letters"},
	{"gateway = \"-a\"", 1, "gateway = \"-a\""},
	{"gateway = \".\"", 1, "gateway = \".\""},
	{"gateway = \"a/b\"", 1, "gateway = \"a/b\""},
	{"gateway = \"peñón\"", 1, "gateway = \"peñón\""},
	{"gateway = \"" X64 "\"", 1, "1 to 63 bytes"},
	{"zone = \"\"", 1, "zone = \"\": expected lower-case"},
	{"zone = \"San-Francisco\"", 1, "zone = \"San-Francisco\": expected lower-case"},
	{"zone = \"san francisco\"", 1, "zone = \"san francisco\""},
	{"zone = \"san_francisco\"", 1, "zone = \"san_francisco\""},
	{"zone = \"-san\"", 1, "zone = \"-san\""},
	{"zone = \"../x\"", 1, "zone = \"../x\""},
	{"zone = \"" X64 "\"", 1, "1 to 63 bytes"},
	/* paths, accounts, words */
	{BASE "policies = \"\"", 5, "policies = \"\": expected a path"},
	{BASE "policies = \"etc/zona\"", 5,
		"policies = \"etc/zona\": expected a path that begins with '/'"},
	{BASE "policies = \"~/zona\"", 5, "policies = \"~/zona\""},
	{BASE "state-dir = \"\"", 5, "state-dir = \"\""},
	{BASE "state-dir = \"./state\"", 5, "state-dir = \"./state\""},
	{BASE "state-dir = \"/a\tb\"", 5, "a tab in a string"},
	{BASE "state-dir = \"/" X256 X256 X256 X256 "\"", 5, "1 to 1024 bytes"},
	{BASE "control-socket = \"control.sock\"", 5, "control-socket = \"control.sock\""},
	{BASE "control-socket = \"@abstract\"", 5, "control-socket = \"@abstract\""},
	{BASE "control-socket = \"/" X64 X10 X10 X10 X10 "xxx\"", 5, "1 to 107 bytes"},
	{BASE "user = \"1\"", 5, "user = \"1\": expected the name of a user"},
	{BASE "user = \"a b\"", 5, "user = \"a b\""},
	{BASE "user = \"a:b\"", 5, "user = \"a:b\""},
	{BASE "user = \"-x\"", 5, "user = \"-x\""},
	{BASE "user = \"" X10 X10 X10 "xxx\"", 5, "1 to 32 bytes, or \"\""},
	{BASE "operators = \"\"", 5, "operators = \"\""},
	{BASE "operators = \"a,b\"", 5, "operators = \"a,b\""},
	{BASE "timezone = \"/etc/localtime\"", 5, "timezone = \"/etc/localtime\""},
	{BASE "timezone = \"../../etc/passwd\"", 5, "timezone = \"../../etc/passwd\""},
	{BASE "timezone = \"America Bogota\"", 5, "such as America/Bogota"},
	{BASE "on-stop = \"\"", 5, "on-stop = \"\": expected keep or close"},
	{BASE "on-stop = \"Keep\"", 5, "on-stop = \"Keep\": expected keep or close"},
	{BASE "on-stop = true", 5, "on-stop = \"true\": expected keep or close"},
	/* interfaces */
	{IDS "lan { interface = \"\" }", 3, "lan.interface = \"\": expected an interface name"},
	{IDS "lan { interface = \"0123456789abcdef\" }", 3, "1 to 15 bytes"},
	{IDS "lan { interface = \"a/b\" }", 3, "lan.interface = \"a/b\""},
	{IDS "lan { interface = \"a b\" }", 3, "lan.interface = \"a b\""},
	{IDS "lan { interface = \"..\" }", 3, "lan.interface = \"..\""},
	{IDS "lan { interface = \"eth0:1\" }", 3, "lan.interface = \"eth0:1\""},
	{IDS "lan { interface = \"lan*\" }", 3, "lan.interface = \"lan*\""},
	{IDS "lan { interface = 'l\"; flush ruleset' }", 3,
		"lan.interface = \"l\"; flush ruleset\""},
	{IDS "uplink { interface = \"u\" down = \"1mbit\" up = \"1mbit\" }\nlan { interface = u }",
		3, "uplink.interface = \"u\": expected another interface than lan.interface"},
	/* rates */
	{UP("down = \"\""), 5, "uplink.down = \"\": expected a rate such as 512kbit"},
	{UP("down = 100"), 5, "uplink.down = \"100\""},
	{UP("down = \"mbit\""), 5, "uplink.down = \"mbit\""},
	{UP("down = \"100 mbit\""), 5, "uplink.down = \"100 mbit\""},
	{UP("down = \"100Mbit\""), 5, "uplink.down = \"100Mbit\""},
	{UP("down = \"100mbps\""), 5, "uplink.down = \"100mbps\""},
	{UP("down = \"100mbit/s\""), 5, "uplink.down = \"100mbit/s\""},
	{UP("down = \"1.5mbit\""), 5, "uplink.down = \"1.5mbit\""},
	{UP("down = \"1,5mbit\""), 5, "uplink.down = \"1,5mbit\""},
	{UP("down = \"-1mbit\""), 5, "uplink.down = \"-1mbit\""},
	{UP("down = \"+1mbit\""), 5, "uplink.down = \"+1mbit\""},
	{UP("down = \"010mbit\""), 5, "uplink.down = \"010mbit\""},
	{UP("down = \"0x10mbit\""), 5, "uplink.down = \"0x10mbit\""},
	{UP("down = \"1e3kbit\""), 5, "uplink.down = \"1e3kbit\""},
	{UP("down = \"0mbit\""), 5, "from 64kbit to 100gbit"},
	{UP("down = \"63kbit\""), 5, "from 64kbit to 100gbit"},
	{UP("down = \"63999bit\""), 5, "from 64kbit to 100gbit"},
	{UP("down = \"101gbit\""), 5, "from 64kbit to 100gbit"},
	{UP("down = \"18446744073709551616bit\""), 5, "uplink.down = \"18446744073709551616bit\""},
	{UP("down = \"18446744074gbit\""), 5, "uplink.down = \"18446744074gbit\""},
	{UP("down = \"1mbit\" up = \"1mbitx\""), 5, "uplink.up = \"1mbitx\""},
	{UP("down = \"1mbit\"\nup = \"1tbit\""), 6, "uplink.up = \"1tbit\""},
	/* booleans */
	{UP("masquerade = \"\""), 5, "uplink.masquerade = \"\": expected true or false"},
	{UP("masquerade = 1"), 5, "uplink.masquerade = \"1\": expected true or false"},
	{UP("masquerade = TRUE"), 5, "uplink.masquerade = \"TRUE\""},
	{UP("ipv6-masquerade = maybe"), 5, "uplink.ipv6-masquerade = \"maybe\""},
	/* portal */
	{BASE "portal { host = \"\" }", 5, "portal.host = \"\": expected a DNS name"},
	{BASE "portal { host = \"192.0.2.1\" }", 5,
		"portal.host = \"192.0.2.1\": expected a DNS name, not an address"},
	{BASE "portal { host = \"2001:db8::1\" }", 5, "portal.host = \"2001:db8::1\""},
	{BASE "portal { host = \"a..b\" }", 5, "portal.host = \"a..b\""},
	{BASE "portal { host = \".a.b\" }", 5, "portal.host = \".a.b\""},
	{BASE "portal { host = \"a.b.\" }", 5, "portal.host = \"a.b.\""},
	{BASE "portal { host = \"-a.b\" }", 5, "portal.host = \"-a.b\""},
	{BASE "portal { host = \"a-.b\" }", 5, "portal.host = \"a-.b\""},
	{BASE "portal { host = \"a_b.c\" }", 5, "portal.host = \"a_b.c\""},
	{BASE "portal { host = \"http://a.b\" }", 5, "portal.host = \"http://a.b\""},
	{BASE "portal { host = \"a.b:80\" }", 5, "portal.host = \"a.b:80\""},
	{BASE "portal { host = \"" X64 ".b\" }", 5, "portal.host = \"xxx"},
	{BASE "portal { host = \"a." X64 X64 "\" }", 5, "portal.host = \"a.xxx"},
	{BASE "portal { http-port = \"\" }", 5,
		"portal.http-port = \"\": expected a port from 1 to 65535"},
	{BASE "portal { http-port = 0 }", 5, "portal.http-port = \"0\""},
	{BASE "portal { http-port = 65536 }", 5, "portal.http-port = \"65536\""},
	{BASE "portal { http-port = -1 }", 5, "portal.http-port = \"-1\""},
	{BASE "portal { http-port = 080 }", 5, "portal.http-port = \"080\""},
	{BASE "portal { http-port = http }", 5, "portal.http-port = \"http\""},
	{BASE "portal { http-port = 80.0 }", 5, "portal.http-port = \"80.0\""},
	{BASE "portal { https-port = \" 443\" }", 5, "portal.https-port = \" 443\""},
	{BASE "portal { https-port = 99999999999999999999 }", 5,
		"portal.https-port = \"99999999999999999999\""},
	{BASE "portal {\nhttps-port = 8080 }", 6, "expected another port than portal.http-port"},
	{BASE "portal {\nhttp-port = 8443 }", 5, "expected another port than portal.http-port"},
	{BASE "portal { certificate = \"cert.pem\" }", 5, "portal.certificate = \"cert.pem\""},
	{BASE "portal {\n\ncertificate = \"/c.pem\" }", 7, "expected portal.key as well"},
	{BASE "portal {\nkey = \"/k.pem\" }", 6, "expected portal.certificate as well"},
	{BASE "portal { certificate = \"/c.pem\" key = \"\" }", 5, "expected portal.key as well"},
	/* redis */
	{BASE "redis { url = \"localhost\" }", 5,
		"redis.url = \"localhost\": expected redis://HOST"},
	{BASE "redis { url = \"redis://\" }", 5, "redis.url = \"redis://\""},
	{BASE "redis { url = \"redis://:6379\" }", 5, "redis.url = \"redis://:6379\""},
	{BASE "redis { url = \"redis://h:\" }", 5, "redis.url = \"redis://h:\""},
	{BASE "redis { url = \"redis://h:0\" }", 5, "redis.url = \"redis://h:0\""},
	{BASE "redis { url = \"redis://h:65536\" }", 5, "redis.url = \"redis://h:65536\""},
	{BASE "redis { url = \"redis://h:1/0\" }", 5, "redis.url = \"redis://h:1/0\""},
	{BASE "redis { url = \"redis://[::1\" }", 5, "redis.url = \"redis://[::1\""},
	{BASE "redis { url = \"redis://[1.2.3.4]\" }", 5, "redis.url = \"redis://[1.2.3.4]\""},
	{BASE "redis { url = \"redis://::1\" }", 5, "redis.url = \"redis://::1\""},
	{BASE "redis { url = \"http://h\" }", 5, "redis.url = \"http://h\""},
	{BASE "redis { url = \"unix:\" }", 5, "redis.url = \"unix:\""},
	{BASE "redis { url = \"unix:/\" }", 5, "redis.url = \"unix:/\""},
	{BASE "redis { url = \"unix:x.sock\" }", 5, "redis.url = \"unix:x.sock\""},
	{BASE "redis { url = \"redis://" X256 "\" }", 5, "redis.url = \"redis://xxx"},
	/* limits */
	{BASE "limits { connections-per-second = -1 }", 5,
		"limits.connections-per-second = \"-1\""},
	{BASE "limits { connections-per-second = 100001 }", 5,
		"connections a second from 0 to 100000"},
	{BASE "limits { dns-per-second = fast }", 5, "limits.dns-per-second = \"fast\""},
	{BASE "limits { dns-per-second = 1e2 }", 5, "limits.dns-per-second = \"1e2\""},
	{BASE "limits { devices = 0 }", 5, "a whole number of devices from 1 to 60000"},
	{BASE "limits { devices = 60001 }", 5, "limits.devices = \"60001\""},
	{BASE "limits { devices = 4294967296 }", 5, "limits.devices = \"4294967296\""},
};
_Static_assert(ARRAY_SIZE(bad) >= 200, "the issue asks for 200 malformed texts");

static int file_of(const void *text, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_conf(const char *text, struct gateway_conf **ret_conf, struct conf_error *error)
{
	return gateway_conf_read(file_of(text, strlen(text)), FILE_NAME, ret_conf, error);
}

static void test_malformed(void **state)
{
	struct gateway_conf *const untouched = (struct gateway_conf *)(void *)state;

	assert_distinct(bad, ARRAY_SIZE(bad));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct gateway_conf *conf = untouched;
		struct conf_error error = {0};

		assert_refusal(&bad[i], FILE_NAME, read_conf(bad[i].text, &conf, &error), &error);
		assert_ptr_equal(conf, untouched);
	}
}

/* A refusal must leave nothing behind in libconfuse's lexer that the next file would meet. */
static void test_good_after_each_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
		struct conf_error error = {0};

		assert_int_not_equal(read_conf(bad[i].text, &conf, &error), 0);
		assert_int_equal(read_conf(BASE, &conf, &error), 0);
		assert_string_equal(conf->uplink.interface, "u");
	}
}

static void test_defaults(void **state)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};

	(void)state;
	assert_int_equal(read_conf(BASE, &conf, &error), 0);
	assert_string_equal(conf->gateway, "g");
	assert_string_equal(conf->zone, "z");
	assert_string_equal(conf->policies, "/etc/zona/policies");
	assert_string_equal(conf->state_dir, "/var/lib/zona");
	assert_string_equal(conf->user, "");
	assert_string_equal(conf->operators, "zona-operators");
	assert_string_equal(conf->control_socket, "/run/zona/control.sock");
	assert_string_equal(conf->timezone, "");
	assert_false(conf->close_on_stop);
	assert_true(conf->uplink.masquerade);
	assert_true(conf->uplink.ipv6_masquerade);
	assert_string_equal(conf->portal.host, "wifi.cartagena.example");
	assert_int_equal(conf->portal.http_port, 8080);
	assert_int_equal(conf->portal.https_port, 8443);
	assert_string_equal(conf->portal.certificate, "");
	assert_string_equal(conf->portal.key, "");
	assert_string_equal(conf->redis.url, "");
	assert_int_equal(conf->limits.connections_per_second, 100);
	assert_int_equal(conf->limits.dns_per_second, 50);
	assert_int_equal(conf->limits.devices, 20000);
	assert_string_equal(conf->source.file, FILE_NAME);
	assert_int_equal(conf->source.zone_line, 2);
}

static void test_every_option(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# saved by an editor that marks UTF-8 and ends lines its own way\r\n"
		"gateway = \"GW.1_a-b\" zone = \"z-9\"\r\n"
		"/* a comment\n * over lines */ policies = \"/p q\"\n"
		"state-dir = '/s\\'s' // a comment\n"
		"user = \"zona\" operators = \"ops\" control-socket = \"/c\" timezone = "
		"\"America/Bogota\"\n"
		"on-stop = close\n"
		"lan { interface = \"br-lan.10\" }\n"
		"uplink { interface = \"ppp0\" down = \"2500000bit\" up = \"1gbit\"\n"
		"  masquerade = no ipv6-masquerade = \"off\" }\n"
		"portal { host = \"WiFi.Example\" http-port = 80 https-port = \"443\"\n"
		"  certificate = \"/c\\\\d\\\"\" key = \"/k # not a comment\" }\n"
		"redis { url = \"redis://[2001:db8::1]:6380\" }\n"
		"limits { connections-per-second = 0 dns-per-second = 7 devices = 60000 }";
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};

	(void)state;
	if (read_conf(text, &conf, &error) != 0)
		fail_msg("%s", error.text);
	assert_string_equal(conf->gateway, "GW.1_a-b");
	assert_string_equal(conf->policies, "/p q");
	assert_string_equal(conf->state_dir, "/s's");
	assert_string_equal(conf->timezone, "America/Bogota");
	assert_true(conf->close_on_stop);
	assert_string_equal(conf->lan.interface, "br-lan.10");
	assert_int_equal(conf->uplink.down_bps, 2500000);
	assert_int_equal(conf->uplink.up_bps, 1000000000);
	assert_false(conf->uplink.masquerade);
	assert_false(conf->uplink.ipv6_masquerade);
	assert_string_equal(conf->portal.host, "wifi.example");
	assert_int_equal(conf->portal.http_port, 80);
	assert_int_equal(conf->portal.https_port, 443);
	assert_string_equal(conf->portal.certificate, "/c\\d\"");
	assert_string_equal(conf->portal.key, "/k # not a comment");
	assert_string_equal(conf->redis.url, "redis://[2001:db8::1]:6380");
	assert_int_equal(conf->limits.connections_per_second, 0);
	assert_int_equal(conf->limits.devices, 60000);
}

static void assert_redis(const char *url)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};
	char text[512];

	(void)snprintf(text, sizeof(text), BASE "redis { url = \"%s\" }", url);
	assert_int_equal(read_conf(text, &conf, &error), 0);
	assert_string_equal(conf->redis.url, url);
}

static void test_redis_addresses(void **state)
{
	(void)state;
	assert_redis("");
	assert_redis("redis://h");
	assert_redis("redis://192.0.2.1:6379");
	assert_redis("redis://[::1]");
	assert_redis("unix:/run/redis.sock");
}

static void test_nul_bytes(void **state)
{
	static const char texts[][16] = {"gateway\0 = \"g\"", "gateway = \"\0g\"", "#\0", "\0"};
	struct conf_error error = {0};
	struct gateway_conf *conf = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(gateway_conf_read(file_of(texts[i], 15), FILE_NAME, &conf, &error),
			-EINVAL);
		assert_string_equal(error.text, FILE_NAME ":1: a NUL byte: not a text file");
		assert_null(conf);
	}
}

static int read_padded(size_t size, struct gateway_conf **ret_conf, struct conf_error *error)
{
	AUTO_STR text = malloc(size);

	assert_non_null(text);
	memset(text, '\n', size);
	memcpy(text, BASE, strlen(BASE));
	return gateway_conf_read(file_of(text, size), FILE_NAME, ret_conf, error);
}

static void test_size_is_bounded(void **state)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};

	(void)state;
	assert_int_equal(read_padded(CONF_TEXT_MAX + 1, &conf, &error), -EFBIG);
	assert_string_equal(
		error.text, FILE_NAME ":1: larger than 1 MiB: not a configuration file");
	assert_null(conf);
	assert_int_equal(read_padded(CONF_TEXT_MAX, &conf, &error), 0);
}

static void test_unreadable(void **state)
{
	struct gateway_conf *conf = NULL;
	struct conf_error error = {0};

	(void)state;
	assert_int_equal(gateway_conf_read(open(".", O_RDONLY), "dir", &conf, &error), -EISDIR);
	assert_string_equal(error.text, "dir: Is a directory");
	assert_int_equal(gateway_conf_read(-1, "none", &conf, &error), -EBADF);
	assert_null(conf);
}

/* A long name and a long value: the error still fits, ends whole, and is valid text. */
static void test_error_is_cut_between_characters(void **state)
{
	struct conf_error error;
	char name[400], value[1201];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(value) - 1; i += 2)
		memcpy(value + i, "ñ", 2);
	value[sizeof(value) - 1] = '\0';
	for (unsigned line = 1; line < 100000; line *= 10) {
		size_t length = 0;

		(void)conf_error_set(&error, name, line, "%s", value);
		assert_string_equal(error.text + strlen(error.text) - 3, "...");
		for (const char *c = error.text; *c != '\0'; c += length) {
			length = conf_utf8_length(c, strlen(c));
			assert_int_not_equal(length, 0);
		}
	}
}

/* Found by fuzz_conf: a value was cut after 60 bytes, in the middle of a character. */
static void test_value_is_cut_between_characters(void **state)
{
	char text[256];

	(void)state;
	for (int before = 50; before < 60; before++) {
		struct gateway_conf *conf = NULL;
		struct conf_error error = {0};

		(void)snprintf(text, sizeof(text), "gateway = \"%.*sñññññññññññ\"", before, X64);
		assert_int_equal(read_conf(text, &conf, &error), -EINVAL);
		for (const char *c = error.text; *c != '\0'; c += conf_utf8_length(c, strlen(c)))
			assert_int_not_equal(conf_utf8_length(c, strlen(c)), 0);
	}
}

static char *printed(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print(out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_sample_loads(void **state)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};
	AUTO_STR sample = printed(conf_print_sample);

	(void)state;
	if (read_conf(sample, &conf, &error) != 0)
		fail_msg("%s", error.text);
	assert_string_equal(conf->gateway, "gw-san-francisco-1");
	assert_int_equal(conf->uplink.down_bps, 100000000);
}

/* Each comment line "# key = value" of the sample, uncommented, says what is so anyway. */
static void test_sample_states_the_defaults(void **state)
{
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL, *spelled = NULL;
	struct conf_error error = {0};
	AUTO_STR sample = printed(conf_print_sample);
	AUTO_STR all = strdup(sample);

	(void)state;
	for (char *line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *at = strstr(sample, line);
		char *mark = strchr(at, '#');

		if (mark != NULL && mark < at + strlen(line) && strstr(line, " = ") != NULL)
			*mark = ' ';
	}
	assert_int_equal(read_conf(BASE, &conf, &error), 0);
	if (read_conf(sample, &spelled, &error) != 0)
		fail_msg("%s\n%s", error.text, sample);
	assert_string_equal(spelled->control_socket, conf->control_socket);
	assert_int_equal(spelled->close_on_stop, conf->close_on_stop);
	assert_int_equal(spelled->uplink.masquerade, conf->uplink.masquerade);
	assert_int_equal(spelled->portal.https_port, conf->portal.https_port);
	assert_memory_equal(&spelled->limits, &conf->limits, sizeof(conf->limits));
}

static void print_options(FILE *out)
{
	(void)fputs("### gateway.conf\n\n", out);
	conf_schema_print_table(&gateway_schema, out);
	(void)fputs("\n### policies/classes\n\n", out);
	conf_schema_print_table(&class_schema, out);
	(void)fputs("\n### policies/zones\n\n", out);
	conf_schema_print_table(&zone_schema, out);
}

static void test_manual_is_in_step(void **state)
{
	static const char begin[] = "<!-- options: begin -->\n", end[] = "<!-- options: end -->";
	static char manual[64 * 1024];
	AUTO_STR options = printed(print_options);
	AUTO_FD fd = open("docs/configuration.md", O_RDONLY);
	char *from, *to;

	(void)state;
	if (fd < 0)
		fail_msg("docs/configuration.md: run from the repository's root");
	assert_in_range(read(fd, manual, sizeof(manual) - 1), 1, sizeof(manual) - 2);
	from = strstr(manual, begin);
	assert_non_null(from);
	from += strlen(begin);
	to = strstr(from, end);
	assert_non_null(to);
	*to = '\0';
	if (strcmp(from, options) != 0)
		fail_msg("docs/configuration.md: put the output of test_gateway_conf "
			 "--print-options "
			 "between its marks");
}

static void test_zone_of_the_gateway(void **state)
{
	static char zone_id[] = "z", other_id[] = "y";
	struct policy_zone zone = {.id = zone_id};
	const struct policy policy = {.zones = &zone, .zone_count = 1};
	AUTO(gateway_conf_free) struct gateway_conf *conf = NULL;
	struct conf_error error = {0};

	(void)state;
	assert_int_equal(read_conf(BASE, &conf, &error), 0);
	assert_int_equal(gateway_policy_check(conf, &policy, &error), 0);
	zone.id = other_id;
	assert_int_equal(gateway_policy_check(conf, &policy, &error), -EINVAL);
	assert_string_equal(error.text,
		FILE_NAME ":2: zone = \"z\": expected a zone of /etc/zona/policies/zones/, "
			  "where 1 are known");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_good_after_each_malformed),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_redis_addresses),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_size_is_bounded),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_error_is_cut_between_characters),
		cmocka_unit_test(test_value_is_cut_between_characters),
		cmocka_unit_test(test_sample_loads),
		cmocka_unit_test(test_sample_states_the_defaults),
		cmocka_unit_test(test_manual_is_in_step),
		cmocka_unit_test(test_zone_of_the_gateway),
	};

	if (argc > 1 && strcmp(argv[1], "--print-options") == 0) {
		print_options(stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
