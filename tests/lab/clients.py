# SPDX-License-Identifier: GPL-2.0-or-later
"""The systems that people bring, as a captive portal meets them: what each asks to find out whether
it is online, and the small browser in which it then opens the portal (DOMAIN.md's table).
"""
import time
import urllib.parse
from dataclasses import dataclass

from internet import NCSI, NCSI_HOST, PROBES
from names import lookup

FAST_S = 0.5  # an https probe that hangs holds the portal's window back


@dataclass(frozen=True)
class Client:
    name: str
    probes: tuple             # URLs, each asked in every family of the device
    agent: str                # of the probes
    browser: str              # User-Agent of the window that shows the portal
    language: str             # Accept-Language of that window
    shown: str                # the language that the page must have
    http: str = "1.1"         # of the probes
    opens: str = ""           # what the window opens: the first probe's URL unless this is set
    https_probe: str = ""     # must fail at once before login
    looks_up: str = ""        # a name that must have the addresses NCSI


ANDROID_PROBE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " \
                "Chrome/60.0.3112.32 Safari/537.36"
WEBVIEW = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/{} Mobile Safari/537.36"


def webview(system, chrome):
    return f"Mozilla/5.0 (Linux; {system}; wv) " + WEBVIEW.format(chrome)


def android_like(name, host, browser, language, shown):
    """The makers' own Androids ask a host of theirs first, then Google's."""
    return Client(name, (f"http://{host}/generate_204",
                         "http://connectivitycheck.gstatic.com/generate_204"),
                  ANDROID_PROBE, browser, language, shown,
                  https_probe="https://www.google.com/generate_204")


CLIENTS = (
    Client("Apple", ("http://captive.apple.com/hotspot-detect.html",),
           "CaptiveNetworkSupport-443.60.4 wispr",
           "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 "
           "(KHTML, like Gecko) Mobile/15E148", "es-CO,es-419;q=0.9,es;q=0.8", "es", http="1.0"),
    Client("Android", ("http://connectivitycheck.gstatic.com/generate_204",
                       "http://www.google.com/gen_204",
                       "http://play.googleapis.com/generate_204"),
           ANDROID_PROBE, webview("Android 8.1.0; SM-J260M Build/M1AJB", "61.0.3163.98"),
           "es-CO,en-US;q=0.9", "es", https_probe="https://www.google.com/generate_204"),
    Client("Android of 2014", ("http://clients3.google.com/generate_204",),
           "Dalvik/1.6.0 (Linux; U; Android 4.4.2)",
           webview("Android 4.4.2; Nexus 4 Build/KOT49H", "30.0.0.0"), "es-CO", "es"),
    Client("ChromeOS", ("http://connectivitycheck.gstatic.com/generate_204",
                        "http://www.google.com/gen_204"),
           "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Safari/537.36",
           "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Safari/537.36", "en-US,en;q=0.9", "en",
           https_probe="https://www.google.com/generate_204"),
    Client("Windows", ("http://www.msftconnecttest.com/connecttest.txt",
                       "http://ipv6.msftconnecttest.com/connecttest.txt"),
           "Microsoft NCSI",
           "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "en-US,en;q=0.9,es;q=0.8", "en",
           opens="http://www.msftconnecttest.com/redirect", looks_up=NCSI_HOST),
    Client("Firefox", ("http://detectportal.firefox.com/canonical.html",
                       "http://detectportal.firefox.com/success.txt"),
           "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
           "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
           "de,en;q=0.5", "en"),
    Client("NetworkManager (GNOME)", ("http://nmcheck.gnome.org/check_network_status.txt",),
           "NetworkManager/1.42.4",
           "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) "
           "Version/16.4 Safari/605.1.15", "es-ES,es;q=0.9", "es"),
    Client("NetworkManager (Ubuntu)", ("http://connectivity-check.ubuntu.com/",),
           "NetworkManager/1.36.6",
           "Mozilla/5.0 (X11; Ubuntu; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) "
           "Version/15.4 Safari/605.1.15", "en-GB,en;q=0.9", "en"),
    android_like("Huawei", "connectivitycheck.platform.hicloud.com",
                 webview("Android 10; MAR-LX3A", "92.0.4515.105"), "es-CO,es;q=0.9", "es"),
    android_like("Xiaomi", "connect.rom.miui.com",
                 webview("Android 11; M2010J19SL", "100.0.4896.127"), "es-US,es;q=0.9", "es"),
    android_like("OPPO", "connectivitycheck.oppomobile.com",
                 webview("Android 11; CPH2269", "96.0.4664.104"), "es-CO", "es"),
    android_like("vivo", "wifi.vivo.com.cn",
                 webview("Android 12; V2111", "103.0.5060.71"), "zh-CN,zh;q=0.9,en;q=0.1", "en"),
    android_like("Samsung", "connectivitycheck.gstatic.com",
                 webview("Android 13; SM-A135M", "115.0.5790.136"), "pt-BR", "es"),
)


