"""The client that waits and the one that is awaited ask the same, and read the same."""

from __future__ import annotations

import inspect
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli import fake_api
from towpath import errors
from towpath.sdk import AsyncClient, Client
from towpath.sdk.awaited_transport import AwaitedTransport
from towpath.sdk.call import ApiCall, Described, Listed, Listening, Streamed
from towpath.sdk.calls.everything import EveryCall
from towpath.sdk.events import ScreenEvent
from towpath.sdk.kept import KeptPlace, Where
from towpath.sdk.refusals import Interrupted, MovesRefused
from towpath.sdk.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "/v1beta1/system/server-version"
NAMES = sorted(name for name in dir(EveryCall) if isinstance(getattr(EveryCall, name), Described))
LISTS = sorted(name for name in dir(EveryCall) if isinstance(getattr(EveryCall, name), Listed))
STREAMS = sorted(name for name in dir(EveryCall) if isinstance(getattr(EveryCall, name), Streamed))


@pytest.fixture
def api() -> Iterator[fake_api.Api]:
    """A server."""
    with fake_api.running() as running:
        yield running


def filled(describe: Any) -> list[Any]:
    """Return an argument for every parameter that must be given."""
    given: list[Any] = []
    for parameter in list(inspect.signature(describe).parameters.values())[1:]:
        if parameter.default is parameter.empty:
            is_list = "Sequence" in str(parameter.annotation)
            given.append([{"kind": "Project"}] if is_list else f"a/{parameter.name}")
    return given


@pytest.mark.parametrize("name", NAMES)
async def test_both_ask_the_same_of_a_server(name: str, api: fake_api.Api) -> None:
    """Method, path, query and body of every call are those of its one description."""
    describe = getattr(EveryCall, name).describe
    given = filled(describe)
    call: ApiCall[Any] = describe(None, *given)
    outcomes: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_api.Api, "next", lambda *_: (200, {}))
        client = Client(api.address, fake_api.TOKEN, seconds=5)
        async with AsyncClient(api.address, fake_api.TOKEN, seconds=5) as awaited:
            for ask in (getattr(client, name), getattr(awaited, name)):
                try:
                    found = ask(*given)
                    outcomes.append(await found if inspect.isawaitable(found) else found)
                except errors.TowpathError as error:
                    outcomes.append((type(error), error.message))
    waited, other = api.asked
    assert (waited.method, waited.path, waited.query, waited.body) == (
        other.method,
        other.path,
        other.query,
        other.body,
    )
    assert waited.method == call.method
    assert outcomes[0] == outcomes[1]


def pages(*counts: int) -> list[dict[str, Any]]:
    """Return pages of so many items each."""
    names = iter(range(sum(counts)))
    return [
        {
            "items": [{"name": f"n{next(names)}"} for _ in range(count)],
            "cursor": f"c{place}" if place < len(counts) - 1 else None,
        }
        for place, count in enumerate(counts)
    ]


@pytest.mark.parametrize("name", LISTS)
async def test_both_ask_for_all_pages_of_a_list(name: str, api: fake_api.Api) -> None:
    """One after another, until there is none; with a limit as many as are wanted, and no page more."""
    given = [arg for arg in filled(getattr(EveryCall, name).describe) if arg != "a/limit"]
    client = Client(api.address, fake_api.TOKEN, seconds=5)
    found: list[list[str]] = []
    for limit in (None, 4) if name != "argocd_connections" else (None,):
        more = {} if limit is None else {"limit": limit}
        async with AsyncClient(api.address, fake_api.TOKEN, seconds=5) as awaited:
            for ask in (getattr(client, name), getattr(awaited, name)):
                left, asked = pages(3, 3, 1), len(api.asked)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(fake_api.Api, "next", lambda *_, left=left: (200, left.pop(0)))
                    answer = ask(*given, **more)
                    items = await answer if inspect.isawaitable(answer) else answer
                found.append([each["name"] for each in items])
                queries = [each.query for each in api.asked[asked:]]
                if limit is None:
                    assert queries == [{}, {"cursor": ["c0"]}, {"cursor": ["c1"]}]
                else:
                    assert queries == [{"limit": ["4"]}, {"limit": ["1"], "cursor": ["c0"]}]
    assert found[0] == found[1] == [f"n{number}" for number in range(7)]
    assert all(each[:4] == [f"n{number}" for number in range(4)] for each in found)


