# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Chromium on a device: what a person sees and taps, and what axe-core says of the page.

    with Chromium(phone) as window:
        window.goto("http://www.example.org/")          # lands on the portal
        window.click("form button")
        assert window.axe() == []

It runs in the device's namespace with the zone's own DNS (browser/driver.js holds its strings).
"""
import fcntl
import json
import os
import shutil
import subprocess

DIRECTORY = os.path.join(os.path.dirname(os.path.realpath(__file__)), "browser")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


class BrowserError(AssertionError):
    """The browser could not do what a person would have done."""


def install():
    """playwright-core and axe-core, once; tests that run side by side wait for each other."""
    with open(f"{DIRECTORY}/package.json", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([f"{DIRECTORY}/install"], check=True)


class Chromium:
    def __init__(self, device, **window):
        install()
        home = f"{device.zone.directory}/chromium-{device.number}"
        os.makedirs(home, exist_ok=True)
        argv = ["env", f"HOME={home}", f"TMPDIR={home}", "node", f"{DIRECTORY}/driver.js",
                shutil.which("chromium") or "/usr/bin/chromium"]
        self.process = device.namespace.start(
            *argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=DIRECTORY,
            stderr=subprocess.DEVNULL)
        self.version = self._answer()["version"]
        self.open(**window)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _answer(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the browser ended"}
        if "error" in answer:
            raise BrowserError(answer["error"])
        return answer

    def _do(self, what, **arguments):
        self.process.stdin.write(json.dumps({"do": what} | arguments) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    # ---- what a person does --------------------------------------------------------------------
    def open(self, size=None, language="es-CO", dark=False, script=True, scale=1):
        """A window with an empty profile, as the small browsers of portals are."""
        self._do("open", language=language, dark=dark, script=script, scale=scale, **(size or PHONE))

    def goto(self, url):
        """The status of the page that it ends at, and its URL."""
        answer = self._do("goto", url=url)
        return answer["status"], answer["url"]

    def reload(self):
        self._do("reload")

    def click(self, selector):
        """A tap that leads to another page; its URL."""
        return self._do("click", selector=selector)["url"]

    def key(self, name, navigates=False):
        return self._do("key", name=name, navigates=navigates)["url"]

    def scheme(self, dark=False, contrast=False):
        self._do("scheme", dark=dark, contrast=contrast)

    def size(self, width, height):
        self._do("size", width=width, height=height)

    # ---- what can be seen ----------------------------------------------------------------------
    def look(self, expression):
        """The value of an expression of JavaScript in the page."""
        return self._do("look", expression=expression).get("value")

    def text(self, selector="body"):
        return self.look(f"document.querySelector({json.dumps(selector)})?.innerText")

    def has(self, selector):
        return self.look(f"document.querySelector({json.dumps(selector)}) !== null")

    def axe(self):
        """What axe-core finds wrong: [{rule, impact, help, nodes}]."""
        return self._do("axe")["violations"]

    def heard(self):
        """(requests, complaints of the console) since the last call."""
        answer = self._do("heard")
        return answer["requests"], answer["complaints"]

    def picture(self, path, whole=False):
        self._do("picture", path=os.path.abspath(path), whole=whole)
