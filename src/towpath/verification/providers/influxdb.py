"""`influxdb`: the values of a query in Flux, by the API of InfluxDB 2."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

import msgspec

from towpath import messages
from towpath.errors import BadRequest, Unavailable
from towpath.expressions import gotext
from towpath.resources.analysis_template import InfluxdbMetric
from towpath.verification import json_answer, number_texts, request, service_secret
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import MeasuringRequest, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

SECRET: Final = "influxdb"  # noqa: S105 - the name of one
"""Where the template names no profile."""
_KEYS: Final = ("address", "authToken", "org")
_SECONDS: Final = 30.0
_MOST_VALUES: Final = 50_000
_COST: Final = 8
"""As many times that of JSON, for rows that are short."""
_VALUE: Final = "_value"
_ERROR: Final = "error"
_KINDS: Final = "#datatype"
_DEFAULTS: Final = "#default"


class Influxdb(BaseProvider):
    """Asks InfluxDB."""

    name: ClassVar[str] = "influxdb"
    config: ClassVar[type[Struct]] = InfluxdbMetric

    async def measure(self, context: MeasureContext, config: InfluxdbMetric) -> Answer:
        """Ask; the result is the list of the values of all rows, in order."""
        if not config.query.strip():
            raise BadRequest("influxdb.query: write a query in Flux")
        secret = await service_secret.opened(context, config.profile or SECRET, keys=_KEYS)
        _, token, org = secret.need(*_KEYS)
        url = secret.address("api/v2/query")
        asked = {
            "query": config.query,
            "type": "flux",
            "dialect": {
                "annotations": ["datatype", "group", "default"],
                "delimiter": ",",
                "header": True,
            },
        }
        asking = MeasuringRequest(
            url=f"{url}{'&' if '?' in url else '?'}{urlencode({'org': org})}",
            method="POST",
            headers=[
                ("Authorization", f"Token {token}"),
                ("Content-Type", "application/json"),
                ("Accept", "application/csv"),
            ],
            body=msgspec.json.encode(asked),
            seconds=_SECONDS,
            follows=False,
        )
        answer = await asking.succeed(context, statuses=request.OK)
        return await json_answer.read(context, answer, result, what=asking.shown, cost=_COST)


def result(body: bytes) -> Measured:
    """Return the measurement that an answer in annotated CSV is. Raises Unavailable for what is none."""
    found: list[Any] = []
    try:
        for value in _values(body.decode("utf-8-sig", "replace"), body):
            found.append(value)
            if len(found) > _MOST_VALUES:
                raise Unavailable(
                    f"the query gives more than {_MOST_VALUES:,} values; aggregate in the query"
                )
    except csv.Error as error:
        raise _no_csv(body, str(error)) from error
    if not found:
        raise Unavailable("the query gives no row")
    return Measured(
        value=found,
        shown=number_texts.listed((gotext.text_of(each) for each in found), between=" "),
    )


def _values(text: str, body: bytes) -> Iterator[Any]:
    """Yield the value of each row of all tables, which empty lines or new annotations divide."""
    kinds: Sequence[str] = ()
    defaults: Sequence[str] = ()
    names: Sequence[str] | None = None
    for row in csv.reader(io.StringIO(text, newline="")):
        first = row[0] if row else ""
        if len(row) < 2 and not first:
            kinds, defaults, names = (), (), None
        elif first.startswith("#"):
            if names is not None:
                kinds, defaults, names = (), (), None
            if first == _KINDS:
                kinds = row
            elif first == _DEFAULTS:
                defaults = row
        elif names is None:
            if not kinds:
                if _ERROR in row[:2]:  # a failure may come without annotations
                    names = row
                    continue
                raise _no_csv(body, "a table has no #datatype")
            names = row
            if _VALUE not in names and _ERROR not in names:
                raise Unavailable("the query gives rows that have no _value")
        else:
            yield _cell(row, names, kinds, defaults)


def _cell(
    row: Sequence[str], names: Sequence[str], kinds: Sequence[str], defaults: Sequence[str]
) -> Any:
    if _ERROR in names and _VALUE not in names:
        place = list(names).index(_ERROR)
        told = messages.plain(row[place]) if place < len(row) else ""
        raise Unavailable(
            f"the query fails: {messages.cut(told, messages.FOREIGN_BYTES) or 'it is not said why'}"
        )
    place = list(names).index(_VALUE)
    text = row[place] if place < len(row) else ""
    text = text or (defaults[place] if place < len(defaults) else "")
    kind = kinds[place] if place < len(kinds) else ""
    return _typed(text, kind) if text else None


def _typed(text: str, kind: str) -> Any:
    """Return a value as its kind says: numbers with a fraction are floats, those without are whole."""
    try:
        match kind:
            case "double":
                return number_texts.number(text)
            case "long" | "unsignedLong":
                return _whole(text)
            case "boolean":
                return text.lower() != "false"
            case _:
                return text
    except ValueError as error:
        raise Unavailable(f"the answer has a {kind} that is none: {error}") from error


def _whole(text: str) -> int:
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise ValueError(f"{text[:40]!r} is no whole number")
    return int(text)


def _no_csv(body: bytes, why: str) -> Unavailable:
    said = messages.cut(said_by(body), 200)
    return Unavailable(f"the answer is no annotated CSV ({why}); it begins: {said}")
