#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make bench: what Zona costs, beside plain forwarding and nginx, in one run on this machine.

    tests/bench/bench.py [--quick] [forwarding] [redirects] [logins] [footprint]

Everything here shares two cores with the clients and servers that load it: compare the ratios, not
the figures.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "lab"), os.path.join(TESTS, "net")]

import footprint as footprint_  # noqa: E402
import forwarding as forwarding_  # noqa: E402
import portal  # noqa: E402


def table(title, heads, rows):
    """Prints rows of text under their heads, aligned."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [heads] + rows) for i in range(len(heads))]
    print(f"\n{title}")
    for row in [heads] + rows:
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        print("  " + "  ".join(cells).rstrip(), flush=True)


def forwarding(quick):
    counts = (1, 1000) if quick else (1, 100, 1000, 10000)
    rows = forwarding_.rows(counts, 3 if quick else 7, 1)
    plain = rows[0]

    def cells(row):
        for value, base, text in zip(row[1:], plain[1:], ("{:.2f}", "{:.2f}", "{:,.0f}")):
            yield text.format(value)
            yield f"{value / base:.2f}"
    table("Forwarding, one TCP connection each way and 64-byte packets (medians)",
          ["", "down Gbit/s", "ratio", "up Gbit/s", "ratio", "packets/s", "ratio"],
          [[row[0], *cells(row)] for row in rows])


def redirects(quick):
    rows = portal.redirects(3 if quick else 5, 1 if quick else 2)
    table("Redirects, a new connection each (medians)",
          ["connections", "zona/s", "nginx return 302/s", "ratio"],
          [[c, f"{ours:,.0f}", f"{nginx:,.0f}", f"{ours / nginx:.2f}"] for c, ours, nginx in rows])


def milliseconds(figures):
    return [f"{figures['median_ms']:.2f}", f"{figures['p99_ms']:.2f}"]


def logins(quick):
    many = portal.logins(500 if quick else 2000)
    table(f"{many['done']:,} distinct devices log in over HTTP, 64 at a time",
          ["", "", "99 %"],
          [["logins/s", f"{many['per_second']:,.0f}", ""],
           ["failed", many["failed"], ""],
           ["welcome page, ms", *milliseconds(many["get"])],
           ["accept, ms", *milliseconds(many["post"])]])
    one = portal.first_packet(200 if quick else 1000, 100 if quick else 500)
    table(f"One login after another, {200 if quick else '1,000'} sessions up",
          ["", "median ms", "99 % ms"],
          [["accept (POST to its answer)", *milliseconds(one["post"])],
           ["answer to first packet through", *milliseconds(one["accept_to_packet"])],
           ["tap to first packet through", *milliseconds(one["tap_to_packet"])]])


def footprint(quick):
    rows = []
    for sessions in (1000,) if quick else (1000, 10000):
        megabytes, cpu, seconds = footprint_.footprint(sessions, 10 if quick else 30)
        rows.append([f"{sessions:,} sessions", f"{megabytes:.1f}", f"{cpu:.2f}",
                     f"{sessions / seconds:,.0f}"])
    table("All our processes", ["", "PSS MB", "idle % of a core", "operator logins/s"], rows)


SECTIONS = {f.__name__: f for f in (forwarding, redirects, logins, footprint)}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("sections", nargs="*")
    args = options.parse_args()
    for name in args.sections or SECTIONS:
        if name not in SECTIONS:
            options.error(f"no section {name}; there are {', '.join(SECTIONS)}")
        SECTIONS[name](args.quick)


if __name__ == "__main__":
    main()
