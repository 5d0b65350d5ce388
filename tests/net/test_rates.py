# SPDX-License-Identifier: GPL-2.0-or-later
"""Every device gets its ceiling; a full uplink is shared evenly and never below the floors."""
import contextlib
import socket
import threading
import time

from lab import ECHO4, Zone, lab_tool
from marks import alone, note, takes

WARM_UP_S, MEASURED_S = 2, 10
ETHERNET_HEADER = 14


class BothWays:
    """One device that downloads and uploads as fast as it can, over TCP."""

    def __init__(self, device, family=4):
        self.device = device
        self.stopping = False
        self.down = device.browser.connect("www.example.org", 80, family)
        self.down.sendall(b"GET /stream HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
        self.up = device.browser.connect("www.example.org", 80, family)
        self.up.sendall(b"POST / HTTP/1.1\r\nHost: www.example.org\r\n"
                        b"Content-Length: 99999999999\r\n\r\n")
        for target in (self._receive, self._send):
            threading.Thread(target=target, daemon=True).start()

    def _receive(self):
        with contextlib.suppress(OSError):
            while not self.stopping and self.down.recv(1 << 17):
                pass

    def _send(self):
        block = bytes(1 << 16)
        with contextlib.suppress(OSError):
            while not self.stopping:
                self.up.sendall(block)

    def stop(self):
        self.stopping = True
        for s in (self.down, self.up):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()


def measure(zone, devices, seconds=MEASURED_S):
    """[(down, up)] in bit/s on the wire, from the devices' own counters."""
    for namespace, interface in [(d.namespace, "eth0") for d in devices] + [(zone.inet, "up0")]:
        namespace.offloads(interface, False)  # a counter then sees each packet's headers
    running = [BothWays(d, family=4 if i % 2 == 0 else 6) for i, d in enumerate(devices)]
    time.sleep(WARM_UP_S)
    before = [(d.counters(), time.monotonic()) for d in devices]
    time.sleep(seconds)
    after = [(d.counters(), time.monotonic()) for d in devices]
    for r in running:
        r.stop()
    return [tuple((new[i] - old[i]) * 8 / (t1 - t0) for i in (0, 2))
            for (old, t0), (new, t1) in zip(before, after)]


def logged_in(zone, count):
    devices = [zone.device() for _ in range(count)]
    for device in devices:
        device.accept()
    return devices


def check_ceiling(count, down_mbit, up_mbit):
    policy = {"bandwidth": f'down = "{down_mbit}mbit"  up = "{up_mbit}mbit"'}
    with Zone(policy) as zone:
        rates = measure(zone, logged_in(zone, count))
        for index, (name, ceiling) in enumerate((("down", down_mbit), ("up", up_mbit))):
            shares = [r[index] / ceiling / 1e6 for r in rates]
            note(f"{count} devices {name} at {ceiling} Mbit/s: {min(shares):.3f} to "
                 f"{max(shares):.3f} of the ceiling")
            assert min(shares) >= 0.97 and max(shares) <= 1.03, (name, shares)


@alone
def test_one_device_gets_its_ceiling():
    check_ceiling(1, 8, 2)


@alone
def test_five_devices_get_their_ceiling():
    check_ceiling(5, 8, 2)


@alone
def test_twenty_devices_get_their_ceiling():
    check_ceiling(20, 8, 2)


@alone
@takes(240)
def test_saturated_uplink_is_shared():
    """20 devices of 8/2 Mbit/s on 40/16: fair for all, none under its floor, all of it used."""
    policy = {"bandwidth": 'down = "8mbit"  up = "2mbit"  down-floor = "512kbit"  '
                           'up-floor = "128kbit"'}
    with Zone(policy, down="40mbit", up="16mbit") as zone:
        rates = measure(zone, logged_in(zone, 20))
        for index, (name, total, floor) in enumerate((("down", 40e6, 512e3), ("up", 16e6, 128e3))):
            each = [r[index] for r in rates]
            jain = sum(each) ** 2 / (len(each) * sum(x * x for x in each))
            note(f"20 devices on {total / 1e6:.0f} Mbit/s {name}: Jain {jain:.4f}, "
                 f"{min(each) / 1e3:.0f} to {max(each) / 1e3:.0f} kbit/s, used "
                 f"{sum(each) / total:.3f}")
            assert jain >= 0.98, (name, jain, each)
            assert min(each) >= floor, (name, min(each))
            assert 0.95 <= sum(each) / total <= 1.02, (name, sum(each))


@alone
def test_floor_against_a_flood():
    """One device floods upstream with UDP: another still gets its fair part."""
    policy = {"bandwidth": 'down = "8mbit"  up = "8mbit"  up-floor = "1mbit"'}
    with Zone(policy, down="40mbit", up="8mbit") as zone:
        flooder, victim = logged_in(zone, 2)
        flooder.namespace.start(lab_tool("blast"), "udp", "--to", f"{ECHO4}:9", "--size", 1000,
                                "--rate", 5000, "--seconds", 20)
        (_, up), = measure(zone, [victim], seconds=5)
        note(f"beside a 40 Mbit/s flood the other device sends {up / 1e6:.2f} of 8 Mbit/s")
        assert up >= 1e6, up
