"""What a server says of itself when it is asked for a service: what it can, and, before a push, its refs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.clients.git import arguments
from towpath.clients.git.wire import packet_lines
from towpath.clients.git.wire.packet_lines import Mark, UnreadableTalkError
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_FETCHES: Final = frozenset({"ls-refs", "fetch"})
_REPORTS: Final = frozenset({"report-status", "side-band-64k"})
_FORMAT: Final = "object-format="
_SHA1: Final = "object-format=sha1"
_NOTHING: Final = "0" * 40


@dataclass(frozen=True, slots=True)
class Receiving:
    """What a server can that is pushed to, and its refs."""

    can: frozenset[str]
    refs: Mapping[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    """Commits that it has besides."""

    @property
    def is_plain(self) -> bool:
        """Whether it tells what became of a push, in the way that is read here, and names objects as we do."""
        return self.can >= _REPORTS and _is_sha1(self.can)


def speaks_version_2(said: bytes) -> bool:
    """Whether a server that was asked for `git-upload-pack` lists and sends refs as version 2 has it. Raises UnreadableTalkError."""
    found = [each for each in packet_lines.lines(said) if not isinstance(each, Mark)]
    words = [each.decode("utf-8", "replace").rstrip("\n") for each in found]
    if words and words[0].startswith("# service="):
        words = words[1:]
    if not words or words[0] != "version 2":
        return False
    return {word.partition("=")[0] for word in words} >= _FETCHES and _is_sha1(words)


def listed(said: bytes, ref: str) -> str | None:
    """Return the commit of a ref in the answer to `ls-refs`; None if it is not there. Raises UnreadableTalkError."""
    for each in packet_lines.lines(said):
        if isinstance(each, Mark):
            break
        name, _, rest = each.decode("utf-8", "surrogateescape").rstrip("\n").partition(" ")
        if rest.split(" ")[0] == ref:
            return _id(name)
    return None


def receiving(said: bytes) -> Receiving:
    """Read what a server says that was asked for `git-receive-pack`. Raises UnreadableTalkError."""
    refs: dict[str, str] = {}
    others: set[str] = set()
    can: frozenset[str] | None = None
    for each in packet_lines.lines(said):
        if isinstance(each, Mark) or each.startswith((b"# service=", b"version ")):
            continue
        head, nul, rest = each.partition(b"\0")
        if nul and can is None:
            can = frozenset(rest.decode("utf-8", "replace").split())
        name, _, ref = head.decode("utf-8", "surrogateescape").rstrip("\n").partition(" ")
        if name == _NOTHING or name.startswith("shallow"):
            continue
        if ref == ".have":
            others.add(_id(name))
        else:
            refs[ref] = _id(name)
    if can is None:
        raise UnreadableTalkError("the server does not say what it can")
    return Receiving(can, refs, frozenset(others))


def _is_sha1(said: list[str] | frozenset[str]) -> bool:
    formats = {word for word in said if word.startswith(_FORMAT)}
    return formats <= {_SHA1}


def _id(name: str) -> str:
    try:
        found = arguments.full_commit(name)
    except BadRequest as error:
        raise UnreadableTalkError("a ref is at what is no object") from error
    if len(found) != len(_NOTHING):
        raise UnreadableTalkError("a ref is at an object with an id of another kind")
    return found
