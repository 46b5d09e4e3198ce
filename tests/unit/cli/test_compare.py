"""`towpath compare`: what it asks, and what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

PATH = "/towpath/v1/projects/shop/compare"


def test_words_come_from_the_server(api: Api, call: Callable[..., Told]) -> None:
    """As text or Markdown; what acts on a terminal is made visible."""
    api.answer("GET", PATH, {"artifacts": [], "notes": "one\ntwo \x1b[31mred"})
    told = call("compare", "prod", "freight/fearless-fox")
    assert told.code == 0
    assert told.lines[0] == "one"
    assert "\x1b" not in told.out
    assert api.asked[-1].query == {
        "from": ["prod"],
        "to": ["freight/fearless-fox"],
        "format": ["text"],
    }
    call("compare", "a", "b", "-o", "markdown")
    assert api.asked[-1].query["format"] == ["markdown"]


def test_as_json_it_is_the_answer(api: Api, call: Callable[..., Told]) -> None:
    """Without words."""
    api.answer("GET", PATH, {"artifacts": [{"kind": "image"}], "leftOut": 0})
    told = call("compare", "a", "b", "-o", "json")
    assert '"kind": "image"' in told.out
    assert "format" not in api.asked[-1].query
