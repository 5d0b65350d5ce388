# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 of any of our processes is not noticed by anybody who is online."""
import contextlib
import os
import signal
import time

from lab import Zone
from marks import note, quick
from netns import wait_until
from volume import Meter

RESPAWN_S = 2


def kill(*pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Traffic:
    """A ping flood of one device and a download of another; nothing of either may be lost."""

    def __init__(self, zone):
        self.zone = zone
        self.pinging, self.loading = zone.device(), zone.device()
        for device in (self.pinging, self.loading):
            device.accept()
        self.before = zone.sessions()
        self.meter = Meter(self.loading)
        self.ping = self.pinging.ping()
        self.download = self.loading.download()
        self.begun = time.monotonic()
        assert self.download.pump(1) > 0

    def go_on(self, seconds=1.0):
        assert self.download.pump(seconds) > 0 and not self.download.ended, "the download stopped"

    def assert_unharmed(self):
        self.go_on()
        sent, lost = self.ping.finish()
        assert lost == 0 and sent > 500, f"{lost} of {sent} pings lost"
        self.download.finish()
        after = self.zone.sessions()
        elapsed = time.monotonic() - self.begun
        for device in (self.pinging, self.loading):
            old, new = self.before[device.mac], after[device.mac]
            assert new["started"] == old["started"] and new["state"] == "active", (old, new)
            gone = old["seconds_left"] - new["seconds_left"]
            assert abs(gone - elapsed) <= 2.5, f"{gone} s of the time gone in {elapsed:.1f} s"
        self.meter.assert_equal()
        return sent


def main_process(zone):
    zone.controller.kill()
    time.sleep(0.3)
    zone.start_controller()


def each_child(zone):
    for index in range(len(zone.controller.children())):
        begun = time.monotonic()
        kill(zone.controller.children()[index])
        time.sleep(0.05)
        wait_until(lambda: zone.zonactl("sessions", check=False).returncode == 0, RESPAWN_S,
                   f"an answer after the end of child {index}")
        note(f"child {index} killed: answers again after {time.monotonic() - begun:.2f} s")
        assert zone.controller.alive()


def portal(zone):
    zone.portal.kill()
    zone.start_portal()


def everything(zone):
    kill(zone.controller.pid, zone.portal.pid, *zone.controller.children())
    zone.controller.process.wait()
    zone.portal.process.wait()
    time.sleep(0.3)
    zone.start_controller()
    zone.start_portal()


def check_crash(crash, times=3):
    with Zone() as zone:
        traffic = Traffic(zone)
        for _ in range(times):
            crash(zone)
            traffic.go_on()
        traffic.assert_unharmed()
        newcomer = zone.device()
        assert not newcomer.online()
        newcomer.accept()
        assert newcomer.online(4) and newcomer.online(6)


def test_kill_controller():
    check_crash(main_process)


@quick
def test_kill_each_child_of_the_controller():
    check_crash(each_child, times=2)


def test_kill_portal():
    check_crash(portal)


def test_kill_everything_at_once():
    check_crash(everything)


def test_orderly_restart():
    def restart(zone):
        zone.portal.stop()
        zone.controller.stop()
        time.sleep(0.3)
        zone.start_controller()
        zone.start_portal()
    check_crash(restart)


def test_nobody_left_over():
    """A killed main process takes its children with it: no second engine fights over the kernel."""
    with Zone() as zone:
        device = zone.device()
        device.accept()
        children = zone.controller.children()
        assert children
        zone.controller.kill()
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), 2,
                   "the children's end")
        assert device.online()
        zone.start_controller()
        assert device.session()["state"] == "active"


def test_logins_in_the_middle_of_a_crash_are_not_lost():
    """A login that was answered with yes is there after a kill -9 in the next instant."""
    with Zone() as zone:
        devices = [zone.device() for _ in range(5)]
        for device in devices:
            device.accept()
            kill(zone.controller.pid, *zone.controller.children())
            zone.controller.process.wait()
            zone.start_controller()
            assert device.session()["state"] == "active", device.session()
        for device in devices:
            assert device.online(4) and device.online(6)


def test_ended_while_the_controller_was_down():
    """Time runs on while nobody watches: who is over at the start is put out then."""
    with Zone() as zone:
        device = zone.device()
        assert not device.online()
        zone.zonactl("login", device.mac, "--minutes", 1)
        begun = time.monotonic()
        zone.controller.kill()
        time.sleep(max(0, 61 - (time.monotonic() - begun)))
        zone.start_controller()
        wait_until(lambda: not device.online(), 2, "the end after the restart")
        assert device.captive()["captive"] is True
