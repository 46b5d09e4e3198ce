"""Bodies: nobody's is read before they may do what it is for, and none costs others more than its turn."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import Request

from tests.support import serving
from tests.support.pipeline import PROJECT, project_document, running, warehouse_document
from towpath.admission.requester import ADMIN
from towpath.clock import VirtualClock, settle
from towpath.errors import BadRequest, TooManyRequests
from towpath.resources.scheme import SCHEME
from towpath.server import requests
from towpath.server.application import ENDPOINTS
from towpath.server.room import Bodies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Message

CONFIG_MAPS = f"/api/v1/namespaces/{PROJECT}/configmaps"
RESOURCES = "/v1beta1/resources"
_JSON = {"content-type": "application/json"}
_YAML = {"content-type": "application/yaml"}
_PROTOBUF = {"content-type": "application/vnd.kubernetes.protobuf"}
_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


_ANYBODYS = frozenset(
    {
        "/v1beta1/login",
        "/towpath/v1/session",
        "/towpath/v1/session/oidc",
        "/towpath/v1/me/sessions",
        "/towpath/v1/me/sessions/{name}",
        "/towpath/v1/me/tokens/{name}",
        "/towpath/v1/me/views/{name}",
        "/webhooks/{type}/{digest}",
    }
)
"""Of who signs in, of what is a caller's own, and of senders, whose secret is in the path."""


def _writes() -> Iterator[tuple[str, str]]:
    """Yield method and path of all that takes a body, but for reviews of oneself, which anybody may ask for."""
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" and endpoint.path not in _ANYBODYS:
            yield (
                endpoint.method,
                endpoint.path.replace("{project}", PROJECT).replace("{name}", "x"),
            )
    for kind in SCHEME:
        base = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        where = f"{base}/namespaces/{PROJECT}" if kind.namespaced else base
        yield "POST", f"{where}/{kind.plural}"
        yield "DELETE", f"{where}/{kind.plural}"
        for method in ("PUT", "PATCH", "DELETE"):
            yield method, f"{where}/{kind.plural}/x"
            yield method, f"{where}/{kind.plural}/x/status"
    yield "POST", f"/api/v1/namespaces/{PROJECT}/serviceaccounts/default/token"
    yield "PUT", f"/api/v1/namespaces/{PROJECT}/finalize"
    yield "POST", "/apis/authentication.k8s.io/v1/tokenreviews"
    yield "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"


async def _status(application: ASGIApp, method: str, path: str, token: str) -> tuple[int, bool]:
    """Return the status of an answer, and whether something of the body was read."""
    status, has_read = 0, False

    async def receive() -> Message:
        nonlocal has_read
        has_read = True
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    headers = {
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "content-length": str(3_900 << 10),
    }
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("test", 1),
        "root_path": "",
    }
    await application(scope, receive, send)
    return status, has_read


async def test_nothing_is_read_of_whom_may_not(tmp_path: Path) -> None:
    """On every path that takes a body, by either API."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.apply({**project_document(), "metadata": {"name": "other"}})
        await world.settled()
        application = serving.served(world)
        token = await serving.account_token(world, "other", "kargo-viewer")
        wrong = []
        for method, path in _writes():
            found = await _status(application, method, path, token)
            if found != (403, False):
                wrong.append((method, path, *found))
        assert not wrong


def _documents(count: int) -> bytes:
    return b"a: 1\n---\n" * count


def _keys(count: int) -> str:
    return "{" + ",".join(f'"k{number}":""' for number in range(count)) + "}"


def _config_map(metadata: str = "", data: str = "{}") -> bytes:
    head = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"shop"'
    return f'{head}{metadata}}},"data":{data}}}'.encode()


def _bomb() -> bytes:
    """Return aliases of aliases: a few hundred bytes that stand for a billion values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines).encode()