def test_pages_that_do_not_end_do_not_go_on_for_ever(api: fake_api.Api) -> None:
    """Nor is a list asked for of which nothing is wanted."""
    page = {"items": [{"name": "a"}], "cursor": "same"}
    api.answer("GET", "/towpath/v1/webhooks", page)
    client = Client(api.address, fake_api.TOKEN)
    with pytest.raises(errors.Unavailable, match="do not end"):
        client.webhooks("")
    with pytest.raises(errors.BadRequest, match="limit: 0"):
        client.webhooks("", 0)


def test_every_stream_is_described() -> None:
    """A watch, a log and the stream of screens."""
    assert STREAMS == ["run_log", "stream", "watch"]
    listening: Listening[Any] = EveryCall.stream.describe(None, ["board:shop"], 7)
    assert listening.query == {"topics": "board:shop", "after": "7"}


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503, 504, 302]
)
async def test_both_raise_the_same(status: int, api: fake_api.Api) -> None:
    """An answer stands for one error, however it came."""
    api.answer("GET", VERSION, (status, {"error": "the reason"}))
    with pytest.raises(errors.TowpathError) as waited:
        Client(api.address, fake_api.TOKEN).version()
    async with AsyncClient(api.address, fake_api.TOKEN) as client:
        with pytest.raises(errors.TowpathError) as awaited:
            await client.version()
    assert awaited.type is waited.type
    assert awaited.value.message == waited.value.message


async def test_nobody_listens() -> None:
    """What to look at is told."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with AsyncClient(address, "token") as client:
        with pytest.raises(errors.Unavailable, match="is the server running"):
            await client.version()


async def test_a_server_that_says_nothing() -> None:
    """It is waited for as long as was said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with AsyncClient(address, "token", seconds=0.05) as client:
            with pytest.raises(errors.Timeout, match="no answer within"):
                await client.version()
            with pytest.raises(errors.Timeout, match="no answer within"):
                async for _ in client.stream(["inbox"]):
                    pass


async def test_streams_are_iterators(api: fake_api.Api) -> None:
    """Events come as they are sent, and the end of the stream is the end."""
    frames = [
        'id: 8\nevent: patch\ndata: {"t":"board:shop","k":"stages/prod","set":{"behind":1}}\n\n',
        ": nothing yet\n\n",
        'event: beat\ndata: {"rev":8}\n\n',
    ]
    wanted = [
        ScreenEvent("patch", {"t": "board:shop", "k": "stages/prod", "set": {"behind": 1}}, "8"),
        ScreenEvent("beat", {"rev": 8}),
    ]
    api.answer("GET", "/towpath/v1/stream", fake_api.Stream(frames))
    assert list(Client(api.address, fake_api.TOKEN).stream(["board:shop"], 7)) == wanted
    async with AsyncClient(api.address, fake_api.TOKEN) as client:
        assert [event async for event in client.stream(["board:shop"], 7)] == wanted
    assert api.asked[0].query == api.asked[1].query == {"topics": ["board:shop"], "after": ["7"]}


async def test_a_stream_that_breaks_off(api: fake_api.Api) -> None:
    """It is no end."""
    api.answer("GET", "/towpath/v1/stream", fake_api.Stream(["data: {}\n\n"], breaks=True))
    with pytest.raises(errors.Unavailable, match="broke off"):
        list(Client(api.address, fake_api.TOKEN).stream(["inbox"]))
    async with AsyncClient(api.address, fake_api.TOKEN) as client:
        with pytest.raises(errors.Unavailable, match="broke off"):
            async for _ in client.stream(["inbox"]):
                pass


async def test_a_stream_that_is_none(api: fake_api.Api) -> None:
    """A JSON answer is told as what it is."""
    api.answer("GET", "/towpath/v1/stream", {})
    async with AsyncClient(api.address, fake_api.TOKEN) as client:
        with pytest.raises(errors.Unavailable, match="a stream was asked for"):
            async for _ in client.stream(["inbox"]):
                pass


READING: ApiCall[Any] = ApiCall(method="GET", path="/x", read=lambda answer: answer)
WRITING: ApiCall[Any] = ApiCall(method="POST", path="/x", read=lambda answer: answer)
KEYED: ApiCall[Any] = ApiCall(method="POST", path="/x", read=lambda answer: answer, repeatable=True)


