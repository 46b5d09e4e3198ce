"""The example's world with a server that is killed on the way and started again, and what it all came to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import sandbox, towpath_process, waiting
from tests.support.git_server import git
from tests.support.registry import free_port
from tests.support.sandbox import BRANCH, GIT, PROJECT, TAGS, WAREHOUSE
from towpath.resources import scheme
from towpath.store.contract import Query
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.git_server import GitServer
    from tests.support.registry import Registry


@dataclass(frozen=True)
class End:
    """What a run has come to, with nothing in it that differs from run to run."""

    commits: tuple[str, ...]
    """Trees and messages of the branch, the oldest first."""
    freight: tuple[str, ...]
    """Tags, the oldest first."""
    promotions: tuple[tuple[str, str, str], ...]
    """Stage, tag and phase, in the order in which they were made."""
    held: tuple[tuple[str, str], ...]
    """Stage and tag, in the order of arrival, from the history."""
    log: tuple[tuple[str, str], ...]
    """Which kinds of objects were made, in the order of the change log, and for what."""


@dataclass
class Phoenix:
    """A server that is started again when it was killed."""

    folder: Path
    port: int
    kill_at: str = ""
    kill_after_seconds: float | None = None
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Where it answers, while it does."""
        return f"http://127.0.0.1:{self.port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep it running while the context lasts, then stop it as an operator would."""
        self._start(self.kill_at)
        keeper = threading.Thread(target=self._keep, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()
                self._process.wait(30)
            keeper.join(30)

    def begin(self) -> None:
        """Let the time to the random kill run from now."""
        if self.kill_after_seconds is not None:
            threading.Timer(self.kill_after_seconds, self._kill).start()

    def _kill(self) -> None:
        if self._process is not None and not self._stopping.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def _start(self, kill_at: str) -> None:
        armed = {"TOWPATH_KILL_AT": kill_at} if kill_at else {}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *towpath_process.COMMAND, "up", "--data", str(self.folder / "data"),
                    "--listen", f"127.0.0.1:{self.port}", "--listen-tls=127.0.0.1:0", "--config", str(self.folder / "config.yaml"),
                ],
                env=towpath_process.environment(self.folder, **armed),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )  # fmt: skip

    def _keep(self) -> None:
        while not self._stopping.is_set():
            assert self._process is not None
            code = self._process.wait()
            if self._stopping.is_set():
                return
            assert code == -signal.SIGKILL, f"the server ended with {code}"
            self.kills += 1
            self._start("")


class Driver:
    """Asks the server, again and again while it is away."""

    def __init__(self, phoenix: Phoenix) -> None:
        self._phoenix = phoenix

    def ask(self, method: str, path: str, content: str | None = None) -> Any:
        """Ask until there is an answer; return it. Doing it twice must be harmless."""

        def answered() -> httpx.Response | None:
            with contextlib.suppress(httpx.TransportError, FileNotFoundError):
                answer = self.once(method, path, content)
                if answer.status_code < 300:
                    return answer
                if answer.status_code not in (503, 404, 403):
                    raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
            return None

        answer = waiting.until(answered, lambda: f"{method} {path} is answered")
        assert answer is not None
        return answer.json() if answer.content else None

    def once(self, method: str, path: str, content: str | None = None) -> httpx.Response:
        """Ask once. Raises TransportError, and FileNotFoundError before the server has made its token."""
        token = (self._phoenix.folder / "data" / "admin-token").read_text().strip()
        return httpx.request(
            method,
            f"{self._phoenix.address}{path}",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            content=content,
            timeout=20,
        )

    def until(self, what: str, path: str, holds: Any) -> Any:
        """Return what the server says of a path once it satisfies a condition."""
        seen: list[Any] = [None]

        def found() -> bool:
            seen[0] = self.ask("GET", path)
            return bool(holds(seen[0]))

        waiting.until(found, lambda: f"{what}: {json.dumps(seen[0])[:3000]}")
        return seen[0]


_API = f"/v1beta1/projects/{PROJECT}"


def _holds(tag: str) -> Any:
    def holds(stage: dict[str, Any]) -> bool:
        status = stage.get("status") or {}
        history = status.get("freightHistory") or []
        items = history[0]["items"].values() if history else ()
        ready = [each for each in status.get("conditions") or () if each["type"] == "Ready"]
        return (
            any(item["images"][0]["tag"] == tag for item in items)
            and "currentPromotion" not in status
            and bool(ready)
            and ready[0]["status"] == "True"
        )

    return holds


