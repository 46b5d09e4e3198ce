"""How registries are reached (`registries`), and what is kept of what they sent (`registryCache`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.app.settings import addresses, sizes, wrong
from towpath.artifacts.tag_caching import TagCaching
from towpath.clients.oci.kept_contents import KeptLimits
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT: Final = KeptLimits()
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class RegistrySettings(msgspec.Struct, forbid_unknown_fields=True):
    """How one registry host is reached."""

    mirrors: list[str] = []
    """Base URLs that are tried in this order, then the host itself."""


class RegistryCacheSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How much is kept on disk of what registries sent; see `clients.oci.kept_contents.KeptLimits`."""

    bytes: int | str = _KEPT.bytes
    age: str = ""
    """Such as `720h`; empty: the usual age."""
    by_tag: str = msgspec.field(default=TagCaching.ALLOW.value, name="byTag")
    """Whether subscriptions may say that tags never move; see `artifacts.tag_caching`."""

    @property
    def limits(self) -> KeptLimits:
        """The same in bytes and seconds."""
        age = durations.span(self.age)
        seconds = age.total_seconds() if age is not None else _KEPT.seconds
        return KeptLimits(sizes.read(self.bytes), seconds)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        yield from wrong.size("bytes", self.bytes)
        yield from wrong.span("age", self.age)
        if self.by_tag not in list(TagCaching):
            yield "byTag", f"{self.by_tag!r} is none of {', '.join(TagCaching)}"

    @property
    def tag_caching(self) -> TagCaching:
        """What the operator says of tags that never move."""
        return TagCaching(self.by_tag)


def problems(registries: Mapping[str, RegistrySettings]) -> Iterator[tuple[str, str]]:
    """Yield each key that is wrong, and why."""
    for host, registry in registries.items():
        if not _HOST.fullmatch(host):
            yield host, "the key must be the host of a registry, as images name it"
        for number, url in enumerate(registry.mirrors):
            if not addresses.of(url):
                yield f"{host}.mirrors[{number}]", f"{url!r} is not http(s)://HOST[:PORT][/PATH]"