@pytest.mark.parametrize(("call", "tries"), [(READING, 3), (WRITING, 1), (KEYED, 3)])
async def test_what_does_no_harm_is_sent_again(
    call: ApiCall[Any], tries: int, api: fake_api.Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading, and what has a key; with pauses, and not for ever. Writing is sent once."""
    monkeypatch.setattr(fake_api.Api, "next", lambda *_: (502, {"error": "no one behind"}))
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    with pytest.raises(Interrupted):
        Transport(api.address, fake_api.TOKEN, pause=paused.append).perform(call)
    assert len(api.asked) == tries
    transport = AwaitedTransport(api.address, fake_api.TOKEN, pause=pause)
    with pytest.raises(Interrupted):
        await transport.perform(call)
    await transport.close()
    assert len(api.asked) == 2 * tries
    assert paused == [0.1, 0.5] * (2 if tries == 3 else 0)


def test_the_second_answer_counts(api: fake_api.Api) -> None:
    """A connection that is cut off while an answer is waited for is made again."""
    api.answer("GET", VERSION, (502, {"error": "restarting"}), {"version": "1"})
    assert Client(api.address, fake_api.TOKEN).version() == {"version": "1"}


async def test_moves_that_were_refused_as_a_whole(api: fake_api.Api) -> None:
    """What is stale is told to programs."""
    told = {
        "error": "stale: …",
        "reason": "stale",
        "stale": [{"stage": "prod", "changed": ["hold"]}],
    }
    api.answer("POST", "/towpath/v1/projects/shop/moves", (409, told))
    async with AsyncClient(api.address, fake_api.TOKEN) as client:
        with pytest.raises(MovesRefused) as caught:
            await client.move("shop", "promote", ["prod"], freight="f", if_rev=7)
    assert caught.value.told["stale"] == told["stale"]
    assert api.bodies("POST") == [
        {"kind": "promote", "stages": ["prod"], "freight": "f", "ifRev": 7}
    ]


async def test_parts_of_both(api: fake_api.Api) -> None:
    """What is kept, and one's own tokens."""
    path = "/v1beta1/projects/shop/configmaps"
    api.answer("GET", path, {"items": [{"metadata": {"name": "a"}}]})
    api.answer("GET", "/towpath/v1/me/tokens", {"items": [{"name": "ci"}]})
    place = KeptPlace(Where.PROJECT, "shop")
    client = Client(api.address, fake_api.TOKEN)
    async with AsyncClient(api.address, fake_api.TOKEN) as awaited:
        assert (
            client.kept("configmaps", place).all() == await awaited.kept("configmaps", place).all()
        )
        assert client.own_tokens().all() == await awaited.own_tokens().all() == [{"name": "ci"}]


async def test_both_move_projects(api: fake_api.Api, tmp_path: Path) -> None:
    """Freezing, the archive into a file, and a file taken in; what the server refuses is raised."""
    project = "/towpath/v1/projects/shop"
    api.answer("GET", "/towpath/v1/import-key", {"key": "k3y"})
    api.answer("POST", f"{project}/freeze", {"frozen": True, "underWay": []})
    api.answer("GET", f"{project}/freeze", {"frozen": True, "underWay": []})
    api.answer("DELETE", f"{project}/freeze", (204, None))
    api.answer("POST", f"{project}/export", {"archive": 1})
    api.answer("POST", f"{project}/remove", (409, {"error": "it was not exported"}))
    api.answer("POST", "/towpath/v1/imports", {"isNew": True})
    client = Client(api.address, fake_api.TOKEN).transfers
    found: list[list[Any]] = [[], []]
    async with AsyncClient(api.address, fake_api.TOKEN) as awaited:
        both: tuple[Any, Any] = (client, awaited.transfers)
        for place, transfers in enumerate(both):
            file = tmp_path / f"archive-{place}"
            for name, given in (
                ("key", ()),
                ("freeze", ("shop", "it goes")),
                ("frozen", ("shop",)),
                ("export", ("shop", file, "k3y")),
                ("take_in", (file,)),
                ("release", ("shop",)),
                ("remove", ("shop",)),
                ("export", ("shop", file, "k3y")),
            ):
                try:
                    answer: Any = getattr(transfers, name)(*given)
                    found[place].append(await answer if inspect.isawaitable(answer) else answer)
                except errors.TowpathError as error:
                    found[place].append(type(error))
            assert json.loads(file.read_text("utf-8")) == {"archive": 1}
            assert file.stat().st_mode & 0o777 == 0o600
    assert found[0] == found[1]
    assert found[0][0] == "k3y"
    assert found[0][-2:] == [errors.Conflict, errors.AlreadyExists]
    asked = [(each.method, each.path, each.body) for each in api.asked]
    assert asked[: len(asked) // 2] == asked[len(asked) // 2 :]
