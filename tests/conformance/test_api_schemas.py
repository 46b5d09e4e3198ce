"""Our OpenAPI document against Kargo's description of its API: parameters, bodies and answers, but for what is listed."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import kargo_api
from tests.support.described_schemas import flattened, operation, ours

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTED: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    Path(__file__).with_name("api-differences.yaml").read_text("utf-8")
)
Operations = tuple[str, dict[str, Any], dict[str, Any]]


def _pairs() -> Iterator[Operations]:
    """Yield what a route is, with Kargo's description of it and ours."""
    for (method, path), described in kargo_api.operations().items():
        yield f"{method} {path}", described, operation(method, path)


def _query(described: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return the type of each parameter of the query, and whether it is required."""
    return {
        each["name"]: (
            each.get("type") or each["schema"]["type"],
            each.get("required", False),
        )
        for each in described.get("parameters", ())
        if each["in"] == "query"
    }


def _differences() -> Iterator[tuple[str, str, str]]:
    """Yield part of the table, path, and where and how it differs."""
    for route, theirs, mine in _pairs():
        before, after = _query(theirs), _query(mine)
        for name in before.keys() | after.keys():
            if before.get(name) != after.get(name):
                yield (
                    "parameters",
                    name,
                    f"{route}: {before.get(name)} there, {after.get(name)} here",
                )
        given = next((each for each in theirs.get("parameters", ()) if each["in"] == "body"), None)
        taken = _content(mine.get("requestBody") or {})
        yield from _of_schemas("bodies", route, given and given["schema"], taken)
        for status, answer in theirs["responses"].items():
            if int(status) >= 400:
                continue  # one shape for all errors
            answered = mine["responses"].get(status)
            if answered is None:
                yield "answers", status, f"{route}: answered there, and not here"
                continue
            yield from _of_schemas("answers", route, answer.get("schema"), _content(answered))


def _content(answer: dict[str, Any]) -> dict[str, Any] | None:
    return next((each["schema"] for each in answer.get("content", {}).values()), None)


def _of_schemas(
    part: str, route: str, theirs: dict[str, Any] | None, mine: dict[str, Any] | None
) -> Iterator[tuple[str, str, str]]:
    if theirs == {}:  # Kargo says that there is something, and no more
        theirs, mine = None, None if mine else {}
    if (theirs is None) != (mine is None):
        yield part, "", f"{route}: described {'there' if theirs else 'here'} alone"
    if theirs is None or mine is None:
        return
    before, after = flattened(theirs, kargo_api.description()), flattened(mine, ours())
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            yield part, path, f"{route}: {before.get(path)} there, {after.get(path)} here"


def _is_listed(part: str, path: str, told: str) -> list[int]:
    """Return the places of the entries that say so."""
    route = told.partition(": ")[0]
    return [
        place
        for place, each in enumerate(_LISTED[part])
        if fnmatchcase(path, _pattern(each.get("path") or each["name"]))
        and route in each.get("on", (route,))
    ]


def _pattern(written: str) -> str:
    return written.replace("[]", "[[]]")


def test_what_is_described_is_described_alike() -> None:
    """Or it is listed, with a reason; and nothing is listed that does not differ."""
    used: set[tuple[str, int]] = set()
    wrong = []
    for part, path, told in _differences():
        places = _is_listed(part, path, told)
        used |= {(part, place) for place in places}
        if not places:
            wrong.append(f"{part} {path}: {told}")
    assert sorted(wrong) == []
    listed = {(part, place) for part, entries in _LISTED.items() for place in range(len(entries))}
    assert [_LISTED[part][place] for part, place in sorted(listed - used)] == []
    assert all(each.get("reason") for entries in _LISTED.values() for each in entries)


def test_a_difference_would_be_found() -> None:
    """Of a type, of a key that is missing, of one too many."""
    stage = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    mine = {"type": "object", "properties": {"a": {"type": ["integer", "null"]}, "c": {}}}
    found = {path: told for _, path, told in _of_schemas("answers", "GET /x", stage, mine)}
    assert found == {
        "a": "GET /x: string there, integer here",
        "b": "GET /x: integer there, None here",
        "c": "GET /x: None there, any here",
    }
