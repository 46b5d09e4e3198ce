"""The demo's world: what it is made of, how it is started, where it notes its addresses for other commands."""

from __future__ import annotations

import os
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from towpath import app
from towpath.app import kubeconfig
from towpath.app.settings.argocd import ArgoCDSettings, ConnectionSettings, KubernetesSettings
from towpath.app.settings.egress import EgressSettings
from towpath.app.settings.git import GitSettings
from towpath.app.settings.operator import OperatorSettings
from towpath.app.settings.registries import RegistrySettings
from towpath.demo import argo_cd, chart, git_server, images, notes, taking, tickets
from towpath.demo.chat import DemoChat
from towpath.demo.deployed import DeployedService
from towpath.demo.examples import example
from towpath.demo.git_server import DemoGit
from towpath.demo.image_registry import DemoRegistry
from towpath.demo.repositories import DemoRepositories
from towpath.demo.shop import making, manifests
from towpath.demo.shop.regions import DemoRegions
from towpath.disk import naming, removal
from towpath.disk.holding import HeldFolder, Purpose
from towpath.errors import BadRequest, Unavailable
from towpath.sdk.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.demo.argocd.installation import ArgoInstallation
    from towpath.demo.jira.server import JiraServer

PROJECT: Final = "sandbox-example"
WAREHOUSE: Final = "example-container"
REGISTRY_HOST: Final = "us-east1-docker.pkg.dev"
IMAGE: Final = "container/main-containers/example-container"
SOURCES: Final = "example-container.git"
"""The repository that the image is built of."""
GIT_BASE: Final = "https://github.com/test/"
TLS_PORT: Final = 8443
"""Of the Kubernetes API, if it is free."""
KUBECONFIG: Final = "kubeconfig"
"""The file in the data folder for kubectl."""
_MADE: Final = (
    "towpath", f"towpath{making.UNFINISHED}", "argocd", argo_cd.KUBECONFIG, KUBECONFIG, "jira.json", "regions.json",
    git_server.PASSWORD_FILE, notes.FILE, "repositories", "registry",
)  # fmt: skip
"""What a demo makes in its folder; those by which the folder is known to be one go last."""
_PURPOSE: Final = Purpose(
    name="demo folder", option="--data", marks=frozenset({"registry", "repositories"})
)


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What a demo is started with."""

    data: Path
    key_file: Path
    state: Path
    """The user's folder for notes on what runs."""
    listen: str
    """Address of the API, `HOST:PORT`; any free port if this one is taken."""
    programs: str
    """The folders in which git is looked for, as in `PATH`."""


@dataclass(frozen=True, slots=True)
class World:
    """A demo that runs: what other commands need to know of it."""

    data: Path
    server: str
    token_file: Path
    registry: str
    git: str
    is_noted: bool = True
    """Whether commands find it from any folder."""
    password: str = field(default="", repr=False)
    """The administrator's, where it was made at this start; empty: it is known to whoever saw it then."""
    without: str = ""
    """Why there is no history of the shop; empty if there is one, or was not asked for at this start."""

    @classmethod
    def of(cls, note: notes.Note) -> World:
        """Return the demo that a note is about."""
        return cls(Path(note.data), note.server, Path(note.token_file), note.registry, note.git)

    @property
    def client(self) -> Client:
        """The server's API."""
        return Client(self.server, self.token_file.read_text().strip())

    def push(self, tag: str | None = None, *, build: str = "") -> str:
        """Push the next image; return its tag. Raises Unavailable, BadRequest for a text that is no tag.

        `build`: what its tag ends on, if no tag is given: `images.CRASHES` or `images.FAILING` for one with that fault.
        """
        if tag is not None and not images.is_tag(tag):
            raise BadRequest(
                f"--tag {tag}: a tag has letters, digits, '_', '.' and '-', begins with neither of the last two, and is "
                "128 characters long at most"
            )
        now = datetime.now(UTC)
        named = tag or images.next_tag(images.tags(self.registry, IMAGE), now, build=build)
        repositories = DemoRepositories(
            self.data / "repositories", programs=os.environ.get("PATH", os.defpath)
        )
        commit = repositories.release(SOURCES, named, {}, now)
        of = images.BuiltFrom(f"{GIT_BASE}{SOURCES}", commit)
        images.push_image(self.registry, IMAGE, named, when=now, of=of)
        return named

    def passed_over(self, tag: str) -> str:
        """Return why the Warehouse makes no Freight of a tag that was pushed; empty if it does. Raises NotFound."""
        warehouse = self.client.get("warehouses", PROJECT, WAREHOUSE)
        there = images.tags(self.registry, IMAGE)
        return taking.passed_over(tag, there, warehouse, f"{REGISTRY_HOST}/{IMAGE}")


