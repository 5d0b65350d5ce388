# SPDX-License-Identifier: GPL-2.0-or-later
"""2,000 people in one square."""
import contextlib
import os
import signal
import threading
import time

from crowd import Crowd, mac_of
from lab import Zone
from marks import alone, note, takes
from processes import cpu_seconds, pss_kb

PEOPLE = 2000


@alone
@takes(300)
def test_two_thousand_devices_log_in_over_http():
    with Zone(down="1000mbit", up="1000mbit") as zone, Crowd(zone, PEOPLE) as crowd:
        figures = crowd.login()
        note(f"{PEOPLE} logins in {figures['seconds']} s: {figures['per_second']}/s, page "
             f"{figures['get']['median_ms']} ms median, {figures['get']['p99_ms']} ms 99 %, accept "
             f"{figures['post']['median_ms']} / {figures['post']['p99_ms']} ms")
        assert figures["done"] == PEOPLE and figures["failed"] == 0, figures
        begun = time.monotonic()
        sessions = zone.sessions()
        note(f"zonactl sessions: {time.monotonic() - begun:.2f} s")
        assert len(sessions) == PEOPLE
        # Every one is metered: ten datagrams of 100 bytes each, counted to the byte.
        before = {mac: s["bytes_up"] for mac, s in sessions.items()}
        blasted = crowd.blast(size=100, rate=10_000, seconds=2.05)["packets"]
        time.sleep(1)
        after = zone.sessions()
        volumes = [after[mac_of(n)]["bytes_up"] - before[mac_of(n)] for n in range(PEOPLE)]
        assert sum(volumes) == blasted * 128, (sum(volumes), blasted * 128)
        assert min(volumes) >= 9 * 128, min(volumes)
        assert all(s["state"] == "active" for s in after.values())
        pids = [zone.controller.pid, *zone.controller.children(), zone.portal.pid,
                *zone.portal.children()]
        cpu = cpu_seconds(pids)
        time.sleep(10)
        idle = (cpu_seconds(pids) - cpu) * 10
        memory = sum(map(pss_kb, pids))
        note(f"memory of all our processes with {PEOPLE} sessions: {memory / 1024:.1f} MB (PSS); "
             f"idle: {idle:.2f} % of a core")
        assert memory < 40 * 1024, memory
        begun = time.monotonic()
        zone.controller.stop()
        zone.start_controller()
        note(f"stop, start and adoption of {PEOPLE} sessions: {time.monotonic() - begun:.2f} s")
        adopted = zone.sessions()
        assert adopted.keys() == after.keys()
        assert all(adopted[m]["bytes_up"] == s["bytes_up"] for m, s in after.items())


def test_logins_while_processes_die():
    """Engine and helper are killed under 1,000 logins: who was told yes is online, who was told no
    may try again, and nobody waits for ever."""
    with Zone() as zone, Crowd(zone, 1000) as crowd:
        killed = []

        def murder():
            for index in (0, 1, 0, 1):
                time.sleep(0.03)
                with contextlib.suppress(IndexError, ProcessLookupError):
                    pid = zone.controller.children()[index]
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                zone.wait_controller()
        murderer = threading.Thread(target=murder)
        murderer.start()
        figures = crowd.login(concurrency=2, check=False, timeout=100)
        murderer.join()
        sessions = zone.sessions()
        note(f"{figures['done']} of 1000 were served beside {len(killed)} deaths in "
             f"{figures['seconds']} s; {figures.get('first_failure', 'no failure')}")
        assert len(killed) >= 3, killed
        assert figures["done"] + figures["failed"] == 1000, figures
        assert len(sessions) >= figures["done"], (len(sessions), figures)
        for n in (n for n in range(1000) if mac_of(n) not in sessions):
            crowd.login(first=n, count=1)
        assert len(zone.sessions()) == 1000


@alone
def test_first_packet_after_the_tap():
    with Zone(down="1000mbit", up="1000mbit") as zone, Crowd(zone, 1200) as crowd:
        crowd.login(count=1000)
        figures = crowd.login(first=1000, count=200, concurrency=1, measure_first_packet=True)
        after = figures["accept_to_packet"]
        note(f"accept → first packet with 1,000 sessions up: {after['median_ms']} ms median, "
             f"{after['p99_ms']} ms 99 %")
        assert after["median_ms"] <= 2, figures


def test_full_zone_says_so():
    with Zone(gateway_conf="limits { devices = 20 }") as zone, Crowd(zone, 30) as crowd:
        figures = crowd.login(concurrency=1, check=False)
        assert figures["done"] == 20 and figures["failed"] == 10, figures
        assert len(zone.sessions()) == 20
        zone.zonactl("logout", mac_of(0))
        assert crowd.login(first=20, count=1)["done"] == 1
