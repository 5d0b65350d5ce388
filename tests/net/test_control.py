# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket: who may do what, and what comes of nonsense."""
import json
import os
import random
import subprocess

from lab import Zone, program
from marks import note, quick

STRANGER = 54321  # a uid that exists nowhere
MESSAGE_MAX = 65536
ALERT = {"verb": "alert-set", "texts": {"es": "Aviso"}}
OPERATORS_ONLY = [ALERT, {"verb": "alert-clear"},
                  {"verb": "certificate", "code": "0000-0000-0000-0000"},
                  {"verb": "status"}, {"verb": "sessions"}, {"verb": "reload"},
                  *({"verb": v, "addr": "02:7a:00:00:00:01"}
                    for v in ("session", "login", "logout", "block", "unblock"))]
PORTAL_ONLY = [{"verb": v, "addr": "02:7a:00:00:00:01", **more} for v, more in
               (("lookup", {}), ("accept", {"token_us": 1}), ("leave", {}), ("extend", {}))]


def ask(zone, message):
    """Sends text, bytes or an object; the reply as an object, None when the socket was closed."""
    with zone.control() as s:
        if isinstance(message, (dict, list)):
            message = json.dumps(message)
        if isinstance(message, str):
            message = message.encode()
        try:
            s.send(message)
            reply = s.recv(MESSAGE_MAX * 2)
        except (ConnectionError, OSError):
            return None
    return json.loads(reply) if reply else None


def ask_as(zone, uid, message):
    """The same as another user, in a process of its own."""
    code = ("import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET)\n"
            "s.settimeout(5)\ntry:\n s.connect(sys.argv[1])\n s.send(sys.argv[2].encode())\n"
            " print(s.recv(99999).decode())\nexcept OSError: print('{\"ok\":false,\"error\":\"no\"}')")
    done = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups",
                           "python3", "-c", code, zone.socket, json.dumps(message)],
                          stdout=subprocess.PIPE, text=True, check=True, timeout=20)
    return json.loads(done.stdout or '{"ok": false, "error": "closed"}')


@quick
def test_a_stranger_is_refused():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        for message in OPERATORS_ONLY + PORTAL_ONLY:
            answer = ask_as(zone, STRANGER, message)
            assert answer["ok"] is False and answer["error"] in ("forbidden", "no", "closed"), \
                (message, answer)
        assert device.session()["state"] == "active" and device.online()


def test_the_portals_user_may_only_serve_the_portal():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        portal_uid = os.stat(f"/proc/{zone.portal.pid}").st_uid
        for message in OPERATORS_ONLY:
            answer = ask_as(zone, portal_uid, message)
            assert answer["ok"] is False and answer["error"] == "forbidden", (message, answer)
        answer = ask_as(zone, portal_uid, {"verb": "lookup", "addr": device.mac})
        assert answer["ok"] is True, answer
        assert device.session()["state"] == "active"


