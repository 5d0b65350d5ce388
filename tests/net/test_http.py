# SPDX-License-Identifier: GPL-2.0-or-later
"""Malformed and hostile HTTP: an answer or a closed connection, never harm."""
import random
import threading
import time

from browser import exchange, forms
from lab import LAN4, PORTAL, Zone
from marks import note, quick
from netns import wait_until

OWN_SCRIPT = b"<script>(function(){"  # of pages that wait (portal/pages/script.js)
NO_LIMITS = "limits { connections-per-second = 0  dns-per-second = 0 }"
HOST = f"Host: {PORTAL}\r\n"
PATHS = ["/", "/accept", "/status", "/lessons", "/terms", "/privacy", "/api/captive", "/healthz",
         "/leave", "/nothing"]


def malformed():
    """Requests that are wrong in one way each (bytes)."""
    found = []
    for path in PATHS:
        found += [f"GET {path} HTTP/1.1\r\n\r\n",  # no Host
                  f"GET {path} HTTP/1.1\r\n{HOST}{HOST}\r\n",  # two of them
                  f"GET {path} HTTP/9.9\r\n{HOST}\r\n", f"GET {path}\r\n",
                  f"get {path} HTTP/1.1\r\n{HOST}\r\n",
                  f"GET {path}?%zz=%&&=&%00 HTTP/1.1\r\n{HOST}\r\n",
                  f"GET {path}%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n{HOST}\r\n",
                  f"GET {path}?{'a' * 30000} HTTP/1.1\r\n{HOST}\r\n",
                  f"GET {path} HTTP/1.1\r\n{HOST}X: {'y' * 65536}\r\n\r\n",  # 64 kB of headers
                  f"GET {path} HTTP/1.1\r\n{HOST}" + "A: b\r\n" * 2000 + "\r\n",
                  f"GET {path} HTTP/1.1\r\n{HOST}No-Colon\r\n\r\n",
                  f"GET {path} HTTP/1.1\r\n{HOST}Accept: \xff\xfe\x01\r\n\r\n",
                  f"GET {path} HTTP/1.1\r\n{HOST}Accept-Language: {'x,' * 5000}\r\n\r\n",
                  f"GET {path} HTTP/1.1\r\n{HOST}User-Agent:\r\n\r\n",
                  f"GET {path}\x00 HTTP/1.1\r\n{HOST}\r\n",
                  f"GET http://[::bad{path} HTTP/1.1\r\n{HOST}\r\n",
                  f"GET {path} HTTP/1.1\r\n{HOST}Content-Length: 99\r\n\r\nshort"]
    for length in ("-1", "x", "99999999999999999999", "0x10", "1,2", "1\r\nContent-Length: 2"):
        found.append(f"POST /accept HTTP/1.1\r\n{HOST}Content-Length: {length}\r\n\r\nab")
    bodies = ["", "token", "token=", "token=x", "token=%", "token=%z", "token=%00", "token=" + "a" * 60000,
              "&" * 5000, "token=a&token=b", "=", "%", "token[]=x", "token=\xff", "to" + "k" * 50000,
              "token=AAAA.BBBB.CCCC", "token=" + "0" * 64, "lang=<script>", "token=../../x"]
    kinds = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
             "multipart/form-data", "application/json", ""]
    for path in ("/accept", "/leave", "/status", "/lessons/1"):
        for kind in kinds:
            for body in bodies:
                found.append(f"POST {path} HTTP/1.1\r\n{HOST}Content-Type: {kind}\r\n"
                             f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
    for chunks in ("zz\r\nab\r\n0\r\n\r\n", "-1\r\n\r\n", "ffffffffffffffff\r\nx", "2\r\nabc\r\n0\r\n\r\n"):
        found.append(f"POST /accept HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{chunks}")
    found += ["\r\n" * 1000, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "SSH-2.0-x\r\n", "\x00" * 1000,
              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", f"CONNECT x:443 HTTP/1.1\r\n{HOST}\r\n",
              f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n", f"TRACE / HTTP/1.1\r\n{HOST}\r\n",
              f"GET / HTTP/1.1\r\n{HOST}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
              f"GET / HTTP/1.1\r\n{HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
              f"GET / HTTP/1.1\r\n{HOST}Range: bytes=0-1,{'5-6,' * 999}\r\n\r\n",
              f"GET / HTTP/1.1\r\n{HOST}\r\n" + "\xde\xad\xbe\xef garbage\r\n\r\n" * 20]  # pipelined
    return [f.encode("latin-1") for f in found]


def in_parallel(items, work, threads=8):
    """work(item) for each; the first exception is raised."""
    iterator, lock, failures = iter(items), threading.Lock(), []

    def loop():
        while not failures:
            with lock:
                item = next(iterator, None)
            if item is None:
                return
            try:
                work(item)
            except Exception as error:  # to be raised in the test's own thread
                failures.append(error)
    running = [threading.Thread(target=loop) for _ in range(threads)]
    for t in running:
        t.start()
    for t in running:
        t.join()
    if failures:
        raise failures[0]


@quick
def test_malformed_requests_do_no_harm():
    with Zone(gateway_conf=NO_LIMITS) as zone:
        device, stranger = zone.device(), zone.device()
        device.accept()
        portal, engine = zone.portal.pid, zone.controller.children()
        requests = malformed()

        def send(request):
            answer = exchange(stranger.browser.connect(PORTAL, 80), request, timeout=1)
            if answer and not answer.startswith(b"HTTP/1."):
                raise AssertionError((request[:200], answer[:200]))
            # 501: an unknown method, 505: an unknown version; any other 5xx is our own mistake.
            if answer[9:10] == b"5" and answer[9:12] not in (b"501", b"505"):
                raise AssertionError((request[:200], answer[:200]))
            if b"<script>" in answer.replace(OWN_SCRIPT, b""):
                raise AssertionError(("unescaped", request[:200]))
        in_parallel(requests, send)
        note(f"{len(requests)} malformed HTTP requests")
        assert len(requests) > 200
        assert zone.portal.pid == portal and zone.portal.alive()
        assert zone.controller.children() == engine
        assert zone.sessions().keys() == {device.mac}, "a malformed request logged somebody in"
        assert not stranger.online()
        stranger.accept()
        assert stranger.online()


def test_token_is_needed_whole_and_fresh():
    """Each change of one character of the form is refused."""
    with Zone(gateway_conf=NO_LIMITS) as zone:
        device = zone.device()
        page = device.browser.follow("http://www.example.org/")
        fields = next(f for action, _, f in forms(page.text) if "/accept" in action)
        name, token = max(fields.items(), key=lambda item: len(item[1]))
        for i in range(0, len(token)):
            changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:]
            answer = device.browser.post(f"http://{PORTAL}/accept", fields | {name: changed})
            if answer.status == 303:
                assert not device.online(), f"character {i} of the token does not matter"
        assert not device.online()
        # After so many wrong ones the portal may ask for patience (429), not for ever.
        wait_until(lambda: device.browser.post(f"http://{PORTAL}/accept", fields).status == 303, 20,
                   "the right token is taken", 1)
        assert device.online()


