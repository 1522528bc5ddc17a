"""By what names a node is asked for, and the address that it prints.

A browser that was led here by a name of somebody else's (DNS rebinding) sends that name; whoever sends an odd one could have it printed
into papers and QR codes. So a node answers to its own names only: localhost, any numeric address (a browser that sends one went there),
any name without a dot (only the own network resolves one), the name of its listener and machine, `public_url` and `host_names` of
config.toml. Where `public_url` is set, it alone is printed.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterable

from tornado.httputil import HTTPServerRequest

from node.domain.words.errors import TongbanError


class Hosts:
    """The names of one node. `public_url`: scheme and host with or without port, "" where none is configured."""

    def __init__(self, public_url: str = "", names: Iterable[str] = ()) -> None:
        self._public = urllib.parse.urlsplit(public_url)
        self._names = {_plain(name) for name in (*names, self._public.hostname or "", "localhost")} - {""}

    def knows(self, host: str) -> bool:
        """Whether the node answers to this name (without port)."""
        name = _plain(host)
        if name in self._names or (name.replace("-", "").isalnum() and len(name) <= 63):
            return True
        try:
            ipaddress.ip_address(name.strip("[]").partition("%")[0])
        except ValueError:
            return False
        return True

    def origin(self, request: HTTPServerRequest) -> str:
        """What links and QR codes begin with."""
        return self._public.geturl() if self._public.netloc else f"{request.protocol}://{request.host}"

    def address(self, request: HTTPServerRequest) -> str:
        """The same without the scheme, to read."""
        return self._public.netloc or request.host

    def with_port(self, request: HTTPServerRequest) -> str:
        """HOST:PORT where other nodes reach the web listener, as well as it is known."""
        if not self._public.hostname:
            return request.host
        host = f"[{self._public.hostname}]" if ":" in self._public.hostname else self._public.hostname
        return f"{host}:{self._public.port or (443 if self._public.scheme == 'https' else 80)}"

    def refusal(self, host: str) -> TongbanError:
        """What somebody is told who asks by another name."""
        if self._public.netloc:
            url = self._public.geturl()
            reason, reason_en = f"请打开 {url}", f"open {url} instead"
        else:
            reason = "请用单位告知的地址；确是本节点的地址时，请系统管理员写入 config.toml 的 host_names"
            reason_en = "use the address you were given; if this is one of the node, its administrator adds it to host_names in config.toml"
        return TongbanError("wrong_host", host=host[:100], reason=reason, reason_en=reason_en)


def _plain(name: str) -> str:
    """As names are compared: small letters, Punycode, no dot at the end."""
    text = name.strip().rstrip(".").lower()
    try:
        return text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        return text
