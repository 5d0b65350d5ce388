# SPDX-License-Identifier: GPL-2.0-or-later
"""Every kind of phone and computer finds the portal, gets online and knows it: its real sequence."""
import ssl
import urllib.parse

from clients import CLIENTS, Visit
from lab import PORTAL, Zone
from marks import note
from netns import wait_until

API_TYPE = "application/captive+json"


def play_all(families):
    with Zone() as zone:
        for client in CLIENTS:
            device = zone.device(families=families, real_names=True)
            Visit(device, client, families).play(f"https://{PORTAL}/")
        assert len(zone.sessions()) == len(CLIENTS)
        note(f"{len(CLIENTS)} clients over {' and '.join(f'IPv{f}' for f in families)}")


def test_every_client_with_ipv4_only():
    play_all((4,))


def test_every_client_with_ipv6_only():
    play_all((6,))


def test_every_client_with_both():
    play_all((4, 6))


def ask_api(device, authority, url, family):
    """RFC 8908 as Android 11 and iOS 14 do it: over TLS, with the certificate verified."""
    parts = urllib.parse.urlsplit(url)
    assert parts.scheme == "https", url
    context = ssl.create_default_context(cafile=authority)
    sock = context.wrap_socket(device.browser.connect(parts.hostname, 443, family),
                               server_hostname=parts.hostname)
    with sock:
        sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.hostname}\r\nAccept: {API_TYPE}\r\n"
                     "Connection: close\r\n\r\n".encode())
        return device.browser.response(sock, url)


def test_the_api_leads_android_11_and_ios_14_online():
    """Option 114 of the DHCP lease → API over TLS → user-portal-url → tap → captive: false."""
    with Zone() as zone:
        device = zone.device(dhcp=True, real_names=True)
        for family in (4, 6):
            answer = ask_api(device, zone.certificate, device.api, family)
            assert answer.status == 200 and answer.headers["content-type"] == API_TYPE, answer
            assert answer.json["captive"] is True, answer
        page = device.browser.follow(answer.json["user-portal-url"])
        assert page.status == 200, page
        assert device.browser.submit(page, "/accept").status == 303
        for family in (4, 6):
            document = ask_api(device, zone.certificate, device.api, family).json
            assert document["captive"] is False and document["seconds-remaining"] > 3500, document
        zone.zonactl("logout", device.mac)
        wait_until(lambda: ask_api(device, zone.certificate, device.api, 4).json["captive"], 2,
                   "captive again after the end")


def test_a_certificate_that_does_not_verify_leaves_the_redirect():
    """RFC 8908 4.1: such a client behaves as if there were no API, and port 80 must lead it."""
    with Zone() as zone:
        device = zone.device(dhcp=True, real_names=True)
        try:
            raise AssertionError(ask_api(device, None, device.api, 4))
        except ssl.SSLCertVerificationError:
            pass
        for client in CLIENTS[:2]:
            Visit(device, client, (4, 6)).check_captive(f"https://{PORTAL}/")
