# SPDX-License-Identifier: GPL-2.0-or-later
"""Every page that a person can meet, in the state of the zone that leads to it.

    tour(visit)        calls visit(window, name, url) with a Chromium that may go to url

Used by test_browser.py, which looks for faults, and by tests/screenshots, which takes pictures.
"""
import datetime
import re
import time

from chromium import Chromium
from lab import PORTAL, Zone
from netns import wait_until

LANGUAGES = ("es", "en", "fr", "pt")
HELP = "Llama a la línea Wi-Fi de la Alcaldía: 605 000 0000, todos los días de 8 a 18 h."
ALERT = {"es": "Lluvias fuertes: sube a un lugar alto y lejos de los caños. Refugio: coliseo Bernardo "
               "Caraballo.",
         "en": "Heavy rain: go to high ground, away from canals. Shelter: Bernardo Caraballo coliseum."}
SESSION = "minutes = 60  idle-minutes = 1"
MINUTE_S = 60


def home(path="/"):
    return f"http://{PORTAL}{path}"


def closed_now():
    """Opening hours that a day like this one has not got now."""
    hour = datetime.datetime.now(datetime.timezone.utc).hour
    return f'{{ "mon-sun {(hour + 12) % 24:02}:00-{(hour + 12) % 24:02}:30" }}'


def policy(zone, **changes):
    zone.write_policy(**changes)
    zone.zonactl("reload")


class Tour:
    def __init__(self, zone, visit):
        self.zone, self.visit = zone, visit
        self.guest, self.timed, self.idle = (zone.device() for _ in range(3))

    def run(self):
        begun = time.monotonic()
        self.zone.zonactl("login", self.timed.mac, "--minutes", 1)
        self.idle.accept()
        with Chromium(self.guest) as window:
            self.before(window)
            self.during(window)
            self.after(window)
            self.refused(window)
            self.alert(window)
        time.sleep(max(0, MINUTE_S - (time.monotonic() - begun)))
        self.ended(self.timed, "ended-time")
        wait_until(lambda: self.idle.session()["state"] == "ended", 30, "an idle device", 1)
        self.ended(self.idle, "ended-idle")
        self.full_and_over()
        with Chromium(self.guest) as window:
            self.broken(window)

    def before(self, window):
        self.visit(window, "welcome", home())
        for page in ("terms", "privacy", "help", "voucher", "lessons"):
            self.visit(window, page, home(f"/{page}"))
        self.visit(window, "lesson", self.first_lesson())
        self.visit(window, "expired", home("/?e=stale"))
        self.visit(window, "too-long", home("/" + "x" * 3000))

    def first_lesson(self):
        return home(re.search(r'href="(/lessons/[a-z0-9-]+)', self.guest.browser.get(
            home("/lessons")).text)[1])

    def during(self, window):
        self.guest.accept()
        self.visit(window, "status", home("/status"))
        self.visit(window, "connected", home())
        self.visit(window, "not-found", home("/nowhere"))

    def after(self, window):
        self.guest.logout()
        self.visit(window, "ended-logout", home())
        self.guest.accept()
        self.zone.zonactl("logout", self.guest.mac)
        self.visit(window, "ended-operator", home())

    def refused(self, window):
        self.zone.zonactl("block", self.guest.mac)
        self.visit(window, "blocked", home())
        self.zone.zonactl("unblock", self.guest.mac)
        policy(self.zone, session=SESSION + "  daily-megabytes = 1")
        self.guest.accept()
        self.guest.download().pump_until_silent()
        self.visit(window, "daily-quota", home())
        policy(self.zone, session=SESSION)

    def alert(self, window):
        texts = [f"--text-{code}={text}" for code, text in ALERT.items()]
        self.zone.zonactl("alert", "set", *texts)
        wait_until(lambda: ALERT["es"] in self.guest.browser.get(home("/terms")).text, 3, "the alert")
        time.sleep(1)  # each worker asks for itself
        self.visit(window, "alert", home())
        self.visit(window, "alert-terms", home("/terms"))
        self.zone.zonactl("alert", "clear")

    def ended(self, device, name):
        with Chromium(device) as window:
            self.visit(window, name, home())

    def full_and_over(self):
        """More than the gateway holds; then the day's time of a device that was online."""
        others = [self.zone.device() for _ in range(3)]
        for device in others:
            device.accept()
        with Chromium(self.timed) as window:
            self.visit(window, "full", home())
            for device in others:
                device.logout()
            policy(self.zone, session=SESSION + "  daily-minutes = 1")
            self.visit(window, "daily-time", home())
            policy(self.zone, session=SESSION, hours=closed_now())
            self.visit(window, "closed", home())
        policy(self.zone, hours='{ "always" }')

    def broken(self, window):
        self.guest.accept()
        self.zone.inet.ip("link set up0 down")
        # The kernel's link watch tells of a lost carrier up to a second later.
        wait_until(lambda: "state DOWN" in self.zone.gateway.run("ip", "link", "show", "wan0").stdout,
                   5, "wan0 without carrier")
        self.visit(window, "uplink-down-status", home("/status"))
        self.guest.logout()
        self.visit(window, "uplink-down", home())
        self.zone.inet.ip("link set up0 up")
        assert self.zone.controller.stop() == 0
        self.visit(window, "unavailable", home())


def tour(visit):
    """With all languages, and room for three sessions."""
    with Zone({"session": SESSION, "languages": "{ " + ", ".join(f'"{c}"' for c in LANGUAGES) + " }"},
              certificate=False, name="Parque San Francisco",
              portal_conf=f'help = "{HELP}"', gateway_conf="limits { devices = 3 }") as zone:
        Tour(zone, visit).run()
