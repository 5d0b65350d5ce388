# SPDX-License-Identifier: GPL-2.0-or-later
"""bytes_down and bytes_up are what the device itself counted, to the byte, in both families."""
import json
import subprocess
import time

from lab import ECHO4, ECHO6, Zone, lab_tool
from marks import alone, note, quick
from volume import Meter


@quick
def test_tcp_down_and_up():
    """Slower than the ceiling, or the device would count what it sent and the queue dropped."""
    with Zone({"bandwidth": 'down = "300mbit"  up = "300mbit"'}) as zone:
        device = zone.device()
        device.accept()
        for family in (4, 6):
            meter = Meter(device)
            answer = device.browser.get("http://www.example.org/bytes?n=3000000", family=family)
            assert len(answer.body) == 3_000_000
            device.browser.request("POST", "http://www.example.org/", family=family,
                                   fields={"x": "y" * 300_000})
            down, up = meter.assert_equal()
            assert down > 3_000_000 and up > 300_000, (down, up)


def test_many_small_packets_and_large_ones():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        for address in (ECHO4, ECHO6):
            for size in (0, 1, 18, 1000, 1400):
                meter = Meter(device)
                argv = [lab_tool("blast"), "udp", "--to", f"[{address}]:7" if ":" in address
                        else f"{address}:7", "--size", size, "--rate", 400, "--seconds", 0.5]
                sent = json.loads(device.namespace.run(*argv).stdout)["packets"]
                down, up = meter.assert_equal(settle_s=0.5)
                header = 48 if ":" in address else 28
                assert up == sent * (size + header) and down == up, (sent, size, down, up)


@alone
def test_while_limited():
    """More is sent than the ceiling lets through: only what arrives counts."""
    with Zone({"bandwidth": 'down = "4mbit"  up = "2mbit"'}) as zone:
        device = zone.device()
        device.accept()
        for family in (4, 6):
            meter = Meter(device)
            download = device.download(family=family)
            download.pump(4)
            download.finish()
            down, _ = meter.assert_equal(settle_s=2)
            note(f"IPv{family}, TCP at a ceiling of 4 Mbit/s: {down} bytes, error 0")
        # UDP at ten times the ceiling: most is dropped at the leaf, before the device.
        meter = Meter(device)
        far_before = zone.inet.counters("up0")
        device.namespace.run(lab_tool("blast"), "udp", "--to", f"{ECHO4}:9", "--size", 1000, "--rate",
                             2500, "--seconds", 3)
        time.sleep(1)  # the queue empties
        far_after = zone.inet.counters("up0")
        _, up = meter.metered()
        arrived = far_after[0] - far_before[0] - 14 * (far_after[1] - far_before[1])
        # The far side may see a few ARP and ND frames besides.
        assert 0 <= arrived - up <= 1000, f"far side {arrived}, session {up}"
        assert up < 3 * 2e6 / 8 * 1.2, "the ceiling did not hold"


def test_with_offloads_on():
    """Merged segments on the wire are still counted with all their headers."""
    with Zone() as zone:
        device = zone.device()
        device.accept()
        before = device.session()
        done = device.namespace.run("curl", "-s", "-o", "/dev/null", "-w", "%{size_download}",
                                    "http://www.example.org/bytes?n=10000000",
                                    stderr=subprocess.DEVNULL)
        assert done.stdout == "10000000"
        after = device.session()
        down = after["bytes_down"] - before["bytes_down"]
        # 1,448 bytes of payload a segment, 52 bytes of headers; a head and a few control packets.
        expected = 10_000_000 + -(-10_000_000 // 1448) * 52
        assert expected <= down <= expected * 1.001 + 2000, (down, expected)


def test_volume_survives_logout_and_login():
    """A new session starts at zero, the old one's bytes are not added again."""
    with Zone() as zone:
        device = zone.device()
        device.accept()
        device.browser.get("http://www.example.org/bytes?n=1000000")
        device.logout()
        device.accept()
        session = device.session()
        assert session["bytes_down"] < 10_000, session
