# SPDX-License-Identifier: GPL-2.0-or-later
"""Vouchers: a code gives another class and its minutes, and only to who has it."""
import datetime
import json
import os
import time

from browser import forms
from lab import PORTAL, Zone
from marks import note
from netns import wait_until

CLASSES = '''class "event" {
  session   { minutes = 30  extend-minutes = 0  idle-minutes = 60 }
  bandwidth { down = "4mbit"  up = "2mbit"  down-floor = "64kbit"  up-floor = "64kbit" }
  hours = { "mon-sun 00:00-24:00" }
  walled-garden = { }
  languages = { "es", "en" }
}
'''
TOMORROW = (datetime.date.today() + datetime.timedelta(days=1)).isoformat()
MBIT = 1000000


def zone_with_event():
    """A zone whose policies have another class; its vouchers are made with create()."""
    zone = Zone()
    zone._write("policies/classes/event.conf", CLASSES)
    zone.zonactl("reload")
    return zone


def ask(zone, **message):
    with zone.control() as s:
        s.send(json.dumps(message).encode())
        return json.loads(s.recv(65536))


def create(zone, **options):
    answer = ask(zone, verb="voucher-create", **({"class": "event", "count": 1, "expires": TOMORROW}
                                                | options))
    assert answer["ok"], answer
    return answer["codes"]


def redeem(device, code, scanned=False):
    """What a person does: the page, the code, the button."""
    url = f"http://{PORTAL}/voucher" + (f"?code={code}" if scanned else "")
    page = device.browser.get(url)
    assert page.status == 200, page
    if scanned:
        assert f'value="{code}"' in page.text, page.text
        return device.browser.submit(page, "/voucher")
    return submit_code(device, page, code)


def submit_code(device, page, code):
    fields = next(f for action, _, f in forms(page.text) if action == "/voucher")
    return device.browser.post(f"http://{PORTAL}/voucher", fields | {"code": code})


def test_a_code_gives_its_class_and_minutes():
    with zone_with_event() as zone:
        codes = create(zone, count=3, minutes=90)
        assert len({c.replace("-", "") for c in codes}) == 3
        typed, scanned, active = zone.device(), zone.device(), zone.device()
        assert redeem(typed, codes[0].lower().replace("-", " ")).status == 303
        assert typed.online(4) and typed.online(6)
        assert redeem(scanned, codes[1], scanned=True).status == 303
        active.accept()
        assert active.session()["class"] == "lab"
        assert redeem(active, codes[2]).status == 303
        for device in (typed, scanned, active):
            session = device.session()
            assert session["class"] == "event", session
            assert session["rate_down_bps"] == 4 * MBIT and session["rate_up_bps"] == 2 * MBIT, session
            assert 5390 <= session["seconds_left"] <= 5400, session
        stranger = zone.device()
        answer = redeem(stranger, codes[0])
        assert answer.status == 200 and "ya se us" in answer.text, answer
        assert not stranger.online()
        stranger.accept()
        assert stranger.session()["class"] == "lab"


def test_a_pass_outlives_idleness_restart_and_reload():
    with zone_with_event() as zone:
        code, = create(zone, minutes=90)
        device = zone.device()
        redeem(device, code)
        zone.controller.kill()
        zone.start_controller()
        assert device.session()["class"] == "event" and device.online()
        assert device.session()["rate_down_bps"] == 4 * MBIT
        zone.zonactl("reload")
        assert device.session()["class"] == "event"
        device.logout()
        assert not device.online()
        device.accept()  # a tap is enough to come back
        session = device.session()
        assert session["class"] == "event" and session["seconds_left"] > 5300, session
        device.logout()
        assert redeem(device, code).status == 303  # and so is the code
        listed = ask(zone, verb="vouchers")["vouchers"]
        assert [(v["voucher"], v["used"], v["uses"], v["state"]) for v in listed] == \
            [("1-1", 1, 1, "used")], listed


def test_many_uses_and_no_use_for_the_refused():
    with zone_with_event() as zone:
        code, = create(zone, uses=2)
        first, second, third = (zone.device() for _ in range(3))
        zone.zonactl("block", second.mac)
        redeem(first, code)
        redeem(second, code)
        assert not second.online()
        zone.zonactl("unblock", second.mac)
        redeem(second, code)
        redeem(third, code)
        assert [d.online() for d in (first, second, third)] == [True, True, False]