_OWNER = {"apiVersion": "v1", "kind": "Secret", "name": "a", "uid": "b"}
_BOUNDED = {
    "documents": ("POST", RESOURCES, _documents(430_000), _YAML, 413, "more than 1,000 documents"),
    "documents, not many": (
        "POST", RESOURCES, _documents(1_001), _YAML, 413, "more than 1,000 documents",
    ),
    "empty documents": ("POST", RESOURCES, b"---\n" * 50_000, _YAML, 413, "1,000 documents"),
    "documents of JSON": ("POST", RESOURCES, b"{}" * 50_000, _JSON, 413, "1,000 documents"),
    "items of a list": (
        "POST", RESOURCES, b'{"kind":"List","items":[' + b",".join([b"{}"] * 9_000) + b"]}", _JSON,
        413, "more than 1,000 documents",
    ),
    "keys": (
        "POST", RESOURCES, b"".join(b"k%d: v\n" % number for number in range(250_000)), _YAML,
        413, "more than 100,000 values",
    ),
    "keys of JSON": ("POST", RESOURCES, _keys(250_000).encode(), _JSON, 413, "100,000 values"),
    "aliases": ("POST", RESOURCES, _bomb(), _YAML, 413, "more than 100,000 values"),
    "depth": ("POST", RESOURCES, b"[" * 100_000, _YAML, 413, "nested more than 200 deep"),
    "depth of JSON": (
        "POST", RESOURCES, b"[" * 100_000 + b"]" * 100_000, _JSON, 413, "nested more than 200",
    ),
    "bytes": ("POST", RESOURCES, b"a" * (5 << 20), _YAML, 413, "more than 4,194,304 bytes"),
    "keys of an object": (
        "POST", CONFIG_MAPS, _config_map(data=_keys(100_000)), _JSON, 400, "more than 20,000 values",
    ),
    "keys of an object of YAML": (
        "POST", CONFIG_MAPS, b"".join(b"k%d: v\n" % number for number in range(100_000)), _YAML,
        400, "more than 20,000 values",
    ),
    "depth of an object": (
        "POST", CONFIG_MAPS, _config_map(data='{"a":' * 5_000 + "1" + "}" * 5_000), _JSON,
        400, "nested more than 200 deep",
    ),
    "bytes of an object": ("POST", CONFIG_MAPS, b" " * (4 << 20), _JSON, 413, "3,145,728 bytes"),
    "protobuf": (
        "POST", CONFIG_MAPS, b"k8s\0" + b"\x78\x01" * 200_001, _PROTOBUF, 400, "200,000 fields",
    ),
    "a configuration": (
        "PATCH", f"{CONFIG_MAPS}/x?fieldManager=m", _config_map(data=_keys(100_000)),
        {"content-type": "application/apply-patch+yaml"}, 400, "more than 20,000 values",
    ),
    "operations": (
        "PATCH", f"{CONFIG_MAPS}/there",
        json.dumps([{"op": "test", "path": "/kind", "value": "ConfigMap"}] * 10_001).encode(),
        {"content-type": "application/json-patch+json"}, 413, "at most 10000",
    ),
    "a review": ("POST", _REVIEW, _keys(150_000).encode(), _JSON, 413, "more than 65,536 bytes"),
    "how to delete": (
        "DELETE", f"{CONFIG_MAPS}/there", _keys(150_000).encode(), _JSON, 413, "65,536 bytes",
    ),
    "labels": (
        "POST", CONFIG_MAPS, _config_map(f',"labels":{_keys(1_001)}'), _JSON, 422,
        "metadata.labels: Too many: 1001: must have at most 1000 items",
    ),
    "annotations": (
        "POST", CONFIG_MAPS, _config_map(f',"annotations":{_keys(5_001)}'), _JSON, 422,
        "metadata.annotations: Too many: 5001: must have at most 5000 items",
    ),
    "size of annotations": (
        "POST", CONFIG_MAPS, _config_map(',"annotations":{"a":"%s"}' % ("x" * (256 << 10))), _JSON,
        422, "metadata.annotations: Too long: may not be more than 262144 bytes",
    ),
    "finalizers": (
        "POST", CONFIG_MAPS, _config_map(f',"finalizers":{json.dumps(["a/b"] * 1_001)}'), _JSON,
        422, "metadata.finalizers: Too many: 1001: must have at most 1000 items",
    ),
    "owners": (
        "POST", CONFIG_MAPS,
        _config_map(f',"ownerReferences":{json.dumps([_OWNER] * 1_001)}'),
        _JSON, 422, "metadata.ownerReferences: Too many: 1001: must have at most 1000 items",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _BOUNDED)
@pytest.mark.slow
async def test_what_is_too_much_is_refused_by_a_bound_that_is_named(
    tmp_path: Path, name: str
) -> None:
    """Also of whom may do everything."""
    method, path, body, headers, status, said = _BOUNDED[name]
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        async with serving.client(world) as client:
            there = {"metadata": {"name": "there"}}
            assert (await client.post(CONFIG_MAPS, json=there)).status_code == 201
            answer = await client.request(method, path, content=body, headers=headers)
            assert (answer.status_code, said in answer.text) == (status, True), answer.text[:500]
            assert len(answer.content) < 4_096


async def test_a_body_that_breaks_off_is_no_fault_of_the_server() -> None:
    """Whoever hangs up in the middle would else fill the log with traces."""
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with pytest.raises(BadRequest, match="did not come to its end"):
        await requests.body(Request(scope, receive), largest=10)


@pytest.mark.slow
async def test_others_are_answered_while_a_large_body_is_read(tmp_path: Path) -> None:
    """The loop is free meanwhile: a small write begun afterwards is done first."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        async with serving.client(world) as client:
            body = _config_map(data=_keys(19_000))
            large = asyncio.create_task(client.post(CONFIG_MAPS, content=body, headers=_JSON))
            while not world.aside.running:
                await settle()
            small = {"metadata": {"name": "small"}}
            assert (await client.post(CONFIG_MAPS, json=small)).status_code == 201
            assert not large.done()
            assert (await large).status_code == 201
            found = (await client.get(f"{CONFIG_MAPS}/x")).json()
            assert len(found["data"]) == 19_000


async def test_documents_give_way_to_others(tmp_path: Path) -> None:
    """Many that are refused one by one, at once, do not hold the loop."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        token = await serving.account_token(world, PROJECT, "kargo-promoter")
        async with serving.client(world, token) as client:
            body = b'{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}' * 1_000
            refused = asyncio.create_task(client.post(RESOURCES, content=body))
            ticks = 0
            async with asyncio.timeout(30):
                while not refused.done():
                    await asyncio.sleep(0)
                    ticks += 1
            assert ticks > 1_000
            results = (await refused).json()["results"]
            assert len(results) == 1_000
            assert all("cannot create resource" in each["error"] for each in results)


def _request(bodies: Bodies, size: int, name: str) -> tuple[dict[str, Any], Request]:
    scope: dict[str, Any] = {"type": "http", "headers": [], "towpath.requester": ADMIN}
    parts = [b"x" * (64 << 10)] * (size >> 16)

    async def receive() -> Message:
        part = parts.pop()
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    del bodies, name
    return scope, Request(scope, receive)


async def test_bodies_in_memory_are_bounded_and_small_ones_always_fit() -> None:
    """Per caller and altogether; what does not fit waits until a request is answered, and is not read before."""
    bodies = Bodies(of_one=1 << 20, of_all=2 << 20)
    first, request = _request(bodies, 1 << 20, "a")
    with bodies.held(first):
        assert len(await requests.body(request, largest=4 << 20)) == 1 << 20
        third, small = _request(bodies, 64 << 10, "a")
        with bodies.held(third):
            assert len(await requests.body(small, largest=4 << 20)) == 64 << 10
        second, waiting = _request(bodies, 1 << 20, "a")
        with bodies.held(second):
            reading = asyncio.create_task(requests.body(waiting, largest=1 << 20))
            await settle()
            assert not reading.done()
            assert bodies.held_bytes == 4 << 20
            reading.cancel()
    again, request = _request(bodies, 1 << 20, "a")
    with bodies.held(again):
        assert len(await requests.body(request, largest=1 << 20)) == 1 << 20
    assert bodies.held_bytes == 0


async def test_room_goes_to_who_came_first_and_another_caller_is_not_kept_waiting() -> None:
    """Those of one caller stay in their order; one that has gone, before or just as it was its turn, loses nothing."""
    bodies = Bodies(of_one=4, of_all=8)
    had: list[str] = []

    async def take(whose: str, count: int) -> None:
        await bodies.take(whose, count)
        had.append(f"{whose}{count}")

    await take("a", 4)
    tasks = [asyncio.create_task(take(*each)) for each in (("a", 3), ("a", 1), ("b", 4), ("c", 1))]
    await settle()
    assert had == ["a4", "b4"]
    bodies.give_back("b", 4)
    await settle()
    assert had == ["a4", "b4", "c1"]
    tasks[0].cancel()
    await settle()
    bodies.give_back("a", 4)
    await settle()
    assert had[-1] == "a1"
    bodies.give_back("a", 1)
    bodies.give_back("c", 1)
    assert bodies.held_bytes == 0
    await take("a", 4)
    gone = asyncio.create_task(take("a", 4))
    await settle()
    bodies.give_back("a", 4)
    gone.cancel()  # it has its room, and has not noticed
    await settle()
    assert bodies.held_bytes == 0
    await take("a", 3)
    tasks = [asyncio.create_task(take("a", count)) for count in (4, 1)]
    await settle()
    tasks[0].cancel()  # what waited behind it has room
    await settle()
    assert had[-1] == "a1"


async def test_a_body_that_is_larger_than_one_caller_may_have_is_taken_alone() -> None:
    """So is one that is larger than all may have."""
    bodies = Bodies(of_one=4, of_all=20)
    await bodies.take("a", 10)
    second = asyncio.create_task(bodies.take("a", 1))
    await bodies.take("b", 10)
    await settle()
    assert not second.done()
    bodies.give_back("a", 10)
    await second
    bodies.give_back("a", 1)
    bodies.give_back("b", 10)
    await bodies.take("c", 30)
    assert bodies.held_bytes == 30


async def test_of_one_caller_few_bodies_wait_for_room() -> None:
    """The next is told to come one after the other; another caller still waits."""
    bodies = Bodies(of_one=4, of_all=8)
    await bodies.take("a", 4)
    waiting = [asyncio.create_task(bodies.take("a", 4)) for _ in range(16)]
    await settle()
    with pytest.raises(TooManyRequests, match="one after the other"):
        await bodies.take("a", 4)
    await bodies.take("b", 4)
    for task in waiting:
        task.cancel()


def _drips(bodies: Bodies, whose: str) -> tuple[asyncio.Queue[int], asyncio.Task[bytes]]:
    """Read a body of four megabytes that comes as somebody says; its bytes count as that caller's."""
    scope: dict[str, Any] = {"type": "http", "headers": [], "towpath.requester": ADMIN}
    coming: asyncio.Queue[int] = asyncio.Queue()

    async def receive() -> Message:
        size = await coming.get()
        return {"type": "http.request", "body": b"x" * size, "more_body": size > 0}

    async def read() -> bytes:
        with bodies.held(scope):
            return await requests.body(Request(scope, receive), largest=4 << 20, whose=whose)

    return coming, asyncio.create_task(read())


async def test_nobody_keeps_the_room_of_others_by_sending_slowly() -> None:
    """Of bodies that have all the room, the one that went on longest ago goes when somebody waits; what goes on stays."""
    clock = VirtualClock()
    bodies = Bodies(of_all=12 << 20, clock=clock)
    slow, slower, steady = (_drips(bodies, name) for name in ("slow", "slower", "steady"))
    for coming, _ in (slower, slow, steady):
        coming.put_nowait(100 << 10)
        await settle()
    for _ in range(20):
        await clock.advance(1)
        for coming, _ in (slow, slower):
            coming.put_nowait(100)
        steady[0].put_nowait(16 << 10)
        await settle()
    assert not any(task.done() for _, task in (slow, slower, steady))  # nobody waits
    other, reading = _drips(bodies, "other")
    other.put_nowait(100 << 10)
    await settle()
    await clock.advance(1)
    with pytest.raises(TooManyRequests, match="too slowly"):
        await slower[1]
    other.put_nowait(0)
    assert len(await reading) == 100 << 10
    await clock.advance(30)
    assert not any(task.done() for _, task in (slow, steady))
    for coming, task in (slow, steady):
        coming.put_nowait(0)
        await task
    assert bodies.held_bytes == 0


async def test_whoever_waits_for_their_own_room_ends_nobodys_body() -> None:
    """One caller has the room of one: what else they send waits, and goes in the end."""
    clock = VirtualClock()
    bodies = Bodies(clock=clock)
    (first, reading), (second, waiting) = (_drips(bodies, "same") for _ in range(2))
    for coming in (first, second):
        coming.put_nowait(1 << 20)
        await settle()
    await clock.advance(20)
    assert not reading.done()
    first.put_nowait(0)
    await reading
    second.put_nowait(0)
    await waiting


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rb'{"a": "\ud800"}', "a: a lone surrogate is not text"),
        (rb'{"a": {"b": ["\udfff\ud800"]}}', "a: a lone surrogate is not text"),
        (rb'{"\ud800": 1}', "the request's body: a lone surrogate is not text"),
        (b'{"a": "\xed\xa0\x80"}', "is not UTF-8"),
        ('{"a": "b"}'.encode("utf-16"), "is not UTF-8"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1e400}', "1e400 is more than a number can be"),
        (b'{"a": %b}' % (b"1" * 5_000), "is not JSON"),
        (b'{"a":' * 5_000, "is not JSON"),
    ],
)
async def test_what_is_no_text_and_no_number_is_refused_wherever_it_stands(
    text: bytes, said: str
) -> None:
    """Nothing could be done with it: such a text can be neither looked up, nor stored, nor answered."""
    with pytest.raises(BadRequest, match=re.escape(said)):
        await requests.json_object(_asking(text))


async def test_pairs_of_surrogates_and_the_mark_before_a_text_are_read() -> None:
    """The former are one character, the latter some editors write."""
    found = await requests.json_object(_asking(b"\xef\xbb\xbf" + rb'{"a": "\ud83e\udda6"}'))
    assert found == {"a": "\U0001f9a6"}


def _asking(text: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": text}

    scope: dict[str, Any] = {"type": "http", "headers": []}
    requests.bound(scope, 64 << 10)
    return Request(scope, receive)


async def test_each_row_bounds_what_it_reads(tmp_path: Path) -> None:
    """One byte more than its row says is a 413, whatever the route; the row is what the document says, too."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        wrong, refused = [], 0
        async with serving.client(world) as asking:
            for row in ENDPOINTS:
                if row.takes is None or row.path in _ANYBODYS:
                    continue
                path = row.path.replace("{project}", PROJECT).replace("{name}", "kargo-viewer")
                body = b" " * (row.takes.largest + 1)
                answer = await asking.request(row.method, path, content=body)
                refused += answer.status_code == 413
                if answer.status_code not in (404, 413):
                    wrong.append((row.method, path, answer.status_code))
        assert wrong == []
        assert refused > 20
