# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Chromium on a device of the zone: what a person sees, reads, taps and hears."""
from chromium import Chromium
from lab import PORTAL, Zone
from marks import note

WELCOME_MAX = 14 * 1024  # one round trip of a fresh TCP connection


def test_a_person_goes_online_and_leaves():
    """Any page, the portal, one tap, the status, the internet, the way out. No script is needed."""
    for script in (True, False):
        with Zone(certificate=False) as zone:
            device = zone.device()
            with Chromium(device, script=script) as window:
                status, url = window.goto("http://www.example.org/")
                assert status == 200 and url == f"http://{PORTAL}/", (status, url)
                requests, complaints = window.heard()
                pages = [r for r in requests if r.get("status") == 200]
                assert len(pages) == 1 and pages[0]["bytes"] <= WELCOME_MAX, requests
                assert [r["status"] for r in requests] == [302, 200], requests
                assert not complaints, complaints
                note(f"welcome: {pages[0]['bytes']} bytes, {len(requests)} requests with the 302")
                assert not device.online()

                assert window.click("form[action='/accept'] button") == f"http://{PORTAL}/status"
                assert device.online(4) and device.online(6)
                assert "Ya tienes internet" in window.text("h1")
                status, url = window.goto("http://www.example.org/")
                assert status == 200 and url == "http://www.example.org/"

                window.goto(f"http://{PORTAL}/status")
                window.heard()
                assert window.click("form[action='/leave'] button") == f"http://{PORTAL}/"
                assert not device.online()
                assert "Te desconectaste" in window.text("main")
                assert not window.heard()[1]
