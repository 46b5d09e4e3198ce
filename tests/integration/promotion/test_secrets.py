"""No way leads from `secret()` to anybody who reads: a canary in a Secret, and everything that can be read searched for it."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

import pytest

from tests.support import canary
from tests.support.canary import NASTY, TOKEN, VALUES, D, E, N
from tests.support.git_client import AnyAddress
from tests.support.git_server import serving
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import account_token, client
from towpath import telemetry
from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.program.command import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.git.worktrees.pool import Pool
from towpath.local import keeping
from towpath.promotion.step import Errored, Failed, Skipped, Succeeded, Waiting
from towpath.promotion.steps.git_clone import GitClone
from towpath.promotion.steps.git_commit import GitCommit
from towpath.promotion.steps.git_push import GitPush
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.server.application import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.promotion.step import Outcome, Step

Steps = list[dict[str, Any]]

SITE: Final = "https://git.example"


def _clone(url: str = f"{SITE}/app.git", **checkout: Any) -> dict[str, Any]:
    config = {"repoURL": url, "checkout": [{"path": "./src", **checkout}]}
    return {"uses": "git-clone", "as": "clone", "config": config}


def _compose(alias: str = "out", **values: Any) -> dict[str, Any]:
    return {"uses": "compose-output", "as": alias, "config": values}


def _update(path: str, key: str, value: Any) -> dict[str, Any]:
    config = {"path": path, "updates": [{"key": key, "value": value}]}
    return {"uses": "yaml-update", "as": "update", "config": config}


def _push(**config: Any) -> dict[str, Any]:
    return {"uses": "git-push", "as": "push", "config": {"path": "./src", **config}}


def _work(alias: str, **config: Any) -> dict[str, Any]:
    return {"uses": "work", "as": alias, "config": {"given": E, **config}}


_COMMIT: Final = {
    "uses": "git-commit",
    "as": "commit",
    "config": {"path": "./src", "message": "${{ outputs.update.commitMessage }}"},
}

WAYS: Final[dict[str, Steps]] = {
    "compose": [_compose(a=E, b=N, c=D, k='${{ secret("vault").key }}', deep=[{"x": [E]}])],
    "compose-whole": [_compose(a='${{ secret("vault") }}')],
    "compose-number": [_compose(a='${{ secret("vault").pin }}')],
    "compose-json": [_compose(a='${{ secret("vault").json }}')],
    "compose-made": [
        _compose(
            a='${{ "x" + secret("vault").token + "y" }}',
            b='${{ upper(secret("vault").token) }}',
            c='${{ secret("vault").token[3:12] }}',
            d='${{ split(secret("vault").token, "CAN") }}',
            e='${{ toBase64("u:" + secret("vault").token) }}',
            f='${{ toJSON(secret("vault")) }}',
            g='${{ join(reverse(split(secret("vault").token, "")), "") }}',
            h='${{ replace(secret("vault").token, "A", "4") }}',
        )
    ],
    "compose-later": [
        _compose("first", a=E),
        _compose("second", b="${{ join(reverse(split(outputs.first.a, '')), '') }}"),
        _compose("third", c="${{ outputs.second.b[2:14] }}", d="${{ outputs['second'] }}"),
    ],
    "compose-vars": [
        {
            **_compose(a="${{ vars.two }}", b="${{ vars.one }}"),
            "vars": [
                {"name": "one", "value": E},
                {"name": "two", "value": "${{ vars.one[4:] + vars.one[:4] }}"},
            ],
        }
    ],
    "compose-env": [
        _compose("first", a=E),
        _compose(
            "second", b="${{ $env.outputs.first.a[3:14] }}", c="${{ $env['outputs'].first.a[4:] }}"
        ),
        _compose("third", d="${{ toJSON($env)[0:0] + get($env, 'outputs').first.a[2:15] }}"),
        _compose("fourth", e='${{ let s = secret; s("vault").token[5:16] }}'),
        _compose("fifth", f='${{ map(["vault"], secret(#).token[2:13]) }}'),
        _compose("sixth", g='${{ "vault" | secret() | values() | join("") | upper() }}'),
    ],
    "fail": [{"uses": "fail", "as": "fail", "config": {"message": f"it was {E} and {N}"}}],
    "fail-key": [
        {"uses": "fail", "as": "fail", "config": {"message": '${{ secret("vault").key }}'}}
    ],
    "fail-long": [{"uses": "fail", "as": "fail", "config": {"message": f"{'x' * 1015} {E}"}}],
    "matches": [_compose(a='${{ "x" matches secret("vault").pattern }}')],
    "matches-made": [_compose(a='${{ "x" matches ("[" + lower(secret("vault").token)) }}')],
    "from-json": [_compose(a='${{ fromJSON(secret("vault").nasty) }}')],
    "fetch": [_compose(a='${{ (1..3)[secret("vault").token] }}')],
    "parse": [_compose(a='${{ int(secret("vault").token) }}')],
    "if": [{**_compose(a="b"), "if": E}],
    "variable": [
        {**_compose(a="b"), "vars": [{"name": "v", "value": f"${{{{ int({E[4:-3]}) }}}}"}]}
    ],
    "url-path": [_clone(f"{SITE}/{E}/app.git")],
    "url-path-nasty": [_clone(f"{SITE}/{N}/app.git")],
    "url-host": [_clone(f"https://{E}.invalid/app.git")],
    "url-user": [_clone(f"https://bot:{E}@git.example/none.git")],
    "url-whole": [_clone(E)],
    "url-ssh": [_clone(f"ssh://git@git.invalid/{E}.git")],
    "branch": [_clone(branch=E)],
    "branch-bad": [_clone(branch=f"a..{E}")],
    "tag": [_clone(tag=E)],
    "commit": [_clone(commit=E)],
    "checkout-path": [_clone(path=f"./{E}"), {**_COMMIT, "config": {"path": "x", "message": "m"}}],
    "sparse": [_clone(sparse=[f"../{E}"])],
    "author-email": [
        {
            "uses": "git-clone",
            "as": "clone",
            "config": {
                "repoURL": f"{SITE}/app.git",
                "checkout": [{"path": "./src"}],
                "author": {"name": "x", "email": E},
            },
        }
    ],
    "author-name": [
        {
            "uses": "git-clone",
            "as": "clone",
            "config": {
                "repoURL": f"{SITE}/app.git",
                "checkout": [{"path": "./src"}],
                "author": {"name": f"{E}\n", "email": "a@b.example", "signingKey": N},
            },
        },
        _update("./src/values.yaml", "image.tag", "9"),
        {**_COMMIT},
    ],
    "yaml-path": [_update(f"./{E}.yaml", "a", "b")],
    "yaml-path-dotted": [_update(f"./{D}", "a", "b")],
    "yaml-key": [_clone(), _update("./src/values.yaml", E, "b")],
    "yaml-key-dotted": [_clone(), _update("./src/values.yaml", f"image.{D}", "b")],
    "yaml-value": [
        _clone(),
        _update("./src/values.yaml", "image.tag", E),
        _COMMIT,
        _push(generateTargetBranch=True),
    ],
    "yaml-value-nasty": [
        _clone(),
        _update("./src/values.yaml", "image.tag", N),
        _COMMIT,
        _push(generateTargetBranch=True),
    ],
    "commit-message": [
        _clone(),
        _update("./src/values.yaml", "image.tag", "7"),
        {**_COMMIT, "config": {"path": "./src", "message": f"say {E}"}},
        _push(generateTargetBranch=True),
    ],
    "provider": [_clone(), _push(provider=f"{'x' * 190}{E}")],
    "attempts": [_clone(), _push(maxAttempts=E)],
    "work-tree": [_clone(), {"uses": "git-push", "as": "push", "config": {"path": f"./{E}"}}],
    "target-bad": [_clone(), _push(targetBranch=f"{E}..x")],
    "target": [_clone(), _push(targetBranch=f"env/{E}")],
    "tag-push": [_clone(), _push(tag=E)],
    "refused": [
        _clone(),
        _update("./src/values.yaml", "image.tag", E),
        _COMMIT,
        _push(targetBranch="refused"),
    ],
    "raised": [_work("raised")],
    "errored": [_work("errored")],
    "failed": [_work("failed")],
    "skipped": [_work("skipped")],
    "waiting": [_work("waiting")],
    "tasks": [_compose("task::one", a=E), _compose("after", b="${{ outputs.task.a }}")],
}

HOOK: Final = f"""
case "$(cat)" in *refs/heads/refused*)
printf '\\033[31m{TOKEN}\\033[0m <b>bold</b> s3cr\\033[1m3tCANARYvalue91\\n' >&2
printf '%s\\n' '{base64.b64encode(f"bot:{TOKEN}".encode()).decode()}' >&2
i=0; while [ $i -lt 100 ]; do echo "{"noise " * 20}" >&2; i=$((i+1)); done
exit 1;; esac
"""


def _raise(error: Exception) -> Callable[[], Outcome]:
    def raising() -> Outcome:
        raise error

    return raising


OUTCOMES: Final[dict[str, Callable[[], Outcome]]] = {
    "raised": _raise(RuntimeError(f"no {TOKEN} {quote(NASTY)}")),
    "errored": lambda: Errored(message=f"server says {quote_plus(TOKEN)}", final=True),
    "failed": lambda: Failed(message=f"\x1b[1m{TOKEN}", output={"said": TOKEN, TOKEN: "key"}),
    "skipped": lambda: Skipped(message=f"{json.dumps(TOKEN)}", output={"o": [TOKEN]}),
    "waiting": lambda: Waiting(waiting_for=f"{TOKEN} to come", output={"id": TOKEN}),
}


@asynccontextmanager
async def _world(folder: Path, server: GitServer | None = None) -> AsyncIterator[Pipeline]:
    (folder / "home").mkdir(parents=True, exist_ok=True)
    steps: list[Step[Any]] = [GitClone(), GitCommit(), GitPush(), YamlUpdate()]
    async with AsyncExitStack() as stack:
        repositories = None
        if server is not None:
            gateway = await stack.enter_async_context(Gateway(AnyAddress()))
            repositories = Repositories(
                git=Git(home=folder / "home", gateway=gateway),
                root=folder / "mirrors",
                pool=Pool(folder / "pool"),
                rewrites=Rewrites.of({f"{server.url}/": [f"{SITE}/"]}),
            )
            await repositories.start()
        yield await stack.enter_async_context(
            running(folder, steps=steps, repositories=repositories)
        )


def _stage(name: str, steps: Steps) -> dict[str, Any]:
    stage = stage_document(name)
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
    return stage


def _vault() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "vault", "namespace": PROJECT},
        "stringData": VALUES,
    }


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
    tables = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    async with client(world, token) as http:
        for kind in scheme.SCHEME:
            prefix = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
            place = f"/namespaces/{PROJECT}" if kind.namespaced else ""
            url = f"{prefix}{place}/{kind.plural}"
            for headers in ({}, tables):
                answer = await http.get(url, headers=headers)
                yield url, answer.content
        names = {
            "stages/": list(WAYS),
            "promotions/": [
                stored.ref.name for way in WAYS for stored in await world.promotions(way)
            ],
        }
        for endpoint in ENDPOINTS:
            if endpoint.method != "GET":
                continue
            path = endpoint.path.replace("{project}", PROJECT)
            before, brace, _ = path.partition("{")
            several = next((found for end, found in names.items() if before.endswith(end)), ["x"])
            for name in several if brace else [""]:
                url = re.sub(r"\{\w+\}", name, path)
                answer = await http.get(url)
                yield url, answer.content


async def test_a_canary_is_found_nowhere(tmp_path: Path, log: io.StringIO) -> None:
    """Not in the database, its log of changes, a backup, the process's log, any answer of any API, by any of these ways.

    In Git it is where the user put it: on the server, in the message and file as they were asked for.
    """
    with serving(tmp_path / "server", password="") as server:
        server.create("app.git", {"values.yaml": "image:\n  tag: '1'\n"})
        server.hook("app.git", "pre-receive", HOOK)
        folder = tmp_path / "towpath"
        async with _world(folder, server) as world:
            world.work.outcomes.update(OUTCOMES)
            await world.apply(project_document(), warehouse_document(), _vault())
            await world.settled()
            await world.apply(*(_stage(name, steps) for name, steps in WAYS.items()))
            await world.settled()
            freight = await world.freight("1.0.0")
            names = {}
            for number, way in enumerate(WAYS):
                names[way] = await world.promote(way, freight)
                if number % 10 == 9:
                    await world.settled()
            await world.settled()
            ended = {way: await world.status(scheme.PROMOTION, name) for way, name in names.items()}
            needles = canary.needles()
            found: list[tuple[str, bytes]] = []
            viewer = await account_token(world, PROJECT, "kargo-viewer")
            for token in (viewer, "t0ken"):
                async for url, content in _answers(world, token):
                    found += canary.searched(url, content, needles)
            await world.store.backup(tmp_path / "towpath" / "backup.db")
            found += canary.files(folder, needles)
        found += canary.files(folder, needles)
        found += canary.searched("log", log.getvalue().encode(), needles)
        assert not [(n, c.decode("utf-8", "replace")) for n, c in found][:40], len(found)

        # It did what it was told all the same.
        told = world.work.configs["failed"]
        assert told["given"] == TOKEN
        phases = {way: status["phase"] for way, status in ended.items()}
        for way in ("compose", "compose-later", "yaml-value", "commit-message", "target", "tasks"):
            assert phases[way] == "Succeeded", ended[way]
        assert phases["waiting"] == "Running"
        for way in ("fail", "matches", "url-path", "provider", "refused", "raised"):
            assert phases[way] in ("Failed", "Errored"), ended[way]
        branch = f"kargo/promotion/{names['yaml-value']}"
        assert TOKEN in server.read("app.git", "values.yaml", branch)
        assert ended["compose"]["state"]["out"] == {
            "a": "***",
            "b": "***",
            "c": "***",
            "k": "***",
            "deep": [{"x": ["***"]}],
        }
        assert ended["compose-made"]["state"]["out"]["a"] == "***"
        assert ended["compose-number"]["state"]["out"] == {"a": "***"}
        assert ended["fail"]["message"] == "failed: it was *** and ***"
        assert "error parsing regexp" in ended["matches"]["message"]
        assert "bold" in ended["refused"]["message"]
        assert len(ended["refused"]["message"].encode()) < 3000
        said = git_message(server, f"kargo/promotion/{names['commit-message']}")
        assert said == f"say {TOKEN}"


def git_message(server: GitServer, branch: str) -> str:
    """Return the message of the newest commit of a branch."""
    from tests.support.git_server import git

    return git(server.path("app.git"), "log", "-1", "--format=%B", f"refs/heads/{branch}").strip()


@pytest.mark.parametrize("between", ["restart", "rotate", "restore"])
async def test_what_was_told_is_known_again(tmp_path: Path, log: io.StringIO, between: str) -> None:
    """Later steps see it, nobody else does; nobody opens the Secret again, which is not even there."""
    steps = [
        _compose("first", token=E, short="${{ secret('vault').token[:12] }}"),
        _work("hold", given="x"),
        _compose("last", again="${{ outputs.first.token + '!' }}", n="${{ outputs.first.short }}"),
        {"uses": "work", "as": "end", "config": {"seen": "${{ outputs.last }}"}},
    ]
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    async with _world(tmp_path) as world:
        world.work.outcomes["hold"] = lambda: Waiting(waiting_for="the end")
        await world.apply(project_document(), warehouse_document(), _vault())
        await world.settled()
        await world.apply(_stage("dev", steps))
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Running"
        journal = await world.get(scheme.PROMOTION_JOURNAL, name)
        assert set(journal["data"]) == {"sealed"}
        ref = Ref(scheme.SECRET, PROJECT, "vault")
        await world.writer.delete(ref, USER)
    needles = canary.needles()
    assert canary.files(tmp_path, needles) == []
    if between == "rotate":
        await in_a_thread(lambda: keeping.rotate(data, key))
    elif between == "restore":
        await in_a_thread(lambda: keeping.back_up(data, key, tmp_path / "copy.db"))
        await in_a_thread(lambda: keeping.put_back(tmp_path / "copy.db", data, key))
    assert canary.files(tmp_path, needles) == []
    async with _world(tmp_path) as world:
        world.work.outcomes["hold"] = lambda: Succeeded(
            message=f"seen {TOKEN}", output={"o": TOKEN}
        )
        await world.settled()
        await world.clock.advance(301)
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert status["phase"] == "Succeeded", status
        assert world.work.configs["end"] == {"seen": {"again": f"{TOKEN}!", "n": TOKEN[:12]}}
        shown = status["state"]
        assert shown["first"] == {"token": "***", "short": "***"}
        assert shown["last"] == {"again": "***", "n": "***"}
        assert shown["hold"] == {"o": "***"}
        assert status["stepExecutionMetadata"][1]["message"] == "seen ***"
        journal = await world.get(scheme.PROMOTION_JOURNAL, name)
        assert "data" not in journal, "what nobody needs any more is not kept"
    assert canary.files(tmp_path, needles) == []
    assert canary.searched("log", log.getvalue().encode(), needles) == []


async def in_a_thread(work: Callable[[], Any]) -> Any:
    """Run what has an event loop of its own."""
    import asyncio

    return await asyncio.to_thread(work)
