# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory: a whole zone on one machine, with the real programs and the real kernel.

        device ── eth0 ┐                       ┌───────── gateway ─────────┐
        device ── eth0 ┼─ bridge lan0 ─────────┤ zona-controller, portal,  ├ wan0 ── up0 ─ inet
        crowd  ── eth0 ┘  10.77.0.1, fd77::1   │ dnsmasq                   │        internet.py
                                               └───────────────────────────┘

    with Zone() as zone:
        phone = zone.device()
        phone.accept()                              # what a person does
        print(phone.session()["seconds_left"])      # what the operator sees

Everything lives in namespaces and a directory of this process and is gone at the end (netns.py).
"""
import contextlib
import json
import os
import signal
import socket
import subprocess
import time

import internet
from browser import Browser
from names import ZoneNames
from netns import Namespace, private_directory, stop, veth, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD") or "build")
PORTAL = "wifi.cartagena.example"
LAN4, LAN6 = "10.77.0.1", "fd77:7a6f:6e61::1"
ECHO4, ECHO6 = "203.0.113.7", "2001:db8:cafe::7"  # UDP port 7
GARDEN = "www.cartagena.gov.co"
RESOLVER = "203.0.113.53"  # a foreign resolver
UPLINK4, UPLINK6 = "198.51.100.2", "2001:db8:1::2"  # the gateway's own address upstream
READY_S = 10


def far_addresses(number):
    """An address pair of the internet; all of 203.0.113.0/24 and 2001:db8:cafe::/64 answers."""
    return f"203.0.113.{number}", f"2001:db8:cafe::{number:x}"


HOSTS = {PORTAL: (LAN4, LAN6), "www.example.org": far_addresses(80),
         GARDEN: far_addresses(53)} | {
    host: far_addresses(100 + n) for n, host in enumerate(internet.PROBE_HOSTS)}

CLASS = {
    "session": "minutes = 60  extend-minutes = 30  idle-minutes = 15",
    "bandwidth": 'down = "20mbit"  up = "10mbit"  down-floor = "512kbit"  up-floor = "128kbit"',
    "hours": '{ "mon-sun 00:00-24:00" }',
    "walled-garden": "{ }",
    "languages": '{ "es", "en" }',
}


def program(name):
    return os.path.join(BUILD, name)


def lab_tool(name):
    return os.path.join(BUILD, "lab", name)


class Daemon:
    """One of our programs in the gateway, started and stopped as systemd would."""

    def __init__(self, namespace, name, config, log):
        self.namespace, self.name, self.config, self.log = namespace, name, config, log
        self.process = None

    def start(self, *options):
        self.process = self.namespace.start(program(self.name), "--config", self.config, *options,
                                            log=self.log)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        return stop(self.process)

    def kill(self):
        """kill -9 of the main process."""
        stop(self.process, signal.SIGKILL)

    def children(self):
        """pids below the main process."""
        return descendants(self.pid)

    def log_tail(self, lines=30):
        with contextlib.suppress(FileNotFoundError), open(self.log, encoding="utf-8",
                                                           errors="replace") as f:
            return "".join(f.readlines()[-lines:])
        return ""

    def sanitizer_report(self):
        """What ASan or UBSan wrote into the log (SANITIZE=1 builds)."""
        lines = self.log_tail(10**6).splitlines()
        for i, line in enumerate(lines):
            if "Sanitizer" in line or "runtime error:" in line:
                return "\n".join(lines[i:i + 40])
        return ""


class Zone:
    """A zone with its gateway, uplink and internet. Options:
    policy        changes to CLASS, e.g. {"session": "minutes = 1"}
    down, up      the uplink's rates
    certificate   serve the portal over TLS too
    masquerade    hide the devices' addresses from the internet, in both families
    gateway_conf  more lines of gateway.conf
    portal_conf   more options of its section portal
    daemons       False: plain forwarding without any of our programs
    """

    def __init__(self, policy=None, down="400mbit", up="400mbit", certificate=True, daemons=True,
                 masquerade=True, gateway_conf="", portal_conf="", zone="lab-zone",
                 class_name="lab", policies=None, name="Parque Lab"):
        self.directory = private_directory()
        self.zone, self.class_name, self.portal_conf = zone, class_name, portal_conf
        self.name = name
        self.socket = f"{self.directory}/run/control.sock"
        self.devices = []
        self.class_options = CLASS | (policy or {})
        self.policies = policies or f"{self.directory}/policies"
        self._make_internet()
        self._make_gateway()
        self._make_certificate()
        self._write_config(down, up, masquerade, certificate, gateway_conf)
        if policies is None:
            self.write_policy()
        self.controller = Daemon(self.gateway, "zona-controller", self.config,
                                 f"{self.directory}/controller.log")
        self.portal = Daemon(self.gateway, "zona-portal", self.config,
                             f"{self.directory}/portal.log")
        self._start_internet()
        self._start_dnsmasq(daemons)
        if not daemons:
            self.forward()
            return
        try:
            self.start()
        except BaseException:
            self.print_logs()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
            return
        self.print_logs()
        with contextlib.suppress(AssertionError):
            self.close()

    # ---- the network ---------------------------------------------------------------------------
    def _make_internet(self):
        self.inet = Namespace("inet")
        self.inet.ip("route add local 203.0.113.0/24 dev lo",
                     "route add local 2001:db8:cafe::/64 dev lo")
        self.inet.sysctl({"net.ipv6.ip_nonlocal_bind": 1})  # any of them can be bound to

    def _make_gateway(self):
        gateway = self.gateway = Namespace("gw")
        veth(gateway, "wan0", self.inet, "up0")
        gateway.ip("link add lan0 address 02:7a:ff:00:00:01 type bridge mcast_snooping 0",
                   f"addr add {LAN4}/16 dev lan0", f"addr add {LAN6}/64 dev lan0 nodad",
                   "link set lan0 up",
                   f"addr add {UPLINK4}/24 dev wan0", f"addr add {UPLINK6}/64 dev wan0 nodad",
                   "route add default via 198.51.100.1",
                   "route add ::/0 via 2001:db8:1::1 dev wan0")
        with contextlib.suppress(FileNotFoundError):  # a kernel without br_netfilter
            gateway.sysctl({"net.bridge.bridge-nf-call-iptables": 0,
                            "net.bridge.bridge-nf-call-ip6tables": 0,
                            "net.bridge.bridge-nf-call-arptables": 0})
        # The far side knows the way back to every device: only the gateway keeps it closed.
        self.inet.ip("addr add 198.51.100.1/24 dev up0", "addr add 2001:db8:1::1/64 dev up0 nodad",
                     f"route add 10.77.0.0/16 via {UPLINK4}",
                     f"route add fd77:7a6f:6e61::/64 via {UPLINK6} dev up0")

    def forward(self, on=True):
        """The kernel's switch; where our programs run, the controller turns it on itself."""
        self.gateway.sysctl({"net.ipv4.ip_forward": int(on),
                             "net.ipv6.conf.all.forwarding": int(on)})

    def _make_certificate(self):
        self.certificate, self.key = (f"{self.directory}/tls.{x}" for x in ("crt", "key"))
        make_certificate(self.certificate, self.key, PORTAL)

    def _start_internet(self):
        argv = ["python3", internet.__file__, "--certificate", self.certificate, "--key", self.key,
                "--echo", ECHO4, "--echo", ECHO6, "--dns", RESOLVER]
        server = self.inet.start(*argv, stdout=subprocess.PIPE)
        if server.stdout.readline() != b"ready\n":
            raise RuntimeError("internet.py did not start")

    def _start_dnsmasq(self, daemons):
        """The shipped configuration, with this gateway's addresses, and an internet to ask."""
        if daemons:
            made = self.gateway.run(program("zona-controller"), "--config", self.config, "--dnsmasq")
            self._write("dnsmasq.d/zona.conf", made.stdout)
        os.makedirs(f"{self.directory}/dnsmasq.d", exist_ok=True)
        lines = [shipped_dnsmasq_conf(f"{self.directory}/dnsmasq.d"),
                 "no-resolv", "no-hosts", "user=root", f"server={RESOLVER}",
                 f"log-facility={self.directory}/dnsmasq.log",
                 f"pid-file={self.directory}/dnsmasq.pid",
                 f"dhcp-leasefile={self.directory}/leases",
                 # The laboratory's internet has documentation addresses, which count as local.
                 f"rebind-domain-ok=/{GARDEN}/"]
        lines += [f"host-record={host},{v4},{v6}" for host, (v4, v6) in HOSTS.items()
                  if host not in (PORTAL, GARDEN)]
        config = self._write("dnsmasq.conf", "\n".join(lines) + "\n")
        self.gateway.start("dnsmasq", "--keep-in-foreground", f"--conf-file={config}",
                           log=f"{self.directory}/dnsmasq.out")
        wait_until(lambda: os.path.exists(f"{self.directory}/dnsmasq.pid"), 5, "dnsmasq")

    # ---- configuration -------------------------------------------------------------------------
    def _write(self, name, text):
        path = f"{self.directory}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def _write_config(self, down, up, masquerade, certificate, more):
        os.makedirs(f"{self.directory}/run")
        hidden = "true" if masquerade else "false"
        tls = f'certificate = "{self.certificate}"  key = "{self.key}"' if certificate else ""
        self.config = self._write("gateway.conf", f'''\
gateway = "gw-{self.zone}-1"
zone = "{self.zone}"
policies = "{self.policies}"
state-dir = "{self.directory}/state"
control-socket = "{self.socket}"
lan    {{ interface = "lan0" }}
uplink {{ interface = "wan0"  down = "{down}"  up = "{up}"
         masquerade = {hidden}  ipv6-masquerade = {hidden} }}
portal {{ host = "{PORTAL}"  {tls}  {self.portal_conf} }}
{more}
''')

    def write_policy(self, **changes):
        """Rewrites the class file with some options changed; zonactl("reload") applies it."""
        self.class_options |= changes
        c = self.class_options
        self._write(f"policies/classes/{self.class_name}.conf", f'''\
class "{self.class_name}" {{
  session {{ {c["session"]} }}
  bandwidth {{ {c["bandwidth"]} }}
  hours = {c["hours"]}
  walled-garden = {c["walled-garden"]}
  roaming-minutes = 0
  languages = {c["languages"]}
}}
''')
        self._write(f"policies/zones/{self.zone}.conf",
                    f'zone "{self.zone}" {{ class = "{self.class_name}"  name = "{self.name}"  '
                    f'barrio = "San Francisco" }}\n')

    # ---- our programs --------------------------------------------------------------------------
    def start(self):
        """The order of the shipped units: base table, controller (turns forwarding on), portal."""
        self.gateway.run(program("zona-controller"), "--config", self.config, "--close")
        self.start_controller()
        self.start_portal()

    def start_controller(self):
        self.controller.start()
        self.wait_controller()

    def wait_controller(self, timeout_s=READY_S):
        def answers():
            if not self.controller.alive():
                raise RuntimeError("zona-controller ended:\n" + self.controller.log_tail())
            return self.zonactl("status", check=False).returncode == 0
        wait_until(answers, timeout_s, "zonactl status")

    def start_portal(self):
        self.portal.start()
        self.wait_portal()

    def wait_portal(self, timeout_s=READY_S):
        own = Browser(self.gateway, HOSTS)

        def answers():
            if not self.portal.alive():
                raise RuntimeError("zona-portal ended:\n" + self.portal.log_tail())
            with contextlib.suppress(OSError):
                return own.get(f"http://{LAN4}:8080/healthz", timeout=1).status == 200
            return False
        wait_until(answers, timeout_s, "portal /healthz")

    def zonactl(self, *arguments, check=True, as_json=True):
        """The operator's command; its JSON, or the finished process with check=False."""
        argv = [program("zonactl"), "--socket", self.socket] + ["--json"] * as_json
        done = subprocess.run(argv + [str(a) for a in arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, timeout=30)
        if not check:
            return done
        if done.returncode != 0:
            raise RuntimeError(f"zonactl {arguments}: exit {done.returncode} {done.stderr}")
        return json.loads(done.stdout) if as_json else done.stdout

    def sessions(self):
        return {s["mac"]: s for s in self.zonactl("sessions")["sessions"]}

    def control(self):
        """A raw connection to the control socket."""
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.settimeout(5)
        s.connect(self.socket)
        return s

    # ---- visitors ------------------------------------------------------------------------------
    def device(self, **options):
        self.devices.append(Device(self, len(self.devices) + 1, **options))
        return self.devices[-1]

    def plug(self, namespace, mac):
        """Cables a namespace's eth0 to the bridge."""
        port = f"p{namespace.name.split('-')[2]}"
        self.gateway.ip(f"link add {port} type veth peer name eth0 address {mac} "
                        f"netns {namespace.name}", f"link set {port} master lan0 up")
        namespace.ip("link set eth0 up")
        return port

    # ---- end -----------------------------------------------------------------------------------
    def print_logs(self):
        for daemon in (self.controller, self.portal):
            if daemon.process is None:
                continue
            print(f"---- {daemon.name}\n{daemon.log_tail()}", flush=True)

    def close(self):
        """Stops our programs politely and looks how they ended; netns.clean_up() does the rest."""
        wrong = []
        for daemon in (self.portal, self.controller):
            if daemon.alive() and (code := daemon.stop()) != 0:
                wrong.append(f"{daemon.name} ended with {code}")
            if report := daemon.sanitizer_report():
                wrong.append(f"{daemon.name}:\n{report}")
        if wrong:
            raise AssertionError("\n".join(wrong))


class Device:
    """A visitor's phone in a namespace of its own: static addresses, or dhcp=True like at home.
    families: (4,), (6,) or both; real_names: every look-up goes to the zone's resolver."""

    def __init__(self, zone, number, dhcp=False, mac=None, ipv4=None, ipv6=None, families=(4, 6),
                 real_names=False):
        self.zone, self.number = zone, number
        self.namespace = Namespace(f"dev{number}")
        self.mac = mac or f"02:7a:00:00:{number >> 8:02x}:{number & 255:02x}"
        self.namespace.sysctl({"net.ipv6.conf.default.accept_ra": 2 if dhcp else 0,
                               "net.ipv6.conf.default.router_solicitation_interval": 1,
                               "net.ipv6.conf.default.router_solicitation_delay": 0})
        self.port = zone.plug(self.namespace, self.mac)
        self.browser = Browser(self.namespace, HOSTS)
        if dhcp:
            self.join_by_dhcp()
        else:
            self.ipv4 = ipv4 or f"10.77.{16 + (number >> 8)}.{number & 255}"
            self.ipv6 = ipv6 or f"fd77:7a6f:6e61::1:{number:x}"
            self.join_by_hand(families)
        if real_names:
            self.browser.hosts = ZoneNames(self.namespace, self.resolver, families)

    def join_by_hand(self, families):
        if 4 in families:
            self.namespace.ip(f"addr add {self.ipv4}/16 dev eth0", f"route add default via {LAN4}")
        if 6 in families:
            self.namespace.ip(f"addr add {self.ipv6}/64 dev eth0 nodad",
                              f"route add ::/0 via {LAN6} dev eth0")
            wait_until(self._owns_ipv6, 5, f"{self.ipv6} of a device", 0.005)
        else:
            self.namespace.sysctl({"net.ipv6.conf.eth0.disable_ipv6": 1})
        self.use_resolver(LAN4 if 4 in families else LAN6)

    def _owns_ipv6(self):
        """The kernel makes the local route in a worker; before it, answers are not taken."""
        shown = self.namespace.run("ip", "-6", "route", "show", "table", "local").stdout
        return f"local {self.ipv6} " in shown

    def use_resolver(self, address):
        self.resolver = address
        self.namespace.resolv_conf = self.zone._write(f"resolv-{self.number}.conf",
                                                      f"nameserver {address}\n")

    def join_by_dhcp(self):
        """DHCP for IPv4 with the options a phone asks for, router advertisements for IPv6."""
        lease = f"{self.zone.directory}/lease-{self.number}"
        script = os.path.join(os.path.dirname(__file__), "udhcpc-script")
        self.namespace.run("env", f"LEASE={lease}", "udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t",
                           "20", "-T", "1", "-O", "114", "-s", script)
        with open(lease, encoding="ascii") as f:
            self.lease = dict(line.rstrip("\n").split("=", 1) for line in f)
        self.ipv4 = self.lease["ip"]
        self.api = bytes.fromhex(self.lease["opt114"]).decode()  # RFC 8910: where the API is
        self.ipv6 = wait_until(self.global_ipv6, 20, "an address from router advertisements", 0.1)
        self.use_resolver(self.lease["dns"])

    def global_ipv6(self):
        out = self.namespace.run("ip", "-json", "-6", "addr", "show", "dev", "eth0", "scope",
                                 "global", "-tentative").stdout
        for link in json.loads(out or "[]"):
            for address in link.get("addr_info", ()):
                return address["local"]
        return None

    # ---- what a person does --------------------------------------------------------------------
    def accept(self, family=None):
        """Opens any page, is sent to the portal, taps the button, sees the page after it."""
        page = self.browser.follow("http://www.example.org/", family=family)
        answer = self.browser.submit(page, "/accept", family=family)
        assert answer.status == 303, answer
        return answer

    def logout(self):
        page = self.browser.get(f"http://{PORTAL}/status")
        return self.browser.submit(page, "/leave")

    def captive(self, **options):
        """The RFC 8908 document."""
        return self.browser.get(f"http://{PORTAL}/api/captive",
                                headers={"Accept": "application/captive+json"}, **options).json

    def online(self, family=None):
        """Does a page of the internet itself come back?"""
        try:
            return self.browser.get("http://www.example.org/", family=family,
                                    timeout=2).from_internet
        except OSError:
            return False

    def curl(self, *arguments, check=True, **options):
        """The real curl with the zone's real DNS; its output."""
        done = self.namespace.run("curl", "-sS", "--max-time", "20", *arguments, check=check,
                                  **options)
        return done.stdout

    def download(self, url="http://www.example.org/stream", **options):
        return Download(self, url, **options)

    def ping(self, address=ECHO4, every_s=0.002):
        return Ping(self, address, every_s)

    # ---- what the operator sees ----------------------------------------------------------------
    def session(self):
        """The session as zonactl gives it, or None."""
        done = self.zone.zonactl("session", self.mac, check=False)
        if done.returncode != 0:
            return None
        answer = json.loads(done.stdout)
        return answer.get("session", answer)

    def counters(self):
        return self.namespace.counters("eth0")


class Download:
    """A transfer in progress: bytes so far and when the last ones came."""

    def __init__(self, device, url, family=None):
        self.total, self.last, self.ended = 0, time.monotonic(), None
        host, path = url.removeprefix("http://").split("/", 1)
        self.socket = device.browser.connect(host, 80, family)
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self.socket.settimeout(0.05)

    def pump(self, seconds=0.2):
        """Receives for a while; returns the number of bytes."""
        before, until = self.total, time.monotonic() + seconds
        while time.monotonic() < until and self.ended is None:
            try:
                block = self.socket.recv(1 << 18)
            except TimeoutError:
                continue
            except OSError as error:
                self.ended = str(error)
                break
            if not block:
                self.ended = "closed"
                break
            self.total += len(block)
            self.last = time.monotonic()
        return self.total - before

    def pump_until_silent(self, silence_s=1.5, timeout_s=60):
        """Receives until nothing came for silence_s; returns the time of the last byte."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self.ended is None:
            self.pump(0.1)
            if time.monotonic() - self.last > silence_s:
                break
        return self.last

    def finish(self, timeout_s=20):
        """Ends in good order: no packet is under way afterwards."""
        self.socket.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + timeout_s
        while self.ended is None and time.monotonic() < deadline:
            self.pump(0.1)
        self.socket.close()

    def close(self):
        self.socket.close()


class Ping:
    """The ping program, many times a second, until finish()."""

    def __init__(self, device, address, every_s):
        self.process = device.namespace.start("ping", "-n", "-q", "-i", every_s, address,
                                              stdout=subprocess.PIPE, text=True)

    def finish(self):
        """(sent, lost)"""
        self.process.send_signal(signal.SIGINT)
        text = self.process.communicate(timeout=10)[0]
        words = next(line for line in text.splitlines() if "transmitted" in line).split()
        sent, received = int(words[0]), int(words[3])
        return sent, sent - received


def make_certificate(certificate, key, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-out", certificate, "-keyout", key],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.chmod(key, 0o644)  # a laboratory's throw-away key; the portal reads it after it left root


def shipped_dnsmasq_conf(made):
    """The zone.conf that gateways get, with what it asks operators to change changed; made: where
    the part is that zona-controller makes."""
    path = os.path.join(ROOT, "firmware-hooks/dnsmasq/zone.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for shipped, here in (("10.20.0.16,10.20.15.252,255.255.240.0", "10.77.1.10,10.77.15.250,255.255.0.0"),
                          ("/run/zona-dnsmasq", made)):
        assert shipped in text, f"{path}: {shipped}"
        text = text.replace(shipped, here)
    return text


def descendants(pid):
    """pids of all processes below pid."""
    found = []
    with contextlib.suppress(FileNotFoundError), \
            open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        for child in map(int, f.read().split()):
            found += [child] + descendants(child)
    return found
