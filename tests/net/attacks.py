# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody who has not logged in may try: frames of every kind, by name."""
from frames import (ACK, DESTINATION, FRAGMENT, HOP_BY_HOP, ICMP, ICMPV6, NO_NEXT, PADDING, ROUTING,
                    SCTP, SYN, TCP, UDP, dns_query, icmp_echo, icmpv6_echo, ipv4, ipv4_fragments,
                    ipv6, ipv6_fragments, routing_header, sctp_init, tcp, udp)
from lab import LAN4, LAN6, RESOLVER

FIN, RST, PSH, URG = 0x01, 0x04, 0x08, 0x20
TCP_FLAGS = {"syn": SYN, "ack": ACK, "syn-ack": SYN | ACK, "fin": FIN, "rst": RST, "null": 0,
             "xmas": FIN | PSH | URG}
# Protocols without a builder of their own: what they carry does not matter to a gateway.
OTHER_PROTOCOLS = {"ipip": 4, "igmp-as-unicast": 2, "6in4": 41, "gre": 47, "esp": 50, "ah-like": 51,
                   "dccp": 33, "udplite": 136, "experimental": 253}
RECORD_ROUTE = bytes([7, 7, 4, 0, 0, 0, 0, 0])


def over_ipv4(macs, source, target):
    """{name: [frames]}; all of them pass a gateway that merely forwards."""
    def one(protocol, upper, **more):
        return [ipv4(macs, source, target, protocol, upper, **more)]
    found = {f"tcp-{name}": one(TCP, tcp(source, target, 8001, flags))
             for name, flags in TCP_FLAGS.items()}
    for port in (22, 25, 80, 443, 853, 8080, 8443):
        found[f"tcp-{port}"] = one(TCP, tcp(source, target, port))
    for port in (7, 53, 67, 123, 443, 500, 1194, 51820):
        found[f"udp-{port}"] = one(UDP, udp(source, target, port))
    for name, number in OTHER_PROTOCOLS.items():
        found[name] = one(number, bytes(40))
    long = udp(source, target, 9, bytes(200))
    return found | {
        "icmp-echo": one(ICMP, icmp_echo()),
        "sctp": one(SCTP, sctp_init(9)),
        "foreign-resolver": [ipv4(macs, source, RESOLVER, UDP,
                                  udp(source, RESOLVER, 53, dns_query("tunnel.example")))],
        "fragments": ipv4_fragments(macs, source, target, UDP, long),
        "fragments-backwards": ipv4_fragments(macs, source, target, UDP, long, identity=2)[::-1],
        "options": one(UDP, udp(source, target, 9), options=RECORD_ROUTE),
    }


def over_ipv6(macs, source, target):
    def one(protocol, upper, extensions=()):
        return [ipv6(macs, source, target, protocol, upper, extensions)]
    found = {f"tcp6-{name}": one(TCP, tcp(source, target, 8001, flags))
             for name, flags in TCP_FLAGS.items()}
    for port in (22, 25, 80, 443, 853, 8080, 8443):
        found[f"tcp6-{port}"] = one(TCP, tcp(source, target, port))
    for port in (7, 53, 123, 443, 500, 547, 51820):
        found[f"udp6-{port}"] = one(UDP, udp(source, target, port))
    for name, number in OTHER_PROTOCOLS.items():
        if name != "ah-like":  # 51 is an extension header of IPv6 and would be parsed as one
            found[f"{name}-6"] = one(number, bytes(40))
    datagram = udp(source, target, 9)
    headers = {
        "hop-by-hop": [(HOP_BY_HOP, PADDING)],
        "destination-options": [(DESTINATION, PADDING)],
        "both-options": [(HOP_BY_HOP, PADDING), (DESTINATION, PADDING)],
        "many-options": [(DESTINATION, PADDING)] * 20,
        "atomic-fragment": [(FRAGMENT, bytes(8))],
        "routing-2": [(ROUTING, routing_header(2, target))],
        "routing-0": [(ROUTING, routing_header(0, target))],
        "routing-4": [(ROUTING, routing_header(4, target))],
    }
    found |= {name: one(UDP, datagram, chain) for name, chain in headers.items()}
    return found | {
        "icmpv6-echo": one(ICMPV6, icmpv6_echo(source, target)),
        "sctp6": one(SCTP, sctp_init(9)),
        "no-next-header": one(NO_NEXT, b""),
        "fragments6": ipv6_fragments(macs, source, target, UDP, udp(source, target, 9, bytes(200))),
    }


def spoofed(macs, target4, target6, others):
    """Somebody else's source address, our own MAC."""
    found = {}
    for source in (*others, LAN4, LAN6, "127.0.0.1", "::1", "0.0.0.0", "::", "198.51.100.1",
                   "203.0.113.7", "2001:db8:cafe::7", "192.0.2.1", "fe80::1", "::ffff:10.77.0.9",
                   "255.255.255.255", "224.0.0.1", "ff02::1"):
        if ":" in source:
            frame = ipv6(macs, source, target6, UDP, udp(source, target6, 9))
        else:
            frame = ipv4(macs, source, target4, UDP, udp(source, target4, 9))
        found[f"spoofed-{source}"] = [frame]
    return found


def odd_ethernet(macs, source4, target4, source6, target6):
    """The right packet in a frame to everybody, to a group, or from a group."""
    gateway, own = macs
    groups = {"broadcast": "ff:ff:ff:ff:ff:ff", "all-nodes": "33:33:00:00:00:01",
              "ipv4-group": "01:00:5e:00:00:01"}
    found = {}
    for name, group in groups.items():
        for there, back, way in ((group, own, "to"), (gateway, group, "from")):
            found[f"{way}-{name}"] = [
                ipv4((there, back), source4, target4, UDP, udp(source4, target4, 9)),
                ipv6((there, back), source6, target6, UDP, udp(source6, target6, 9))]
    return found
