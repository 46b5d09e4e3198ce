"""Pages of short lists that are in memory anyway: which part is wanted, and where the next one goes on.

Items are in the order of their keys. A cursor is the key of the last item of a page: it holds although that item goes, or others come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from towpath.errors import BadRequest
from towpath.server import requests
from towpath.server.wire import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request

_Item = TypeVar("_Item")

MOST: Final = 500
"""Items of one page, also where nobody says how many."""
_LONGEST: Final = 500
"""Characters of a cursor, and of a part that is looked for."""

LIMIT: Final = Parameter(
    "limit", f"Items of one page: {MOST} at most, and if not given.", "integer"
)
CURSOR: Final = Parameter("cursor", "Where to go on: the `cursor` of the page before.")
QUERY: Final = (
    Parameter("q", "Part of a name, in upper or lower case: only what has it is listed."),
    LIMIT,
    CURSOR,
)


def limit_of(request: Request, *, usual: int = MOST, most: int = MOST) -> int:
    """Return how many items are wanted of one page. Raises BadRequest."""
    limit = requests.number(request, "limit")
    if limit is not None and not 1 <= limit <= most:
        raise BadRequest(f"limit: {limit} is not between 1 and {most}")
    return usual if limit is None else limit


def part_of(request: Request) -> str:
    """Return the part of a name that is looked for, in lower case; empty: all are wanted. Raises BadRequest."""
    return _bounded(request, "q").lower()


def page(
    request: Request,
    items: Iterable[_Item],
    *,
    key: Callable[[_Item], str],
    named: Callable[[_Item], str] | None = None,
    newest_first: bool = False,
) -> tuple[list[_Item], str | None]:
    """Return the items of the page that is asked for, and the cursor to go on from; None on the last page.

    `key`: by what they are in order, no two the same. `named`: what `q` is part of; None: `q` is not asked. Raises BadRequest.
    """
    part = part_of(request) if named is not None else ""
    after, limit = _bounded(request, "cursor"), limit_of(request)
    found = [
        (key(each), each)
        for each in items
        if named is None or not part or part in named(each).lower()
    ]
    found.sort(key=lambda each: each[0], reverse=newest_first)
    if after:
        found = [each for each in found if (each[0] < after if newest_first else each[0] > after)]
    shown = found[:limit]
    return [each for _, each in shown], shown[-1][0] if len(found) > len(shown) else None


def answer(items: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    """Return what is said of a page."""
    return {"items": items, "cursor": cursor}


def _bounded(request: Request, name: str) -> str:
    given = request.query_params.get(name, "")
    if len(given) > _LONGEST:
        raise BadRequest(f"{name}: at most {_LONGEST} characters, these are {len(given)}")
    return given
