# SPDX-License-Identifier: GPL-2.0-or-later
"""Every end of a session stops a download in progress within 2 s, and the device is captive again."""
import datetime
import socket
import time

from lab import Zone
from marks import alone, note, quick
from netns import wait_until

SOON_S = 2


def start_download(device, family=None):
    """A download that is moving."""
    download = device.download(family=family)
    assert download.pump(1) > 100_000, "the download does not start"
    return download


def assert_ended(device, download, since, cause):
    """since: when the session should have ended (monotonic)."""
    last = download.pump_until_silent()
    assert last - since <= SOON_S, f"{cause}: data still {last - since:.2f} s after the end"
    assert device.captive()["captive"] is True
    assert not device.online(4) and not device.online(6)
    assert "/accept" in device.browser.follow("http://www.example.org/").text or cause == "blocked"
    return last


@quick
def test_logout_by_the_user():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        download = start_download(device)
        assert device.logout().status == 303
        assert_ended(device, download, time.monotonic(), "logout")
        device.accept()  # and may come back
        assert device.online()


def test_logout_by_the_operator():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        for family in (4, 6):
            download = start_download(device, family)
            zone.zonactl("logout", device.mac)
            assert_ended(device, download, time.monotonic(), "operator")
            device.accept()


def test_blocked_by_the_operator():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        download = start_download(device)
        zone.zonactl("block", device.mac)
        assert_ended(device, download, time.monotonic(), "blocked")
        assert device.session()["state"] == "blocked"
        try:
            device.accept()
        except (LookupError, AssertionError):
            pass  # no button, or the tap is refused
        assert not device.online() and device.session()["state"] == "blocked"
        zone.zonactl("unblock", device.mac)
        device.accept()
        assert device.online()


def test_time_is_over():
    with Zone() as zone:
        device = zone.device()
        assert not device.online()
        zone.zonactl("login", device.mac, "--minutes", 1)
        begun = time.monotonic()
        download = start_download(device)
        download.pump(20)
        left = device.session()["seconds_left"]
        assert abs(left - (60 - (time.monotonic() - begun))) <= 1.5, left
        download.pump(57 - (time.monotonic() - begun))
        assert download.pump(1) > 0, "ended too early"
        last = assert_ended(device, download, begun + 60, "time")
        assert last - begun >= 59, f"ended after {last - begun:.1f} s"