def test_get_cannot_accept_or_log_out():
    """Links and images must not change a session (RFC 9110 9.2.1)."""
    with Zone() as zone:
        device = zone.device()
        page = device.browser.follow("http://www.example.org/")
        fields = next(f for action, _, f in forms(page.text) if "/accept" in action)
        query = "&".join(f"{k}={v}" for k, v in fields.items())
        device.browser.get(f"http://{PORTAL}/accept?{query}")
        assert not device.online()
        device.accept()
        device.browser.get(f"http://{PORTAL}/leave")
        assert device.online()


def test_slow_clients_do_not_keep_others_out():
    """Connections that send nothing, or one byte a second, from one device."""
    with Zone(gateway_conf=NO_LIMITS) as zone:
        slow, other = zone.device(), zone.device()
        held = []
        for i in range(400):
            try:
                s = slow.browser.connect(LAN4, 80, timeout=1)
                s.sendall(b"GET / HTTP/1.1\r\nHost: x"[:i % 20])
                held.append(s)
            except OSError:
                break
        begun = time.monotonic()
        other.accept()
        assert other.online()
        took = time.monotonic() - begun
        note(f"{len(held)} connections held open; a login beside them took {took * 1000:.0f} ms")
        assert took < 2, took
        for s in held:
            s.close()


def test_request_storm_from_one_device_is_limited():
    """The shipped limit: a device that opens connections without an end does not fill the portal."""
    with Zone() as zone:
        noisy, other = zone.device(), zone.device()
        stop, answered = threading.Event(), []

        def storm():
            while not stop.is_set():
                try:
                    answered.append(noisy.browser.get("http://www.example.org/", timeout=0.3).status)
                except OSError:
                    pass
        threads = [threading.Thread(target=storm) for _ in range(8)]
        for t in threads:
            t.start()
        time.sleep(1)
        begun = time.monotonic()
        other.accept()
        took = time.monotonic() - begun
        assert other.online() and took < 1, took
        stop.set()
        for t in threads:
            t.join()


def test_mutated_requests():
    """A good request with random bytes changed, 600 times."""
    with Zone(gateway_conf=NO_LIMITS) as zone:
        device = zone.device()
        generator = random.Random(7)
        good = [f"GET /api/captive HTTP/1.1\r\n{HOST}Accept: application/captive+json\r\n"
                f"Connection: close\r\n\r\n",
                f"POST /accept HTTP/1.1\r\n{HOST}Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: 20\r\nConnection: close\r\n\r\ntoken=AAAAAAAAAAAAAA"]
        requests = []
        for n in range(600):
            request = bytearray(good[n % 2].encode())
            for _ in range(generator.randint(1, 8)):
                request[generator.randrange(len(request))] = generator.randrange(256)
            requests.append(bytes(request))
        in_parallel(requests, lambda r: exchange(device.browser.connect(PORTAL, 80), r, timeout=0.3))
        assert zone.portal.alive()
        device.accept()
        assert device.online()
