# SPDX-License-Identifier: GPL-2.0-or-later
"""The truth about a device's volume: its own interface counters, to the byte.

What the device exchanged with the gateway itself or with neighbours (ARP, DNS, the portal) is not
its session's volume; a capture on the same interface measures that part and it is taken off.
The kernel merges segments on virtual links (GSO), which hides headers from interface counters, so
it is switched off: then one packet is one packet for the device and for the gateway.
"""
import ipaddress
import socket
import time

from capture import ETH_P_ALL, Packet

LAN = [ipaddress.ip_network(n) for n in ("10.77.0.0/16", "fd77:7a6f:6e61::/64", "fe80::/10",
                                         "224.0.0.0/4", "ff00::/8", "255.255.255.255/32",
                                         "0.0.0.0/32", "::/128")]
ETHERNET_HEADER = 14


def is_local(packed):
    address = ipaddress.ip_address(packed)
    return any(address.version == n.version and address in n for n in LAN)


class Meter:
    """Counts from its making until assert_equal()."""

    def __init__(self, device):
        self.device = device
        for namespace, interface in ((device.namespace, "eth0"), (device.zone.gateway, device.port),
                                     (device.zone.gateway, "wan0"), (device.zone.inet, "up0")):
            namespace.offloads(interface, False)
        self.socket = device.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 256 << 20)  # SO_RCVBUFFORCE
        self.socket.bind(("eth0", ETH_P_ALL))
        self.before = device.counters()
        self.session_before = device.session()

    def _local(self):
        """(bytes, packets) in and out between the device and its own link."""
        found = {True: [0, 0], False: [0, 0]}
        self.socket.setblocking(False)
        cache = {}
        while True:
            try:
                frame, address = self.socket.recvfrom(128, socket.MSG_TRUNC)
            except BlockingIOError:
                return found
            out = address[2] == socket.PACKET_OUTGOING
            packet = Packet(frame)
            peer = packet.target if out else packet.source
            if peer not in cache:
                cache[peer] = peer is None or is_local(peer)
            if cache[peer]:
                found[out][0] += frame_length(packet)
                found[out][1] += 1

    def foreign(self):
        """Layer 3 bytes (down, up) between the device and the internet."""
        rx_bytes, rx_packets, tx_bytes, tx_packets = (
            new - old for new, old in zip(self.device.counters(), self.before))
        local = self._local()
        down = rx_bytes - ETHERNET_HEADER * rx_packets
        up = tx_bytes - ETHERNET_HEADER * tx_packets
        return (down - local[False][0] + ETHERNET_HEADER * local[False][1],
                up - local[True][0] + ETHERNET_HEADER * local[True][1])

    def metered(self):
        session = self.device.session()
        return (session["bytes_down"] - self.session_before["bytes_down"],
                session["bytes_up"] - self.session_before["bytes_up"])

    def assert_equal(self, settle_s=1.0):
        """To the byte, once what is under way has arrived."""
        time.sleep(settle_s)
        truth, counted = self.foreign(), self.metered()
        assert truth == counted, f"device {truth}, session {counted} (down, up)"
        return truth


def frame_length(packet):
    """From the packet's own header: the capture keeps only the beginning of a frame."""
    if packet.ethertype == 0x0800:
        return ETHERNET_HEADER + int.from_bytes(packet.frame[16:18], "big")
    if packet.ethertype == 0x86DD:
        return ETHERNET_HEADER + 40 + int.from_bytes(packet.frame[18:20], "big")
    return max(len(packet.frame), 42)
