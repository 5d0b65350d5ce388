# SPDX-License-Identifier: GPL-2.0-or-later
"""Forwarding beside plain forwarding with an empty ruleset: TCP throughput and 64-byte packets.

Every path stands ready; the rounds go over all of them in turn, so that a slow moment of the machine
meets all alike, and the medians of the rounds are compared.
"""
import json
import statistics
import time

from lab import lab_tool
from netns import stop
from path import FAR, Path

PORT = 5301


def throughput(path, seconds, reverse):
    """Gbit/s of one TCP connection."""
    server = path.far.start("iperf3", "-s", "-1", "-p", PORT, stdout=-3, stderr=-3)
    try:
        for _ in range(20):  # until the server listens
            done = path.visitor.run("iperf3", "-c", FAR, "-p", PORT, "-t", seconds, "-J",
                                    *["-R"] * reverse, check=False)
            end = json.loads(done.stdout).get("end", {})
            if "sum_received" in end:
                return end["sum_received"]["bits_per_second"] / 1e9
            time.sleep(0.05)
        raise RuntimeError(done.stdout)
    finally:
        stop(server)


def packets(path, seconds):
    """64-byte packets a second that arrive at the far side."""
    before = path.far.counters("up0")[1]
    sent = json.loads(path.visitor.run(lab_tool("blast"), "udp", "--to", f"{FAR}:9", "--size", 18,
                                       "--seconds", seconds).stdout)
    return (path.far.counters("up0")[1] - before) / sent["seconds"]


def rows(counts, rounds, seconds):
    """[(name, down Gbit/s, up Gbit/s, packets/s)], each the median of the rounds."""
    paths = {"plain forwarding": Path("plain"), "conntrack and masquerade": Path("control")}
    for count in counts:
        paths[f"zona, {count:,} sessions"] = Path("zona", count)
    samples = {name: ([], [], []) for name in paths}
    for _ in range(rounds):
        for name, path in paths.items():
            samples[name][0].append(throughput(path, seconds, True))
            samples[name][1].append(throughput(path, seconds, False))
            samples[name][2].append(packets(path, seconds))
    return [(name, *map(statistics.median, s)) for name, s in samples.items()]
