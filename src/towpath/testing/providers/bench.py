"""What a provider is given in place of the world: a server that answers as told, Secrets by name, a fixed moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import NotFound, TooLarge, TowpathError
from towpath.verification.aws_access import NoAws
from towpath.verification.job import NoJobs
from towpath.verification.provider import (
    MOST_BYTES,
    HttpAnswer,
    InFlight,
    Judged,
    MeasureContext,
    Measured,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.runtime.aside import Aside
    from towpath.verification.aws_access import MeasuringAws
    from towpath.verification.job import MeasuringJobs
    from towpath.verification.provider import Answer

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """One request that a provider sent."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = field(default=None, repr=False)


def _ok(_: AskedRequest) -> HttpAnswer:
    return HttpAnswer(status=200, headers={}, body=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderExample:
    """One configuration, the world it is measured in, and what it has to come to."""

    config: Mapping[str, Any]
    """As it stands in a template, under the provider's key."""
    respond: Callable[[AskedRequest], HttpAnswer | TowpathError] = _ok
    """What a server answers; an error is raised, as the door to HTTP would."""
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Secrets of the Project by name, those that all share as `shared/NAME`. None of their values may be said."""
    outcome: type[Measured | Judged | InFlight] | tuple[type, ...] = (Measured, Judged, InFlight)
    """What it has to answer."""
    value: Any = None
    """What `Measured.value` has to be; None: anything."""
    certificate: datetime = NOW + timedelta(days=90)
    """Until when the certificate of any server is valid."""
    jobs: MeasuringJobs = field(default_factory=NoJobs)
    aws: MeasuringAws = field(default_factory=NoAws)


class MeasuringBench:
    """The doors of one measurement. It is a `MeasuringHttp` and a `MeasuringSecrets`."""

    def __init__(
        self,
        example: ProviderExample,
        *,
        respond: Callable[[AskedRequest], HttpAnswer | TowpathError] | None = None,
    ) -> None:
        """`respond`: answers in place of the example's server."""
        self._example = example
        self._respond = respond or example.respond
        self.asked: list[AskedRequest] = []

    def context(
        self, aside: Aside, *, run: str = "run-1", number: int = 1, now: datetime = NOW
    ) -> MeasureContext:
        """Return the context of a measurement."""
        return MeasureContext(
            project="shop",
            run=run,
            run_uid=f"uid-of-{run}",
            metric="m",
            number=number,
            run_started=NOW,
            now=now,
            http=self,
            secrets=self,
            aside=aside,
            jobs=self._example.jobs,
            aws=self._example.aws,
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        seconds: float = 10.0,
        most_bytes: int = MOST_BYTES,
        insecure: bool = False,
        once: bool = False,
        follows: bool = True,
    ) -> HttpAnswer:
        """See `MeasuringHttp.request`."""
        del seconds, insecure, once, follows
        asked = AskedRequest(method=method, url=url, headers=tuple(headers), body=body)
        self.asked.append(asked)
        await asyncio.sleep(0)
        found = self._respond(asked)
        if isinstance(found, TowpathError):
            raise found
        if len(found.body) > most_bytes:
            raise TooLarge(f"{method} {url}: the answer is larger than {most_bytes:,} bytes")
        return found

    async def certificate(self, host: str, port: int, *, seconds: float = 10.0) -> datetime:
        """See `MeasuringHttp.certificate`."""
        del host, port, seconds
        await asyncio.sleep(0)
        return self._example.certificate

    async def read(self, name: str, *, is_shared: bool = False) -> Mapping[str, str]:
        """See `MeasuringSecrets.read`."""
        await asyncio.sleep(0)
        key = f"shared/{name}" if is_shared else name
        if key not in self._example.secrets:
            raise NotFound(f"Secret {key} does not exist; create it")
        return dict(self._example.secrets[key])


def said(answer: Answer) -> str:
    """Return all that an answer says to people."""
    match answer:
        case Measured():
            return " ".join((answer.shown, *answer.metadata.values()))
        case Judged():
            return " ".join((answer.message, answer.shown, *answer.metadata.values()))
        case InFlight():
            return " ".join(answer.metadata.values())
