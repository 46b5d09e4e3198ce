"""Git steps as the engine runs them, without the engine: a work directory, a client, a journal on disk.

As a program it is Promotions in a process of their own, one for each file, that can be killed at any point and started
again: `python -m tests.support.git_steps FOLDER URL-OF-THE-SERVER [FILE ...]`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tests.support import git_client, rendering
from tests.support.git_client import WHEN
from tests.support.git_server import GitServer
from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.program.command import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.git.worktrees.pool import Pool
from towpath.credentials.found import FoundCredential
from towpath.promotion import checkouts
from towpath.promotion.doors.git import RepositoryDoor
from towpath.promotion.effects import Effects
from towpath.promotion.git_client import GitClient
from towpath.promotion.step import Skipped, StepContext, Succeeded
from towpath.promotion.step_registry import StepRegistry
from towpath.promotion.steps.git_clear import GitClear
from towpath.promotion.steps.git_clone import GitClone
from towpath.promotion.steps.git_commit import GitCommit
from towpath.promotion.steps.git_push import GitPush
from towpath.promotion.steps.git_tag import GitTag
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.promotion.work_directory import WorkDirectory
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.aside import Aside

if TYPE_CHECKING:
    from towpath.clients.http.guard import Guard
    from towpath.credentials.finder import Credentials
    from towpath.promotion.effects import EffectClass, EffectNotes
    from towpath.promotion.effects.http import HttpDoor
    from towpath.promotion.effects.objects import ObjectsDoor
    from towpath.promotion.step import Outcome

SITE = "https://git.example"
REGISTRY = StepRegistry([GitClear(), GitClone(), GitCommit(), GitPush(), GitTag(), YamlUpdate()])


class FileJournal:
    """The notes of one step, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key."""
        if not self._path.exists():
            return None
        return json.loads(self._path.read_text()).get(key)

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Keep a note; it is there whole or not at all."""
        assert effect
        known = json.loads(self._path.read_text()) if self._path.exists() else {}
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps({**known, key: value}))
        beside.replace(self._path)


class OneCredential:
    """Stands for all Secrets: the one there is goes everywhere, or none."""

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password

    async def find(self, *_: Any, **__: Any) -> FoundCredential | None:
        """Return it."""
        if not self.password:
            return None
        secret = Ref(scheme.SECRET, "shop", "git-login")
        return FoundCredential(username=self.username, password=self.password, secret=secret)


class Bench:
    """One Promotion's surroundings below `root`."""

    def __init__(
        self,
        root: Path,
        server: GitServer,
        *,
        name: str = "promotion",
        guard: Guard | None = None,
    ) -> None:
        self.root = root
        self._server = server
        self.gateway = Gateway(guard or git_client.AnyAddress())
        self.git = Git(home=root / "home", gateway=self.gateway)
        self.pool = Pool(root / "pool")
        self.repositories = Repositories(
            git=self.git,
            root=root / "mirrors",
            pool=self.pool,
            rewrites=Rewrites.of({f"{server.url}/": [f"{SITE}/"]}),
        )
        self.credential = OneCredential(server.user, server.password)
        self.client = GitClient(
            project="shop",
            promotion="prod.01j.abc",
            whom="Promotion prod.01j.abc",
            repositories=self.repositories,
            credentials=cast("Credentials", self.credential),
            actor="controller:promotion-controller",
        )
        self.name = name
        self.directory = self._made()

    def _made(self) -> WorkDirectory:
        path = self.root / self.name / "files"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return WorkDirectory(path)

    def another(self, name: str) -> Bench:
        """Return the surroundings of another Promotion of the same process."""
        bench = Bench(self.root, self._server, name=name)
        bench.git, bench.gateway, bench.pool = self.git, self.gateway, self.pool
        bench.repositories = self.repositories
        bench.client = replace(self.client, promotion=f"prod.01j.{name}")
        return bench

    async def start(self) -> None:
        """Make the folders."""
        await self.repositories.start()
        await git_client.opened(self.gateway)

    async def after_restart(self) -> bool:
        """Forget what a process knows; return whether the work directory could be taken up again."""
        self.directory = self._made()
        return await checkouts.restore(self.directory, self.client)

    def context(self, alias: str, *, seconds: float = 0) -> StepContext:
        """Return what a step is told; `seconds`: how much later than others it began."""
        journal: EffectNotes = FileJournal(self.root / f"{self.name}-{alias}.journal")
        started = WHEN + timedelta(seconds=seconds)
        return StepContext(
            project="shop",
            stage="prod",
            promotion=self.client.promotion,
            alias=alias,
            actor="",
            started=started,
            directory=self.directory,
            effects=Effects(
                git=RepositoryDoor(
                    self.client,
                    step=alias,
                    started=started,
                    directory=self.directory,
                    journal=journal,
                    aside=Aside(),
                ),
                http=cast("HttpDoor", None),
                objects=cast("ObjectsDoor", None),
                rendering=rendering.door(rendering.NOTHING),
                charts=cast("Any", None),
                argocd=cast("Any", None),
                forge=cast("Any", None),
                jira=cast("Any", None),
                servicenow=cast("Any", None),
                messages=cast("Any", None),
            ),
            aside=Aside(),
        )

    async def run(
        self, uses: str, config: dict[str, Any], *, alias: str = "", seconds: float = 0
    ) -> Outcome:
        """Run a step with a configuration as a manifest gives it. Raises InvalidConfig and what steps raise."""
        found = REGISTRY.find(uses)
        assert found is not None
        context = self.context(alias or uses, seconds=seconds)
        outcome: Outcome = await found.step.run(context, found.read(config))
        return outcome

    async def clone(self, url: str, **more: Any) -> Outcome:
        """Check out the default branch to ./src, or what is said."""
        return await self.run(
            "git-clone", {"repoURL": url, "checkout": [{"path": "./src"}], **more}
        )


def _steps(url: str, file: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("git-clone", {"repoURL": url, "checkout": [{"path": "./src", "branch": "main"}]}),
        (
            "yaml-update",
            {"path": f"./src/{file}", "updates": [{"key": "tag", "value": "v2"}]},
        ),
        ("git-commit", {"path": "./src", "message": "Promote v2"}),
        ("git-push", {"path": "./src"}),
    ]


async def _promote(bench: Bench, file: str, together: asyncio.Barrier) -> None:
    """Do what the engine does: go on where the last process was, or begin anew."""
    record = bench.root / f"{bench.name}.done.json"
    done: dict[str, Any] = json.loads(record.read_text()) if record.exists() else {}
    if not await bench.after_restart():
        done = {}
    for uses, config in _steps(f"{SITE}/app.git", file):
        if uses == "git-push":
            await together.wait()
        if uses in done:
            continue
        outcome = await bench.run(uses, config)
        assert isinstance(outcome, Succeeded | Skipped), outcome
        done[uses] = outcome.output
        record.write_text(json.dumps(done))
    await checkouts.release(bench.directory, bench.repositories)


async def _main(root: Path, server: GitServer, files: list[str]) -> None:
    """Run a Promotion for each file; all push at once."""
    first = Bench(root, server)
    await first.start()
    together = asyncio.Barrier(len(files))
    await asyncio.gather(
        *(
            _promote(first.another(f"promotion-{number}"), file, together)
            for number, file in enumerate(files)
        )
    )
    await first.repositories.close()


if __name__ == "__main__":
    asyncio.run(
        _main(Path(sys.argv[1]), GitServer(Path(), sys.argv[2]), sys.argv[3:] or ["values.yaml"])
    )
