"""Pages of lists: together they have everything once, whatever comes and goes meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from towpath.errors import BadRequest
from towpath.server import list_pages

_Page = tuple[list[str], str | None]


def _request(**query: str | int) -> Request:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return Request({"type": "http", "query_string": text.encode(), "headers": []})


def _page(names: list[str], query: dict[str, str | int], *, newest_first: bool = False) -> _Page:
    request = _request(**query)
    return list_pages.page(request, names, key=str, named=str, newest_first=newest_first)


_NAMES = st.sets(st.text("abcxyz-", min_size=1, max_size=5), max_size=30)


@given(
    names=_NAMES,
    limit=st.integers(1, 7),
    part=st.sampled_from(["", "a", "B"]),
    newest=st.booleans(),
)
def test_pages_have_everything_once_and_in_order(
    names: set[str], limit: int, part: str, newest: bool
) -> None:
    """Whatever the limit is, and what is looked for."""
    found: list[str] = []
    query: dict[str, str | int] = {"limit": limit, "q": part}
    while True:
        items, cursor = _page(list(names), query, newest_first=newest)
        assert len(items) <= limit
        found += items
        if cursor is None:
            break
        query["cursor"] = cursor
    wanted = [each for each in names if part.lower() in each]
    assert found == sorted(wanted, reverse=newest)


def test_the_next_page_goes_on_though_the_last_item_has_gone() -> None:
    """A cursor is a place, not an item."""
    items, cursor = _page(["a", "b", "c", "d"], {"limit": 2})
    assert (items, cursor) == (["a", "b"], "b")
    assert _page(["a", "c", "d"], {"limit": 2, "cursor": "b"}) == (["c", "d"], None)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": 0}, "limit: 0 is not between 1 and 500"),
        ({"limit": 501}, "limit: 501"),
        ({"limit": "x"}, "limit: "),
        ({"cursor": "x" * 501}, "cursor: at most 500 characters"),
        ({"q": "x" * 501}, "q: at most 500 characters"),
    ],
)
def test_what_is_no_page_is_refused(query: dict[str, str | int], said: str) -> None:
    """The parameter is named, with what may stand there."""
    with pytest.raises(BadRequest) as told:
        _page([], query)
    assert told.value.message.startswith(said)
