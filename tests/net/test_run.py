# SPDX-License-Identifier: GPL-2.0-or-later
"""`make run`, the newcomer's first contact, does what it prints."""
import os
import subprocess

from lab import ROOT
from marks import takes


@takes(120)
def test_run_once():
    done = subprocess.run([os.path.join(ROOT, "tests/run"), "--once"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout
    assert "http://127.0.0.1:" in done.stdout and "zonactl" in done.stdout, done.stdout
