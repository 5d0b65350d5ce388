# SPDX-License-Identifier: GPL-2.0-or-later
"""zonactl reload: a changed policy reaches live sessions and drops nobody; a bad one changes nothing."""
import re
import time

from lab import Zone
from marks import alone, note, quick

BAD_CLASSES = [
    ('class "lab" { session { minutes = 0 } }', "minutes"),
    ('class "lab" { session { minutes = many } }', ""),
    ('class "lab" { bandwidth { down = "fast" } }', ""),
    ('class "lab" { hours = { "mon-sun 25:00-26:00" } }', ""),
    ('class "lab" { unknown-option = 1 }', ""),
    ('class "lab" {', ""),
    ('class "other" { session { minutes = 5 } }', ""),  # the zone's class is gone
    ("\x00\x01\x02", ""),
]


def rate(download, seconds=3):
    return download.pump(seconds) * 8 / seconds


@alone
def test_new_rates_reach_live_sessions():
    with Zone({"bandwidth": 'down = "4mbit"  up = "2mbit"'}) as zone:
        loading, pinging = zone.device(), zone.device()
        loading.accept()
        pinging.accept()
        zone.inet.offloads("up0", False)  # packets, not merged blocks of 64 kB
        ping, download = pinging.ping(), loading.download()
        download.pump(1)
        for down in (12, 2, 8):
            zone.write_policy(bandwidth=f'down = "{down}mbit"  up = "2mbit"')
            begun = time.monotonic()
            answer = zone.zonactl("reload")
            assert answer["changed"] == 2, answer
            took = time.monotonic() - begun
            assert loading.session()["rate_down_bps"] == down * 10**6
            download.pump(2)  # what was queued at the old rate
            measured = rate(download)
            note(f"reload to {down} Mbit/s took {took * 1000:.0f} ms, then {measured / 1e6:.2f}")
            # Payload is 1,448 of each 1,514 bytes on the wire.
            assert 0.90 <= measured / down / 1e6 <= 1.01, measured
            assert not download.ended
        sent, lost = ping.finish()
        assert lost == 0, (sent, lost)


def test_reload_without_a_change_changes_nothing():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        before = device.session()
        for _ in range(20):
            assert zone.zonactl("reload")["changed"] == 0
        after = device.session()
        for key in ("started", "rate_down_bps", "rate_up_bps", "state"):
            assert before[key] == after[key]


@quick
def test_bad_policy_is_refused_and_changes_nothing():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        ping = device.ping()
        before = zone.zonactl("status")
        path = f"{zone.policies}/classes/lab.conf"
        for text, expected in BAD_CLASSES:
            with open(path, "w", encoding="latin-1") as f:
                f.write("# a comment\n" + text + "\n")
            done = zone.zonactl("reload", check=False, as_json=False)
            assert done.returncode == 1, (text, done)
            message = done.stderr + done.stdout
            assert re.search(r"\.conf(:\d+)?: ", message) and expected in message, message
            assert len(message.strip().splitlines()) == 1, message
        assert device.session()["rate_down_bps"] == 20 * 10**6
        assert zone.zonactl("status").keys() == before.keys()
        zone.write_policy()
        zone.zonactl("reload")
        sent, lost = ping.finish()
        assert lost == 0, (sent, lost)


def test_reload_in_a_storm():
    """Reloads back to back under traffic: nothing is lost, nobody is put out."""
    with Zone() as zone:
        devices = [zone.device() for _ in range(5)]
        for device in devices:
            device.accept()
        ping = devices[0].ping()
        download = devices[1].download()
        for n in range(30):
            zone.write_policy(bandwidth=f'down = "{10 + n % 7}mbit"  up = "5mbit"')
            zone.zonactl("reload")
            assert download.pump(0.1) > 0
        sent, lost = ping.finish()
        assert lost == 0, (sent, lost)
        assert len(zone.sessions()) == 5
