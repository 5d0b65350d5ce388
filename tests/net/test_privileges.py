# SPDX-License-Identifier: GPL-2.0-or-later
"""What an attacker gains who takes over one of our processes: little."""
import os
import stat
import subprocess

from lab import Zone
from marks import note, quick
from processes import command_line, status

CAP_NET_ADMIN, CAP_NET_RAW = 1 << 12, 1 << 13
ALLOWED = CAP_NET_ADMIN | CAP_NET_RAW
SECCOMP_FILTER = "2"


def our_processes(zone):
    found = {}
    for daemon in (zone.controller, zone.portal):
        for pid in (daemon.pid, *daemon.children()):
            found[pid] = (daemon.name, status(pid))
    return found


@quick
def test_every_process_left_root():
    with Zone() as zone:
        zone.device().accept()
        processes = our_processes(zone)
        with_capabilities = []
        for pid, (name, fields) in processes.items():
            note(f"{name} {command_line(pid)}: uid {fields['Uid'].split()[1]}, capabilities "
                 f"{fields['CapEff'].lstrip('0') or 'none'}, seccomp {fields['Seccomp']}")
            assert "0" not in fields["Uid"].split(), (name, fields["Uid"])
            assert "0" not in fields["Gid"].split(), (name, fields["Gid"])
            assert "0" not in fields["Groups"].split(), (name, fields["Groups"])
            assert fields["NoNewPrivs"] == "1", (name, pid)
            for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                value = int(fields[kind], 16)
                assert value in (0, ALLOWED) and not value & ~ALLOWED, (name, kind, fields[kind])
            if int(fields["CapPrm"], 16):
                with_capabilities.append(pid)
                # The supervisor keeps them for the next helper; it reads nothing from anybody.
                if pid != zone.controller.pid:
                    assert fields["Seccomp"] == SECCOMP_FILTER, (name, fields["Seccomp"])
        helpers = [pid for pid in with_capabilities if pid != zone.controller.pid]
        assert len(helpers) == 1, "exactly one helper may change the kernel's state"
        portals = [f for name, f in processes.values() if name == "zona-portal"]
        assert all(int(f["CapPrm"], 16) == 0 for f in portals)


def test_state_is_private():
    """MAC addresses and keys: only our user may look."""
    with Zone() as zone:
        zone.device().accept()
        state = os.stat(f"{zone.directory}/state")
        assert state.st_uid != 0 and not state.st_mode & stat.S_IRWXO, f"{state.st_mode:o}"
        done = subprocess.run(["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "ls",
                               f"{zone.directory}/state"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode != 0 and "journal.db" not in done.stdout, done.stdout
        assert os.listdir(f"{zone.directory}/state")


def test_portal_gives_the_controller_no_secrets_and_holds_no_packet_socket():
    """No process but the helper holds a netlink or packet socket."""
    with Zone() as zone:
        zone.device().accept()
        packet_inodes = set()
        with zone.gateway.entered():
            for table in ("packet", "netlink"):
                with open(f"/proc/thread-self/net/{table}", encoding="ascii") as f:
                    packet_inodes |= {line.split()[-1] for line in f}
        for pid, (name, fields) in our_processes(zone).items():
            if int(fields["CapPrm"], 16):
                continue
            for fd in os.listdir(f"/proc/{pid}/fd"):
                target = os.readlink(f"/proc/{pid}/fd/{fd}")
                if target.startswith("socket:["):
                    assert target[8:-1] not in packet_inodes, (name, command_line(pid), target)


def test_nothing_is_forked_on_the_login_path():
    with Zone() as zone:
        device = zone.device()
        before = sorted(our_processes(zone))
        device.accept()
        assert sorted(our_processes(zone)) == before
