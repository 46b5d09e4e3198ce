"""`smoke`: asks an address, and says itself whether the answer is good. Written in a few lines, without conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from towpath import messages, patterns
from towpath.documents import jsonpath
from towpath.errors import BadRequest, TooLarge
from towpath.expressions import gotext
from towpath.resources import durations
from towpath.resources.analysis_run import AnalysisPhase
from towpath.resources.smoke import SECONDS, TRIES_WITH_P95, SmokeMetric
from towpath.verification import json_answer, request
from towpath.verification.provider import BaseProvider, Judged
from towpath.verification.request import SUCCESSES, MeasuringRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, HttpAnswer, MeasureContext

_LONGEST_SECONDS: Final = 240.0
"""For all tries together; a measurement has 300 s."""
_TOLD: Final = 5
"""Of what is wrong with one answer."""
_SAID_BYTES: Final = 300


class Smoke(BaseProvider):
    """Asks an address."""

    name: ClassVar[str] = "smoke"
    config: ClassVar[type[Struct]] = SmokeMetric

    async def measure(self, context: MeasureContext, config: SmokeMetric) -> Answer:
        """Ask as often as wanted; the first answer that is wrong fails the test, and says what was wanted and what came.

        Raises Unavailable and Timeout where there is no answer: that says nothing of the version yet.
        """
        asking = MeasuringRequest(
            url=config.url,
            method=config.method or "GET",
            headers=request.pairs(config.headers),
            seconds=request.span(config.timeout, SECONDS, field="smoke.timeout"),
            insecure=config.insecure,
        )
        wanted = WantedBody(config.body, config.matches, config.json)
        if wanted.any and asking.method == "HEAD":
            raise BadRequest("smoke: an answer to HEAD has no body to look at; leave method out")
        wanted.check()
        seen = _Seen(config.tries or (TRIES_WITH_P95 if config.p95 else 1))
        for _ in range(seen.wanted):
            try:
                answer = await context.http.request(
                    asking.method,
                    asking.url,
                    headers=asking.headers,
                    seconds=asking.seconds,
                    insecure=asking.insecure,
                    once=True,
                )
            except TooLarge as error:
                return seen.judged(AnalysisPhase.FAILED, asking, [error.message])
            seen.add(answer)
            wrong = _wrong_status(config.status, answer)
            if wanted.any and not wrong:
                wrong += await json_answer.read(
                    context, answer, wrong_body, wanted, what=asking.shown, cost=wanted.cost
                )
            if wrong:
                return seen.judged(AnalysisPhase.FAILED, asking, wrong)
            if sum(seen.seconds) > _LONGEST_SECONDS and len(seen.seconds) < seen.wanted:
                told = (
                    f"{len(seen.seconds)} tries took more than {_LONGEST_SECONDS:g} s; lower tries"
                )
                return seen.judged(AnalysisPhase.INCONCLUSIVE, asking, [told])
        wrong = _too_slow(config.p95, seen)
        if config.tls_days:
            wrong += await _wrong_certificate(context, config.tls_days, asking, seen)
        return seen.judged(
            AnalysisPhase.FAILED if wrong else AnalysisPhase.SUCCESSFUL, asking, wrong
        )


@dataclass(frozen=True, slots=True)
class WantedBody:
    """What a body must say."""

    text: str
    pattern: str
    json: Mapping[str, Any]

    @property
    def any(self) -> bool:
        """Whether anything is wanted of it."""
        return bool(self.text or self.pattern or self.json)

    @property
    def cost(self) -> int:
        """See `json_answer.read`."""
        return json_answer.cost_of_path(sum(map(len, self.json)))

    def check(self) -> None:
        """Raise BadRequest for what cannot be read, before anything is sent."""
        if self.pattern:
            try:
                patterns.compile(self.pattern)
            except patterns.PatternError as error:
                raise BadRequest(f"smoke.matches: {error}") from error
        for path in self.json:
            try:
                jsonpath.parse(_braced(path))
            except BadRequest as error:
                raise BadRequest(f"smoke.json: {error.message}") from error


@dataclass(slots=True)
class _Seen:
    """What the tries came to so far."""

    wanted: int
    seconds: list[float] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    status: int = 0

    def add(self, answer: HttpAnswer) -> None:
        self.seconds.append(answer.took_seconds)
        self.status = answer.status

    @property
    def p95(self) -> float:
        """The time within which 95 of 100 were answered, by nearest rank."""
        ranked = sorted(self.seconds)
        return ranked[math.ceil(0.95 * len(ranked)) - 1]

    def judged(
        self, phase: AnalysisPhase, asking: MeasuringRequest, wrong: Sequence[str]
    ) -> Judged:
        shown = ""
        if self.seconds:
            took = spoken(self.p95)
            shown = (
                f"HTTP {self.status} in {took}"
                if self.wanted == 1
                else f"{len(self.seconds)} of {self.wanted} tries, the last HTTP {self.status}, p95 {took}"
            )
            if self.wanted > 1:
                self.metadata["p95"] = took
        told = messages.statements(list(wrong), _TOLD)
        if told and not told.startswith(asking.method):
            of = f" (try {len(self.seconds)} of {self.wanted})" if self.wanted > 1 else ""
            told = f"{asking.shown}{of}: {told}"
        return Judged(phase=phase, message=told, shown=shown, metadata=self.metadata)


def _wrong_status(wanted: int, answer: HttpAnswer) -> list[str]:
    if answer.status == wanted or (not wanted and answer.status in SUCCESSES):
        return []
    said = request.said_by(answer.body)
    came = f"got {_named(answer.status)}" + (f": {messages.cut(said, _SAID_BYTES)}" if said else "")
    return [f"wanted {f'status {wanted}' if wanted else 'a status from 200 to 299'}, {came}"]


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def wrong_body(body: bytes, wanted: WantedBody) -> list[str]:
    """Return what a body does not say that was wanted of it, each with what came in its place."""
    wrong = []
    begins = request.said_by(body[: 4 * _SAID_BYTES])
    came = f"it begins: {messages.cut(begins, _SAID_BYTES)}" if begins else "it is empty"
    if wanted.text and wanted.text.encode() not in body:
        wrong.append(f"wanted {messages.cut(wanted.text, 200)!r} in the body; {came}")
    if wanted.pattern and not patterns.compile(wanted.pattern).search(
        body.decode("utf-8", "replace")
    ):
        wrong.append(f"wanted a body that matches {wanted.pattern!r}; {came}")
    if wanted.json:
        try:
            document = json_answer.value(body)
        except json_answer.NoJson as error:
            wrong.append(f"wanted JSON: {error.message}")
        else:
            wrong += [
                said
                for path, value in wanted.json.items()
                if (said := _wrong_value(document, path, value))
            ]
    return wrong


def _wrong_value(document: Any, path: str, wanted: Any) -> str:
    try:
        found = jsonpath.first(jsonpath.parse(_braced(path)), document)
    except BadRequest as error:
        return f"wanted {path} to be {_shown(wanted)}: {error.message}"
    if _is_same(wanted, found):
        return ""
    return f"wanted {path} to be {_shown(wanted)}, got {_shown(found)}"


def _braced(path: str) -> str:
    """Return a path as a template: the braces may be left out."""
    return path if "{" in path else f"{{{path}}}"


def _is_same(wanted: Any, found: Any) -> bool:
    """Whether two values are the same. A text, which an argument always is, is also the number or truth value that it says."""
    match wanted, found:
        case bool(), bool():
            return wanted is found
        case (bool(), _) | (_, bool()):
            return isinstance(wanted, str) and wanted == gotext.json_text(found)
        case (int() | float(), int() | float()) | (str(), str()) | (None, None):
            return bool(wanted == found)
        case str(), int() | float():
            return wanted == gotext.json_text(found)
        case list(), list():
            return len(wanted) == len(found) and all(map(_is_same, wanted, found))
        case dict(), dict():
            return wanted.keys() == found.keys() and all(
                _is_same(value, found[key]) for key, value in wanted.items()
            )
        case _:
            return False


def _shown(value: Any) -> str:
    return messages.cut(gotext.json_text(value), 200)


def _too_slow(wanted: str, seen: _Seen) -> list[str]:
    if not wanted:
        return []
    most = request.span(wanted, 0.0, field="smoke.p95")
    if seen.p95 <= most:
        return []
    slowest = spoken(max(seen.seconds))
    return [
        f"wanted 95 of 100 answers within {spoken(most)}, got {spoken(seen.p95)} (the slowest {slowest})"
    ]


async def _wrong_certificate(
    context: MeasureContext, days: int, asking: MeasuringRequest, seen: _Seen
) -> list[str]:
    place = urlsplit(asking.url)
    if place.scheme.lower() != "https" or not place.hostname:
        raise BadRequest(
            "smoke.tlsDays: asks for a certificate; write an url that begins with https://"
        )
    until = await context.http.certificate(
        place.hostname, place.port or 443, seconds=asking.seconds
    )
    seen.metadata["certificateValidUntil"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    left = until - context.now
    if left >= timedelta(days=days):
        return []
    when = until.strftime("%Y-%m-%d %H:%M UTC")
    is_over = left < timedelta(0)
    got = f"it expired on {when}" if is_over else f"it expires in {left.days} days, on {when}"
    return [f"wanted a certificate that is valid for {days} days still; {got}"]


def spoken(seconds: float) -> str:
    """Return a time as people read it: `35ms`, `1.2s`."""
    if seconds < 1:
        return f"{seconds * 1000:.3g}ms"
    return durations.spoken(round(seconds * 100) * (durations.SECOND // 100))
