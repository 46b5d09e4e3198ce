"""Where a server is, how messages name it, and by which proxy it is reached."""

from __future__ import annotations

import base64
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """An address such as `https://towpath.example.com/base`."""

    scheme: str
    host: str
    port: int | None
    path: str
    """What goes before the paths of the API; without a slash at its end."""

    @property
    def named(self) -> str:
        """As messages name it, without what could be a password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Who carries requests to the server."""

    host: str
    port: int
    credentials: str = ""
    """`user:password`, empty if it wants none."""

    @property
    def named(self) -> str:
        """As messages name it, without its password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What tells it who asks."""
        if not self.credentials:
            return {}
        known = base64.b64encode(self.credentials.encode()).decode()
        return {"Proxy-Authorization": f"Basic {known}"}


def server_address(text: str) -> ServerAddress:
    """Read the address of a server. Raises BadRequest, with the remedy, for what is none."""
    problem = f"server {text!r}: it must be an address such as http://127.0.0.1:8080"
    if text and "://" not in text:
        problem += f"; write http://{text} or https://{text}"
    try:
        parts = urllib.parse.urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise errors.BadRequest(problem) from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.query:
        raise errors.BadRequest(problem)
    return ServerAddress(
        scheme=parts.scheme, host=parts.hostname, port=port, path=parts.path.rstrip("/")
    )


def proxy_for(address: ServerAddress, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY give a server, None to reach it straight.

    Names in small letters count first. This machine itself is never asked by a proxy. Raises BadRequest for a proxy that
    cannot be used: one that is not asked over plain HTTP, as almost all are.
    """
    name = f"{address.scheme}_proxy"
    text = _value(environment, name)
    if not text:
        name, text = "all_proxy", _value(environment, "all_proxy")
    if not text or _is_this_machine(address.host):
        return None
    if _is_left_out(address, _value(environment, "no_proxy")):
        return None
    problem = f"{name.upper()}: it must be the address of an HTTP proxy such as http://proxy.example.com:3128"
    try:
        parts = urllib.parse.urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError as error:
        raise errors.BadRequest(problem) from error
    if parts.scheme != "http" or not parts.hostname:
        raise errors.BadRequest(problem)
    credentials = urllib.parse.unquote(parts.netloc.rpartition("@")[0])
    return Proxy(host=parts.hostname, port=port or 80, credentials=credentials)


def _value(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name) or environment.get(name.upper()) or ""


def _is_this_machine(host: str) -> bool:
    import ipaddress  # most commands have no proxy

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_left_out(address: ServerAddress, listed: str) -> bool:
    """Whether NO_PROXY has a server: `*`, names with all that ends so, addresses and networks, each with or without a port."""
    port = address.port or _PORTS[address.scheme]
    return any(_covers(word.strip().lower(), address.host, port) for word in listed.split(","))


def _covers(word: str, host: str, port: int) -> bool:
    import ipaddress

    if word == "*":
        return True
    name, colon, number = word.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        word = name
    word = word.strip("[]").removeprefix("*")
    if not word:
        return False
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(word, strict=False)
    except ValueError:
        return host == word.lstrip(".") or host.endswith("." + word.lstrip("."))
