"""No way leads from `secret()` in a hook to anybody who reads: a canary in a Secret, and everything that can be read searched for it."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from tests.support import canary
from tests.support.canary import TOKEN, E, N
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import account_token, client
from towpath import telemetry
from towpath.promotion.step import Errored, Failed, Outcome, Waiting
from towpath.promotion.steps.jira import JiraStep
from towpath.promotion.steps.record_audit_event import RecordAuditEvent
from towpath.promotion.steps.send_message import SendMessage
from towpath.resources import scheme
from towpath.server.application import ENDPOINTS
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from towpath.promotion.step import Step
    from towpath.store.contract import Document

Steps = list[dict[str, Any]]


def _step(uses: str, alias: str = "it", **config: Any) -> dict[str, Any]:
    return {"uses": uses, "as": alias, "config": config}


def _vars(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


_CHANNEL: Final = {"kind": "MessageChannel", "name": "news"}
_ACCOUNT: Final = {"secretName": "jira"}

WAYS: Final[dict[str, dict[str, Any]]] = {
    "output": {"steps": [_step("compose-output", a=E, b=N, c='${{ secret("vault") }}')]},
    "made": {
        "steps": [
            _step(
                "compose-output",
                a='${{ upper(secret("vault").token) }}',
                b='${{ toBase64("u:" + secret("vault").token) }}',
                c='${{ secret("vault").token[3:12] }}',
                d="${{ toJSON(ctx.event) + secret('vault').token }}",
            ),
            _step("compose-output", "later", a="${{ outputs.it.a + outputs.it.c }}"),
        ]
    },
    "vars": {
        "vars": _vars(one=E, two="${{ vars.one[4:] }}"),
        "steps": [_step("compose-output", a="${{ vars.two }}", b="${{ vars.one }}")],
    },
    "fail": {"steps": [_step("fail", message=f"it was {E} and {N}")]},
    "fail-var": {"vars": _vars(v=E), "steps": [_step("fail", message="${{ vars.v }}")]},
    "fail-later": {
        "steps": [_step("compose-output", a=E), _step("fail", "no", message="${{ outputs.it.a }}")]
    },
    "unfit": {"steps": [{**_step("compose-output", a="b"), "if": E}]},
    "unfit-var": {
        "vars": _vars(v='${{ int(secret("vault").token) }}'),
        "steps": [_step("compose-output", a="b")],
    },
    "raised": {"steps": [_step("work", "is-raised", given=E, more=N)]},
    "errored": {"steps": [_step("work", "is-errored", given=E)]},
    "failed": {"steps": [_step("work", "is-failed", given=E)]},
    "waiting": {"steps": [_step("work", "is-waiting", given=E)]},
    "message": {"steps": [_step("send-message", channel=_CHANNEL, message=f"say {E}, {N}")]},
    "message-to": {
        "vars": _vars(v=E),
        "steps": [
            _step(
                "send-message", channel=_CHANNEL, message="x", slack={"channelID": "${{ vars.v }}"}
            )
        ],
    },
    "message-nowhere": {
        "steps": [_step("send-message", channel={**_CHANNEL, "name": E}, message="x")]
    },
    "audit": {
        "steps": [_step("record-audit-event", type="said", message=f"say {E}", data={"a": N})]
    },
    "comment": {
        "steps": [
            _step(
                "jira", credentials=_ACCOUNT, commentOnIssue={"issueKey": "A-1", "body": f"say {E}"}
            )
        ]
    },
}
FAIL: Final = {
    *("fail", "fail-var", "fail-later", "unfit", "unfit-var", "raised", "errored", "failed"),
    *("message-nowhere", "comment"),
}


def _raised() -> Outcome:
    raise RuntimeError(f"no {TOKEN} {quote(canary.NASTY)}")


OUTCOMES: Final = {
    "is-raised": _raised,
    "is-errored": lambda: Errored(message=f"server says {quote(TOKEN)}", final=True),
    "is-failed": lambda: Failed(message=f"\x1b[1m{TOKEN}", output={"said": TOKEN, TOKEN: "key"}),
    "is-waiting": lambda: Waiting(waiting_for=f"{TOKEN} to come", output={"id": TOKEN}),
}


def _documents() -> Iterator[Document]:
    """Yield a Stage for each way, whose hook takes it, and one whose Promotions tell a canary, of which a hook hears."""

    def of(api: str, kind: str, name: str, **more: Any) -> Document:
        metadata = {"name": name, "namespace": PROJECT}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}

    def hook(name: str, **spec: Any) -> Document:
        meant = {"stageSelector": {"name": name}, "events": ["promotion-succeeded"]}
        return of("towpath.dev/v1alpha1", "StageHook", name, spec={**meant, **spec})

    yield of("v1", "Secret", "vault", stringData=canary.VALUES)
    account = {"domain": "http://127.0.0.1:9", "password": "n0t-a-t0ken", "deployment": "cloud"}
    yield of("v1", "Secret", "jira", stringData=account)
    yield of("v1", "Secret", "news", stringData={"apiKey": "n0t-a-k3y"})
    slack = {"secretRef": {"name": "news"}, "slack": {"channelID": "C1"}}
    yield of("ee.kargo.akuity.io/v1alpha1", "MessageChannel", "news", spec=slack)
    for name, spec in WAYS.items():
        yield stage_document(name)
        yield hook(name, blocking=True, retry={"attempts": 2, "backOff": "1m"}, **spec)
    told = stage_document("told")
    told["spec"]["promotionTemplate"]["spec"]["steps"] = [_step("fail", message=f"no: {E}")]
    yield told
    hearing = _step("work", "heard", event="${{ ctx.event }}", text="${{ toJSON(ctx.event) }}")
    yield hook("told", events=["promotion-failed", "promotion-created"], steps=[hearing])


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Catch what the process logs, as the operator reads it."""
    written = io.StringIO()
    logger = logging.getLogger("towpath")
    before = (logger.handlers[:], logger.level, logger.propagate)
    monkeypatch.setattr(sys, "stderr", written)
    telemetry.configure(level="DEBUG")
    yield written
    logger.handlers[:], logger.level, logger.propagate = before


