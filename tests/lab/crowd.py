# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of distinct devices from one namespace, at kernel speed.

Each has an IPv4 address and a MAC. The addresses are one local route; a netdev egress chain writes
the MAC that belongs to the source address into the frame (and into ARP), an ingress chain takes
frames for any of those MACs as our own.
"""
import contextlib
import ipaddress
import json

import neighbours
from lab import ECHO4, LAN4, PORTAL, lab_tool
from netns import Namespace

FIRST = ipaddress.ip_address("10.77.64.1")
PREFIX = "10.77.64.0/18"  # 16,382 devices at most


def mac_of(number):
    """number counts from 0."""
    return f"02:c0:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


class Crowd:
    """with Crowd(zone, 2000) as crowd: crowd.login()"""

    def __init__(self, zone, count):
        self.zone, self.count = zone, count
        self._room = contextlib.ExitStack()
        self._room.enter_context(neighbours.room())
        self.namespace = Namespace("crowd")
        self.namespace.sysctl({"net.ipv6.conf.default.disable_ipv6": 1})
        self.port = zone.plug(self.namespace, "02:c0:ff:ff:ff:ff")
        self.namespace.ip(f"route add local {PREFIX} dev lo",
                          f"route add 10.77.0.0/16 dev eth0 src {FIRST}",
                          f"route add default via {LAN4} dev eth0 src {FIRST}")
        self.namespace.sysctl({"net.ipv4.ip_local_port_range": "1024 65535",
                               "net.ipv4.tcp_tw_reuse": 1})
        elements = ", ".join(f"{FIRST + n} : {mac_of(n)}" for n in range(count))
        self.namespace.nft(f"""
table netdev crowd {{
    map macs {{ type ipv4_addr : ether_addr; elements = {{ {elements} }}; }}
    chain out {{
        type filter hook egress device eth0 priority 0;
        ether type ip ether saddr set ip saddr map @macs
        ether type arp arp saddr ether set arp saddr ip map @macs
        ether type arp ether saddr set arp saddr ip map @macs
    }}
    chain in {{
        type filter hook ingress device eth0 priority 0;
        ether daddr & ff:ff:00:00:00:00 == 02:c0:00:00:00:00 meta pkttype set host
    }}
}}""")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._room.close()

    def address(self, number):
        return str(FIRST + number)

    def mac(self, number):
        return mac_of(number)

    def _tool(self, *arguments, check, timeout):
        done = self.namespace.run(lab_tool("crowd"), *arguments, check=False, timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError(f"crowd: exit {done.returncode}: {done.stdout}")
        return json.loads(done.stdout)

    def login(self, count=None, first=0, concurrency=64, measure_first_packet=False, check=True,
              timeout=300):
        """Each opens the portal and accepts; the figures of crowd.c."""
        probe = ["--echo", f"{ECHO4}:7", "--every-us", "100"] if measure_first_packet else []
        return self._tool("login", "--first", FIRST + first, "--count", count or self.count,
                          "--concurrency", concurrency, "--to", LAN4, "--host", PORTAL, *probe,
                          check=check, timeout=timeout)

    def redirects(self, to, host="www.example.org", concurrency=8, seconds=5, check=True):
        """GETs of a foreign page from many addresses; how many redirects a second came back."""
        return self._tool("redirect", "--first", FIRST, "--count", self.count, "--to", to, "--host",
                          host, "--concurrency", concurrency, "--seconds", seconds, check=check,
                          timeout=seconds + 60)

    def blast(self, target=f"{ECHO4}:9", size=18, rate=0, seconds=5):
        """UDP datagrams from all addresses in turn."""
        done = self.namespace.run(lab_tool("blast"), "udp", "--to", target, "--first", FIRST,
                                  "--count", self.count, "--size", size, "--rate", rate,
                                  "--seconds", seconds, timeout=seconds + 30)
        return json.loads(done.stdout)
