# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 8910 in raw frames: the options that name the captive portal's API, as bytes of the wire."""
import socket
import struct

DHCP4_OPTION, DHCP6_OPTION, RA_OPTION = 114, 103, 37
DHCP4_COOKIE = b"\x63\x82\x53\x63"
DHCP6_INFORMATION_REQUEST, DHCP6_REPLY = 11, 7
RA, RA_OTHER_CONFIGURATION = 134, 0x40
ETHERNET, IPV6, UDP = 14, 40, 8


def dhcp4_options(frame):
    """{code: bytes} of a DHCPv4 message to a client, or None for another frame."""
    if frame[12:14] != b"\x08\0" or frame[23] != socket.IPPROTO_UDP:
        return None
    at = ETHERNET + (frame[14] & 15) * 4
    if frame[at:at + 4] != struct.pack("!HH", 67, 68):
        return None
    data = frame[at + UDP + 236:]
    if data[:4] != DHCP4_COOKIE:
        return None
    found, at = {}, 4
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        found[data[at]] = found.get(data[at], b"") + data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found


def dhcp6_options(frame):
    """The same of a DHCPv6 reply."""
    udp = ETHERNET + IPV6
    if frame[12:14] != b"\x86\xdd" or frame[20] != socket.IPPROTO_UDP or \
            frame[udp:udp + 4] != struct.pack("!HH", 547, 546) or frame[udp + UDP] != DHCP6_REPLY:
        return None
    found, at = {}, udp + UDP + 4
    while at + 4 <= len(frame):
        code, size = struct.unpack_from("!HH", frame, at)
        found[code] = frame[at + 4:at + 4 + size]
        at += 4 + size
    return found


def ra_options(frame):
    """(flags, {type: bytes behind type and length}) of a router advertisement, or None."""
    at = ETHERNET + IPV6
    if frame[12:14] != b"\x86\xdd" or frame[20] != socket.IPPROTO_ICMPV6 or frame[at] != RA:
        return None
    flags, found = frame[at + 5], {}
    at += 16
    while at + 8 <= len(frame) and frame[at + 1] > 0:
        found[frame[at]] = frame[at + 2:at + frame[at + 1] * 8]
        at += frame[at + 1] * 8
    return flags, found


def ask_dhcp6(namespace, interface, mac, options=()):
    """Sends an Information-Request (RFC 8415 18.2.6) that asks for these options."""
    def option(code, data):
        return struct.pack("!HH", code, len(data)) + data
    message = bytes([DHCP6_INFORMATION_REQUEST]) + b"\x7a\x6f\x6e" + \
        option(1, b"\0\3\0\1" + bytes.fromhex(mac.replace(":", ""))) + option(8, b"\0\0")
    if options:
        message += option(6, b"".join(struct.pack("!H", code) for code in options))
    with namespace.entered():
        index = socket.if_nametoindex(interface)
    with namespace.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::", 546))
        s.sendto(message, ("ff02::1:2", 547, 0, index))
