# SPDX-License-Identifier: GPL-2.0-or-later
"""What arrives at an interface, seen below IP: nothing can pass a Capture unnoticed.

A packet socket of all protocols; the kernel tells how many frames it had to drop, and those count
as arrived. IPv6 extension headers, fragments and unknown protocols are seen like any other.
"""
import ipaddress
import socket
import struct
import threading
import time

ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_RCVBUFFORCE = 33
BUFFER_BYTES = 64 << 20  # a flood that leaks fits for a second; what does not is counted as dropped


class Packet:
    def __init__(self, frame):
        self.frame = frame
        self.source_mac = frame[6:12].hex(":")
        self.ethertype = int.from_bytes(frame[12:14], "big")
        self.source = self.target = None
        if self.ethertype == 0x0800 and len(frame) >= 34:
            self.source, self.target = frame[26:30], frame[30:34]
        elif self.ethertype == 0x86DD and len(frame) >= 54:
            self.source, self.target = frame[22:38], frame[38:54]

    @property
    def is_neighbour_talk(self):
        """ARP, and IPv6 that never leaves a link (neighbour discovery, MLD)."""
        if self.ethertype != 0x0800 and self.ethertype != 0x86DD:
            return True
        if self.ethertype == 0x0800 or self.source is None:
            return False
        link_local = self.source[0] == 0xFE and self.source[1] & 0xC0 == 0x80
        group = self.target[0] == 0xFF
        discovery = self.frame[20] == 58 and 133 <= self.frame[54] <= 137
        return discovery or group or (link_local and self.frame[20] in (0, 58))

    def __str__(self):
        def text(packed):
            return str(ipaddress.ip_address(packed)) if packed else "-"
        return f"{self.ethertype:04x} {text(self.source)} > {text(self.target)} " \
               f"{self.frame[14:70].hex()}"


class Capture:
    """with Capture(inet, "up0") as c: …; then c.packets, c.dropped, c.count()."""

    def __init__(self, namespace, interface, keep=lambda p: not p.is_neighbour_talk,
                 outgoing=False):
        self.outgoing = outgoing  # also what the namespace itself sends
        self.keep, self.packets, self.dropped, self._stop = keep, [], 0, 0.0
        self.socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.settimeout(0.05)
        self.thread = threading.Thread(target=self._read, daemon=True)

    def _read(self):
        while True:
            try:
                frame, address = self.socket.recvfrom(65535)
            except TimeoutError:
                if self._stop:
                    return
                continue
            if self._stop and time.monotonic() > self._stop + 1:
                return  # the traffic does not end by itself
            if self.outgoing or address[2] != socket.PACKET_OUTGOING:
                packet = Packet(frame)
                if self.keep(packet):
                    self.packets.append(packet)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Reads what is still in the socket, then counts the drops."""
        if self._stop:
            return
        self._stop = time.monotonic()
        self.thread.join()
        statistics = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self.dropped = struct.unpack("II", statistics)[1]
        self.socket.close()

    def count(self, source_mac=None):
        """Kept packets and everything that was dropped."""
        kept = [p for p in self.packets if source_mac in (None, p.source_mac)]
        return len(kept) + self.dropped

    def show(self, most=5):
        return "\n".join(map(str, self.packets[:most]))
