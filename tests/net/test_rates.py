# SPDX-License-Identifier: GPL-2.0-or-later
"""Every device gets its ceiling; a full uplink is shared evenly and never below the floors."""
import contextlib
import json
import socket
import threading
import time

from lab import ECHO4, Zone, lab_tool
from marks import alone, note, takes

WARM_UP_S, MEASURED_S = 2, 10
ETHERNET_HEADER = 14
DOWN, UP = "down", "up"
# The far side sees who sends: the addresses of the devices are not hidden here.
OPEN_UPLINK = {"masquerade": False}


class Load:
    """One device that downloads or uploads as fast as it can, over TCP."""

    def __init__(self, device, way, family):
        self.stopping = False
        self.socket = device.browser.connect("www.example.org", 80, family)
        if way == DOWN:
            self.socket.sendall(b"GET /stream HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
        else:
            self.socket.sendall(b"POST / HTTP/1.1\r\nHost: www.example.org\r\n"
                                b"Content-Length: 99999999999\r\n\r\n")
        target = self._receive if way == DOWN else self._send
        threading.Thread(target=target, daemon=True).start()

    def _receive(self):
        with contextlib.suppress(OSError):
            while not self.stopping and self.socket.recv(1 << 17):
                pass

    def _send(self):
        block = bytes(1 << 16)
        with contextlib.suppress(OSError):
            while not self.stopping:
                self.socket.sendall(block)

    def stop(self):
        self.stopping = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class FarSide:
    """Counts at the internet's end what arrives from each address (bytes on the wire)."""

    def __init__(self, zone):
        self.zone = zone
        zone.inet.nft("""
table inet truth {
    set v4 { type ipv4_addr; flags dynamic; size 1000; counter; }
    set v6 { type ipv6_addr; flags dynamic; size 1000; counter; }
    chain in {
        type filter hook prerouting priority -400;
        iifname "up0" ip saddr 10.77.0.0/16 update @v4 { ip saddr }
        iifname "up0" ip6 saddr fd77:7a6f:6e61::/64 update @v6 { ip6 saddr }
    }
}""")

    def read(self):
        found = {}
        for name in ("v4", "v6"):
            listed = self.zone.inet.run("nft", "--json", "list", "set", "inet", "truth", name).stdout
            for item in json.loads(listed)["nftables"]:
                for element in item.get("set", {}).get("elem", ()):
                    e = element["elem"]
                    found[e["val"]] = (e["counter"]["bytes"]
                                       + ETHERNET_HEADER * e["counter"]["packets"])
        return found


def counter_of(devices, far, way):
    """Bytes on the wire so far, of each device: what it got, or what of it arrived."""
    if way == DOWN:
        return [d.counters()[0] for d in devices]
    arrived = far.read()
    return [arrived.get(d.ipv4, 0) + arrived.get(d.ipv6, 0) for d in devices]


def measure(zone, devices, way, seconds=MEASURED_S):
    """bit/s of each device while all of them load in one direction, half over IPv6."""
    for namespace, interface in [(d.namespace, "eth0") for d in devices] + [(zone.inet, "up0")]:
        namespace.offloads(interface, False)  # a counter then sees each packet's headers
    far = FarSide(zone) if way == UP else None
    running = [Load(d, way, 4 if i % 2 == 0 else 6) for i, d in enumerate(devices)]
    time.sleep(WARM_UP_S)
    before, begun = counter_of(devices, far, way), time.monotonic()
    time.sleep(seconds)
    after, ended = counter_of(devices, far, way), time.monotonic()
    for r in running:
        r.stop()
    return [(new - old) * 8 / (ended - begun) for old, new in zip(before, after)]


def logged_in(zone, count):
    devices = [zone.device() for _ in range(count)]
    for device in devices:
        device.accept()
    return devices


def check_ceiling(count, down_mbit, up_mbit):
    policy = {"bandwidth": f'down = "{down_mbit}mbit"  up = "{up_mbit}mbit"'}
    with Zone(policy, **OPEN_UPLINK) as zone:
        devices = logged_in(zone, count)
        for way, ceiling in ((DOWN, down_mbit), (UP, up_mbit)):
            shares = [rate / ceiling / 1e6 for rate in measure(zone, devices, way)]
            note(f"{count} devices {way} at {ceiling} Mbit/s: {min(shares):.3f} to "
                 f"{max(shares):.3f} of the ceiling")
            assert min(shares) >= 0.97 and max(shares) <= 1.03, (way, shares)


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
    with Zone(policy, down="40mbit", up="16mbit", **OPEN_UPLINK) as zone:
        devices = logged_in(zone, 20)
        for way, total, floor in ((DOWN, 40e6, 512e3), (UP, 16e6, 128e3)):
            each = measure(zone, devices, way)
            jain = sum(each) ** 2 / (len(each) * sum(x * x for x in each))
            note(f"20 devices on {total / 1e6:.0f} Mbit/s {way}: Jain {jain:.4f}, "
                 f"{min(each) / 1e3:.0f} to {max(each) / 1e3:.0f} kbit/s, used "
                 f"{sum(each) / total:.3f}")
            assert jain >= 0.98, (way, jain, each)
            assert min(each) >= floor, (way, min(each))
            assert 0.95 <= sum(each) / total <= 1.02, (way, sum(each))


@alone
def test_floor_against_a_flood():
    """One device floods upstream with UDP: another still gets its fair part."""
    policy = {"bandwidth": 'down = "8mbit"  up = "8mbit"  up-floor = "1mbit"'}
    with Zone(policy, down="40mbit", up="8mbit", **OPEN_UPLINK) as zone:
        flooder, victim = logged_in(zone, 2)
        flooder.namespace.start(lab_tool("blast"), "udp", "--to", f"{ECHO4}:9", "--size", 1000,
                                "--rate", 5000, "--seconds", 20)
        up, = measure(zone, [victim], UP, seconds=5)
        note(f"beside a 40 Mbit/s flood the other device sends {up / 1e6:.2f} of 8 Mbit/s")
        assert up >= 1e6, up
