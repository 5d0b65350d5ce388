# SPDX-License-Identifier: GPL-2.0-or-later
"""`make run`, the newcomer's first contact, does what it prints."""
import os
import re
import signal
import subprocess
import urllib.request

from lab import ROOT
from marks import takes

RUN = os.path.join(ROOT, "tests/run")


@takes(120)
def test_run_once():
    done = subprocess.run([RUN, "--once"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=110)
    assert done.returncode == 0, done.stdout
    assert "http://127.0.0.1:" in done.stdout and "zonactl" in done.stdout, done.stdout


@takes(120)
def test_run_until_ctrl_c():
    """What it prints is true while it runs; Ctrl-C leaves nothing behind."""
    process = subprocess.Popen([RUN], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        text = ""
        for line in process.stdout:
            text += line
            if "Ctrl-C" in line:
                break
        with urllib.request.urlopen(re.search(r"http://127\.0\.0\.1:\d+/", text)[0]) as answer:
            page = answer.read().decode()
        assert answer.status == 200 and "/accept" in page, page
        argv = re.search(r"(\S*zonactl --socket \S+ sessions)", text)[1].split()
        shown = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True, cwd=os.getcwd())
        assert shown.stdout.count("active") == 3, shown.stdout
        process.send_signal(signal.SIGINT)
        process.wait(20)
    finally:
        process.kill()
    left = [n for n in os.listdir("/run/netns") + os.listdir("/tmp") if n.startswith(f"zona-{process.pid}-")]
    assert not left, left
