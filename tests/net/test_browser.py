# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Chromium on a device of the zone: what a person sees, reads, taps and hears."""
import time

from chromium import Chromium
from lab import PORTAL, Zone
from marks import note, takes
from netns import wait_until
from tour import ALERT, LANGUAGES, tour

WELCOME_MAX = 14 * 1024  # one round trip of a fresh TCP connection
LESSON_MAX = 100 * 1024


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


STATUS = {"too-long": 414, "not-found": 404, "unavailable": 503}
# What each page must tell a reader of Spanish: the state of the zone that the tour led to.
SAYS = {
    "welcome": "1 h de internet gratis", "help": "605 000 0000", "expired": "ya había vencido",
    "status": "Ya tienes internet", "connected": "ya tiene internet",
    "ended-logout": "Te desconectaste", "ended-operator": "Un operador terminó",
    "ended-time": "Se terminó tu tiempo. Puedes conectarte de nuevo", "ended-idle": "no usabas la red",
    "blocked": "no puede conectarse aquí", "daily-quota": "Ya usaste tus datos gratis de hoy",
    "daily-time": "Ya usaste tu tiempo gratis de hoy", "full": "está llena en este momento",
    "closed": "está cerrada a esta hora", "uplink-down": "no tiene internet en este momento",
    "uplink-down-status": "Sin internet por ahora", "unavailable": "se está reiniciando",
    "alert": ALERT["es"], "alert-terms": ALERT["es"],
}
OVERFLOW = "[document.documentElement.scrollWidth, innerWidth]"
# What the keyboard is at, and whether that can be seen.
FOCUS = """(() => { const e = document.activeElement, s = getComputedStyle(e);
    return e === document.body ? null : { what: e.outerHTML.slice(0, 80), visible:
        s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && e.offsetHeight > 0 } })()"""
STOPS = "document.querySelectorAll('a[href], button, input:not([type=hidden]), summary').length"


class Inspection:
    """Looks at every page in every language and both schemes; faults are collected."""

    def __init__(self):
        self.faults, self.weights, self.looks = [], {}, 0

    def visit(self, window, name, url):
        for language in LANGUAGES:
            joint = "&" if "?" in url else "?"
            status, _ = window.goto(f"{url}{joint}lang={language}")
            self.look(window, f"{name} in {language}", language)
            if language == "es" and SAYS.get(name, "") not in window.text():
                self.faults.append(f"{name}: does not say \"{SAYS[name]}\"")
            if status != STATUS.get(name, 200):
                self.faults.append(f"{name}: status {status}")
        self.follow_keyboard(window, name)
        self.hear(window, name)

    def look(self, window, name, language):
        if window.look("document.documentElement.lang") != language:
            self.faults.append(f"{name}: not its language")
        for dark in (False, True):
            window.scheme(dark=dark)
            self.looks += 1
            self.faults += [f"{name}{' dark' if dark else ''}: axe {v}" for v in window.axe()]
        window.scheme()
        for width in (180, 320, 360, 1280):  # 180: 360 px at 200 %
            window.size(width, 740)
            wide, room = window.look(OVERFLOW)
            if wide > room:
                self.faults.append(f"{name}: {wide} px wide at {width} px")
        window.size(360, 740)

    def follow_keyboard(self, window, name):
        stops = window.look(STOPS)
        for _ in range(stops):
            window.key("Tab")
            focus = window.look(FOCUS)
            if not focus or not focus["visible"]:
                self.faults.append(f"{name}: the keyboard cannot be seen at {focus}")

    def hear(self, window, name):
        requests, complaints = window.heard()
        pages = [r for r in requests if "bytes" in r]
        self.weights[name] = max(r["bytes"] for r in pages)
        if any(r.get("kind") != "document" and not r.get("failed") for r in requests):
            self.faults.append(f"{name}: more was asked for than the page: {requests}")
        # A page whose status is an error is told to the console as well.
        self.faults += [f"{name}: {c}" for c in complaints if "status of" not in c]


