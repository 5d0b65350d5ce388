# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces, the processes in them, and the promise that both go away.

Every name starts with zona-PID-, every file lies in one private directory /tmp/zona-PID-…, so tests
run side by side and `tests/lab/sweep` can tell the leftovers of a dead test from a living one.
Nothing here changes the host's own namespace; see neighbours.py for the one exception.
"""
import atexit
import contextlib
import ctypes
import fcntl
import itertools
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)
_namespaces = []
_directories = []
_processes = []


def private_directory():
    """A directory of this test that daemons which left root can still look into."""
    path = tempfile.mkdtemp(prefix=f"zona-{os.getpid()}-", dir="/tmp")
    os.chmod(path, 0o755)
    _directories.append(path)
    return path


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """One network namespace, deleted at the end whatever happens."""

    def __init__(self, label):
        self.name = f"zona-{os.getpid()}-{next(_numbers)}-{label}"
        self.path = f"/run/netns/{self.name}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        _namespaces.append(self)
        self.resolv_conf = None
        self.ip("link set lo up")
        # Addresses work at once; duplicate address detection is the kernel's, not ours to test.
        self.sysctl({"net.ipv6.conf.all.accept_dad": 0, "net.ipv6.conf.default.accept_dad": 0})

    # ---- running things inside -----------------------------------------------------------------
    def argv(self, *argv):
        """argv as run inside. With a resolv.conf of its own the program sees only that one."""
        enter = ["nsenter", f"--net={self.path}"]
        if self.resolv_conf:
            bind = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
            enter += ["unshare", "-m", "sh", "-c", bind, self.resolv_conf]
        return enter + [str(a) for a in argv]

    def run(self, *argv, check=True, timeout=60, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.STDOUT)
        options.setdefault("text", True)
        done = subprocess.run(self.argv(*argv), timeout=timeout, check=False, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(map(str, argv))}: exit "
                               f"{done.returncode}\n{done.stdout}")
        return done

    def start(self, *argv, log=None, **options):
        """Starts a program that is stopped at the end of the test at the latest."""
        if log is not None:
            options["stdout"] = open(log, "ab")
            options["stderr"] = subprocess.STDOUT
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(self.argv(*argv), **options)
        if log is not None:
            options["stdout"].close()
        _processes.append(process)
        return process

    def ip(self, *commands):
        """Runs several `ip` commands in one process."""
        self.run("ip", "-batch", "-", input="\n".join(commands) + "\n")

    def sysctl(self, settings):
        """{"net.ipv4.ip_forward": 1, …} in this namespace."""
        with self.entered():
            for name, value in settings.items():
                with open(f"/proc/sys/{name.replace('.', '/')}", "w", encoding="ascii") as f:
                    f.write(str(value))

    def nft(self, rules):
        self.run("nft", "-f", "-", input=rules)

    # ---- sockets and counters of the namespace, from this process -------------------------------
    @contextlib.contextmanager
    def entered(self):
        """This thread is inside for a moment; sockets made here stay in the namespace."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(self.path, os.O_RDONLY)
        try:
            _setns(there)
            yield self
        finally:
            _setns(home)
            os.close(home)
            os.close(there)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0):
        with self.entered():
            return socket.socket(family, kind, protocol)

    def counters(self, interface):
        """(rx bytes, rx packets, tx bytes, tx packets) as the interface itself counts."""
        with self.entered(), open("/proc/thread-self/net/dev", encoding="ascii") as f:
            for line in f:
                name, _, rest = line.partition(":")
                if name.strip() == interface:
                    n = [int(x) for x in rest.split()]
                    return n[0], n[1], n[8], n[9]
        raise KeyError(interface)

    def mac(self, interface):
        with self.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            SIOCGIFHWADDR = 0x8927
            reply = fcntl.ioctl(s, SIOCGIFHWADDR, struct.pack("16s240x", interface.encode()))
            return reply[18:24].hex(":")

    def offloads(self, interface, on):
        """Segmentation and merging in the kernel; off, one packet is one packet everywhere."""
        SIOCETHTOOL = 0x8946
        ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO = 0x1F, 0x24, 0x2C
        with self.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for command in (ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO):
                value = ctypes.create_string_buffer(struct.pack("II", command, int(on)))
                request = struct.pack("16sP232x", interface.encode(), ctypes.addressof(value))
                fcntl.ioctl(s, SIOCETHTOOL, request)

    def delete(self):
        if self in _namespaces:
            _namespaces.remove(self)
            subprocess.run(["ip", "netns", "del", self.name], check=False)


def veth(left, left_name, right, right_name):
    """A cable between two namespaces; it never exists in the host's."""
    left.ip(f"link add {left_name} type veth peer name {right_name} netns {right.name}",
            f"link set {left_name} up")
    right.ip(f"link set {right_name} up")


def stop(process, how=signal.SIGTERM, patience_s=10):
    """Ends a program that start() gave, and waits for it."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process in _processes:
        _processes.remove(process)
    return process.returncode


def wait_until(condition, timeout_s, what, every_s=0.02):
    """Waits for a condition and returns its value; what names it when it does not come."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s} s: {what}")
        time.sleep(every_s)


def clean_up():
    """Everything this process made. Orphans (children of a killed daemon) go by namespace."""
    for process in list(_processes):
        if process.poll() is None:
            process.kill()
    for process in list(_processes):
        process.wait()
    _processes.clear()
    for namespace in list(_namespaces):
        kill_inside(namespace.name)
        namespace.delete()
    while _directories:
        shutil.rmtree(_directories.pop(), ignore_errors=True)


def kill_inside(name):
    """SIGKILL to every process that is inside the namespace."""
    pids = subprocess.run(["ip", "netns", "pids", name], stdout=subprocess.PIPE, text=True,
                          check=False).stdout.split()
    for pid in map(int, pids):
        if pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _on_signal(number, _frame):
    sys.exit(128 + number)


def watch_exit():
    """Cleans up at the end, after an exception, and after Ctrl-C, TERM or HUP."""
    atexit.register(clean_up)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)


watch_exit()
