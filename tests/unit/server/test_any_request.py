"""Requests by chance, of all that our document describes: each is answered as it says, and none is a fault of the server's."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.support.odd_requests import OddRequests
from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import account_token, client
from towpath.admission import default_roles
from towpath.server import openapi
from towpath.server.application import ENDPOINTS
from towpath.server.wire import EVENTS

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.support.odd_requests import OddRequest

_ENDLESS = {(each.method, each.path) for each in ENDPOINTS if each.answers.media == EVENTS}
_LAST = ("/v1beta1/projects/{project}", "/v1beta1/resources")
"""Without a Project, most is a 404."""
_SECONDS = 30.0


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_few_of_each_kind(tmp_path: Path, seed: int) -> None:
    """As the administrator, and as an account of the Project."""
    assert await _faults(tmp_path, seed, of_each=1) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 130))
async def test_many_of_each_kind(tmp_path: Path, seed: int) -> None:
    """The same, for as long as it takes."""
    assert await _faults(tmp_path, seed, of_each=30) == []


async def _faults(folder: Path, seed: int, *, of_each: int) -> list[str]:
    """Return what was not answered as it is to be."""
    async with running(folder) as world:
        await default_roles.ensure(world.store, actor="test")
        await world.apply(
            project_document(), warehouse_document(), stage_document("dev"), stage_document("prod")
        )
        await world.settled()
        freight = await world.freight("1.0.0")
        promotion = await world.promote("dev", freight)
        await world.settled()
        names = {
            "projects": [PROJECT],
            "stages": ["dev", "prod"],
            "warehouses": ["main"],
            "freight": [freight],
            "promotions": [promotion],
            "roles": ["kargo-admin", "kargo-viewer"],
            "configmaps": ["m"],
            "generic-credentials": ["g"],
        }
        made = OddRequests(openapi.document(ENDPOINTS), Random(seed), names)
        token = await account_token(world, PROJECT, "kargo-admin")
        wrong: list[str] = []
        operations = [each for each in made.operations() if each not in _ENDLESS]
        operations.sort(key=lambda each: each[0] == "DELETE" and each[1] in _LAST)
        async with client(world) as admin, client(world, token) as account:
            for method, path in operations:
                for number in range(of_each):
                    asked = made.of(method, path)
                    asking = account if number % 3 == 2 or seed % 2 == 0 else admin
                    fault = await _fault(asking, asked)
                    if fault:
                        wrong.append(f"{method} {asked.url} {asked.body[:500]!r}: {fault}")
        return wrong


async def _fault(asking: httpx.AsyncClient, asked: OddRequest) -> str:
    """Return what is wrong with an answer; the strict decoder of the client looks at what went well."""
    headers = {"content-type": "application/json"} if asked.body else {}
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await asking.request(
                asked.method, asked.url, content=asked.body, headers=headers
            )
    except TimeoutError:
        return f"no answer within {_SECONDS:g} s"
    except (
        AssertionError,
        ValueError,
    ) as error:  # a success that is not what is described, or no JSON
        return repr(error)
    is_of_later = answer.status_code == 504 and "Too large resource version" in answer.text
    if answer.status_code >= 500 and answer.status_code != 501 and not is_of_later:
        return f"{answer.status_code}: {answer.text[:300]}"
    if answer.status_code >= 400:
        found = json.loads(answer.text)
        if not isinstance(found.get("error"), str) or not found["error"]:
            return f"{answer.status_code} without words: {answer.text[:300]}"
    return ""