def probe(device, client, url, family):
    """One connectivity check, as the client writes it."""
    parts = urllib.parse.urlsplit(url)
    with device.browser.connect(parts.hostname, 80, family) as sock:
        sock.sendall(f"GET {parts.path} HTTP/{client.http}\r\nHost: {parts.hostname}\r\n"
                     f"User-Agent: {client.agent}\r\nConnection: close\r\n\r\n".encode())
        return device.browser.response(sock, url)


def probe_expects(url):
    parts = urllib.parse.urlsplit(url)
    return PROBES[parts.hostname, parts.path]


class Visit:
    """One device with this client, from the first check to the last."""

    def __init__(self, device, client, families):
        self.device, self.client, self.families = device, client, families
        # In a window of two families each step may take the other one.
        self.page_family, self.form_family = families[-1], families[0]
        self.headers = {"User-Agent": client.browser, "Accept-Language": client.language,
                        "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    def check_names(self):
        if not self.client.looks_up:
            return
        for family, right in zip((4, 6), NCSI):
            found = lookup(self.device.namespace, self.device.resolver, self.client.looks_up, family)
            assert found == [right], (self.client.looks_up, found)

    def check_captive(self, portal):
        for family in self.families:
            for url in self.client.probes:
                answer = probe(self.device, self.client, url, family)
                assert answer.status == 302 and not answer.from_internet, answer
                assert answer.headers["location"] == portal, answer
                assert answer.headers["connection"].lower() == "close", answer
                body = probe_expects(url)[1].strip()
                assert not body or body not in answer.text, answer
            if self.client.https_probe:
                self.check_https_fails(family)

    def check_https_fails(self, family):
        begun = time.monotonic()
        try:
            answer = self.device.browser.get(self.client.https_probe, family=family)
        except ConnectionRefusedError:
            took = time.monotonic() - begun
            assert took < FAST_S, f"{self.client.https_probe} failed after {took:.1f} s only"
            return
        raise AssertionError(answer)

    def open_portal(self):
        """The window that the system opens; it must find the page in the person's language."""
        url = self.client.opens or self.client.probes[0]
        page = self.device.browser.follow(url, headers=self.headers, family=self.page_family)
        assert page.status == 200 and page.headers["content-type"].startswith("text/html"), page
        assert f'<html lang="{self.client.shown}"' in page.text, (self.client, page.text[:300])
        return page

    def accept(self, page):
        """The tap: POST, 303, and the full page load at which Apple's window looks again."""
        answer = self.device.browser.submit(page, "/accept", headers=self.headers,
                                            family=self.form_family)
        assert answer.status == 303, answer
        after = self.device.browser.follow(
            urllib.parse.urljoin(answer.url, answer.headers["location"]), headers=self.headers,
            family=self.page_family)
        assert after.status == 200 and "/leave" in after.text, after
        assert f'<html lang="{self.client.shown}"' in after.text, (self.client, after.text[:300])

    def check_online(self):
        for family in self.families:
            for url in self.client.probes:
                answer = probe(self.device, self.client, url, family)
                assert (answer.status, answer.text) == probe_expects(url), answer
                assert answer.from_internet, answer
            if self.client.https_probe:
                assert self.device.browser.get(self.client.https_probe, family=family).from_internet

    def play(self, portal):
        self.check_names()
        self.check_captive(portal)
        page = self.open_portal()
        self.accept(page)
        self.check_online()
