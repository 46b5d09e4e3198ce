"""The world of the example `two-environments`: a registry, a Git server with a chart, a running Towpath."""

from __future__ import annotations

import contextlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import git_server, registry, towpath_process, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.git_server import GitServer
    from tests.support.registry import Registry
    from tests.support.towpath_process import Running

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "two-environments"
PROJECT = "sandbox-example"
WAREHOUSE = "example-container"
HOST = "us-east1-docker.pkg.dev"
REPOSITORY = "container/main-containers/example-container"
GIT = "sandbox.git"
BRANCH = "master"
TAGS = ("2026-01-02_1000-aaaaaaa", "2026-01-03_1000-bbbbbbb", "2026-01-04_1000-ccccccc")

VALUES = """\
# Values of {name}. Comments and layout stay as they are.
general:
    # the image that runs
    lmsImageTag:   "2020-01-01_0000-0000000"   # set by promotions
    replicas: {replicas}

other: {{a: 1,   b: [x,y]}}   # odd spacing
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: lms
spec:
  replicas: {{ .Values.general.replicas }}
  template:
    spec:
      containers:
        - name: lms
          image: us-east1-docker.pkg.dev/container/main-containers/example-container:{{ .Values.general.lmsImageTag }}
"""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: lms\nversion: 0.1.0\n",
    "templates/deployment.yaml": DEPLOYMENT,
    "preprod/values.yaml": VALUES.format(name="preprod", replicas=1),
    "prod/values.yaml": VALUES.format(name="prod", replicas=3),
}


