# SPDX-License-Identifier: GPL-2.0-or-later
"""Others on the gateway who take away what is ours: it is back within two seconds, and nobody is let
in or thrown out meanwhile."""
import time

from lab import LAN4, LAN6, Zone
from marks import quick
from netns import wait_until


def served(zone):
    """The daemon answers and its helper has looked after everything."""
    time.sleep(1.5)
    wait_until(lambda: zone.zonactl("status", check=False).returncode == 0, 5, "zonactl status")


@quick
def test_a_flushed_ruleset_comes_back_with_its_sessions():
    with Zone() as zone:
        phone, stranger = zone.device(), zone.device()
        phone.accept()
        before = phone.session()
        zone.gateway.run("nft", "flush", "ruleset")
        served(zone)
        assert not stranger.online() and stranger.captive()["captive"]
        assert phone.online(4) and phone.online(6)
        after = phone.session()
        assert after["started"] == before["started"]
        assert 0 <= before["seconds_left"] - after["seconds_left"] <= 6
        assert after["bytes_down"] >= before["bytes_down"]


def test_a_deleted_bandwidth_tree_comes_back():
    with Zone() as zone:
        phone = zone.device()
        phone.accept()
        assert phone.online()
        before = phone.session()
        for device in ("lan0", "wan0"):
            zone.gateway.run("tc", "qdisc", "del", "dev", device, "root")
        served(zone)
        assert phone.online()
        after = phone.session()
        assert after["bytes_down"] > before["bytes_down"]
        classes = zone.gateway.run("tc", "class", "show", "dev", "lan0").stdout
        assert "ceil 20Mbit" in classes, classes


def test_a_lan_interface_made_anew_is_closed_then_served():
    with Zone() as zone:
        phone, stranger = zone.device(), zone.device()
        phone.accept()
        ports = [phone.port, stranger.port]
        zone.gateway.ip("link del lan0",
                        "link add lan0 address 02:7a:ff:00:00:01 type bridge mcast_snooping 0",
                        f"addr add {LAN4}/16 dev lan0", f"addr add {LAN6}/64 dev lan0 nodad",
                        "link set lan0 up", *(f"link set {port} master lan0" for port in ports))
        assert not stranger.online()
        served(zone)
        assert phone.online(4) and not stranger.online()