def forget(data: Path) -> None:
    """Remove what demos have made in a folder, so that the next one begins anew; what else is there stays.

    Raises Unavailable where a demo runs there, the folder is not one of a demo, or something cannot be removed.
    """
    data = data.absolute()
    with naming.named(data):
        held = HeldFolder.take(data, _PURPOSE, command="towpath demo --reset")
        try:
            for name in _MADE:
                removed = removal.remove(data / name)
                if removed.left:
                    raise Unavailable(f"{data / name} could not be removed: {removed.why}")
        finally:
            held.release()


@dataclass(frozen=True, slots=True)
class Surrounding:
    """What runs in the demo beside Towpath and the registry, for who tells of it."""

    git: DemoGit
    argocd: ArgoInstallation
    service: DeployedService
    jira: JiraServer
    chat: DemoChat
    regions: DemoRegions


@asynccontextmanager
async def running(settings: DemoSettings) -> AsyncIterator[tuple[World, Surrounding]]:
    """Run registry, Git server, Argo CD, what it deploys, Jira, a chat and Towpath while the context lasts. Raises Unavailable, BadRequest."""
    host, port = app.parse_address(settings.listen)
    data = settings.data.absolute()
    async with AsyncExitStack() as parts:
        with naming.named(data):
            parts.callback(HeldFolder.take(data, _PURPOSE, command="towpath demo").release)
            git = DemoGit(data / "repositories", programs=settings.programs)
            parts.callback(git.close)
            git.ensure(chart.REPOSITORY, chart.FILES, branch=chart.BRANCH, seconds=1_700_000_000)
            registry = DemoRegistry(data / "registry")
            parts.callback(registry.close)
            argocd = argo_cd.installation(
                data / "argocd", git, GIT_BASE, programs=settings.programs
            )
            argo_cd.fill(argocd, [example("argo-cd") / argo_cd.APPLICATIONS])
            authority = await parts.enter_async_context(argo_cd.running(argocd))
            argo_cd.write_kubeconfig(argocd, data / argo_cd.KUBECONFIG, authority)
            service = DeployedService(argocd.cluster)
            parts.callback(service.close)
            jira = tickets.jira(data / "jira.json")
            parts.callback(jira.close)
            chat = DemoChat()
            parts.callback(chat.close)
            regions = DemoRegions(data / "regions.json")
            parts.callback(regions.close)
        around = (service, jira, chat, regions)
        operator = OperatorSettings(
            registries={REGISTRY_HOST: RegistrySettings(mirrors=[registry.url])},
            git=GitSettings(instead_of={f"{git.url}/": [GIT_BASE]}),
            egress=EgressSettings(allow=[_place(each.url) for each in around]),
            argocd=_connections(data / argo_cd.KUBECONFIG),
        )
        past = making.HistorySurroundings(
            data=data / "towpath",
            key_file=settings.key_file,
            operator=operator,
            registry=registry.url,
            sources=git,
            source_base=GIT_BASE,
            documents=manifests.then(regions.url),
            programs=settings.programs,
        )
        without = ""
        with naming.named(data):
            try:
                await making.make(past, datetime.now(UTC))
            except Unavailable as error:  # the rest of the demo does without
                without = error.message
            git.ensure(
                manifests.REPOSITORY,
                manifests.files(regions.running),
                branch=manifests.BRANCH,
                seconds=1_700_000_000,
                message="What runs where",
            )
        served_by = app.Settings(
            data=data / "towpath",
            key_file=settings.key_file,
            host=host,
            port=port if _is_free(host, port) else 0,
            operator=operator,
            tls=app.TLSSettings(host="127.0.0.1", port=0 if port == 0 else _free(TLS_PORT)),
            programs=settings.programs,
        )
        async with app.running(served_by) as served:
            wanted = kubeconfig.KubeconfigOptions(namespace=PROJECT, context="towpath-demo")
            told = kubeconfig.text(kubeconfig.document(served_by.data, wanted))
            note = notes.Note(
                str(data.resolve()),
                served.address,
                str(served.token_file),
                registry.url,
                git.url,
            )
            with naming.named(data):
                kubeconfig.write(data / KUBECONFIG, told)
                is_noted = parts.enter_context(notes.noted(note, settings.state))
            yield (
                replace(
                    World.of(note), is_noted=is_noted, password=served.new_password, without=without
                ),
                Surrounding(git, argocd, service, jira, chat, regions),
            )


def _place(url: str) -> str:
    """Return the `HOST:PORT` of a part on loopback, which manifests may name."""
    return urlsplit(url).netloc


def _connections(path: Path) -> ArgoCDSettings:
    """Return the operator's settings for the demo's Argo CD, which serves every Project."""
    by = KubernetesSettings(kubeconfig=str(path))
    connection = ConnectionSettings(projects=["*"], default=True, kubernetes=by)
    return ArgoCDSettings(connections={argo_cd.NAME: connection})


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
