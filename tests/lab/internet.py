#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The internet, as far as a visitor can tell: run inside the uplink's namespace.

Any address of the namespace answers: HTTP on 80 (the operating systems' connectivity probes by
Host, /bytes?n=N, /stream, POST anywhere), HTTPS on 443, UDP and TCP echo on 7, DNS on 53 at the
resolver's address. Prints "ready" when all listen.
"""
import argparse
import contextlib
import http.server
import select
import socket
import socketserver
import ssl
import struct
import threading
import urllib.parse

BLOCK = b"cartagena" * 7281  # about 64 kB

# Host, path → status, body (what "online" looks like, shared with the tests)
PROBES = {
    ("captive.apple.com", "/hotspot-detect.html"):
        (200, "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"),
    ("connectivitycheck.gstatic.com", "/generate_204"): (204, ""),
    ("www.google.com", "/gen_204"): (204, ""),
    ("play.googleapis.com", "/generate_204"): (204, ""),
    ("clients3.google.com", "/generate_204"): (204, ""),
    ("www.msftconnecttest.com", "/connecttest.txt"): (200, "Microsoft Connect Test"),
    ("ipv6.msftconnecttest.com", "/connecttest.txt"): (200, "Microsoft Connect Test"),
    ("detectportal.firefox.com", "/canonical.html"):
        (200, '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'),
    ("detectportal.firefox.com", "/success.txt"): (200, "success\n"),
    ("nmcheck.gnome.org", "/check_network_status.txt"): (200, "NetworkManager is online\n"),
    ("connectivity-check.ubuntu.com", "/"): (204, ""),
    ("connectivitycheck.platform.hicloud.com", "/generate_204"): (204, ""),
    ("connect.rom.miui.com", "/generate_204"): (204, ""),
    ("connectivitycheck.oppomobile.com", "/generate_204"): (204, ""),
    ("wifi.vivo.com.cn", "/generate_204"): (204, ""),
}
# Windows looks this name up and knows what the answers must be.
NCSI_HOST, NCSI = "dns.msftncsi.com", ("131.107.255.255", "fd3e:4f5a:5b81::1")
NCSI_NAME = b"\3dns\x08msftncsi\3com\0"
PROBE_HOSTS = sorted({host for host, _ in PROBES})
PAGE = "<!doctype html><title>internet</title><h1>This is the internet</h1>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path in ("/bytes", "/stream"):
            wanted = urllib.parse.parse_qs(url.query).get("n")
            self.stream(int(wanted[0]) if wanted else None)
            return
        host = self.headers.get("Host", "").split(":")[0]
        status, body = PROBES.get((host, url.path), (200, PAGE))
        self.answer(status, body)

    do_HEAD = do_GET

    def do_POST(self):
        left = int(self.headers.get("Content-Length", "0"))
        total = left
        while left > 0:
            got = self.rfile.read1(min(left, 1 << 16))
            if not got:
                break
            left -= len(got)
        self.answer(200, str(total - left))

    do_PUT = do_POST

    def answer(self, status, body):
        body = body.encode()
        self.send_response(status)
        self.send_header("X-Internet", "yes")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def stream(self, count):
        """count bytes, or until the client has said all it wants (shut its side) or is gone."""
        self.send_response(200)
        self.send_header("X-Internet", "yes")
        if count is not None:
            self.send_header("Content-Length", str(count))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while (count is None or count > 0) and not self.client_finished():
            block = BLOCK if count is None else BLOCK[:count]
            self.connection.sendall(block)
            if count is not None:
                count -= len(block)

    def client_finished(self):
        return bool(select.select([self.connection], [], [], 0)[0])

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 1024

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "internet", self.server_address[1]

    def handle_error(self, *_):
        pass  # visitors vanish in the middle of a download: that is what the tests do to them


class TlsServer(Server):
    """The handshake runs in the connection's own thread; a silent client holds nobody up."""
    context = None

    def finish_request(self, request, client_address):
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)


def udp_server(address, port, answer):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((address, port))

    def loop():
        while True:
            data, peer = s.recvfrom(65535)
            with contextlib.suppress(OSError):
                s.sendto(answer(data), peer)
    threading.Thread(target=loop, daemon=True).start()


def resolver(query):
    """A foreign resolver that knows one machine: itself, whatever the name; but Windows expects
    its own answer for one."""
    if len(query) < 17:
        return b""
    end = query.index(b"\0", 12) + 5
    kind = query[end - 4:end - 2]
    ipv4, ipv6 = NCSI if query[12:end - 4] == NCSI_NAME else ("203.0.113.53", "2001:db8:cafe::35")
    data = {b"\0\1": socket.inet_aton(ipv4),
            b"\0\x1c": socket.inet_pton(socket.AF_INET6, ipv6)}.get(kind, b"")
    head = query[:2] + b"\x81\x80\0\1\0" + bytes([1 if data else 0]) + b"\0\0\0\0"
    record = b"\xc0\x0c" + kind + b"\0\1\0\0\0\x3c" + struct.pack("!H", len(data)) + data
    return head + query[12:end] + (record if data else b"")


def serve(server):
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--echo", action="append", default=[])
    options.add_argument("--dns", action="append", default=[])
    options.add_argument("--certificate")
    options.add_argument("--key")
    args = options.parse_args()
    serve(Server(("::", 80), Handler))
    if args.certificate:
        TlsServer.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        TlsServer.context.load_cert_chain(args.certificate, args.key)
        serve(TlsServer(("::", 443), Handler))
    for address in args.echo:
        udp_server(address, 7, lambda data: data)
    for address in args.dns:
        udp_server(address, 53, resolver)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
