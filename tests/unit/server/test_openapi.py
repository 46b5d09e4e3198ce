"""The document of our routes: whole, and made of the table alone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import running
from tests.support.serving import client
from towpath.server import openapi
from towpath.server.application import ENDPOINTS
from towpath.server.wire import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        yield from _references(list(value.values()))


def test_every_route_is_in_it_with_its_places_and_rights() -> None:
    """By method and path, each under a name of its own."""
    document = openapi.document(ENDPOINTS)
    names = []
    for row in ENDPOINTS:
        operation = document["paths"][row.path][row.method.lower()]
        names.append(operation["operationId"])
        places = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"]
        assert places == re.findall(r"\{(\w+)\}", row.path)
        assert operation["x-towpath-who"] == openapi.who(row)
        assert str(row.answers.status) in operation["responses"]
    assert len(names) == len(set(names))


def test_what_it_refers_to_is_in_it() -> None:
    """And nothing is in it that nobody refers to, but for what all kinds share."""
    document = openapi.document(ENDPOINTS)
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    found = set(_references(document))
    assert found - schemas == set()
    idle = {name.rpartition("/")[2] for name in schemas - found}
    assert all(name.startswith("io.k8s.apimachinery.") or name.endswith("List") for name in idle)


def test_an_answer_may_fit_several_of_its_forms() -> None:
    """Our schemas let unknown keys be, so that `oneOf` would refuse what fits two: readers of the document believe it."""
    document = openapi.document(ENDPOINTS)
    for path in ("/v1beta1/projects/{project}/roles/{name}", "/v1beta1/system/roles"):
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        assert list(content["application/json"]["schema"]) == ["anyOf"]


def test_files_are_described_beside_the_answer() -> None:
    """By their content types, where the query asks for one."""
    document = openapi.document(ENDPOINTS)
    content = document["paths"]["/towpath/v1/history"]["get"]["responses"]["200"]["content"]
    assert list(content) == ["application/json", "text/csv", "application/jsonl"]


def test_every_route_says_what_it_takes_and_answers() -> None:
    """An answer that nobody described is an object of whatever keys to everybody who reads the document."""
    assert [(each.method, each.path) for each in ENDPOINTS if each.answers is UNTOLD] == []
    writing = [each for each in ENDPOINTS if each.method in ("PUT", "PATCH") and each.takes is None]
    assert [each.path.rpartition("/")[2] for each in writing] == ["alias"]


async def test_it_is_answered(tmp_path: Path) -> None:
    """To whoever has a token."""
    async with running(tmp_path) as world, client(world) as asking:
        answer = await asking.get(openapi.PATH)
    assert answer.json() == json.loads(json.dumps(openapi.document(ENDPOINTS)))
