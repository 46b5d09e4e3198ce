"""Values of whole documents, for the expressions of the `*-parse` steps."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import encoding
from towpath.documents.json import reading
from towpath.documents.json import values as json_values
from towpath.documents.yaml import values
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

_BEYOND: Final = 1 << 63
"""The first integer that TOML does not promise."""


def of_yaml(data: bytes, source: str) -> Any:
    """Return what the first document of a YAML file says. Raises BadRequest naming `source` for what cannot be read."""
    return values.first(_text(data, source), source)


def of_json(data: bytes, source: str) -> Any:
    """Return what a JSON file says, numbers as floats, which they are upstream; comments are passed over."""
    bare, _ = reading.read(_text(data, source), source)
    try:
        return json_values.value(bare)
    except RecursionError as error:
        raise BadRequest(f"{source}: it is nested too deep to be read") from error
    except ValueError as error:
        raise BadRequest(f"{source}: it is not valid JSON: {error}") from error


def of_toml(
    data: bytes, source: str, moment: Callable[[datetime], Any] = datetime.isoformat
) -> Any:
    """Return what a TOML file says. `moment` makes a value of a date with time and zone; others of the kind are texts."""
    try:
        return _values(tomllib.loads(_text(data, source)), moment)
    except BadRequest:
        raise
    except RecursionError as error:
        raise BadRequest(f"{source}: it is nested too deep to be read") from error
    except (ValueError, OverflowError) as error:
        # tomllib's own, a number of more digits than Python reads, and a time whose zone leads beyond the years there are
        raise BadRequest(f"{source}: it is not valid TOML: {error}") from error


def _text(data: bytes, source: str) -> str:
    _, found = encoding.decoded(data, source)
    if not found.strip():
        raise BadRequest(f"{source}: the file is empty")
    return found


def _values(value: Any, moment: Callable[[datetime], Any]) -> Any:
    """Return a value with moments as expressions know them, and dates and times without a zone as texts."""
    match value:
        case dict():
            return {key: _values(item, moment) for key, item in value.items()}
        case list():
            return [_values(item, moment) for item in value]
        case int() if not -_BEYOND <= value < _BEYOND:
            raise OverflowError("an integer has more than 64 bits")
        case datetime() if value.tzinfo is not None:
            return moment(value.astimezone(UTC))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return value
