# SPDX-License-Identifier: GPL-2.0-or-later
"""A gateway between one visitor and the internet, without bridge or name server: what is measured is
the forwarding and nothing else.

    visitor eth0 ── lan0 gateway wan0 ── up0 internet
"""
import json
import os
import socket
import subprocess
import time

from lab import Daemon, program
from netns import Namespace, private_directory, veth, wait_until

VISITOR_MAC = "02:00:00:00:00:05"
VISITOR, LAN, WAN, FAR = "10.9.0.5", "10.9.0.1", "192.0.2.1", "192.0.2.2"
HOST = "wifi.cartagena.example"
MASQUERADE = """table inet control { chain post {
    type nat hook postrouting priority srcnat; oifname "wan0" masquerade; }; }"""


def mac_of(number):
    return f"02:be:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


class Path:
    """kind: "plain" (empty ruleset), "control" (conntrack and masquerade alone) or "zona"."""

    def __init__(self, kind, sessions=0, portal=False):
        self.kind, self.sessions = kind, sessions
        self.directory = private_directory()
        self.gateway, self.visitor, self.far = (Namespace(n) for n in ("gw", "visitor", "far"))
        self._cable()
        if kind == "control":
            self.gateway.nft(MASQUERADE)
        if kind == "zona":
            self._start(portal)
        else:
            self.gateway.sysctl({"net.ipv4.ip_forward": 1})

    def _cable(self):
        veth(self.gateway, "lan0", self.visitor, "eth0")
        veth(self.gateway, "wan0", self.far, "up0")
        self.visitor.ip("link set eth0 down", f"link set eth0 address {VISITOR_MAC}",
                        "link set eth0 up", f"addr add {VISITOR}/16 dev eth0",
                        f"route add default via {LAN}")
        self.gateway.ip(f"addr add {LAN}/16 dev lan0", f"addr add {WAN}/24 dev wan0",
                        f"route add default via {FAR}")
        self.far.ip(f"addr add {FAR}/24 dev up0", f"route add 10.9.0.0/16 via {WAN}")
        for namespace in (self.visitor, self.far):
            namespace.sysctl({"net.ipv4.ip_local_port_range": "1024 65535",
                              "net.ipv4.tcp_tw_reuse": 1})

    def _write(self, name, text):
        path = f"{self.directory}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def _start(self, portal):
        self.socket = f"{self.directory}/run/control.sock"
        self._write("policies/classes/bench.conf", """class "bench" {
  session { minutes = 600  idle-minutes = 0  daily-minutes = 0  daily-megabytes = 0 }
  bandwidth { down = "40gbit"  up = "40gbit"  down-floor = "64kbit"  up-floor = "64kbit" }
  hours = { "mon-sun 00:00-24:00" }
  languages = { "es", "en" }
}
""")
        self._write("policies/zones/bench.conf",
                    'zone "bench" { class = "bench"  name = "Bench"  barrio = "Bench" }\n')
        config = self._write("gateway.conf", f"""gateway = "gw-bench-1"
zone = "bench"
policies = "{self.directory}/policies"
state-dir = "{self.directory}/state"
control-socket = "{self.socket}"
lan    {{ interface = "lan0" }}
uplink {{ interface = "wan0"  down = "40gbit"  up = "40gbit" }}
portal {{ host = "{HOST}" }}
limits {{ connections-per-second = 0  dns-per-second = 0  devices = 20000 }}
""")
        self.controller = Daemon(self.gateway, "zona-controller", config,
                                 f"{self.directory}/controller.log")
        self.controller.start()
        wait_until(lambda: self.zonactl("status").returncode == 0, 10, "zonactl status")
        self.portal = Daemon(self.gateway, "zona-portal", config, f"{self.directory}/portal.log")
        if portal:
            self.portal.start()
            wait_until(lambda: self.gateway.run("curl", "-sf", f"http://{LAN}:8080/healthz",
                                                check=False).returncode == 0, 10, "portal")
        if self.sessions > 0:
            self.login([VISITOR_MAC])
            self.login_many(self.sessions - 1)

    def zonactl(self, *arguments):
        return subprocess.run([program("zonactl"), "--socket", self.socket, "--json", *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)

    def login(self, macs):
        """Many operator's logins over one connection, a window of them under way."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.settimeout(30)
            s.connect(self.socket)
            begun = time.monotonic()
            waiting = 0
            for mac in macs:
                s.send(json.dumps({"verb": "login", "addr": mac}).encode())
                waiting += 1
                if waiting == 64:
                    self._answer(s)
                    waiting -= 1
            for _ in range(waiting):
                self._answer(s)
            return time.monotonic() - begun

    def login_many(self, count):
        """Seconds that count further devices took."""
        return self.login([mac_of(n) for n in range(1, count + 1)])

    @staticmethod
    def _answer(s):
        answer = json.loads(s.recv(65536))
        if not answer["ok"]:
            raise RuntimeError(f"login: {answer}")

    def pids(self):
        """All processes of ours."""
        return [self.controller.pid, *self.controller.children()] + (
            [self.portal.pid, *self.portal.children()] if self.portal.process else [])
