# SPDX-License-Identifier: GPL-2.0-or-later
"""Ethernet frames made by hand: what an attacker sends and no socket API would.

ipv4(...) and ipv6(...) take the upper-layer bytes and give a whole frame. The builders of
upper layers need the addresses because of the pseudo header (RFC 768, RFC 8200 8.1).
"""
import ipaddress
import struct

ICMP, TCP, UDP, ICMPV6, SCTP = 1, 6, 17, 58, 132
HOP_BY_HOP, ROUTING, FRAGMENT, NO_NEXT, DESTINATION = 0, 43, 44, 59, 60
SYN, ACK = 0x02, 0x10
MAGIC = b"ZONA-LAB-"


def _packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _pseudo(source, target, protocol, length):
    s, t = _packed(source), _packed(target)
    if len(s) == 4:
        return s + t + struct.pack("!BBH", 0, protocol, length)
    return s + t + struct.pack("!IHBB", length, 0, 0, protocol)


def udp(source, target, port, payload=MAGIC, source_port=40000):
    head = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0)
    pseudo = _pseudo(source, target, UDP, 8 + len(payload))
    value = checksum(pseudo + head + payload) or 0xFFFF
    return head[:6] + struct.pack("!H", value) + payload


def tcp(source, target, port, flags=SYN, payload=b"", source_port=40000, sequence=1):
    head = struct.pack("!HHIIBBHHH", source_port, port, sequence, 0, 5 << 4, flags, 65535, 0, 0)
    pseudo = _pseudo(source, target, TCP, len(head) + len(payload))
    value = checksum(pseudo + head + payload)
    return head[:16] + struct.pack("!H", value) + head[18:] + payload


def icmp_echo(payload=MAGIC, number=1):
    body = struct.pack("!BBHHH", 8, 0, 0, 77, number) + payload
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def icmpv6_echo(source, target, payload=MAGIC, number=1):
    body = struct.pack("!BBHHH", 128, 0, 0, 77, number) + payload
    value = checksum(_pseudo(source, target, ICMPV6, len(body)) + body)
    return body[:2] + struct.pack("!H", value) + body[4:]


def sctp_init(port, source_port=40000):
    chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65535, 1, 1, 1)
    packet = struct.pack("!HHII", source_port, port, 0, 0) + chunk
    return packet[:8] + struct.pack("<I", crc32c(packet)) + packet[12:]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def dns_query(name, kind=1, number=0x5A4E):
    labels = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!HH", kind, 1)


def ipv4(macs, source, target, protocol, upper, fragment=0, identity=1, options=b""):
    """macs: (target, source); fragment: flags and offset field as on the wire (0x2000: more)."""
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(upper), identity, fragment,
                       64, protocol, 0, _packed(source), _packed(target)) + options
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return _ethernet(macs, 0x0800, head + upper)


def ipv4_fragments(macs, source, target, protocol, upper, identity=1):
    """The packet in two fragments."""
    cut = max(8, len(upper) // 2 // 8 * 8)
    return [ipv4(macs, source, target, protocol, upper[:cut], 0x2000, identity),
            ipv4(macs, source, target, protocol, upper[cut:], cut // 8, identity)]


def ipv6(macs, source, target, protocol, upper, extensions=()):
    """extensions: (number, 8n bytes whose first octet is overwritten with the next header)."""
    body, following = upper, protocol
    for number, data in reversed(extensions):
        body, following = bytes([following]) + data[1:] + body, number
    head = struct.pack("!IHBB16s16s", 6 << 28, len(body), following, 64,
                       _packed(source), _packed(target))
    return _ethernet(macs, 0x86DD, head + body)


def ipv6_fragments(macs, source, target, protocol, upper, identity=1):
    cut = max(8, len(upper) // 2 // 8 * 8)
    first = (FRAGMENT, struct.pack("!BBHI", 0, 0, 1, identity))
    second = (FRAGMENT, struct.pack("!BBHI", 0, 0, cut, identity))
    return [ipv6(macs, source, target, protocol, upper[:cut], [first]),
            ipv6(macs, source, target, protocol, upper[cut:], [second])]


PADDING = bytes([0, 0, 1, 4, 0, 0, 0, 0])  # hop-by-hop or destination options with one PadN


def routing_header(kind, last):
    """A routing header of one address with no segment left (RFC 8200 4.4)."""
    return struct.pack("!BBBBI", 0, 2, kind, 0, 0) + _packed(last)


def _ethernet(macs, kind, body):
    target, source = (bytes.fromhex(m.replace(":", "")) for m in macs)
    return target + source + struct.pack("!H", kind) + body