def test_zonactl_exit_codes():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        for expected, argv in ((0, ["status"]), (0, ["sessions"]), (0, ["version"]),
                               (0, ["session", device.mac]), (1, ["session", "02:00:00:00:00:77"]),
                               (1, ["logout", "02:00:00:00:00:77"]), (2, []), (2, ["dance"]),
                               (2, ["session"]), (2, ["login", device.mac, "--minutes", "x"]),
                               (2, ["session", "not-an-address"])):
            done = zone.zonactl(*argv, check=False)
            assert done.returncode == expected, (argv, done)
            if expected:
                assert len(done.stderr.strip().splitlines()) >= 1, done
    gone = subprocess.run([program("zonactl"), "--socket", "/nonexistent/socket", "status"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert gone.returncode == 3 and len(gone.stderr.splitlines()) == 1, gone


def test_zonactl_shows_what_the_contract_says():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        session = zone.sessions()[device.mac]
        wanted = {"mac": str, "zone": str, "class": str, "state": str, "ipv4": list, "ipv6": list,
                  "started": str, "seconds_left": int, "idle_seconds": int, "bytes_down": int,
                  "bytes_up": int, "rate_down_bps": int, "rate_up_bps": int}
        for key, kind in wanted.items():
            assert isinstance(session.get(key), kind), (key, session)
        assert session["zone"] == zone.zone and session["class"] == "lab"
        table = zone.zonactl("sessions", as_json=False)
        assert device.mac in table and device.mac in zone.zonactl("session", device.ipv4,
                                                                  as_json=False)


def nonsense():
    """Messages that are wrong in one way each."""
    words = ["", " ", "null", "true", "0", "[]", "{}", '"', "{", "}", '{"verb"', '{"verb":}',
             '{"verb": "status"', '{"verb": "status"} {"verb": "status"}', '{"verb": "status"}x',
             "[" * 5000, '{"a":' * 5000, "\0", "\xff\xfe", '{"verb": "status\\u0000"}',
             '{"verb": "status", "verb": "logout"}', '{"verb": "\\ud800"}', "GET / HTTP/1.1\r\n\r\n",
             '{"verb": 1e999}', '{"verb": "status", "id": 1e999}', '{"verb": "x' + "y" * 60000 + '"}']
    found = [w.encode("latin-1") for w in words]
    found += [b"{" + b" " * (MESSAGE_MAX - 2) + b"}", b"x" * MESSAGE_MAX, b"x" * (MESSAGE_MAX + 1),
              b'{"verb": "status", "id": ' + b"9" * 400 + b"}"]
    values = [None, True, -1, 0, 1.5, 10**30, "", "x", "y" * 10000, [], {}, ["02:00:00:00:00:01"],
              "02:00:00:00:00", "02:00:00:00:00:01:02", "zz:00:00:00:00:01", "ff:ff:ff:ff:ff:ff",
              "00:00:00:00:00:00", "01:00:5e:00:00:01", "10.0.0.256", "10.0.0", "::1::", "%lo", "'; --",
              "$(id)", "../../etc/passwd", "10.77.0.1\n", " 10.77.0.1", "fe80::1%lan0"]
    for verb in ("session", "login", "logout", "block", "unblock", "lookup", "accept", "leave",
                 "extend"):
        found += [json.dumps({"verb": verb, "addr": v}).encode() for v in values]
        found.append(json.dumps({"verb": verb}).encode())
    found += [json.dumps({"verb": v}).encode() for v in values]
    found += [json.dumps({"verb": "login", "addr": "02:00:00:00:00:01", "minutes": v}).encode()
              for v in values if v not in (None, 1.5)]
    found += [json.dumps({"verb": "sessions", "after": v}).encode()
              for v in (1, True, "x", [], {}, "y" * 9999)]
    return found


@quick
def test_nonsense_gets_one_clear_error_each():
    with Zone() as zone:
        device = zone.device()
        device.accept()
        before, pids = zone.sessions(), zone.controller.children()
        messages = nonsense()
        for message in messages:
            answer = ask(zone, message)
            if answer is None:
                # Empty and oversized messages may close the connection; others have an answer.
                assert not message or len(message) > MESSAGE_MAX - 16, message[:200]
                continue
            assert answer["ok"] is False, (message[:200], answer)
            assert isinstance(answer["error"], str) and answer["error"], answer
            assert isinstance(answer["message"], str) and len(answer["message"]) < 500, answer
        note(f"{len(messages)} malformed control messages")
        assert len(messages) > 200
        after = zone.sessions()
        assert after.keys() == before.keys() and after[device.mac]["state"] == "active"
        assert zone.controller.children() == pids, "a process died"


def test_random_bytes_do_no_harm():
    with Zone() as zone:
        generator = random.Random(2024)
        pids = zone.controller.children()
        base = json.dumps({"verb": "login", "addr": "02:00:00:00:00:01", "minutes": 5}).encode()
        for _ in range(500):
            message = bytearray(base)
            for _ in range(generator.randint(1, 6)):
                message[generator.randrange(len(message))] = generator.randrange(256)
            ask(zone, bytes(message))
        assert zone.controller.children() == pids and zone.zonactl("status")


def test_many_and_silent_connections():
    """Whoever only connects and waits does not keep the operator out."""
    with Zone() as zone:
        sockets = []
        try:
            for _ in range(300):
                sockets.append(zone.control())
        except OSError:
            pass  # a limit is an answer
        for s in sockets[::3]:
            s.close()
        for s in sockets:
            s.close()
        assert zone.zonactl("status")
        device = zone.device()
        device.accept()
        assert device.online()


def test_replies_carry_the_id():
    with Zone() as zone, zone.control() as s:
        for number in (1, 7, 2**31):
            s.send(json.dumps({"verb": "version", "id": number}).encode())
        ids = {json.loads(s.recv(MESSAGE_MAX))["id"] for _ in range(3)}
        assert ids == {1, 7, 2**31}, ids


def test_operator_of_the_group_may():
    """A member of the operators' group that is not root; the group is the one of this test."""
    with Zone(gateway_conf='operators = "games"') as zone:
        device = zone.device()
        device.accept()
        gid = subprocess.run(["getent", "group", "games"], stdout=subprocess.PIPE, text=True,
                             check=True).stdout.split(":")[2]
        done = subprocess.run(["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}",
                               f"--groups={gid}", program("zonactl"), "--socket", zone.socket,
                               "--json", "sessions"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0 and device.mac in done.stdout, done
