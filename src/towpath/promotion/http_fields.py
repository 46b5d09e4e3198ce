"""Fields that the steps which speak HTTP have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from towpath.errors import BadRequest
from towpath.resources import durations
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

DURATION: Final = "(?:\\d+(ns|us|µs|ms|s|m|h))+"
"""Upstream's pattern; it is not anchored, so that what it lets pass is read once more."""
LONGEST_SECONDS: Final = 3600.0
"""Of one request; and what `0s` means, which is no limit upstream."""


class HttpHeader(Struct, kw_only=True):
    """A header of a request."""

    name: Annotated[str, Field("Its name.", min_length=1)]
    value: Annotated[str, Field("Its value.", min_length=1)]


class HttpQueryParam(Struct, kw_only=True):
    """A parameter of a URL."""

    name: Annotated[str, Field("Its name.", min_length=1)]
    value: Annotated[str, Field("Its value.", min_length=1)]


def pairs(given: Sequence[HttpHeader | HttpQueryParam] | None) -> list[tuple[str, str]]:
    """Return headers or parameters as pairs."""
    return [(each.name, each.value) for each in given or ()]


def seconds(name: str, given: str | None, default: float) -> float:
    """Return a duration in seconds, at most an hour. Raises BadRequest for what is none."""
    if not given:
        return default
    try:
        found = durations.parse(given) / durations.SECOND
    except ValueError as error:
        raise BadRequest(f"config.{name}: {error}") from error
    return min(found, LONGEST_SECONDS) if found > 0 else LONGEST_SECONDS
