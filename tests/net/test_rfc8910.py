# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 8910 on the wire, from the shipped dnsmasq configuration: where devices find the API."""
import ipaddress
import urllib.parse

from capport import DHCP4_OPTION, DHCP6_OPTION, RA_OPTION, RA_OTHER_CONFIGURATION, ask_dhcp6, \
    dhcp4_options, dhcp6_options, ra_options
from capture import Capture
from lab import PORTAL, Zone
from marks import note
from netns import wait_until

API = f"https://{PORTAL}/api/captive".encode()
URI_MAX = 255  # RFC 8910 section 2


class Wire:
    """Everything that reaches a device's interface while it joins."""

    def __init__(self, zone):
        self.zone = zone
        plug = zone.plug

        def plug_and_listen(namespace, mac):
            port = plug(namespace, mac)
            self.capture = Capture(namespace, "eth0", keep=lambda packet: True)
            self.capture.__enter__()
            return port
        zone.plug = plug_and_listen
        self.device = zone.device(dhcp=True)

    def all(self, read):
        return [found for p in self.capture.packets if (found := read(p.frame)) is not None]

    def ask_dhcp6(self, options):
        """The first reply that comes after the question."""
        before = len(self.all(dhcp6_options))
        ask_dhcp6(self.device.namespace, "eth0", self.device.mac, options)
        return wait_until(lambda: self.all(dhcp6_options)[before:], 5, "a DHCPv6 reply")[0]


def assert_uri(value):
    assert value == API, value
    assert b"\0" not in value and len(value) <= URI_MAX
    host = urllib.parse.urlsplit(value.decode("ascii")).hostname
    try:
        raise AssertionError(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name, as it must be


def test_dhcp_v4_and_v6_carry_the_api():
    with Zone() as zone:
        wire = Wire(zone)
        offers = wire.all(dhcp4_options)
        assert len(offers) >= 2, "an offer and an acknowledgement"
        for options in offers:
            assert_uri(options[DHCP4_OPTION])
        for asked in ((DHCP6_OPTION,), (23,)):  # also to those who do not ask for it
            assert_uri(wire.ask_dhcp6(asked)[DHCP6_OPTION])
        wire.capture.stop()


def test_router_advertisements_lead_to_the_api():
    """dnsmasq 2.90 cannot send option 37; the flag O sends IPv6-only devices to DHCPv6 for it. A
    dnsmasq that can must send the same URI."""
    with Zone() as zone:
        wire = Wire(zone)
        seen = wait_until(lambda: wire.all(ra_options), 5, "a router advertisement")
        for flags, options in seen:
            assert flags & RA_OTHER_CONFIGURATION, f"flags {flags:#x}"
            if RA_OPTION in options:
                assert_uri(options[RA_OPTION].rstrip(b"\0"))
        assert_uri(wire.ask_dhcp6((DHCP6_OPTION,))[DHCP6_OPTION])
        note("router advertisements carry option 37: "
             f"{'yes' if any(RA_OPTION in options for _, options in seen) else 'no'}")
        wire.capture.stop()


def test_without_a_certificate_no_option_is_sent():
    """A client that is told of an API which it cannot reach over TLS is worse off than one untold."""
    with Zone(certificate=False) as zone:
        wire = Wire(zone)
        assert wire.device.api == ""
        assert all(DHCP4_OPTION not in options for options in wire.all(dhcp4_options))
        assert DHCP6_OPTION not in wire.ask_dhcp6((DHCP6_OPTION,))
        wire.capture.stop()
