"""Search finds things by how something of them begins, and nothing that the caller may not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    IMAGE,
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.resources import search_terms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.store.contract import Document

DIGEST = "abcdef0123456789" * 4
COMMIT = "1a2b3c4d5e6f7890" * 2 + "12345678"


def freight_document(**fields: Any) -> Document:
    """Return Freight with an image and a commit."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": PROJECT, "name": "f" * 40},
        "alias": "calm-otter",
        "origin": {"kind": "Warehouse", "name": "main"},
        "images": [{"repoURL": IMAGE, "tag": "V1.4.2", "digest": f"sha256:{DIGEST}"}],
        "commits": [{"id": COMMIT, "message": "SHOP-17: mend the till (see PAY-3)"}],
        **fields,
    }


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Stage, Freight and a Promotion."""
    async with running(tmp_path) as found:
        await found.apply(project_document(), warehouse_document(), stage_document("web-prod-eu"))
        await found.settled()
        stored = await found.store.create(freight_document(), actor="test")
        await found.promote("web-prod-eu", stored.ref.name)
        await found.settled()
        yield found


async def find(world: Pipeline, text: str, token: str = serving.TOKEN) -> list[Any]:
    """Return what is found."""
    async with serving.client(world, token) as client:
        answer = await client.get("/towpath/v1/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    hits: list[Any] = answer.json()["hits"]
    return hits


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("shop", "project"),
        ("web-pr", "stage"),
        ("PROD", "stage"),
        ("calm", "freight"),
        ("v1.4", "freight"),
        ("abcdef01", "freight"),
        ("sha256:abcdef", "freight"),
        (DIGEST, "freight"),
        ("1a2b3c4", "freight"),
        ("pay-3", "freight"),
        ("ffff", "freight"),
        ("email:dev", "actor"),
        ("dev@example", "actor"),
    ],
)
async def test_things_are_found_by_how_they_begin(world: Pipeline, text: str, kind: str) -> None:
    """Names and parts of them, aliases, tags, digests, commits, issues, people."""
    assert kind in [each["kind"] for each in await find(world, text)]


async def test_what_is_called_exactly_so_comes_first(world: Pipeline) -> None:
    """The rest follows."""
    hits = await find(world, "shop-17")
    assert [(each["kind"], each["alias"], each["term"]) for each in hits] == [
        ("freight", "calm-otter", "shop-17")
    ]
    assert (await find(world, "shop"))[0]["name"] == "shop"
    assert await find(world, "otter") == []


async def test_others_find_what_they_may_see(world: Pipeline) -> None:
    """One from another Project nothing, who may see one Stage that Stage."""
    await world.apply({**project_document(), "metadata": {"name": "other"}})
    await world.settled()
    stranger = await serving.account_token(world, "other", "kargo-viewer")
    for text in ("web", "calm", "shop", "email"):
        assert await find(world, text, stranger) == []
    token = await serving.granted(world, ("stages", ["get"], ["web-prod-eu"]))
    assert [each["name"] for each in await find(world, "prod", token)] == ["web-prod-eu"]
    assert await find(world, "calm", token) == []
    viewer = await serving.account_token(world, PROJECT, "kargo-viewer")
    assert [each["kind"] for each in await find(world, "calm", viewer)] == ["freight"]


async def test_at_most_twenty_are_told(world: Pipeline) -> None:
    """And that there are more."""
    for number in range(25):
        await world.freight(f"9.0.{number}")
    async with serving.client(world) as client:
        answer = (await client.get("/towpath/v1/search?q=9.0")).json()
    assert (len(answer["hits"]), answer["more"]) == (20, True)


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "sha256:"])
async def test_nothing_and_too_much_are_refused(world: Pipeline, text: str) -> None:
    """400, which names the parameter."""
    async with serving.client(world) as client:
        answer = await client.get("/towpath/v1/search", params={"q": text})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("q:")


@pytest.mark.parametrize("text", ["%", "_", "\U0010ffff", "'; DROP TABLE fields", "ß", "\0"])
async def test_any_text_is_only_looked_for(world: Pipeline, text: str) -> None:
    """There are no wildcards and no words of any language in it."""
    assert await find(world, text) == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"images": 3, "commits": [None], "charts": {}, "artifacts": "x", "metadata": []},
        {"commits": [{"id": 7, "message": {}}], "images": [{"digest": None, "tag": ["a"]}]},
        {"images": [{"tag": str(number)} for number in range(500)]},
    ],
)
def test_whatever_is_stored_has_terms(document: Document) -> None:
    """A bounded number of them."""
    for derive in (search_terms.of_freight, search_terms.of_name, search_terms.of_promotion):
        assert len(list(derive(document))) <= 60
