"""Two products as the example smoke-test-and-ticket has them, with all that they talk to: Git, Argo CD, what it deploys, Jira, a chat."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import argocd_products, argocd_thread, git_server
from tests.support.tracker_contracts import JiraObserver
from towpath.demo import argo_cd, images, tickets
from towpath.demo.argocd.installation_settings import GitPlace
from towpath.demo.chat import DemoChat
from towpath.demo.deployed import DeployedService
from towpath.demo.jira.server import JiraServer
from towpath.demo.jira.site import JiraSite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.git_server import GitServer

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "smoke-test-and-ticket"
STAGES = ("preprod", "prod")
GOOD, FAILING, NEXT = "1", f"2-{images.FAILING}", "3"
TAGS = (GOOD, FAILING, NEXT)
"""Of these the second is deployed, becomes healthy, and fails its smoke test."""


@dataclass
class Outside:
    """All that a Towpath talks to."""

    git: GitServer
    argocd: ThreadedArgoCD
    service: DeployedService
    jira: JiraServer
    chat: DemoChat

    def tickets(self, product: str) -> dict[str, dict[str, Any]]:
        """Return the tickets of a product by the version they are for: status, versions, and comments as text."""
        with self.jira.site.lock:
            found = [
                each
                for each in self.jira.site.contents.issues.values()
                if each.project == tracked(product)
            ]
            by_version: dict[str, dict[str, Any]] = {}
            for issue in found:
                version = issue.summary.rpartition(" ")[2]
                assert version not in by_version, f"two tickets for {version}"
                by_version[version] = {
                    "status": issue.status,
                    "versions": list(issue.fix_versions),
                    "comments": [str(each.body) for each in issue.comments],
                }
            return by_version

    def messages(self, product: str) -> list[str]:
        """Return what the chat heard of a product, in order."""
        return [each.text for each in self.chat.messages if f"[{product}]" in each.text]


def tracked(product: str) -> str:
    """Return the key of a product's project in Jira."""
    return product.replace("-", "").upper()


@contextmanager
def outside(folder: Path, products: tuple[str, ...]) -> Iterator[Outside]:
    """Run all of it while the context lasts; every request to Jira must be as its description has it."""
    with ExitStack() as parts:
        git = parts.enter_context(git_server.serving(folder / "git"))
        place = {argocd_products.BASE: GitPlace(f"{git.url}/", git.user, git.password)}
        argocd = parts.enter_context(argocd_thread.serving(folder / "argocd", git=place))
        service = DeployedService(argocd.installation.cluster, "web")
        parts.callback(service.close)
        observer = JiraObserver()
        jira = JiraServer(JiraSite(), observe=observer)
        parts.callback(jira.close)
        chat = DemoChat()
        parts.callback(chat.close)
        for product in products:
            add_product(git, argocd, jira, product)
        yield Outside(git, argocd, service, jira, chat)
        assert not observer.problems


def add_product(git: GitServer, argocd: ThreadedArgoCD, jira: JiraServer, product: str) -> None:
    """Make a product's repository, Applications and project in Jira."""
    argocd_products.fill(git, product, STAGES)
    for stage in STAGES:
        argocd.put(argocd_products.application(product, stage))
    jira.site.project(tracked(product))


def config(world: Outside, folder: Path) -> dict[str, Any]:
    """Return the operator's settings, with a kubeconfig in a folder."""
    kubeconfig = folder / "kubeconfig"
    world.argocd.do(lambda found: argo_cd.write_kubeconfig(found, kubeconfig))
    by = {"projects": ["*"], "default": True, "kubernetes": {"kubeconfig": str(kubeconfig)}}
    reached = [each.url.split("/")[2] for each in (world.service, world.jira, world.chat)]
    return {
        "git": {"insteadOf": {f"{world.git.url}/": [argocd_products.BASE]}},
        "argocd": {"connections": {"main": by}},
        "egress": {"allow": reached},
        "stages": {"healthDebounce": "0s"},
    }


def documents(world: Outside, product: str, tags: Sequence[str] = TAGS) -> Iterator[dict[str, Any]]:
    """Yield a product's objects, Freight for each tag among them; hooks, channel, smoke tests and the ticket's step are those of the example."""
    example = list(_example())
    stages = {each["metadata"]["name"]: each for each in example if each["kind"] == "Stage"}
    for document in argocd_products.documents(world.git, product, STAGES, tags, waits=False):
        if document["kind"] == "Stage":
            name = document["metadata"]["name"]
            yield _tested(document, stages[name], world, product)
        else:
            yield document
        if document["kind"] == "Project":
            yield from tickets.secrets(product, world.jira, world.chat)
            for each in example:
                if each["kind"] != "Stage":
                    yield _of_product(each, product)


def _tested(
    document: dict[str, Any], like: Mapping[str, Any], world: Outside, product: str
) -> dict[str, Any]:
    """Return a Stage with the smoke test of the example's, its sources, and the step that opens the ticket."""
    name = document["metadata"]["name"]
    smoke = yaml.safe_load(like["metadata"]["annotations"]["towpath.dev/smoke"])
    smoke["url"] = f"{world.service.url}/{product}-{name}/healthz"
    document["metadata"]["annotations"] = {"towpath.dev/smoke": yaml.safe_dump(smoke)}
    spec = document["spec"]
    [request] = spec["requestedFreight"]
    request["sources"] = like["spec"]["requestedFreight"][0]["sources"]
    opening = [each for each in like["spec"]["promotionTemplate"]["spec"]["steps"] if each.get("uses") == "jira"]  # fmt: skip
    steps = spec["promotionTemplate"]["spec"]["steps"]
    for step in opening:
        wanted = step["config"]["createIssue"]
        wanted["projectKey"] = tracked(product)
        wanted["summary"] = f"Release ${{{{ imageFrom('{argocd_products.IMAGE}').Tag }}}}"
    spec["promotionTemplate"]["spec"]["steps"] = [*opening, *steps]
    return document


def _of_product(document: dict[str, Any], product: str) -> dict[str, Any]:
    metadata = {**document["metadata"], "namespace": product}
    spec = document["spec"]
    if document["metadata"]["name"] == "ticket":
        version = {
            "name": "version",
            "value": f"${{{{ imageFrom('{argocd_products.IMAGE}').Tag }}}}",
        }
        rest = [each for each in spec["vars"] if each["name"] != "version"]
        spec = {**spec, "vars": [version, *rest], "retry": {"attempts": 10, "backOff": "1s"}}
    if document["metadata"]["name"] == "alarm":
        [step] = spec["steps"]
        said = f"[{product}] {step['config']['message']}"
        spec = {**spec, "steps": [{**step, "config": {**step["config"], "message": said}}]}
    return {**document, "metadata": metadata, "spec": spec}


def _example() -> Iterator[dict[str, Any]]:
    for name in ("stages.yaml", "hooks.yaml"):
        yield from yaml.safe_load_all((EXAMPLE / name).read_text())
