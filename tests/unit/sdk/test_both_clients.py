"""The client that waits and the one that is awaited ask the same, and read the same."""

from __future__ import annotations

import inspect
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli import fake_api
from towpath import errors
from towpath.sdk import AsyncClient, Client
from towpath.sdk.awaited_transport import AwaitedTransport
from towpath.sdk.call import ApiCall, Described, Listening, Streamed
from towpath.sdk.calls.everything import EveryCall
from towpath.sdk.events import ScreenEvent
from towpath.sdk.kept import KeptPlace, Where
from towpath.sdk.refusals import Interrupted, MovesRefused
from towpath.sdk.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "/v1beta1/system/server-version"
NAMES = sorted(name for name in dir(EveryCall) if isinstance(getattr(EveryCall, name), Described))
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
