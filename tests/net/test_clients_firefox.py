# SPDX-License-Identifier: GPL-2.0-or-later
"""The real Firefox and its captive portal detector, with the zone's DNS and nothing of the
laboratory in between."""
from capture import Capture
from firefox import Firefox
from lab import PORTAL, Zone
from marks import note, takes
from netns import wait_until

PROBE = b"GET /canonical.html HTTP/1.1"


def play(zone, **options):
    device = zone.device(**options)
    with Capture(device.namespace, "eth0", keep=lambda p: PROBE in p.frame, outgoing=True) as seen:
        firefox = Firefox(device)
        wait_until(lambda: firefox.captive_state() == "locked", 30, "Firefox finds the portal", 0.5)
        firefox.open("http://detectportal.firefox.com/canonical.html")
        assert firefox.url.split("?")[0] == f"https://{PORTAL}/", firefox.url
        firefox.click('form[action="/accept"] button')
        wait_until(lambda: firefox.url.endswith("/status"), 10, "the page after the tap", 0.1)
        assert "Parque Lab" in firefox.text, firefox.text
        wait_until(lambda: firefox.captive_state() == "unlocked", 30,
                   "Firefox knows that it is online", 0.5)
        firefox.open("http://www.example.org/")
        assert "This is the internet" in firefox.text, firefox.text
        firefox.close()
    assert len(seen.packets) >= 2, seen.show()
    return len(seen.packets)


@takes(170)
def test_firefox_sees_the_portal_and_then_the_internet():
    with Zone() as zone:
        for name, options in {"DHCP and router advertisements": {"dhcp": True},
                              "IPv6 alone": {"families": (6,)}}.items():
            asked = play(zone, **options)
            note(f"Firefox, {name}: canonical.html asked {asked} times; locked, then unlocked")