@takes(600)
def test_every_page_is_for_everybody():
    """WCAG 2.1 AA as axe-core sees it, light and dark, in all languages; 200 %; the keyboard."""
    inspection = Inspection()
    tour(inspection.visit)
    note(f"{inspection.looks} looks of axe-core at {len(inspection.weights)} pages")
    note("bytes: " + ", ".join(f"{name} {size}" for name, size in inspection.weights.items()))
    for name, size in inspection.weights.items():
        assert size <= (LESSON_MAX if name.startswith("lesson") else WELCOME_MAX), (name, size)
    assert not inspection.faults, f"{len(inspection.faults)} faults:\n" + "\n".join(
        str(fault)[:600] for fault in inspection.faults[:30])


def test_a_lesson_from_its_first_card_to_the_end():
    """The first answer to each question; every step is for everybody, light and dark."""
    with Zone(certificate=False) as zone:
        inspection, steps = Inspection(), 0
        with Chromium(zone.device()) as window:
            window.goto(f"http://{PORTAL}/lessons")
            window.click("main a[href^='/lessons/']")
            while window.has("main form button") and window.has("progress"):
                inspection.look(window, f"step {steps}", "es")
                window.click("main form button")
                steps += 1
                assert steps < 30, "a lesson without an end"
            inspection.look(window, "the result", "es")
        note(f"{steps} steps, {inspection.looks} looks of axe-core")
        assert steps >= 6, steps
        assert not inspection.faults, "\n".join(str(fault)[:600] for fault in inspection.faults)


def test_the_keyboard_is_enough():
    """Tab and Enter: connect, change the language, leave."""
    def tab_to(window, selector):
        for _ in range(20):
            window.key("Tab")
            if window.look(f"document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"Tab does not reach {selector}")
    with Zone(certificate=False) as zone:
        device = zone.device()
        with Chromium(device) as window:
            window.goto("http://www.example.org/")
            tab_to(window, "a[hreflang=en]")
            window.key("Enter", navigates=True)
            assert "One tap" in window.text("main")
            tab_to(window, "button")
            assert window.key("Enter", navigates=True) == f"http://{PORTAL}/status?lang=en"
            assert device.online() and "You are online" in window.text("h1")
            tab_to(window, "button")
            window.key("Enter", navigates=True)
            assert not device.online() and "You are disconnected" in window.text("main")


def test_the_countdown_counts():
    """With scripts the time runs on the page; at the end the page says that it is over."""
    with Zone(certificate=False) as zone:
        device = zone.device()
        zone.zonactl("login", device.mac, "--minutes", 1)
        with Chromium(device) as window:
            window.goto(f"http://{PORTAL}/status")
            first = window.text("#left")
            assert first.startswith("00:5"), first
            time.sleep(3)
            later = window.text("#left")
            passed = int(first[-2:]) - int(later[-2:])
            assert 2 <= passed <= 4, (first, later)
            wait_until(lambda: "Se terminó tu tiempo" in window.text("main"), 75, "the end", 1)
            assert not window.heard()[1]


def test_an_alert_reaches_every_page_and_outlives_restarts():
    """Within two seconds, before anything else; also while the controller is away."""
    def top(window, page):
        window.goto(f"http://{PORTAL}{page}")
        return window.look("document.body.firstElementChild.innerText")
    with Zone(certificate=False) as zone:
        device = zone.device()
        with Chromium(device) as window:
            zone.zonactl("alert", "set", "--text-es", "¡Cuidado! <b>Lluvias</b>")
            time.sleep(2.5)
            for page in ("/", "/terms", "/help", "/nowhere", "/lessons"):
                assert "¡Cuidado! <b>Lluvias</b>" in top(window, page), page
            assert window.look("document.body.firstElementChild.getAttribute('role')") == "alert"
            assert zone.controller.stop() == 0
            assert "¡Cuidado!" in top(window, "/terms"), "away, the portal keeps what it knows"
            zone.start_controller()
            time.sleep(2.5)
            assert "¡Cuidado!" in top(window, "/"), "the controller remembers"
            zone.zonactl("alert", "clear")
            time.sleep(2.5)
            assert "¡Cuidado!" not in (top(window, "/") or "")
