"""The demo's world: what it is made of, how it is started, where it notes its addresses for other commands."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from towpath import app
from towpath.app import kubeconfig
from towpath.app.operator import EgressSettings, GitSettings, OperatorSettings, RegistrySettings
from towpath.demo import chart, images, narration
from towpath.demo.git_server import DemoGit
from towpath.demo.image_registry import DemoRegistry
from towpath.disk import writing
from towpath.errors import NotFound
from towpath.sdk.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

PROJECT: Final = "sandbox-example"
WAREHOUSE: Final = "example-container"
REGISTRY_HOST: Final = "us-east1-docker.pkg.dev"
IMAGE: Final = "container/main-containers/example-container"
GIT_BASE: Final = "https://github.com/test/"
TLS_PORT: Final = 8443
"""Of the Kubernetes API, if it is free."""
KUBECONFIG: Final = "kubeconfig"
"""The file in the data folder for kubectl."""
_STATE: Final = "demo.json"


@dataclass(frozen=True, slots=True)
class World:
    """A demo that runs: what other commands need to know of it."""

    server: str
    token_file: Path
    registry: str
    git: str

    @property
    def client(self) -> Client:
        """The server's API."""
        return Client(self.server, self.token_file.read_text().strip())

    def push(self, tag: str | None = None) -> str:
        """Push the next image; return its tag. Raises Unavailable."""
        now = datetime.now(UTC)
        named = tag or images.next_tag(images.tags(self.registry, IMAGE), now)
        images.push_image(self.registry, IMAGE, named, when=now)
        return named


def example() -> Path:
    """Return the folder of the example's manifests. Raises NotFound where they were not installed."""
    here = Path(__file__).resolve()
    for found in (
        here.parent / "two-environments",
        here.parents[3] / "examples" / "two-environments",
    ):
        if found.is_dir():
            return found
    raise NotFound("the manifests of the example are not installed with this copy of Towpath")


def find(data: Path) -> World:
    """Return the demo that runs with its data in a folder. Raises NotFound when none does."""
    try:
        state = json.loads((data / _STATE).read_text())
        found = World(state["server"], Path(state["tokenFile"]), state["registry"], state["git"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotFound(
            f"no demo runs with its data in {data}; start one with: towpath demo"
        ) from error
    return found


def run(data: Path, key_file: Path, listen: str, say: Callable[[str], None]) -> None:
    """Run the demo until SIGINT or SIGTERM, telling what happens. Raises Unavailable."""
    asyncio.run(_run(data, key_file, listen, say))


async def _run(data: Path, key_file: Path, listen: str, say: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(data, key_file, listen) as (world, git):
        narrator = narration.Narrator(world, git, say)
        telling = asyncio.create_task(asyncio.to_thread(narrator.run, data))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((telling, stopping), return_when=asyncio.FIRST_COMPLETED)
        narrator.stop()
        stopping.cancel()
        await telling
    say("The demo has stopped; what it made stays in " + str(data))


@asynccontextmanager
async def running(data: Path, key_file: Path, listen: str) -> AsyncIterator[tuple[World, DemoGit]]:
    """Run registry, Git server and Towpath while the context lasts."""
    await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True, mode=0o700)
    host, port = app.parse_address(listen)
    registry, git = DemoRegistry(data / "registry"), DemoGit(data / "repositories")
    try:
        git.ensure(chart.REPOSITORY, chart.FILES, branch=chart.BRANCH, seconds=1_700_000_000)
        operator = OperatorSettings(
            registries={REGISTRY_HOST: RegistrySettings(mirrors=[registry.url])},
            git=GitSettings(instead_of={f"{git.url}/": [GIT_BASE]}),
            egress=EgressSettings(allow=[]),
        )
        settings = app.Settings(
            data=data / "towpath",
            key_file=key_file,
            host=host,
            port=port if _is_free(host, port) else 0,
            operator=operator,
            tls=app.TLSSettings(host="127.0.0.1", port=0 if port == 0 else _free(TLS_PORT)),
        )
        async with app.running(settings) as served:
            world = World(served.address, served.token_file, registry.url, git.url)
            wanted = kubeconfig.Wanted(namespace=PROJECT, context="towpath-demo")
            told = kubeconfig.text(kubeconfig.document(settings.data, wanted))
            kubeconfig.write(data / KUBECONFIG, told)
            state = data / _STATE
            told = json.dumps(
                {
                    "server": world.server,
                    "tokenFile": str(world.token_file),
                    "registry": world.registry,
                    "git": world.git,
                }
            )
            writing.write(state, told.encode(), mode=0o644)
            try:
                yield world, git
            finally:
                state.unlink(missing_ok=True)
    finally:
        registry.close()
        git.close()


def _free(port: int) -> int:
    """Return a port of 127.0.0.1 if it is free, else 0."""
    return port if _is_free("127.0.0.1", port) else 0


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
