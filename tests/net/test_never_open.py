# SPDX-License-Identifier: GPL-2.0-or-later
"""Closed, not for a moment open: an unknown device floods while the gateway is stopped, started,
killed, reloaded and booted, and not one packet reaches the far side."""
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import time

import attacks
from capture import Capture
from lab import Zone, far_addresses, lab_tool, program
from marks import note, quick, takes
from netns import stop, wait_until

FAR4, FAR6 = far_addresses(66)
PACKETS_A_SECOND = 20000
LEAST_SENT = 2000


class Flood:
    """Frames of every kind in both families from a device that nobody knows, and a watch on the
    far side that sees all of them."""

    def __init__(self, zone):
        self.zone, self.device = zone, zone.device()
        macs = (zone.gateway.mac("lan0"), self.device.mac)
        tricks = (attacks.over_ipv4(macs, self.device.ipv4, FAR4)
                  | attacks.over_ipv6(macs, self.device.ipv6, FAR6))
        self.frames = [frame for frames in tricks.values() for frame in frames]
        far = {socket.inet_pton(socket.AF_INET, FAR4), socket.inet_pton(socket.AF_INET6, FAR6),
               socket.inet_pton(socket.AF_INET, "203.0.113.53")}
        self.capture = Capture(zone.inet, "up0", keep=lambda p: p.target in far)

    def __enter__(self):
        self.capture.__enter__()
        argv = [lab_tool("blast"), "frames", "--rate", PACKETS_A_SECOND, "--seconds", 600]
        self.process = self.device.namespace.start(*argv, stdin=subprocess.PIPE)
        for frame in self.frames:
            self.process.stdin.write(struct.pack("!H", len(frame)) + frame)
        self.process.stdin.close()
        self.before = self.device.counters()
        wait_until(lambda: self.device.counters()[3] - self.before[3] > 1000, 5, "the flood")
        return self

    def __exit__(self, kind, *_):
        sent = self.device.counters()[3] - self.before[3]
        stop(self.process, signal.SIGKILL)
        time.sleep(0.2)
        self.capture.stop()
        if kind is None:
            passed = self.capture.count()
            note(f"{sent} packets sent, {passed} passed")
            assert sent > LEAST_SENT, "the flood did not run"
            assert passed == 0, self.capture.show()


def restart(zone):
    zone.controller.stop()
    time.sleep(0.1)
    zone.start_controller()


def crash(zone):
    pids = [zone.controller.pid, *zone.controller.children()]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    zone.controller.process.wait()
    time.sleep(0.1)
    zone.start_controller()


def reload(zone):
    down = 10 + int(time.monotonic()) % 10
    zone.write_policy(bandwidth=f'down = "{down}mbit"  up = "5mbit"')
    zone.zonactl("reload")


def close(zone):
    zone.gateway.run(program("zona-controller"), "--config", zone.config, "--close")


def restart_portal(zone):
    zone.portal.stop()
    zone.start_portal()


@quick
@takes(120)
def test_twenty_stops_starts_crashes_and_reloads():
    with Zone() as zone:
        known = zone.device()
        known.accept()
        with Flood(zone):
            for _ in range(20):
                for step in (restart, crash, reload, close, restart_portal):
                    step(zone)
            assert known.online(4) and known.online(6)


def test_twenty_logins_of_others():
    """Sessions come and go beside the flood."""
    with Zone() as zone:
        devices = [zone.device() for _ in range(4)]
        with Flood(zone):
            for _ in range(5):
                for device in devices:
                    device.accept()
                for device in devices:
                    zone.zonactl("logout", device.mac)


def test_at_boot_before_the_controller_has_started():
    """The order of the shipped units: closed first, forwarding second, the controller third."""
    for _ in range(5):
        with Zone(daemons=False) as zone:
            zone.forward(False)
            with Flood(zone):
                close(zone)
                zone.forward()
                time.sleep(0.3)
                zone.start_controller()
                zone.start_portal()
                time.sleep(0.2)


def test_stop_that_closes():
    """on-stop = "close": nobody passes after a stop, not even who was online."""
    with Zone(gateway_conf='on-stop = "close"') as zone:
        known = zone.device()
        known.accept()
        with Flood(zone):
            for _ in range(3):
                zone.controller.stop()
                assert not known.online(4) and not known.online(6)
                zone.start_controller()
                if not known.online():
                    known.accept()


def test_stop_that_keeps():
    """The default: after a stop who was online stays online, and nobody else comes in."""
    with Zone() as zone:
        known = zone.device()
        known.accept()
        with Flood(zone):
            ping = known.ping()
            zone.portal.stop()
            assert zone.controller.stop() == 0
            time.sleep(1)
            assert known.online(4) and known.online(6)
            sent, lost = ping.finish()
            assert lost == 0, (sent, lost)


def test_the_flood_does_pass_where_nobody_closes():
    """The watch works: the same flood through plain forwarding is seen."""
    with Zone(daemons=False) as zone:
        flood = Flood(zone)
        with contextlib.suppress(AssertionError), flood:
            time.sleep(0.5)
        assert flood.capture.count() > 1000, flood.capture.count()


def test_base_table_does_not_depend_on_json_or_state():
    """--close works with an empty state directory and prints nothing on success."""
    with Zone(daemons=False) as zone:
        done = zone.gateway.run(program("zona-controller"), "--config", zone.config, "--close")
        assert done.returncode == 0
        table = json.loads(zone.gateway.run("nft", "--json", "list", "table", "inet", "zona").stdout)
        assert any("chain" in item for item in table["nftables"])
