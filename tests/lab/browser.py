# SPDX-License-Identifier: GPL-2.0-or-later
"""The small browser of a device: plain HTTP over sockets of its namespace, no cookies, no scripts.

Names are looked up in the laboratory's own table (lab.HOSTS); tests of DNS itself use curl.
"""
import html.parser
import http.client
import json
import socket
import ssl
import urllib.parse

TIMEOUT_S = 5


class Response:
    def __init__(self, status, headers, body, url):
        self.status, self.body, self.url = status, body, url
        self.headers = {name.lower(): value for name, value in headers}

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def from_internet(self):
        """Answered by the far side and not by the portal."""
        return "x-internet" in self.headers

    def __repr__(self):
        return f"<{self.status} {self.url} {self.headers} {self.body[:200]!r}>"


class _Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.forms.append((a.get("action", ""), a.get("method", "get").lower(), {}))
        elif tag in ("input", "button") and self.forms and a.get("name"):
            self.forms[-1][2][a["name"]] = a.get("value", "")


def forms(page):
    """[(action, method, {field: value})] of a page."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


class Browser:
    def __init__(self, namespace, hosts, source=None):
        self.namespace, self.hosts, self.source = namespace, hosts, source

    def connect(self, host, port, family=None, timeout=TIMEOUT_S):
        """A TCP connection from the device; family 4 or 6 chooses, else IPv4 where there is one."""
        address = self.resolve(host, family)
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        s = self.namespace.socket(kind)
        s.settimeout(timeout)
        if self.source:
            s.bind((self.source, 0))
        try:
            s.connect((address, port))
        except OSError:
            s.close()
            raise
        return s

    def resolve(self, host, family=None):
        host = host.strip("[]")
        addresses = self.hosts.get(host, (host,))
        for address in addresses:
            if family is None or (":" in address) == (family == 6):
                return address
        raise LookupError(f"{host} has no IPv{family} address")

    def request(self, method, url, fields=None, headers=None, family=None, timeout=TIMEOUT_S,
                at=None):
        """One request; redirects are not followed. at: connect to this address instead."""
        parts = urllib.parse.urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=timeout)
        sock = self.connect(at or parts.hostname, port, family, timeout)
        try:
            if parts.scheme == "https":
                sock = _unverified().wrap_socket(sock, server_hostname=parts.hostname)
            connection.sock = sock
            body = None if fields is None else urllib.parse.urlencode(fields)
            sent = {"Connection": "close"} | (headers or {})
            if body is not None:
                sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Response(answer.status, answer.getheaders(), answer.read(), url)
        finally:
            connection.close()
            sock.close()

    @staticmethod
    def response(sock, url):
        """Reads the answer to a request that was written by hand."""
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        return Response(answer.status, answer.getheaders(), answer.read(), url)

    def get(self, url, **options):
        return self.request("GET", url, **options)

    def post(self, url, fields, **options):
        return self.request("POST", url, fields=fields, **options)

    def follow(self, url, most=5, **options):
        """GET with redirects, like the window that a phone opens."""
        for _ in range(most):
            answer = self.get(url, **options)
            if answer.status not in (301, 302, 303, 307):
                return answer
            url = urllib.parse.urljoin(url, answer.headers["location"])
        raise RuntimeError(f"more than {most} redirects, the last to {url}")

    def submit(self, page, action, **options):
        """Sends the form of page that goes to action, as a tap on its button does."""
        for target, method, fields in forms(page.text):
            if method == "post" and urllib.parse.urlsplit(target).path == action:
                url = urllib.parse.urljoin(page.url, target)
                return self.post(url, fields, **options)
        raise LookupError(f"no form to {action} in {page.url}:\n{page.text[:2000]}")


def _unverified():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def exchange(sock, data, timeout=TIMEOUT_S):
    """Sends raw bytes and returns everything until the other side closes or is silent."""
    sock.settimeout(timeout)
    received = b""
    try:
        sock.sendall(data)
        while block := sock.recv(65536):
            received += block
    except (TimeoutError, ConnectionError):
        pass
    return received
