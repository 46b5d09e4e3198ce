"""`http` and `http-download` against a real server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import steps
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.demo.loopback import Loopback
from towpath.promotion.doors.http import EgressDoor
from towpath.promotion.step import Failed, Waiting
from towpath.promotion.steps.http import Http
from towpath.promotion.steps.http_download import HttpDownload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request
    from towpath.promotion.effects import EffectClass
    from towpath.promotion.step import Outcome, Step

JSON = {"Content-Type": "application/json"}


class World:
    """A server that answers as it is told, and a step's way to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[Request] = []
        self.answers: list[Answer] = []
        self.server = Loopback(self._respond)
        self.url = self.server.url
        self.egress: Egress | None = None
        self.notes: dict[str, Any] = {}

    def _respond(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def noted(self, key: str) -> Any:
        """Return what was noted."""
        return self.notes.get(key)

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Note it."""
        assert effect
        self.notes[key] = value

    async def run(self, step: Step[Any], **config: Any) -> Outcome:
        """Run a step against the server, whose address `/…` stands for."""
        assert self.egress
        context = steps.context(self.root)
        door = EgressDoor(
            self.egress,
            project="shop",
            promotion="prod.1",
            step="step-1",
            directory=context.directory,
            journal=self,
        )
        given = {**config, "url": config["url"].replace("HOST", self.url)}
        return await steps.run(
            step, self.root, given, effects=SimpleNamespace(http=door), directory=context.directory
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Run a server that may be reached."""
    root = tmp_path / "p" / "files"
    root.mkdir(parents=True)
    made = World(root)
    try:
        async with Egress(allow=[made.url.partition("//")[2]], clock=SystemClock()) as egress:
            made.egress = egress
            yield made
    finally:
        made.server.close()


async def test_what_is_sent_and_what_comes_of_it(world: World) -> None:
    """Method, parameters, headers and body; outputs of the answer."""
    world.answers = [(201, JSON, b'{"id": 7, "state": "queued"}')]
    outcome = await world.run(
        Http(),
        url="HOST/runs?a=1",
        method="POST",
        headers=[{"name": "X-Stage", "value": "test"}],
        queryParams=[{"name": "b", "value": "x y"}],
        body='{"tag": "v1"}',
        successExpression="response.status == 201",
        outputs=[{"name": "run", "fromExpression": "response.body.id"}],
    )
    assert steps.said(outcome) == ("Succeeded", True)
    assert outcome.output == {"run": 7}
    (request,) = world.asked
    assert (request.method, request.path, request.query) == ("POST", "/runs", "a=1&b=x+y")
    assert request.body == b'{"tag": "v1"}'
    assert {name.lower(): value for name, value in request.headers.items()}["x-stage"] == "test"


async def test_a_body_from_a_file(world: World) -> None:
    """At most 2 MiB; one that is not there is tried again."""
    steps.put(world.root, {"body.json": "[1]", "large": "x" * ((2 << 20) + 1)})
    world.answers = [(200, {}, b"")]
    config = {"url": "HOST/", "method": "PUT"}
    assert steps.said(await world.run(Http(), **config, bodyFromFile="body.json"))[0] == "Succeeded"
    assert world.asked[0].body == b"[1]"
    for name in ("large", "nope"):
        outcome = await world.run(Http(), **config, bodyFromFile=name)
        assert steps.said(outcome) == ("Errored", False)
        assert name in steps.told(outcome)
    outcome = await world.run(Http(), **config, bodyFromFile="body.json", body="x")
    assert steps.said(outcome) == ("Failed", True)
    assert "exclude each other" in steps.told(outcome)
    assert len(world.asked) == 1


async def test_it_asks_again_until_a_criterion_is_met(world: World) -> None:
    """Neither is met: it waits for as long as the manifest says."""
    world.answers = [(200, JSON, b'{"state": "running"}'), (200, JSON, b'{"state": "passed"}')]
    config = {
        "url": "HOST/",
        "pollInterval": "1m30s",
        "successExpression": "response.body.state == 'passed'",
        "failureExpression": "response.body.state == 'failed'",
    }
    outcome = await world.run(Http(), **config)
    assert isinstance(outcome, Waiting)
    assert outcome.again_seconds == 90
    assert "GET: HTTP 200" in outcome.waiting_for
    assert steps.said(await world.run(Http(), **config)) == ("Succeeded", True)


async def test_what_a_server_refuses_is_asked_again_only_while_there_is_time(world: World) -> None:
    """Without a criterion a status other than 2xx is a no."""
    world.answers = [(503, {}, b"busy")]
    outcome = await world.run(Http(), url="HOST/")
    assert outcome == Failed(message="HTTP (503) response is no success (2xx)", retry=True)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"url": "HOST/", "successExpression": "1 +"}, "config.successExpression"),
        ({"url": "HOST/", "outputs": [{"name": "a", "fromExpression": "("}]}, "config.outputs: a"),
        ({"url": "ftp://example.com/"}, "ftp"),
        ({"url": "nonsense"}, "nonsense"),
        ({"url": "HOST/", "timeout": "5x10s"}, "config.timeout"),
        ({"url": "http://127.0.0.1:9/"}, "127.0.0.1"),
        ({"url": "http://169.254.169.254/latest"}, "169.254.169.254"),
        ({"url": "HOST/", "headers": [{"name": "a\nb", "value": "x"}]}, "header"),
    ],
)
@pytest.mark.parametrize("kind", [Http, HttpDownload])
async def test_what_cannot_get_better_is_final(
    world: World, kind: type[Any], config: dict[str, Any], said: str
) -> None:
    """Nothing is sent; the message names what is wrong."""
    given = dict(config)
    if kind is HttpDownload:
        if {"successExpression", "outputs"} & set(given):
            return
        given["outPath"] = "x"
    outcome = await world.run(kind(), **given)
    assert steps.said(outcome) == ("Errored", True)
    assert said in steps.told(outcome)
    assert world.asked == []


