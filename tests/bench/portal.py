# SPDX-License-Identifier: GPL-2.0-or-later
"""The portal: redirects beside nginx's `return 302`, logins of distinct devices, and the time from
the tap to the first packet."""
import re
import statistics

from crowd import Crowd
from lab import Zone
from netns import stop, wait_until
from path import HOST, LAN, Path

PORT = 8080
NGINX = """daemon off;
worker_processes 2;
error_log /dev/null;
pid {directory}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_timeout 0;
    client_body_temp_path {directory}/nginx;
    proxy_temp_path {directory}/nginx;
    fastcgi_temp_path {directory}/nginx;
    uwsgi_temp_path {directory}/nginx;
    scgi_temp_path {directory}/nginx;
    server {{ listen {address}:{port} backlog=4096; return 302 http://{host}/; }}
}}
"""


def _wrk(path, connections, seconds):
    """Answers a second, a new connection for each."""
    out = path.visitor.run("wrk", "-t", min(connections, 2), "-c", connections, "-d", f"{seconds}s",
                           "-H", "Host: www.example.org", "-H", "Connection: close",
                           f"http://{LAN}:{PORT}/generate_204").stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if wrong:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def redirects(rounds, seconds):
    """[(connections, ours/s, nginx/s)], medians of rounds in turn. nginx stands in the portal's
    place in a second zone, so that both are behind the same kernel rules."""
    ours, peer = Path("zona", portal=True), Path("zona")
    config = peer._write("nginx.conf", NGINX.format(directory=peer.directory, address=LAN, port=PORT,
                                                    host=HOST))
    nginx = peer.gateway.start("nginx", "-c", config)
    wait_until(lambda: peer.gateway.run("curl", "-s", "-o", "/dev/null", f"http://{LAN}:{PORT}/",
                                        check=False).returncode == 0, 5, "nginx")
    rows = []
    for connections in (1, 8, 64):
        samples = [(_wrk(ours, connections, seconds), _wrk(peer, connections, seconds))
                   for _ in range(rounds)]
        rows.append((connections, *(statistics.median(s) for s in zip(*samples))))
    stop(nginx)
    return rows


# The limits of one device are for people; here one gateway serves thousands at once.
ZONE = {"down": "10gbit", "up": "10gbit", "certificate": False}


def logins(count):
    """crowd.c's figures of count distinct devices that log in over HTTP, 64 at a time."""
    with Zone(**ZONE) as zone, Crowd(zone, count) as crowd:
        return crowd.login()


def first_packet(sessions, count):
    """The same with the time from the tap to the first packet, one after another."""
    with Zone(**ZONE) as zone, Crowd(zone, sessions + count) as crowd:
        crowd.login(count=sessions)
        return crowd.login(first=sessions, count=count, concurrency=1, measure_first_packet=True)
