#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests/net/test_*.py: every function test_NAME is one test in a process of its own.

    tests/lab/runner.py [--jobs N] [--quick] [--prefix TEXT] [--only TEXT] [FILE …]

Prints one line a test, `ok FILE/NAME (seconds)` or `FAIL FILE/NAME` with the end of its output.
Lines that a test prints with note() are shown as well. Tests that measure rates or times are
marked @alone and run after the others, one by one; @quick ones make the short run (sanitizers).
"""
import argparse
import concurrent.futures
import glob
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
LAB = os.path.dirname(os.path.realpath(__file__))
NET = os.path.join(os.path.dirname(LAB), "net")
TIMEOUT_S = 180
TAIL_LINES = 40
sys.path[:0] = [LAB, NET]


def load(path):
    specification = importlib.util.spec_from_file_location(
        os.path.basename(path).removesuffix(".py"), path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Test:
    prefix = ""
    printing = threading.Lock()

    def __init__(self, path, function):
        self.path, self.function = path, function.__name__
        self.alone = getattr(function, "alone", False)
        self.quick = getattr(function, "quick", False)
        self.timeout_s = getattr(function, "timeout_s", TIMEOUT_S)
        stem = os.path.basename(path).removesuffix(".py").removeprefix("test_")
        self.name = f"{self.prefix}{stem}/{self.function.removeprefix('test_')}"

    def run(self):
        """True when it passed; prints its line."""
        begun = time.monotonic()
        with tempfile.TemporaryFile() as log:
            argv = [sys.executable, "-B", os.path.realpath(__file__), "--one", self.path, self.function]
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True)
            try:
                passed = process.wait(self.timeout_s) == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                passed = False
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").splitlines()
        self.report(passed, time.monotonic() - begun, lines)
        return passed

    def report(self, passed, seconds, lines):
        out = [f"ok {self.name} ({seconds:.1f})" if passed else f"FAIL {self.name}"]
        out += ["    " + line for line in lines if line.startswith("note: ")]
        if not passed:
            out += ["    | " + line for line in lines[-TAIL_LINES:]]
            out += ["    | (stopped: took too long)"] * (seconds >= self.timeout_s)
        with self.printing:
            sys.stdout.write("\n".join(out) + "\n")
            sys.stdout.flush()


def find(paths, only, quick):
    tests = []
    for path in paths or sorted(glob.glob(os.path.join(NET, "test_*.py"))):
        module = load(path)
        functions = [f for name, f in vars(module).items()
                     if name.startswith("test_") and getattr(f, "__module__", "") == module.__name__]
        tests += [Test(path, f) for f in functions]
    return [t for t in tests if (not only or only in t.name) and (t.quick or not quick)]


def run_one(path, function):
    """In the child: the test itself. SystemExit runs the clean-up of netns.py."""
    try:
        getattr(load(path), function)()
    except BaseException:  # also a signal: the log must say where it hit
        traceback.print_exc()
        sys.exit(1)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--jobs", type=int, default=3)
    options.add_argument("--only", default="")
    options.add_argument("--prefix", default="")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--one", nargs=2)
    options.add_argument("files", nargs="*")
    args = options.parse_args()
    if args.one:
        run_one(*args.one)
        return
    Test.prefix = args.prefix
    tests = find(args.files, args.only, args.quick)
    together = [t for t in tests if not t.alone]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(Test.run, together))
    results += [t.run() for t in tests if t.alone]
    subprocess.run([os.path.join(LAB, "sweep")], check=False)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