async def test_a_body_that_is_too_large_or_none(world: World) -> None:
    """An error, which may go by."""
    world.answers = [(200, {}, bytes((2 << 20) + 1))]
    assert steps.said(await world.run(Http(), url="HOST/")) == ("Errored", False)
    world.answers = [(200, JSON, b"<html>")]
    outcome = await world.run(Http(), url="HOST/")
    assert steps.said(outcome) == ("Errored", False)
    assert "says that it is JSON" in steps.told(outcome)


async def test_a_repeat_after_a_crash_is_said(world: World) -> None:
    """The process ended between sending and the note of the answer."""
    world.answers = [(200, {}, b"")]
    await world.run(Http(), url="HOST/", method="POST")
    (note,) = world.notes.values()
    note["answered"] = False
    outcome = await world.run(Http(), url="HOST/", method="POST")
    assert "may have been sent before" in steps.told(outcome)
    keys = [
        value
        for request in world.asked
        for name, value in request.headers.items()
        if name.lower() == "idempotency-key"
    ]
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_a_download(world: World) -> None:
    """Whole, once; an existing file only if that is allowed."""
    world.answers = [(200, {}, b"data")]
    config = {"url": "HOST/f", "outPath": "in/f"}
    outcome = await world.run(HttpDownload(), **config)
    assert (steps.said(outcome)[0], steps.told(outcome)) == ("Succeeded", "in/f: 4 bytes")
    assert (world.root / "in" / "f").read_bytes() == b"data"
    outcome = await world.run(HttpDownload(), **config)
    assert steps.said(outcome) == ("Errored", True)
    assert "allowOverwrite" in steps.told(outcome)
    assert len(world.asked) == 1
    world.answers = [(200, {}, b"new")]
    assert (
        steps.said(await world.run(HttpDownload(), **config, allowOverwrite=True))[0] == "Succeeded"
    )
    assert (world.root / "in" / "f").read_bytes() == b"new"


async def test_a_download_that_fails_leaves_nothing(world: World, monkeypatch: Any) -> None:
    """Neither a part of it nor anything beside."""
    world.answers = [(404, {}, b"no such file")]
    outcome = await world.run(HttpDownload(), url="HOST/f", outPath="f")
    assert outcome == Failed(message="HTTP (404) response is no success (2xx)", counts=True)
    monkeypatch.setattr("towpath.promotion.steps.http_download._MOST_BYTES", 3)
    world.answers = [(200, {}, b"data")]
    assert steps.said(await world.run(HttpDownload(), url="HOST/f", outPath="f")) == (
        "Failed",
        True,
    )
    assert steps.contents(world.root.parent) == {}