def git_credential(url: str, user: str, password: str) -> dict[str, Any]:
    """Return the Secret of the Project for a Git repository."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "git",
            "namespace": PROJECT,
            "labels": {"kargo.akuity.io/cred-type": "git"},
        },
        "stringData": {"repoURL": url, "username": user, "password": password},
    }


@dataclass
class Sandbox:
    """What a test acts on and looks at."""

    folder: Path
    registry: Registry
    git: GitServer
    server: Running

    # Acting

    def towpath(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of the program against the server."""
        return subprocess.run(
            [*towpath_process.COMMAND, *arguments],
            env=towpath_process.environment(
                self.folder, TOWPATH_SERVER=self.server.address, TOWPATH_TOKEN=self.server.token
            ),
            capture_output=True,
            text=True,
            input=stdin,
            check=False,
            timeout=90,
        )

    def ok(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that must succeed, and return what it printed."""
        done = self.towpath(*arguments, stdin=stdin)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}{self.log()}"
        return done.stdout

    everything = ("apply", "-f", "-", "-f", str(EXAMPLE))
    """Applies the example, and before it what is on standard input: a Promotion would not find its credential else."""

    def apply_example(self) -> str:
        """Apply the example and the credential for its repository."""
        return self.ok(*self.everything, stdin=yaml.safe_dump(self.credential()))

    def apply(self, *documents: dict[str, Any]) -> str:
        """Apply documents."""
        return self.ok("apply", "-f", "-", stdin=yaml.safe_dump_all(documents))

    def credential(self, *, password: str | None = None) -> dict[str, Any]:
        """Return the Secret for the Git repository."""
        password = self.git.password if password is None else password
        return git_credential("https://github.com/test/sandbox.git", self.git.user, password)

    def push_image(self, tag: str) -> str:
        """Push an image; return its digest."""
        return self.registry.push(REPOSITORY, tag)

    def refresh(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Have the Warehouse looked at now."""
        return self.towpath("refresh", "warehouse", WAREHOUSE, "--project", PROJECT, *flags)

    # Looking

    def get(self, path: str) -> Any:
        """Ask the API."""
        with httpx.Client(
            base_url=self.server.address,
            headers={"Authorization": f"Bearer {self.server.token}"},
            timeout=20,
        ) as client:
            answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def freight(self) -> list[dict[str, Any]]:
        """Return the Freight there is, oldest first."""
        groups = self.get(f"/v1beta1/projects/{PROJECT}/freight")["groups"]
        return list(reversed(groups[""]["items"]))

    def promotions(self, stage: str) -> list[dict[str, Any]]:
        """Return the Promotions of a Stage, oldest first."""
        found: list[dict[str, Any]] = self.get(
            f"/v1beta1/projects/{PROJECT}/promotions?stage={stage}"
        )["items"]
        return sorted(found, key=lambda each: str(each["metadata"]["name"]))

    def stage(self, name: str) -> dict[str, Any]:
        """Return a Stage."""
        found: dict[str, Any] = self.get(f"/v1beta1/projects/{PROJECT}/stages/{name}")
        return found

    def warehouse(self) -> dict[str, Any]:
        """Return the Warehouse."""
        found: dict[str, Any] = self.get(f"/v1beta1/projects/{PROJECT}/warehouses/{WAREHOUSE}")
        return found

    def condition(self, document: dict[str, Any], type_: str) -> dict[str, Any]:
        """Return a condition, empty if it is not there."""
        found = (document.get("status") or {}).get("conditions") or []
        return next((each for each in found if each["type"] == type_), {})

    def held(self, stage: str) -> str:
        """Return the tag that a Stage holds, empty if it holds nothing."""
        history = (self.stage(stage).get("status") or {}).get("freightHistory") or []
        items = history[0]["items"] if history else {}
        return next((str(each["images"][0]["tag"]) for each in items.values()), "")

    def tag(self, stage: str) -> str:
        """Return the tag that the repository says for a Stage."""
        values = yaml.safe_load(self.git.read(GIT, f"{stage}/values.yaml", BRANCH))
        return str(values["general"]["lmsImageTag"])

    def commits(self) -> int:
        """Return how many commits the branch has."""
        return self.git.count(GIT, BRANCH)

    def until(self, what: str, holds: Callable[[], Any]) -> Any:
        """Return once something holds; the API is asked again and again. Fails after a deadline."""
        return waiting.until(holds, lambda: f"{what}\n{self.state()}")

    def settled(self, stage: str, tag: str) -> None:
        """Return once a Stage holds a tag and nothing is under way there."""
        self.until(
            f"{stage} holds {tag}",
            lambda: (
                self.held(stage) == tag
                and "currentPromotion" not in self.stage(stage)["status"]
                and self.condition(self.stage(stage), "Ready").get("status") == "True"
            ),
        )

    def log(self) -> str:
        """Return the server's log."""
        return (self.folder / "log").read_text()[-4000:]

    def state(self) -> str:
        """Return what there is, for the message of a failure."""
        shown = [
            f"{plural}/{item['metadata']['name']}: {json.dumps(item.get('status'))[:1500]}"
            for plural in ("warehouses", "stages", "promotions")
            for item in self.get(f"/v1beta1/projects/{PROJECT}/{plural}")["items"]
        ]
        return "\n".join([*shown, self.log()])


def config(registry_url: str, git_url: str) -> str:
    """Return operator settings that lead the example's hosts to ours."""
    return yaml.safe_dump(
        {
            "registries": {HOST: {"mirrors": [registry_url]}},
            "git": {"insteadOf": {f"{git_url}/": ["https://github.com/test/"]}},
        }
    )


@contextlib.contextmanager
def outside(folder: Path) -> Iterator[tuple[Registry, GitServer]]:
    """Run a registry and a Git server with the chart."""
    with (
        registry.serving(folder / "registry") as images,
        git_server.serving(folder / "git") as git,
    ):
        git.create(GIT, CHART, branch=BRANCH)
        yield images, git


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Sandbox]:
    """Run all of it."""
    with outside(folder) as (images, git):
        (folder / "config.yaml").write_text(config(images.url, git.url))
        with towpath_process.up(folder, config=folder / "config.yaml") as server:
            yield Sandbox(folder, images, git, server)
