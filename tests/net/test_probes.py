# SPDX-License-Identifier: GPL-2.0-or-later
"""The systems' own connectivity checks: a redirect before login, the real answer after it."""
import time

from browser import exchange
from internet import PROBES
from lab import HOSTS, PORTAL, Zone
from marks import quick
from netns import wait_until

APPLE = (b"GET /hotspot-detect.html HTTP/1.0\r\nHost: captive.apple.com\r\nConnection: close\r\n"
         b"User-Agent: CaptiveNetworkSupport-355.200.27 wispr\r\n\r\n")


def assert_redirect(answer):
    assert answer.status == 302, answer
    assert answer.headers["location"] in (f"http://{PORTAL}/", f"https://{PORTAL}/"), answer
    assert answer.headers.get("connection", "").lower() == "close", answer
    assert "no-store" in answer.headers.get("cache-control", ""), answer
    assert "strict-transport-security" not in answer.headers, answer
    assert not answer.from_internet, answer


@quick
def test_every_probe_before_and_after_login():
    with Zone() as zone:
        device = zone.device()
        for family in (4, 6):
            for host, path in PROBES:
                assert_redirect(device.browser.get(f"http://{host}{path}", family=family))
        device.accept()
        for family in (4, 6):
            for (host, path), (status, body) in PROBES.items():
                answer = device.browser.get(f"http://{host}{path}", family=family)
                assert (answer.status, answer.text) == (status, body), answer
                assert answer.from_internet, answer


def test_https_probe_before_and_after_login():
    """Android asks over TLS too: refused at once, then the real server with its own certificate."""
    with Zone() as zone:
        device = zone.device()
        url = "https://www.google.com/gen_204"
        for family in (4, 6):
            begun = time.monotonic()
            try:
                raise AssertionError(device.browser.get(url, family=family))
            except ConnectionRefusedError:
                assert time.monotonic() - begun < 0.5
        device.accept()
        for family in (4, 6):
            assert device.browser.get(url, family=family).status == 204


def test_probe_through_the_real_resolver():
    """curl, the zone's DNS and nothing of the laboratory in between."""
    with Zone() as zone:
        device = zone.device(dhcp=True)
        assert device.api == f"https://{PORTAL}/api/captive", device.api
        url = "http://connectivitycheck.gstatic.com/generate_204"
        answer = ["-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", url]
        for family in ("-4", "-6"):
            code, location = device.curl(family, *answer).split(" ")
            assert code == "302" and location.startswith(("http://" + PORTAL, "https://" + PORTAL))
        device.accept()
        for family in ("-4", "-6"):
            assert device.curl(family, *answer).strip() == "204"


def test_apple_asks_over_http_1_0():
    with Zone() as zone:
        device = zone.device()
        answer = exchange(device.browser.connect("captive.apple.com", 80), APPLE)
        assert answer.split(b"\r\n")[0].split()[1] == b"302" and b"Success" not in answer, answer
        device.accept()
        answer = exchange(device.browser.connect("captive.apple.com", 80), APPLE)
        assert answer.split(b"\r\n")[0].split()[1] == b"200" and b"Success" in answer, answer


def test_any_method_and_any_host_is_redirected():
    with Zone() as zone:
        device = zone.device()
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"):
            answer = device.browser.request(method, "http://www.example.org/a/b?c=d")
            assert_redirect(answer)
        for host in ("", "x" * 200, "xn--e1afmkfd", "10.77.0.99", "[2001:db8::1]", "a b", "\xe9"):
            raw = f"GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1")
            answer = exchange(device.browser.connect("www.example.org", 80), raw)
            status = answer.split(b"\r\n")[0].split()[1]
            assert status in (b"302", b"400"), (host, answer[:300])


def test_every_far_address_leads_to_the_portal():
    with Zone() as zone:
        device = zone.device()
        for number in (1, 99, 254):
            answer = device.browser.get("http://www.example.org/", at=f"203.0.113.{number}")
            assert_redirect(answer)
            answer = device.browser.get("http://www.example.org/", at=f"2001:db8:cafe::{number:x}")
            assert_redirect(answer)


def test_captive_api_says_what_rfc_8908_asks():
    with Zone() as zone:
        device = zone.device()
        asked = {"Accept": "application/captive+json"}
        for scheme in ("http", "https"):
            answer = device.browser.get(f"{scheme}://{PORTAL}/api/captive", headers=asked)
            assert answer.status == 200, answer
            assert answer.headers["content-type"].split(";")[0] == "application/captive+json"
            cache = answer.headers["cache-control"]
            assert "private" in cache or "no-store" in cache, answer
            document = answer.json
            assert document["captive"] is True and PORTAL in document["user-portal-url"]
            assert "seconds-remaining" not in document and "bytes-remaining" not in document
        device.accept()
        document = device.browser.get(f"https://{PORTAL}/api/captive", headers=asked, family=6).json
        assert document["captive"] is False, document
        left = document["seconds-remaining"]
        assert 3590 <= left <= 3600 and isinstance(left, int), document
        shown = device.session()["seconds_left"]
        assert abs(shown - left) <= 2, (shown, left)


def test_portal_answers_under_every_own_name():
    with Zone() as zone:
        device = zone.device()
        for port in (80, 8080):
            for address in HOSTS[PORTAL]:
                host = f"[{address}]" if ":" in address else address
                page = device.browser.follow(f"http://{host}:{port}/")
                assert page.status == 200 and "/accept" in page.text, page
                assert len(page.body) < 14 * 1024, len(page.body)
        page = device.browser.get(f"https://{PORTAL}/")
        assert page.status == 200 and "/accept" in page.text, page


def test_accept_ends_with_a_real_page():
    """Apple re-checks on a full page load only: POST, 303, then a page."""
    with Zone() as zone:
        device = zone.device()
        answer = device.accept()
        after = device.browser.follow(f"http://{PORTAL}{answer.headers['location'].split(PORTAL)[-1]}")
        assert after.status == 200 and "text/html" in after.headers["content-type"], after
        wait_until(device.online, 1, "online after the tap")
