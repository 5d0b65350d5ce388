# SPDX-License-Identifier: GPL-2.0-or-later
"""What the running programs cost: memory and idle CPU."""
import time

from path import Path
from processes import cpu_seconds, pss_kb


def footprint(sessions, idle_s):
    """(MB of all our processes as PSS, % of a core while nothing moves, seconds to log all in)."""
    path = Path("zona", portal=True)
    seconds = path.login_many(sessions)
    time.sleep(2)
    begun = cpu_seconds(path.pids())
    time.sleep(idle_s)
    cpu = (cpu_seconds(path.pids()) - begun) / idle_s * 100
    return sum(map(pss_kb, path.pids())) / 1024, cpu, seconds
