# SPDX-License-Identifier: GPL-2.0-or-later
"""Room for thousands of neighbours.

The kernel's neighbour tables are shared by all namespaces and their limits (net.ipv4|ipv6.neigh.
default.gc_thresh*, 1024 by default) exist only in the host's. A crowd of 2,000 devices needs more:
the limits are raised while somebody needs them, and the last one to leave puts the old ones back.
`tests/lab/sweep` does that for a test that was killed.
"""
import contextlib
import fcntl
import json
import os

STATE = "/run/zona-lab-neighbours.json"
LIMITS = {f"/proc/sys/net/{family}/neigh/default/gc_thresh{n}": str(value)
          for family in ("ipv4", "ipv6") for n, value in ((1, 32768), (2, 49152), (3, 65536))}


def _write(values):
    for path, value in values.items():
        with open(path, "w", encoding="ascii") as f:
            f.write(value)


def _alive(pid):
    return os.path.exists(f"/proc/{pid}")


def _lock():
    while True:
        f = open(STATE, "a+", encoding="ascii")
        fcntl.flock(f, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.stat(STATE).st_ino == os.fstat(f.fileno()).st_ino:
                return f
        f.close()  # the last holder removed the file while we waited


@contextlib.contextmanager
def _state():
    with _lock() as f:
        f.seek(0)
        text = f.read()
        state = json.loads(text) if text else {"holders": [], "before": {}}
        yield state
        f.truncate(0)
        if state["holders"]:
            json.dump(state, f)
        else:
            os.unlink(STATE)


def release(pid=None):
    """pid no longer needs the room, nor do the dead; restores the limits when nobody does."""
    if not os.path.exists(STATE):
        return
    with _state() as state:
        state["holders"] = [p for p in state["holders"] if p != pid and _alive(p)]
        if not state["holders"] and state["before"]:
            _write(state["before"])


@contextlib.contextmanager
def room():
    with _state() as state:
        if not state["before"]:
            for path in LIMITS:
                with open(path, encoding="ascii") as f:
                    state["before"][path] = f.read().strip()
        state["holders"].append(os.getpid())
        _write(LIMITS)
    try:
        yield
    finally:
        release(os.getpid())
