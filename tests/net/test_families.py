# SPDX-License-Identifier: GPL-2.0-or-later
"""One login is one device: all of its addresses, of both families, and nobody else's."""
import socket

from browser import Browser
from capture import Capture
from frames import UDP, ipv4, ipv6, udp
from lab import HOSTS, LAN4, LAN6, Zone, far_addresses
from marks import quick
from netns import wait_until

FAR4, FAR6 = far_addresses(66)


@quick
def test_login_over_either_family_opens_both():
    with Zone() as zone:
        for family in (4, 6):
            device = zone.device()
            assert not device.online(4) and not device.online(6)
            device.accept(family=family)
            assert device.online(4) and device.online(6), f"accepted over IPv{family}"
            assert device.captive(family=10 - family)["captive"] is False


def test_second_ipv6_address_needs_nothing():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        new = "fd77:7a6f:6e61::dead:beef"
        device.namespace.ip(f"addr add {new}/64 dev eth0 nodad")
        answer = Browser(device.namespace, HOSTS, source=new).get("http://www.example.org/", family=6)
        assert answer.from_internet
        wait_until(lambda: new in device.session()["ipv6"], 15, "the new address in zonactl", 0.2)


def test_same_ip_with_another_mac_stays_closed():
    """Somebody takes over the addresses of a device that is online."""
    with Zone() as zone:
        owner = zone.device()
        owner.accept()
        assert owner.online(4) and owner.online(6)
        thief = zone.device(ipv4=owner.ipv4, ipv6=owner.ipv6)
        owner.namespace.ip("link set eth0 down")
        s = thief.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW)
        s.bind(("eth0", 0))
        macs = (zone.gateway.mac("lan0"), thief.mac)
        with Capture(zone.inet, "up0") as capture:
            assert not thief.online(4) and not thief.online(6)
            for port in range(40000, 40050):
                s.send(ipv4(macs, thief.ipv4, FAR4, UDP, udp(thief.ipv4, FAR4, 9, source_port=port)))
                s.send(ipv6(macs, thief.ipv6, FAR6, UDP, udp(thief.ipv6, FAR6, 9, source_port=port)))
            page = thief.browser.follow("http://www.example.org/")
            assert "/accept" in page.text
        assert capture.count() == 0, capture.show()


def test_thief_cannot_join_a_flow_in_progress():
    """The very flow of a device that is online, continued from another MAC."""
    with Zone() as zone:
        owner, thief = zone.device(), zone.device()
        owner.accept()
        s = owner.namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("", 40000))
        s.settimeout(2)
        s.sendto(b"mine", ("203.0.113.7", 7))
        assert s.recv(100) == b"mine"
        raw = thief.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raw.bind(("eth0", 0))
        macs = (zone.gateway.mac("lan0"), thief.mac)
        with Capture(zone.inet, "up0") as capture:
            for _ in range(20):
                raw.send(ipv4(macs, owner.ipv4, "203.0.113.7", UDP,
                              udp(owner.ipv4, "203.0.113.7", 7, b"stolen")))
        assert capture.count() == 0, capture.show()
        s.sendto(b"still mine", ("203.0.113.7", 7))
        assert s.recv(100) == b"still mine"


def test_devices_cannot_reach_each_other_through_the_gateway():
    with Zone() as zone:
        one, other = zone.device(), zone.device()
        one.accept()
        other.accept()
        s = one.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW)
        s.bind(("eth0", 0))
        macs = (zone.gateway.mac("lan0"), one.mac)
        with Capture(other.namespace, "eth0", keep=lambda p: b"ZONA-LAB-" in p.frame) as capture:
            for port in range(40000, 40020):
                s.send(ipv4(macs, one.ipv4, other.ipv4, UDP,
                            udp(one.ipv4, other.ipv4, 9, source_port=port)))
                s.send(ipv6(macs, one.ipv6, other.ipv6, UDP,
                            udp(one.ipv6, other.ipv6, 9, source_port=port)))
        assert capture.count() == 0, capture.show()


def test_static_and_dhcp_devices_work_alike():
    with Zone() as zone:
        for device in (zone.device(), zone.device(dhcp=True)):
            assert not device.online(4) and not device.online(6)
            device.accept()
            assert device.online(4) and device.online(6)
            session = device.session()
            assert session["state"] == "active" and session["mac"] == device.mac
            wait_until(lambda d=device: d.ipv4 in d.session()["ipv4"] and
                       d.ipv6 in d.session()["ipv6"], 15, "both addresses in zonactl", 0.2)


def test_session_is_found_by_each_of_its_addresses():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        assert device.online(4) and device.online(6)
        for address in (device.mac, device.mac.upper(), device.ipv4, device.ipv6):
            def found(a=address):
                done = zone.zonactl("session", a, check=False)
                return done.returncode == 0 and device.mac in done.stdout
            wait_until(found, 15, f"zonactl session {address}", 0.2)
        for address in ("02:00:00:00:00:99", "10.77.99.99", LAN4, LAN6):
            assert zone.zonactl("session", address, check=False).returncode == 1, address


def test_operator_logs_a_device_in_and_out():
    with Zone() as zone:
        device = zone.device()
        assert not device.online()
        zone.zonactl("login", device.mac, "--minutes", 5)
        assert device.online(4) and device.online(6)
        assert 290 <= device.session()["seconds_left"] <= 300
        zone.zonactl("logout", device.ipv4)
        assert not device.online(4) and not device.online(6)
        assert device.captive()["captive"] is True
