"""HTTP as steps see it: requests to addresses that the operator allows, answers with a bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

READING: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request, as a manifest has it."""

    url: str
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = ()
    query: Sequence[tuple[str, str]] = ()
    """Added to what the URL has."""
    body: bytes | None = field(default=None, repr=False)
    seconds: float = 10.0
    """For all of it, redirects included."""
    most_bytes: int = 2 << 20
    """That the answer's body may have."""
    insecure: bool = False
    """Whether any certificate will do."""
    proxy: str = ""
    """A proxy of the manifest's own; it is looked at as the target is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, Sequence[str]]
    """By their canonical names (`Content-Type`), each with its values in order."""
    body: bytes = field(default=b"", repr=False)
    size: int = 0
    """Bytes that were written to a file, where they were."""
    is_repeated: bool = False
    """Whether it may have been sent before: what became of that, a crash made unknown."""


class HttpDoor(Protocol):
    """HTTP for one step.

    Each operation raises BadRequest for what is no http(s) request, Forbidden for an address that must not be reached,
    TooManyRequests, Unavailable, Timeout, and TooLarge for an answer that is larger than allowed.
    """

    @effect(EffectClass.CONVERGENT)
    async def read(self, request: HttpRequest) -> HttpResponse:
        """Send a request of a method that changes nothing, `GET` or `HEAD`."""
        ...

    @effect(EffectClass.AT_LEAST_ONCE)
    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request of any other method. The journal has it before it is sent, so that a repeat is known."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def download(
        self, request: HttpRequest, path: str, *, is_new: bool = False
    ) -> HttpResponse:
        """Write the body of a successful answer (2xx) to a file, whole or not at all; of any other nothing is written.

        With `is_new` there must be no file yet: raises AlreadyExists before anything is sent.
        """
        ...
