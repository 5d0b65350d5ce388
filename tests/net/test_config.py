# SPDX-License-Identifier: GPL-2.0-or-later
"""Every mistake in a configuration file is one line: FILE:LINE: what is wrong."""
import os
import re
import subprocess

from lab import ROOT, program
from marks import note
from netns import private_directory

GOOD = """\
gateway = "gw-test-1"
zone = "san-francisco"
policies = "{policies}"
state-dir = "{directory}/state"
control-socket = "{directory}/control.sock"
lan { interface = "lan0" }
uplink { interface = "wan0"  down = "100mbit"  up = "50mbit"  masquerade = true }
portal { host = "wifi.cartagena.example"  http-port = 8080  https-port = 8443 }
redis { url = "" }
"""
LAST_LINE = GOOD.count("\n") + 1


def wrong_lines():
    """Lines that are each a mistake when added at the end."""
    found = ["x = 1", "=", "}", "{", "lan {", '"', "'", "gateway", "gateway =", "zone = {", "\\", "\x01",
             "lan { interface = }", "lan { interface = \"lan0\"", "uplink { colour = 1 }", "# \n/* open",
             "unknown { }", "include(\"/etc/passwd\")"]
    values = {
        "gateway": ['""', '"' + "g" * 65 + '"', '"a b"', '"a/b"'],
        "zone": ['""', '"No Such Zone"', '"../x"', '"no-such-zone"', '"San"'],
        "control-socket": ['""', '"/' + "s" * 120 + '"'],
        "on-stop": ['"open"', '""', "1", '"Keep"'],
        "timezone": ['"America/Nowhere"', '"../../etc/passwd"', '"' + "t" * 99 + '"'],
        "user": ['"' + "u" * 40 + '"', '"a:b"'],
    }
    for name, bad in values.items():
        found += [f"{name} = {value}" for value in bad]
    rates = ['"fast"', '"-1mbit"', '"0"', '"1"', '"10 parsecs"', '"1e99mbit"', '"99999999gbit"', '""',
             '"mbit"', '"1,5mbit"', '"0x10mbit"', '" "']
    for direction in ("down", "up"):
        other = "up" if direction == "down" else "down"
        found += [f'uplink {{ interface = "wan0"  {other} = "5mbit"  {direction} = {rate} }}'
                  for rate in rates]
    interfaces = ['""', '"' + "i" * 16 + '"', '"a b"', '"a/b"', '"wan0;id"', '"wan\\"0"', '"$(id)"', '".."',
                  '"lan0\\n"', '"*"']
    found += [f"lan {{ interface = {name} }}" for name in interfaces]
    found += [f'uplink {{ interface = {name}  down = "5mbit"  up = "5mbit" }}' for name in interfaces]
    ports = ["0", "-1", "65536", "99999999999999999999", "http", "1.5", '""']
    found += [f"portal {{ {which} = {port} }}" for which in ("http-port", "https-port")
              for port in ports]
    found += [f"portal {{ host = {host} }}" for host in
              ('"a b"', '"-x.y"', '"x..y"', '"' + "h" * 300 + '"', '"<b>"', '"x/y"')]
    found += ['portal { certificate = "/x" }', 'portal { key = "/x" }',
              "portal { http-port = 9000  https-port = 9000 }",
              'uplink { interface = "lan0"  down = "5mbit"  up = "5mbit" }',
              'uplink { interface = "wan0"  down = "5mbit"  up = "5mbit"  masquerade = perhaps }']
    found += [f"redis {{ url = {url} }}" for url in ('"http://x"', '"redis://"', '"x"', '"unix:"')]
    found += [f"limits {{ {name} = {value} }}" for name in
              ("connections-per-second", "dns-per-second", "devices") for value in
              ("-1", "x", "1.5", "99999999999", '"" ')]
    found.append("limits { devices = 0 }")
    return found


def check(name, path):
    done = subprocess.run([program(name), "--config", path, "--check"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          timeout=10)
    return done.returncode, done.stdout


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="latin-1") as f:
        f.write(text)