def test_guessing_is_slowed_by_device():
    with zone_with_event() as zone:
        code, = create(zone)
        thief, guest = zone.device(), zone.device()
        texts = []
        for i in range(7):
            answer = redeem(thief, f"0000-0000-000{i}")
            texts.append("unknown" if "No conocemos" in answer.text else
                         "wait" if "Espera un minuto" in answer.text else answer.text)
        assert texts == ["unknown"] * 5 + ["wait"] * 2, texts
        answer = redeem(thief, code)
        assert "Espera un minuto" in answer.text and not thief.online()
        redeem(guest, code)
        wait_until(guest.online, 2, "another device is not slowed")
        note("5 wrong codes, then wait")


def test_a_link_or_another_page_redeems_nothing():
    """GET only fills the form in; a form needs the token of this device's own page."""
    with zone_with_event() as zone:
        code, = create(zone)
        device, other = zone.device(), zone.device()
        device.browser.get(f"http://{PORTAL}/voucher?code={code}")
        page = other.browser.get(f"http://{PORTAL}/voucher")
        submit_code(device, page, code)
        device.browser.post(f"http://{PORTAL}/voucher", {"code": code})
        assert not device.online()
        script = device.browser.get(f"http://{PORTAL}/voucher?code=%22%3E%3Cscript%3E")
        assert "<script>" not in script.text.split("<form")[1].split("</form>")[0], script.text


def test_codes_are_not_in_the_state_directory():
    with zone_with_event() as zone:
        codes = create(zone, count=20)
        redeem(zone.device(), codes[0])
        zone.controller.stop()
        stored = zone.gateway.run("sh", "-c", f"cat {zone.directory}/state/*", text=False).stdout
        assert b"event" in stored
        for code in codes:
            assert code.encode() not in stored and code.replace("-", "").encode() not in stored
        zone.start_controller()
        assert redeem(zone.device(), codes[1]).status == 303


def test_the_operator_makes_lists_and_prints_them():
    with zone_with_event() as zone:
        page = f"{zone.directory}/codes.html"
        made = zone.zonactl("voucher", "create", "--class", "event", "--count", 3, "--minutes", 45,
                            "--expires", TOMORROW, "--uses", 2, "--html", page)
        assert len(made["codes"]) == 3 and made["minutes"] == 45, made
        with open(page, encoding="utf-8") as f:
            printed = f.read()
        assert os.stat(page).st_mode & 0o777 == 0o600
        assert all(code in printed for code in made["codes"]) and printed.count("<svg") == 3
        again = zone.zonactl("voucher", "create", "--class", "event", "--count", 1, "--expires",
                             TOMORROW, "--html", page, check=False)
        assert again.returncode == 1, "a page that is there is not overwritten"
        device = zone.device()
        redeem(device, made["codes"][1])
        listed = zone.zonactl("vouchers")["vouchers"]
        assert [(v["voucher"], v["used"], v["state"]) for v in listed] == \
            [("1-1", 0, "valid"), ("1-2", 1, "valid"), ("1-3", 0, "valid")], listed
        assert all(v["expires"].startswith(TOMORROW) for v in listed), listed
        for wrong in (["--class", "nothing"], ["--expires", "2001-01-01"], ["--count", 1001]):
            options = {"--class": "event", "--count": 1, "--expires": TOMORROW} | {wrong[0]: wrong[1]}
            words = [w for pair in options.items() for w in pair]
            assert zone.zonactl("voucher", "create", *words, check=False).returncode == 1, wrong
        zone.zonactl("voucher", "create", "--class", "event", "--count", 1000, "--expires", TOMORROW)
        assert len(zone.zonactl("vouchers")["vouchers"]) == 1003  # over many pages


def test_the_speed_is_the_voucher_s():
    with zone_with_event() as zone:
        code, = create(zone)
        device = zone.device()
        device.accept()
        redeem(device, code)
        stream = device.download()
        stream.pump(0.5)
        begun, got = time.monotonic(), stream.pump(3)
        rate = got * 8 / (time.monotonic() - begun)
        stream.close()
        note(f"{rate / MBIT:.2f} Mbit/s at a ceiling of 4 (the zone's class has 20)")
        assert 3.4 * MBIT < rate < 4.1 * MBIT, rate
