# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Firefox on a device, steered by its own Marionette protocol: JSON over a local socket."""
import json
import os
import signal

from netns import stop, wait_until

PORT = 2828
START_S, ANSWER_S = 60, 30
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name of a reference to an element

# As shipped but for what would ask other hosts, and how often it looks again when it is captive.
PREFERENCES = {
    "network.captive-portal-service.minInterval": 1000,
    "network.captive-portal-service.maxInterval": 2000,
    "network.trr.mode": 5,
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.security.https_only_mode": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "es-CO,es,en",
    "remote.prefs.recommended": False,  # they switch the detector off
    "toolkit.telemetry.enabled": False,
}
CAPTIVE_STATES = ("unknown", "not captive", "unlocked", "locked")  # nsICaptivePortalService.idl
READ_STATE = """return Cc["@mozilla.org/network/captive-portal-service;1"]
    .getService(Ci.nsICaptivePortalService).state"""


class Firefox:
    def __init__(self, device):
        self.device = device
        home = f"{device.zone.directory}/firefox-{device.number}"
        os.makedirs(f"{home}/profile")
        with open(f"{home}/profile/user.js", "w", encoding="utf-8") as f:
            f.writelines(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n"
                         for k, v in PREFERENCES.items())
        self.log = f"{home}/log"
        self.process = device.namespace.start(
            "env", f"HOME={home}", "MOZ_CRASHREPORTER_DISABLE=1", "firefox-esr", "--headless",
            "--no-remote", "--marionette", "--remote-allow-system-access", "--profile",
            f"{home}/profile", "about:blank", log=self.log)
        self.count, self.buffer = 0, b""
        self.socket = wait_until(self._connect, START_S, "Firefox listens", 0.2)
        self._receive()  # its greeting
        # The laboratory's certificate authority is nobody's.
        self.command("WebDriver:NewSession", {"acceptInsecureCerts": True})

    def _connect(self):
        s = self.device.namespace.socket()
        s.settimeout(ANSWER_S)
        try:
            s.connect(("127.0.0.1", PORT))
            return s
        except OSError:
            s.close()
            if self.process.poll() is not None:
                with open(self.log, encoding="utf-8", errors="replace") as f:
                    raise RuntimeError(f"Firefox ended:\n{f.read()[-3000:]}") from None
            return None

    def _receive(self):
        """One message: its length, a colon, its JSON."""
        while True:
            length, colon, rest = self.buffer.partition(b":")
            if colon and len(rest) >= int(length):
                self.buffer = rest[int(length):]
                return json.loads(rest[:int(length)])
            block = self.socket.recv(1 << 16)
            if not block:
                raise ConnectionError("Firefox hung up")
            self.buffer += block

    def command(self, name, arguments=None):
        self.count += 1
        message = json.dumps([0, self.count, name, arguments or {}]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, number, error, result = self._receive()
        assert number == self.count, (number, self.count)
        if error:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return result

    # ---- what a person does and sees -----------------------------------------------------------
    def open(self, url):
        self.command("WebDriver:Navigate", {"url": url})

    def click(self, selector):
        found = self.command("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self.command("WebDriver:ElementClick", {"id": found["value"][ELEMENT]})

    @property
    def url(self):
        return self.command("WebDriver:GetCurrentURL")["value"]

    @property
    def text(self):
        return self.run("return document.body.innerText")

    def run(self, script):
        return self.command("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def captive_state(self):
        """What its own detector believes, one of CAPTIVE_STATES."""
        self.command("Marionette:SetContext", {"value": "chrome"})
        try:
            return CAPTIVE_STATES[self.run(READ_STATE)]
        finally:
            self.command("Marionette:SetContext", {"value": "content"})

    def close(self):
        self.socket.close()
        stop(self.process, signal.SIGTERM)
