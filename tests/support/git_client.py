"""Our Git client as a promotion would hold it: one credential, one folder, a fixed moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from towpath.clients.git.access.addresses import Rewrites
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.objects import commits, tree_edits
from towpath.clients.git.objects.person import Person
from towpath.clients.git.program.command import Git
from towpath.clients.git.pushing.branch_queue import Wish
from towpath.clients.git.pushing.integration import Committer, Policy
from towpath.clients.git.repository import Repositories, Repository
from towpath.clients.git.worktrees.pool import Pool
from towpath.clients.http.guard import Guard
from towpath.clients.http.host_health import HostHealth
from towpath.clients.http.limits import HostLimits
from towpath.clients.http.manners import HostManners
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.clients.git.mirrors.configuration import Options
    from towpath.clients.git.mirrors.extent import CheckoutBounds
    from towpath.clients.git.objects.signing import Signer
    from towpath.clients.git.upkeep import MirrorLimits

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANA = Person("Ana Example", "ana@example.com")
BOT = Person("Towpath", "bot@example.com")


_OPEN: Final[list[Gateway]] = []


class AnyAddress(Guard):
    """Lets everything be reached: the servers of tests are on this machine, at ports that differ with each start."""

    def check(self, address: str, port: int) -> None:
        """Agree."""


async def opened(gateway: Gateway) -> Gateway:
    """Open a gateway until `closed` is called, as the fixture of each test does at its end."""
    _OPEN.append(await gateway.__aenter__())
    return gateway


async def closed() -> None:
    """Close the gateways that were opened."""
    while _OPEN:
        await _OPEN.pop().__aexit__(None, None, None)


class Client:
    """Everything below `root`; `work(n)` is the place of the n-th work tree."""

    def __init__(
        self,
        root: Path,
        server: GitServer,
        *,
        rewrites: Rewrites | None = None,
        options: Options | None = None,
        network_seconds: float = 60,
        max_trees: int = 32,
        allow_file: bool = False,
        bounds: CheckoutBounds | None = None,
        limits: MirrorLimits | None = None,
    ) -> None:
        self.root = root
        self.credential = GitCredential(username=server.user, password=server.password)
        clock = SystemClock()
        self.manners = HostManners(HostLimits(clock, per_second=1e4), HostHealth(clock))
        self.gateway = Gateway(AnyAddress(), limits=self.manners.limits)
        self.git = Git(
            home=root / "home",
            network_seconds=network_seconds,
            allow_file=allow_file,
            gateway=self.gateway,
        )
        self.pool = Pool(root / "pool", max_trees=max_trees)
        self.repositories = Repositories(
            git=self.git,
            root=root / "mirrors",
            pool=self.pool,
            rewrites=rewrites,
            options=options,
            bounds=bounds,
            limits=limits,
            manners=self.manners,
        )

    async def start(self) -> None:
        """Make the folders."""
        await self.repositories.start()
        await opened(self.gateway)

    def open(self, url: str, options: Options | None = None) -> Repository:
        """Open `url` with the server's credential."""
        return self.repositories.open(url, self.credential, options)

    def work(self, number: int = 0) -> Path:
        """Where a promotion wants a work tree."""
        return self.root / "work" / f"promotion-{number}" / "src"


async def committed(
    repository: Repository,
    base: str | None,
    changes: dict[str, str | None],
    *,
    message: str = "Change",
    signer: Signer | None = None,
) -> str:
    """Return a commit of `changes` on top of `base`, made without a work tree."""
    tree = await tree_edits.edit(
        repository.mirror,
        base,
        {
            path: None if text is None else tree_edits.Content(text.encode())
            for path, text in changes.items()
        },
    )
    return await commits.commit(
        repository.mirror,
        tree=tree,
        parents=[base] if base else [],
        message=message,
        author=ANA,
        committer=BOT,
        when=WHEN,
        signer=signer,
    )


def rewrites(server: GitServer) -> Rewrites:
    """Return the mapping of https://git.example/ to `server`, whose port differs with each start."""
    return Rewrites.of({f"{server.url}/": ["https://git.example/"]})


def wish(
    commit: str,
    *,
    force: bool = False,
    announced: list[str] | None = None,
    most_tries: int | None = None,
) -> Wish:
    """Return the wish to push a commit; what would be put on record goes to `announced`."""

    async def announce(name: str) -> None:
        if announced is not None:
            announced.append(name)

    async def can_follow() -> bool:
        return True

    return Wish(
        commit=commit,
        policy=Policy.ALWAYS_REBASE,
        committer=Committer(person=BOT, when=WHEN),
        announce=announce,
        can_follow=can_follow,
        force=force,
        most_tries=most_tries,
    )