def test_idle_device_is_put_out():
    """Nothing moves for a minute; a connection that was left open is dead after it."""
    with Zone({"session": "minutes = 60  idle-minutes = 1"}) as zone:
        idle, busy = zone.device(), zone.device()
        for device in (idle, busy):
            device.accept()
        s = idle.browser.connect("www.example.org", 80)
        begun = time.monotonic()
        ping = busy.ping(every_s=0.5)
        while idle.session()["state"] == "active" and time.monotonic() - begun < 90:
            time.sleep(1)
        lasted = time.monotonic() - begun
        assert 55 <= lasted <= 80, f"idle for {lasted:.0f} s"
        s.settimeout(2)
        s.sendall(b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
        try:
            assert not s.recv(100), "the old connection still works"
        except (TimeoutError, ConnectionError):
            pass
        assert idle.captive()["captive"] is True
        assert busy.session()["state"] == "active", "a device in use is not idle"
        sent, lost = ping.finish()
        assert lost == 0, (sent, lost)


@alone
def test_volume_is_used_up():
    """Ends within 1 % of the volume, counted where the device counts."""
    megabytes = 50
    with Zone({"session": f"minutes = 60  daily-megabytes = {megabytes}"}) as zone:
        device = zone.device()
        device.accept()
        before = device.counters()
        download = device.download()
        begun = time.monotonic()
        last = download.pump_until_silent(timeout_s=60)
        after = device.counters()
        assert download.ended or time.monotonic() - last >= 1.5, "never ended"
        received, packets = after[0] - before[0], after[1] - before[1]
        sent, out = after[2] - before[2], after[3] - before[3]
        volume = received - 14 * packets + sent - 14 * out
        session = device.session()
        counted = session["bytes_down"] + session["bytes_up"]
        note(f"a quota of {megabytes * 10**6} bytes ended at {counted} (device: {volume}) after "
             f"{last - begun:.1f} s")
        assert abs(counted - megabytes * 1e6) <= megabytes * 1e4, counted
        assert device.captive()["captive"] is True and not device.online()
        page = device.browser.follow("http://www.example.org/")
        assert page.status == 200, page  # tells why there is no button today
        assert zone.zonactl("sessions")  # and the daemon is fine


def test_volume_of_a_day_cannot_be_had_twice():
    """Leaving and coming back, or a crash of ours, does not give the day's volume again."""
    with Zone({"session": "minutes = 60  daily-megabytes = 6"}) as zone:
        device = zone.device()
        device.accept()
        device.browser.get("http://www.example.org/bytes?n=3000000")
        device.logout()
        device.accept()
        zone.controller.kill()
        zone.start_controller()
        download = device.download()
        download.pump_until_silent()
        assert 2_000_000 < download.total < 3_100_000, download.total
        assert device.captive()["captive"] is True
        page = device.browser.follow("http://www.example.org/")
        assert page.status == 200 and "/accept" not in page.text, "offers what it will not give"
        assert not device.online()


def test_time_of_a_day_cannot_be_had_twice():
    with Zone({"session": "minutes = 60  daily-minutes = 1"}) as zone:
        device = zone.device()
        device.accept()
        begun = time.monotonic()
        assert device.session()["seconds_left"] <= 60
        time.sleep(10)
        device.logout()
        time.sleep(5)  # not online: does not count
        device.accept()
        left = device.session()["seconds_left"]
        assert 48 <= left <= 51, left
        wait_until(lambda: not device.online(), 60, "the end of the day's minute", 0.25)
        assert 63 <= time.monotonic() - begun <= 68
        assert "/accept" not in device.browser.follow("http://www.example.org/").text


def test_blocked_before_it_was_ever_seen():
    with Zone() as zone:
        zone.zonactl("block", "02:7a:00:00:00:01")
        device = zone.device(mac="02:7a:00:00:00:01")
        page = device.browser.follow("http://www.example.org/")
        assert "/accept" not in page.text and not device.online()
        zone.controller.kill()
        zone.start_controller()
        assert not device.online() and device.session()["state"] == "blocked"
        zone.zonactl("unblock", device.mac)
        device.accept()
        assert device.online()


def test_zone_closes():
    """The closing minute comes while a download runs."""
    now = datetime.datetime.now()
    until = 60 - now.second
    closing = now + datetime.timedelta(seconds=until if until > 8 else until + 60)
    if closing.date() != now.date():
        time.sleep(120)  # opening hours of this test do not go past midnight
        closing = datetime.datetime.now() + datetime.timedelta(seconds=60)
    hours = f'{{ "mon-sun 00:00-{closing:%H:%M}" }}'
    with Zone({"hours": hours}) as zone:
        device = zone.device()
        device.accept()
        moment = closing.replace(second=0, microsecond=0)
        end = time.monotonic() + (moment - datetime.datetime.now()).total_seconds()
        download = start_download(device)
        download.pump(end - time.monotonic() - 1.5)
        assert download.pump(0.5) > 0, "closed too early"
        last = assert_not_offered(device, download, end)
        assert last >= end - 1, f"closed {end - last:.1f} s too early"


def assert_not_offered(device, download, end):
    last = download.pump_until_silent()
    assert last - end <= SOON_S, f"data {last - end:.2f} s after closing"
    assert device.captive()["captive"] is True and not device.online()
    page = device.browser.follow("http://www.example.org/")
    assert page.status == 200, page
    return last


def test_zone_closes_by_reload():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        download = start_download(device)
        wrong_day = (datetime.datetime.now() + datetime.timedelta(days=3)).strftime("%a").lower()
        zone.write_policy(hours=f'{{ "{wrong_day} 10:00-11:00" }}')
        zone.zonactl("reload")
        assert_not_offered(device, download, time.monotonic())


def test_extension_is_not_for_free():
    """An ended device cannot use what was granted to another (its token is its own)."""
    with Zone() as zone:
        one, other = zone.device(), zone.device()
        page = one.browser.follow("http://www.example.org/")
        other.browser.follow("http://www.example.org/")
        stolen = other.browser.submit(page, "/accept")
        assert stolen.status != 303 or not other.online(), stolen
        assert not other.online()
        accepted = one.browser.submit(page, "/accept")
        assert accepted.status == 303 and one.online()
        one.logout()
        again = one.browser.submit(page, "/accept")
        assert not one.online(), f"a token was good twice: {again}"


def test_flows_of_an_ended_device_stay_dead_for_both_families():
    """UDP in both directions stops too, not only what answers to a reset."""
    with Zone() as zone:
        device = zone.device()
        device.accept()
        sockets = []
        for kind, far in ((socket.AF_INET, "203.0.113.7"), (socket.AF_INET6, "2001:db8:cafe::7")):
            s = device.namespace.socket(kind, socket.SOCK_DGRAM)
            s.settimeout(1)
            s.connect((far, 7))
            s.send(b"hello")
            assert s.recv(10) == b"hello"
            sockets.append(s)
        zone.zonactl("logout", device.mac)
        for s in sockets:
            try:
                s.send(b"again")
                assert not s.recv(10), "an old UDP flow still works"
            except (TimeoutError, ConnectionError, PermissionError, OSError):
                pass
        device.accept()
        wait_until(device.online, 1, "online again")


def test_nobody_lives_on_another_ones_session():
    """A stream that needs no answer stays cut, also when others get what the ended session left
    (its mark, its class)."""
    with Zone() as zone:
        device = zone.device()
        device.accept()
        streams = []
        for kind, far in ((socket.AF_INET, "203.0.113.66"), (socket.AF_INET6, "2001:db8:cafe::42")):
            own = device.namespace.socket(kind, socket.SOCK_DGRAM)
            outside = zone.inet.socket(kind, socket.SOCK_DGRAM)
            outside.bind((far, 9))
            own.sendto(b"begin", (far, 9))
            streams.append((own, outside, outside.recvfrom(10)[1]))
        for own, outside, peer in streams:
            outside.sendto(b"live", peer)
            own.settimeout(1)
            assert own.recv(10) == b"live"
        zone.zonactl("logout", device.mac)
        for n in range(60):
            zone.zonactl("login", f"02:fe:00:00:00:{n:02x}")
            for own, outside, peer in streams:
                outside.sendto(b"more", peer)
        time.sleep(0.2)
        for own, _, _ in streams:
            own.setblocking(False)
            try:
                raise AssertionError(f"still received {own.recv(10)!r} after the end")
            except BlockingIOError:
                pass
