"""Views of the web UI that people save: their own, within bounds, and on the disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.browsers import browser, serve, sign_in
from tests.support.pipeline import PROJECT, project_document, running
from tests.support.stores import opened
from towpath.clock import SystemClock
from towpath.rules.rbac import User
from towpath.store.views import SavedView

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

VIEWS = "/towpath/v1/me/views"
ADMIN = {"Authorization": f"Bearer {serving.TOKEN}"}
BOARD: dict[str, Any] = {"screen": "board", "project": "shop", "search": {"q": "prod"}}
JO = User("email:jo@example.com", claims={"email": ("jo@example.com",)})


async def _names(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get(VIEWS, params=query)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


async def test_a_view_is_saved_found_replaced_and_deleted(tmp_path: Path) -> None:
    """By its name, which may be any text that a path can have; what is written is no object and moves no revision."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as client:
            await sign_in(client)
            revision = world.store.revision()
            told = await client.put(f"{VIEWS}/Prod%2C%20what%3F%20100%25", json=BOARD)
            assert told.status_code == 200, told.text
            view = {"name": "Prod, what? 100%", **BOARD}
            assert {key: value for key, value in told.json().items() if key != "saved"} == view
            await client.put(f"{VIEWS}/Ärger", json={"screen": "overview"})
            items = (await client.get(VIEWS)).json()["items"]
            assert items[0] == told.json()
            assert items[1]["project"] == ""
            assert items[1]["search"] == {}
            await client.put(f"{VIEWS}/Ärger", json={"screen": "history", "search": {"to": "9"}})
            assert [each["screen"] for each in (await client.get(VIEWS)).json()["items"]] == [
                "board",
                "history",
            ]
            assert await _names(client, q="ä") == ["Ärger"]
            first = (await client.get(VIEWS, params={"limit": "1"})).json()
            assert await _names(client, cursor=first["cursor"]) == ["Ärger"]
            assert (await client.delete(f"{VIEWS}/Ärger")).status_code == 204
            assert (await client.delete(f"{VIEWS}/Ärger")).status_code == 404
            assert await _names(client) == ["Prod, what? 100%"]
            assert world.store.revision() == revision


async def test_views_are_nobody_elses(tmp_path: Path) -> None:
    """Others neither see, replace nor delete them; who speaks for somebody has their own; a session shows its token."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, found = serve(world)
        jos = (await found.access.personal.issue(JO, "ci", seconds=3600)).secret
        viewers = await serving.account_token(world, PROJECT, "kargo-viewer")
        async with browser(app) as client:
            await client.put(f"{VIEWS}/mine", json=BOARD, headers=ADMIN)
            for token in (jos, viewers):
                theirs = {"Authorization": f"Bearer {token}"}
                assert (await client.get(VIEWS, headers=theirs)).json()["items"] == []
                assert (await client.delete(f"{VIEWS}/mine", headers=theirs)).status_code == 404
                another = {"screen": "overview"}
                await client.put(f"{VIEWS}/mine", json=another, headers=theirs)
            speaking = {**ADMIN, "Impersonate-User": "email:jo@example.com"}
            for headers in (ADMIN, speaking):
                (kept,) = (await client.get(VIEWS, headers=headers)).json()["items"]
                assert kept["screen"] == "board"
            await sign_in(client)
            del client.headers["X-CSRF-Token"]
            assert (await client.put(f"{VIEWS}/more", json=BOARD)).status_code == 403
            assert await _names(client) == ["mine"]


NAMES = ["%20a", "a%20", ".a", "a%0Ab", "a%E2%80%AEb", "a%5Cb", "x" * 61]
BODIES: list[tuple[dict[str, Any], str]] = [
    ({}, "screen: '' is none of overview, board, history"),
    ({"screen": 3}, "screen: it must be a string"),
    ({"screen": "board"}, "project: '' is no name of a Project; say whose board it is"),
    ({"screen": "board", "project": "a/b"}, "project: 'a/b' is no name of a Project"),
    ({"screen": "history", "project": "shop"}, "project: history is of no single Project"),
    ({"screen": "overview", "search": []}, "search: it must be an object of strings"),
    ({"screen": "overview", "search": {"q": 1}}, "search[q]: it must be a string"),
    ({"screen": "overview", "search": {"q": "x" * 301}}, "search[q]: 301 characters are more"),
    ({"screen": "overview", "search": {"q": "\ud800"}}, "search: a lone surrogate is not text"),
    (
        {"screen": "overview", "search": {"q": "a\0b"}},
        "search[q]: 'a\\x00b' has characters that cannot",
    ),
    ({"screen": "overview", "search": {"__proto__": ""}}, "search: '__proto__' is not a name"),
    ({"screen": "overview", "search": {chr(97 + n): "" for n in range(13)}}, "search: 13 values"),
]


async def test_what_a_view_may_not_be(tmp_path: Path) -> None:
    """Whatever is wrong is named, and nothing is kept."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as client:
            client.headers.update(ADMIN)
            for name in NAMES:
                answer = await client.put(f"{VIEWS}/{name}", json=BOARD)
                assert answer.status_code == 400, name
                assert answer.json()["error"].startswith("name: "), name
            for body, said in BODIES:
                answer = await client.put(f"{VIEWS}/a", content=json.dumps(body))
                assert answer.status_code == 400, body
                assert answer.json()["error"].startswith(said), answer.text
            assert (await client.put(f"{VIEWS}/a", content=b"x" * 70_000)).status_code == 413
            assert await _names(client) == []


async def test_nobody_has_more_than_fifty(tmp_path: Path) -> None:
    """One more is refused and says what to do; one that is there is replaced all the same."""
    async with running(tmp_path) as world:
        app, _ = serve(world)
        async with browser(app) as client:
            client.headers.update(ADMIN)
            for number in range(50):
                assert (
                    await client.put(f"{VIEWS}/{number:02}", json={"screen": "overview"})
                ).status_code == 200
            refused = await client.put(f"{VIEWS}/one more", json=BOARD)
            assert refused.status_code == 403
            assert "delete some" in refused.json()["error"]
            assert (await client.put(f"{VIEWS}/07", json=BOARD)).status_code == 200
            assert len(await _names(client)) == 50


@pytest.mark.parametrize("is_removed", [False, True])
async def test_views_outlive_the_server(tmp_path: Path, is_removed: bool) -> None:
    """So does that one was deleted."""
    view = SavedView(
        name="mine", screen="board", project="shop", search={"q": "ü"}, saved=SystemClock().now()
    )
    async with opened(tmp_path) as store:
        assert await store.views.put("admin", view, most=1)
        assert not await store.views.put("admin", _renamed(view), most=1)
        assert await store.views.put("email:jo@example.com", view, most=1)
        if is_removed:
            assert await store.views.remove("admin", "mine")
            assert not await store.views.remove("admin", "mine")
    async with opened(tmp_path) as store:
        found = await store.views.of("admin")
        assert [each.name for each in found] == ([] if is_removed else ["mine"])
        assert [dict(each.search) for each in found] == ([] if is_removed else [{"q": "ü"}])
        assert len(await store.views.of("email:jo@example.com")) == 1


def _renamed(view: SavedView) -> SavedView:
    return SavedView(
        name="other", screen=view.screen, project="", search=view.search, saved=view.saved
    )