def run(
    folder: Path,
    images: Registry,
    git_server: GitServer,
    *,
    kill_at: str = "",
    kill_after_seconds: float | None = None,
) -> tuple[End, int]:
    """Take two images through preprod and one on to prod; return the end state and how often it was killed.

    `kill_at`: a kill point, `name` or `name:passage`. `kill_after_seconds`: from when the example is applied.
    """
    folder.mkdir(parents=True)
    name = f"{folder.name}.git"
    git_server.create(name, sandbox.CHART, branch=BRANCH)
    settings = yaml.safe_load(sandbox.config(images.url, git_server.url))
    settings["git"] = {
        "insteadOf": {f"{git_server.url}/{name}": [f"https://github.com/test/{GIT}"]}
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    repository = f"{folder.name}/{sandbox.REPOSITORY}"
    mirror = {sandbox.HOST: {"mirrors": [images.url]}}
    settings["registries"] = mirror
    manifest = (
        (sandbox.EXAMPLE / "pipeline.yaml").read_text().replace(sandbox.REPOSITORY, repository)
    )
    credential = sandbox.git_credential(
        f"https://github.com/test/{GIT}", git_server.user, git_server.password
    )
    phoenix = Phoenix(folder, free_port(), kill_at, kill_after_seconds)
    driver = Driver(phoenix)
    images.push(repository, "latest")
    with phoenix.running():
        driver.ask("GET", "/v1beta1/projects")
        phoenix.begin()
        # One by one: an answer of several documents may hold errors of a server that is being started.
        documents = [each for each in yaml.safe_load_all(manifest) if each]
        for document in (documents[0], credential, *documents[1:]):
            driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
        for tag in TAGS[:2]:
            images.push(repository, tag)
            driver.ask("POST", f"{_API}/warehouses/{WAREHOUSE}/refresh")
            driver.until(f"preprod holds {tag}", f"{_API}/stages/preprod", _holds(tag))
        _promote_once(driver, TAGS[1])
        driver.until("prod holds it", f"{_API}/stages/prod", _holds(TAGS[1]))
    return asyncio.run(_end(folder, git_server, name)), phoenix.kills


def _promote_once(driver: Driver, tag: str) -> None:
    """Promote to prod; a request that was cut off is not repeated if its Promotion is there."""
    freight = driver.ask("GET", f"{_API}/freight")["groups"][""]["items"]
    [name] = [each["metadata"]["name"] for each in freight if each["images"][0]["tag"] == tag]

    def made() -> bool:
        if driver.ask("GET", f"{_API}/promotions?stage=prod")["items"]:
            return True
        with contextlib.suppress(httpx.TransportError):
            wanted = json.dumps({"freight": name})
            driver.once("POST", f"{_API}/stages/prod/promotions", wanted)
        return False

    waiting.until(made, lambda: "the Promotion to prod is made")


_TOLD = (scheme.PROJECT, scheme.WAREHOUSE, scheme.STAGE, scheme.FREIGHT, scheme.PROMOTION)


async def _end(folder: Path, git_server: GitServer, name: str) -> End:
    """Read the end state from the data directory and the Git server."""
    store = await open_store(
        folder / "data", key_file=folder / "keys" / "key", scheme=scheme.SCHEME
    )
    try:
        freight = {}
        for item in (await store.list(Query(kind=scheme.FREIGHT))).items:
            freight[item.ref.name] = item.document["images"][0]["tag"]
        promotions = {}
        for item in (await store.list(Query(kind=scheme.PROMOTION))).items:
            document = item.document
            promotions[item.ref.name] = (
                document["spec"]["stage"],
                freight[document["spec"]["freight"]],
                document["status"]["phase"],
            )
        made = []
        for entry in await store.log(limit=100_000):
            if entry.verb != "create" or entry.ref.kind not in _TOLD:
                continue
            named = entry.ref.name
            if entry.ref.kind == scheme.FREIGHT:
                named = freight[named]
            elif entry.ref.kind == scheme.PROMOTION:
                named = ":".join(promotions[named][:2])
            made.append((entry.ref.kind.name, named))
        held = []
        for stage in ("preprod", "prod"):
            from towpath.store.history import HistorySelection

            stays = await store.history.occupancies(HistorySelection(project=PROJECT, stage=stage))
            held += [(stage, freight[stay.record.freight]) for stay in reversed(stays.items)]
    finally:
        await store.close()
    told = git(
        git_server.path(name), "log", "--reverse", "--format=%T %an %ae %s %b", BRANCH
    ).splitlines()
    return End(
        tuple(line.strip() for line in told if line.strip()),
        tuple(tag for kind, tag in made if kind == "Freight"),
        tuple(promotions[key] for key in sorted(promotions, key=lambda each: each.split(".")[1])),
        tuple(held),
        tuple(made),
    )
