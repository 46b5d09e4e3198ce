"""The file with the servers a person works with: address, token and Project of each, and which is meant now.

It holds tokens: it is written with mode 0600, whole or not at all, by one command at a time.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath.disk import reading
from towpath.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LARGEST: Final = 1 << 20
_MODE: Final = 0o600
_TEXTS: Final = {
    "authMethod": "auth_method",
    "apiAddress": "address",
    "bearerToken": "token",
    "refreshToken": "refresh_token",
    "project": "project",
}
"""Keys of one server as Kargo's file has them, and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerContext:
    """One server as one person knows it."""

    name: str
    address: str
    token: str = ""
    refresh_token: str = ""
    auth_method: str = ""
    """How the token was got: `admin`, `sso`, `device`, `kubeconfig`; empty for one that was given."""
    insecure: bool = False
    """Whether its certificate is not looked at."""
    callback_port: int = 0
    project: str = ""
    """What commands are about that name no Project."""

    def document(self, *, raw: bool = True) -> dict[str, Any]:
        """Return it as the file has it; with the tokens masked unless `raw`."""
        found: dict[str, Any] = {"name": self.name}
        for key, attribute in _TEXTS.items():
            value = getattr(self, attribute)
            if value:
                found[key] = value if raw or not attribute.endswith("token") else "*** REDACTED ***"
        if self.insecure:
            found["insecureSkipTLSVerify"] = True
        if self.callback_port:
            found["callbackPort"] = self.callback_port
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServers:
    """All servers of a file."""

    current: str = ""
    contexts: tuple[ServerContext, ...] = ()

    def named(self, name: str) -> ServerContext:
        """Return a context. Raises NotFound, with those that are there."""
        for each in self.contexts:
            if each.name == name:
                return each
        there = ", ".join(each.name for each in self.contexts) or "none; `towpath login` makes one"
        raise NotFound(f"there is no context {name!r}; there are: {there}")

    @property
    def meant(self) -> ServerContext | None:
        """The current context; None if there is none."""
        return next((each for each in self.contexts if each.name == self.current), None)

    def at(self, address: str) -> ServerContext | None:
        """Return the context of a server by its address, the current one first; None if there is none."""
        ordered = sorted(self.contexts, key=lambda each: each.name != self.current)
        wanted = address.rstrip("/")
        return next((each for each in ordered if each.address.rstrip("/") == wanted), None)

    def with_(self, context: ServerContext, *, current: bool = False) -> KnownServers:
        """Return them with a context in the place of one of its name."""
        if any(each.name == context.name for each in self.contexts):
            contexts = tuple(
                context if each.name == context.name else each for each in self.contexts
            )
        else:
            contexts = (*self.contexts, context)
        return KnownServers(current=context.name if current else self.current, contexts=contexts)

    def without(self, name: str) -> KnownServers:
        """Return them without a context. Raises NotFound."""
        gone = self.named(name)
        left = tuple(each for each in self.contexts if each is not gone)
        return KnownServers(current="" if self.current == name else self.current, contexts=left)

    def renamed(self, name: str, new: str) -> KnownServers:
        """Return them with a context under another name. Raises NotFound, BadRequest for a name that is taken."""
        context = self.named(name)
        if any(each.name == new for each in self.contexts):
            raise BadRequest(f"there is a context {new!r} already")
        contexts = tuple(
            replace(each, name=new) if each is context else each for each in self.contexts
        )
        return KnownServers(
            current=new if self.current == name else self.current, contexts=contexts
        )

    def document(self, *, raw: bool = True) -> dict[str, Any]:
        """Return them as the file has them."""
        return {
            "currentContext": self.current,
            "contexts": [each.document(raw=raw) for each in self.contexts],
        }


def read(path: Path) -> KnownServers:
    """Return the servers of a file, none if it is not there. Raises BadRequest, with the key, for what is not in its form."""
    document = _document(path)
    contexts = document.get("contexts") or []
    if not isinstance(contexts, list):
        raise BadRequest(f"{path}: contexts: it must be a list")
    found = []
    for place, each in enumerate(contexts):
        if not isinstance(each, dict) or not isinstance(each.get("name"), str) or not each["name"]:
            raise BadRequest(f"{path}: contexts[{place}].name: it must be a name")
        found.append(_context(each, each["name"], f"{path}: contexts[{place}]"))
    return KnownServers(current=str(document.get("currentContext") or ""), contexts=tuple(found))


def read_kargos(path: Path) -> ServerContext | None:
    """Return the server of the file of Kargo's own command line; None if there is none."""
    document = _document(path)
    if not document.get("apiAddress"):
        return None
    return _context(document, "kargo", str(path))


def change(path: Path, changed: Callable[[KnownServers], KnownServers]) -> KnownServers:
    """Write what `changed` makes of the servers of a file, and return it. Other commands wait meanwhile.

    Raises BadRequest as `read` does, and OSError. A file of which nothing is left is removed.
    """
    import yaml

    from towpath.disk import writing  # reading it is what every command does

    path = path.resolve()  # a link to where somebody keeps their settings stays one
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(path):
        servers = changed(read(path))
        if not servers.contexts:
            path.unlink(missing_ok=True)
            return servers
        text = yaml.safe_dump(servers.document(), sort_keys=False, allow_unicode=True)
        writing.write(path, text.encode(), mode=_MODE)
    return servers


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _document(path: Path) -> dict[str, Any]:
    try:
        text = reading.read(path, _LARGEST)
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        return {}
    except OSError as error:
        raise BadRequest(f"{path}: cannot be read: {error.strerror}") from error
    import yaml

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        raise BadRequest(f"{path}{where}: it is not YAML; mend or remove it") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadRequest(f"{path}: it must hold keys and values; mend or remove it")
    return found


def _context(document: dict[str, Any], name: str, where: str) -> ServerContext:
    texts: dict[str, str] = {}
    for key, attribute in _TEXTS.items():
        value = document.get(key)
        if value is not None and not isinstance(value, str):
            raise BadRequest(f"{where}.{key}: it must be a text")
        texts[attribute] = value or ""
    port = document.get("callbackPort") or 0
    if isinstance(port, bool) or not isinstance(port, int):
        raise BadRequest(f"{where}.callbackPort: it must be a number")
    return ServerContext(
        name=name,
        insecure=document.get("insecureSkipTLSVerify") is True,
        callback_port=port,
        **texts,
    )
