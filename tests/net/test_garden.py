# SPDX-License-Identifier: GPL-2.0-or-later
"""The walled garden: what a policy names is open before login, and nothing else is."""
from capture import Capture
from lab import GARDEN, Zone, far_addresses

POLICY = {"walled-garden": '{ "cartagena.gov.co" }'}


def test_named_pages_are_open_before_login():
    with Zone(POLICY) as zone:
        device = zone.device()
        for family in ("-4", "-6"):
            for scheme in ("http", "https"):
                page = device.curl(family, "-k", f"{scheme}://{GARDEN}/")
                assert "This is the internet" in page, page
        assert not device.online(4) and not device.online(6)
        assert device.captive()["captive"] is True
        far = far_addresses(66)
        with Capture(zone.inet, "up0") as capture:
            for address in far:
                host = f"[{address}]" if ":" in address else address
                device.curl("-k", "--max-time", "2", f"https://{host}/", check=False)
        assert capture.count() == 0, capture.show()


def test_without_a_garden_the_same_pages_are_closed():
    with Zone() as zone:
        device = zone.device()
        for family in ("-4", "-6"):
            code = device.curl(family, "-o", "/dev/null", "-w", "%{http_code}", f"http://{GARDEN}/")
            assert code == "302", code


def test_the_garden_stays_open_over_a_restart():
    """Addresses that were learnt are kept: a page in use is not cut."""
    with Zone(POLICY) as zone:
        device = zone.device()
        assert "internet" in device.curl("-4", f"http://{GARDEN}/")
        zone.controller.stop()
        zone.start_controller()
        address = far_addresses(53)[0]
        assert "internet" in device.curl(f"http://{address}/")