def test_shipped_policies_and_a_good_file_pass():
    directory = private_directory()
    path = f"{directory}/gateway.conf"
    write(path, fill(directory, f"{ROOT}/policies"))
    for name in ("zona-controller", "zona-portal"):
        assert check(name, path)[0] == 0, check(name, path)


def fill(directory, policies):
    return GOOD.replace("{policies}", policies).replace("{directory}", directory)


def test_wrong_lines_of_gateway_conf():
    directory = private_directory()
    path = f"{directory}/gateway.conf"
    lines = wrong_lines()
    wrong = []
    for line in lines:
        write(path, fill(directory, f"{ROOT}/policies") + line + "\n")
        code, text = check("zona-controller", path)
        message = text.strip().splitlines()
        place = re.search(r"gateway\.conf:(\d+): ", text)
        if code != 1 or len(message) != 1 or not place:
            wrong.append((line, code, text))
    note(f"{len(lines)} wrong lines of gateway.conf")
    assert not wrong, "\n".join(f"{line!r}: exit {code}: {text}" for line, code, text in wrong)


CLASS = 'class "c" {{\n session {{ minutes = 60 }}\n bandwidth {{ down = "8mbit"  up = "2mbit" }}\n{}\n}}\n'


def wrong_policy_lines():
    found = [f" session {{ {name} = {value} }}" for name in
             ("minutes", "extend-minutes", "idle-minutes", "daily-minutes", "daily-megabytes")
             for value in ("-1", "x", '""', "1.5", "99999999999999999999")]
    found += [f" bandwidth {{ {name} = {value} }}" for name in ("down", "up", "down-floor", "up-floor")
              for value in ('"fast"', '"-1mbit"', '"1e99"', '""')]
    found += [f" hours = {{ {value} }}" for value in
              ('"mon"', '"mon 5-6"', '"mon 25:00-26:00"', '"mon 05:60-06:00"', '"xyz 05:00-06:00"',
               '"mon-sun 05:00"', '""', '"mon-sun 05:00-05:00-06:00"', '"sun-mon-tue 1:00-2:00"', "5")]
    found += [" session { minutes = 0 }", " roaming-minutes = -1", " roaming-minutes = x",
              ' languages = { "xx-not-a-language" }', " surprise = 1", " session {", " }}",
              ' walled-garden = { "not a name" }', ' walled-garden = { "a..b" }',
              ' bandwidth { down = "1mbit"  down-floor = "2mbit" }']
    return found


def test_wrong_lines_of_policies():
    directory = private_directory()
    path = f"{directory}/gateway.conf"
    write(path, fill(directory, f"{directory}/policies"))
    write(f"{directory}/policies/zones/san-francisco.conf",
          'zone "san-francisco" { class = "c"  name = "Parque" }\n')
    write(f"{directory}/policies/classes/c.conf", CLASS.format(""))
    assert check("zona-controller", path)[0] == 0, check("zona-controller", path)
    lines, wrong = wrong_policy_lines(), []
    for line in lines:
        write(f"{directory}/policies/classes/c.conf", CLASS.format(line))
        code, text = check("zona-controller", path)
        if code != 1 or len(text.strip().splitlines()) != 1 or not re.search(r"c\.conf(:\d+)?: ", text):
            wrong.append((line, code, text))
    note(f"{len(lines)} wrong lines of policies")
    assert not wrong, "\n".join(f"{line!r}: exit {code}: {text}" for line, code, text in wrong)


def test_missing_files_are_named():
    directory = private_directory()
    for name in ("zona-controller", "zona-portal"):
        code, text = check(name, f"{directory}/nowhere.conf")
        assert code == 1 and "nowhere.conf" in text and len(text.splitlines()) == 1, (code, text)
    write(f"{directory}/gateway.conf", fill(directory, f"{directory}/no-policies"))
    code, text = check("zona-controller", f"{directory}/gateway.conf")
    assert code == 1 and "no-policies" in text, (code, text)
