"""What an operator says of forges: which kind is at a host, and where it has its REST interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from towpath.app.settings import addresses
from towpath.clients.forges.opening import KnownForge
from towpath.versions.forges import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class ForgeSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The forge at one host."""

    provider: str = ""
    """One of `versions.forges.KINDS`; empty: the host's name tells it."""
    api: str = ""
    """Base URL of its REST interface; empty: where that kind has it."""


def known(settings: Mapping[str, ForgeSettings]) -> dict[str, KnownForge]:
    """Return the same as clients take it."""
    return {host.lower(): KnownForge(each.provider, each.api) for host, each in settings.items()}


def problems(settings: Mapping[str, ForgeSettings]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, by the key below `forges`."""
    for host, each in settings.items():
        if not host or "/" in host or ":" in host:
            yield host, "the key must be the host of a forge, as repositories' URLs name it"
        if each.provider and each.provider not in KINDS:
            yield f"{host}.provider", f"{each.provider!r} is none of {', '.join(KINDS)}"
        if each.api and not addresses.of(each.api):
            yield f"{host}.api", f"{each.api!r} is not http(s)://HOST[:PORT][/PATH]"
