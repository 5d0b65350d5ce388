# SPDX-License-Identifier: GPL-2.0-or-later
"""Before login nothing passes, either way, whatever is tried."""
import socket
import time

import attacks
from capture import Capture
from frames import ICMP, ICMPV6, SCTP, SYN, TCP, UDP, icmp_echo, icmpv6_echo, ipv4, ipv6, sctp_init, tcp, udp
from lab import LAN4, LAN6, UPLINK4, Zone, far_addresses
from marks import quick
from netns import wait_until

FAR4, FAR6 = far_addresses(66)


def packet_socket(namespace, interface):
    s = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((interface, 0))
    return s


def everything(zone, device, others=()):
    macs = (zone.gateway.mac("lan0"), device.mac)
    return (attacks.over_ipv4(macs, device.ipv4, FAR4) | attacks.over_ipv6(macs, device.ipv6, FAR6)
            | attacks.spoofed(macs, FAR4, FAR6, others)
            | attacks.odd_ethernet(macs, device.ipv4, FAR4, device.ipv6, FAR6))


def try_all(zone, device, tricks, times=3):
    """{name: packets that reached the far side}, one trick after the other."""
    s, reached = packet_socket(device.namespace, "eth0"), {}
    with Capture(zone.inet, "up0") as capture:
        for name, frames in tricks.items():
            before = len(capture.packets)
            for frame in frames * times:
                s.send(frame)
            time.sleep(0.01)
            reached[name] = len(capture.packets) - before
    s.close()
    return reached, capture


@quick
def test_nothing_leaves_before_login():
    with Zone() as zone:
        stranger, known = zone.device(), zone.device()
        known.accept()
        assert known.online(4) and known.online(6)
        tricks = everything(zone, stranger, (known.ipv4, known.ipv6))
        reached, capture = try_all(zone, stranger, tricks)
        assert capture.count() == 0, f"{reached}\n{capture.show()}"
        assert len(tricks) > 90, len(tricks)


def test_the_same_tricks_pass_plain_forwarding():
    """The far side would have seen them: without Zona every one but the senseless arrives."""
    with Zone(daemons=False) as zone:
        device = zone.device()
        macs = (zone.gateway.mac("lan0"), device.mac)
        assert device.online(4) and device.online(6)
        tricks = attacks.over_ipv4(macs, device.ipv4, FAR4) | attacks.over_ipv6(macs, device.ipv6, FAR6)
        reached, _ = try_all(zone, device, tricks)
        silent = [name for name, count in reached.items() if count == 0]
        assert not silent, silent


def test_real_programs_fail_before_login():
    with Zone() as zone:
        device = zone.device()
        with Capture(zone.inet, "up0") as capture:
            for argv in (["ping", "-c3", "-i0.2", "-W1", FAR4], ["ping", "-c3", "-i0.2", "-W1", FAR6],
                         ["curl", "-sk", "--max-time", "3", f"https://{FAR4}/"],
                         ["curl", "-sk", "--max-time", "3", f"https://[{FAR6}]/"],
                         ["curl", "-s", "--max-time", "2", f"telnet://{FAR4}:22"]):
                done = device.namespace.run(*argv, check=False)
                assert done.returncode != 0, (argv, done.stdout)
        assert capture.count() == 0, capture.show()


def test_https_is_refused_at_once():
    with Zone() as zone:
        device = zone.device()
        for family in (4, 6):
            begun = time.monotonic()
            try:
                device.browser.connect("www.example.org", 443, family)
                raise AssertionError("443 answered")
            except ConnectionRefusedError:
                assert time.monotonic() - begun < 0.2, f"IPv{family}: {time.monotonic() - begun}"


def test_nothing_comes_in_before_login():
    with Zone() as zone:
        device = zone.device()
        assert not device.online()
        macs = (zone.gateway.mac("wan0"), zone.inet.mac("up0"))
        outside = packet_socket(zone.inet, "up0")
        inside = packet_socket(device.namespace, "eth0")
        own = (zone.gateway.mac("lan0"), device.mac)
        far = {bytes(map(int, FAR4.split("."))), socket.inet_pton(socket.AF_INET6, FAR6)}
        # Refused towards 40000 → 9 first, so that a reply to exactly that could match a flow.
        inside.send(ipv4(own, device.ipv4, FAR4, UDP, udp(device.ipv4, FAR4, 9)))
        inside.send(ipv6(own, device.ipv6, FAR6, UDP, udp(device.ipv6, FAR6, 9)))
        with Capture(device.namespace, "eth0", keep=lambda p: p.source in far) as capture:
            for target in (device.ipv4, UPLINK4):
                for protocol, upper in ((UDP, udp(FAR4, target, 40000, source_port=9)),
                                        (TCP, tcp(FAR4, target, 22, SYN)), (ICMP, icmp_echo()),
                                        (SCTP, sctp_init(9)), (47, bytes(40))):
                    outside.send(ipv4(macs, FAR4, target, protocol, upper))
            for protocol, upper in ((UDP, udp(FAR6, device.ipv6, 40000, source_port=9)),
                                    (TCP, tcp(FAR6, device.ipv6, 22, SYN)), (SCTP, sctp_init(9)),
                                    (ICMPV6, icmpv6_echo(FAR6, device.ipv6))):
                outside.send(ipv6(macs, FAR6, device.ipv6, protocol, upper))
            time.sleep(0.3)
        # The refusals that the device gets come from the gateway, not from the far address.
        assert capture.count() == 0, capture.show()


def test_gateway_ports_are_closed_to_devices():
    with Zone() as zone:
        device = zone.device()
        code = ("import socket,time\nall=[socket.create_server(('::',p),family=socket.AF_INET6,"
                "dualstack_ipv6=True) for p in (22,9999)]\nprint('ready',flush=True)\ntime.sleep(99)")
        zone.gateway.start("python3", "-c", code)
        wait_until(lambda: "9999" in zone.gateway.run("ss", "-ltn").stdout, 5, "listeners")
        for logged_in in (False, True):
            for address in (LAN4, LAN6):
                for port in (22, 9999):
                    try:
                        device.browser.connect(address, port, timeout=2).close()
                        raise AssertionError(f"{address} port {port} answers")
                    except (ConnectionError, TimeoutError):
                        pass
            if not logged_in:
                device.accept()