async def _answers(world: Pipeline, token: str) -> AsyncIterator[tuple[str, bytes]]:
    """Yield everything that can be read with a token: the Kubernetes API, Kargo's, ours."""
    runs = await _runs(world)
    names = {
        "stages/": [*WAYS, "told"],
        "hookruns/": [run["metadata"]["name"] for run in runs],
        "promotions/": [
            each.ref.name for way in (*WAYS, "told") for each in await world.promotions(way)
        ],
    }
    async with client(world, token) as http:
        for kind in scheme.SCHEME:
            prefix = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
            place = f"/namespaces/{PROJECT}" if kind.namespaced else ""
            url = f"{prefix}{place}/{kind.plural}"
            for accepted in ("application/json", "application/json;as=Table;v=v1;g=meta.k8s.io"):
                answer = await http.get(url, headers={"Accept": accepted})
                if kind is scheme.HOOK_RUN:
                    assert answer.status_code == 200, answer.text
                yield url, answer.content
        for endpoint in ENDPOINTS:
            if endpoint.method != "GET":
                continue
            path = endpoint.path.replace("{project}", PROJECT)
            before, brace, _ = path.partition("{")
            several = next((found for end, found in names.items() if before.endswith(end)), ["x"])
            for name in several if brace else [""]:
                url = re.sub(r"\{\w+\}", name, path)
                answer = await http.get(url)
                if "hookruns/" in url:
                    assert answer.status_code == 200, answer.text
                yield url, answer.content


async def _runs(world: Pipeline) -> list[Document]:
    page = await world.store.list(Query(kind=scheme.HOOK_RUN, namespace=PROJECT))
    return [item.document for item in page.items]


class _Every(dict[str, Any]):
    """What steps were given last, and all that they were given: which event a hook hears of last is nobody's promise."""

    def __init__(self) -> None:
        super().__init__()
        self.given: defaultdict[str, list[Any]] = defaultdict(list)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.given[key].append(value)


async def test_a_canary_of_a_hook_is_found_nowhere(tmp_path: Path, log: io.StringIO) -> None:
    """Not between its tries and not after them, nor where another waits for it, nor in what hooks hear of."""
    needles = canary.needles()
    steps: list[Step[Any]] = [SendMessage(), JiraStep(), RecordAuditEvent()]
    found: list[tuple[str, bytes]] = []
    async with running(tmp_path / "towpath", steps=steps) as world:
        await world.apply(project_document(), warehouse_document(), *_documents())
        await world.settled()
        freight = await world.freight("1.0.0")
        world.work.outcomes = dict(OUTCOMES)
        world.work.configs = every = _Every()
        for way in (*WAYS, "told"):
            await world.promote(way, freight)
        await world.settled()
        for way in WAYS:
            await world.promote(way, freight)
        await world.settled()
        viewer = await account_token(world, PROJECT, "kargo-viewer")
        between = {run["spec"]["hook"]: run["status"] for run in await _runs(world)}
        assert not {w: between[w] for w in FAIL if between[w]["phase"] != "Pending"}
        async for url, content in _answers(world, viewer):
            found += canary.searched(url, content, needles)
        await world.clock.advance(130)
        await world.settled()
        for token in (viewer, "t0ken"):
            async for url, content in _answers(world, token):
                found += canary.searched(url, content, needles)
        ended = {run["spec"]["hook"]: run["status"] for run in await _runs(world)}
        heard = json.dumps(every.given["heard"], default=str)
        given = world.work.configs["is-failed"]["given"]
        await world.store.backup(tmp_path / "towpath" / "backup.db")
        found += canary.files(tmp_path / "towpath", needles)
    found += canary.files(tmp_path / "towpath", needles)
    found += canary.searched("log", log.getvalue().encode(), needles)
    found += canary.searched("what hooks hear of", heard.encode(), needles)
    assert not [(n, c.decode("utf-8", "replace")) for n, c in found][:40], len(found)

    # It did what it was told all the same.
    assert given == TOKEN
    assert "no: ***" in heard
    phases = {way: status["phase"] for way, status in ended.items()}
    assert {phases[way] for way in FAIL} <= {"Failed", "Errored"}, phases
    for way in ("output", "made", "vars", "audit"):
        assert phases[way] == "Succeeded", ended[way]
    for way in ("waiting", "message", "message-to"):
        assert phases[way] == "Running", ended[way]
    assert ended["output"]["state"]["it"] == {
        "a": "***",
        "b": "***",
        "c": dict.fromkeys(canary.VALUES, "***"),
    }
    assert ended["fail"]["message"] == "failed: it was *** and ***"
    assert "holds a value of a Secret" in ended["comment"]["message"]
