"""Tells what happens in the demo, and what to try next."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.demo import chart
from towpath.demo.git_server import PASSWORD, USER
from towpath.errors import TowpathError, Unavailable
from towpath.resources import manifests

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.git_server import DemoGit
    from towpath.demo.world import World

_LOOK_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 60.0
_ENDED: Final = frozenset({"Succeeded", "Failed", "Errored", "Aborted"})


class Narrator:
    """Sets the demo going, then tells of every Promotion until it is stopped."""

    def __init__(self, world: World, git: DemoGit, say: Callable[[str], None]) -> None:
        self._world = world
        self._git = git
        self._say = say
        self._client = world.client
        self._stopping = threading.Event()
        self._told: set[str] = set()
        self._aliases: dict[str, str] = {}

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()

    def run(self, data: Path) -> None:
        """Apply the example, push a first image, tell how it goes; then go on telling."""
        from towpath.demo.world import GIT_BASE, REGISTRY_HOST

        say = self._say
        say("Towpath demo: a registry, a Git server and Towpath, all on this machine.")
        say("")
        say(f"  registry  {self._world.registry}  stands for {REGISTRY_HOST}")
        say(f"  git       {self._world.git}  stands for {GIT_BASE}")
        say(f"  towpath   {self._world.server}  data in {data}")
        say("")
        try:
            self._set_going()
        except TowpathError as error:
            if not self._stopping.is_set():
                say(f"The demo cannot go on: {error}")
            return
        self._hints(data)
        while not self._stopping.wait(_LOOK_SECONDS * 5):
            try:
                self._tell_promotions()
            except TowpathError:
                continue  # the server is on its way out

    def _set_going(self) -> None:
        from towpath.demo.world import IMAGE, PROJECT, REGISTRY_HOST, WAREHOUSE, example

        documents = []
        for path in sorted(example().glob("*.yaml")):
            documents += [each.document for each in manifests.read(path.read_bytes(), path.name)]
        ordered = sorted(documents, key=lambda document: document["kind"] != "Project")
        outcomes = self._client.apply([ordered[0], _credential(PROJECT), *ordered[1:]])
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        made = ", ".join(
            f"{outcome.document['kind']} {outcome.document['metadata']['name']}"
            for outcome in outcomes
        )
        verb = "unchanged" if all(each.verb == "unchanged" for each in outcomes) else "applied"
        self._say(f"The example two-environments is {verb}: {made}.")
        self._known()
        tag = self._world.push()
        self._say(f"CI has pushed {REGISTRY_HOST}/{IMAGE}:{tag}.")
        self._client.refresh("warehouses", PROJECT, WAREHOUSE)
        self._await_in_preprod(tag)
        self._say("")
        self._say("preprod takes what is new by itself. prod waits until somebody asks.")

    def _known(self) -> None:
        """Take Promotions of an earlier run as told."""
        from towpath.demo.world import PROJECT

        for promotion in self._client.objects("promotions", PROJECT):
            if _phase(promotion) in _ENDED:
                self._told.add(promotion["metadata"]["name"])

    def _await_in_preprod(self, tag: str) -> None:
        from towpath.demo.world import PROJECT

        end = time.monotonic() + _PATIENCE_SECONDS
        while not self._stopping.is_set():
            self._tell_promotions()
            history = (self._client.get("stages", PROJECT, "preprod").get("status") or {}).get(
                "freightHistory"
            ) or [{}]
            held = (history[0].get("items") or {}).values()
            if any(image.get("tag") == tag for item in held for image in item.get("images") or ()):
                return
            if time.monotonic() > end:
                raise Unavailable(
                    f"{tag} has not come to preprod; ask why with: towpath explain preprod -p {PROJECT}"
                )
            self._stopping.wait(_LOOK_SECONDS)

    def _tell_promotions(self) -> None:
        """Tell of Freight that is new and of Promotions that have ended."""
        from towpath.demo.world import PROJECT

        for freight in reversed(self._client.objects("freight", PROJECT)):
            name = freight["metadata"]["name"]
            if name not in self._aliases:
                self._aliases[name] = str(freight.get("alias") or name)
                tags = ", ".join(image.get("tag", "") for image in freight.get("images") or ())
                self._say(f"Freight {self._aliases[name]} is made of it: {tags}.")
        found = self._client.objects("promotions", PROJECT)
        for promotion in sorted(
            found, key=lambda each: str(each["metadata"]["name"]).split(".")[1]
        ):
            name = promotion["metadata"]["name"]
            if name in self._told or _phase(promotion) not in _ENDED:
                continue
            self._told.add(name)
            self._tell(promotion)

    def _tell(self, promotion: dict[str, Any]) -> None:
        status, spec = promotion["status"], promotion["spec"]
        steps = ", ".join(
            f"{step.get('alias', '').rpartition('::')[2]} {step.get('status')}"
            for step in status.get("stepExecutionMetadata") or ()
        )
        alias = self._aliases.get(spec["freight"], spec["freight"])
        self._say("")
        self._say(f"Promotion of {alias} to {spec['stage']}: {status['phase']}")
        self._say(f"  {promotion['metadata']['name']}")
        self._say(f"  steps: {steps}")
        if status.get("message"):
            self._say(f"  {status['message']}")
        if status["phase"] == "Succeeded":
            for line in self._git.newest(chart.REPOSITORY, chart.BRANCH).splitlines():
                if line.startswith("commit") or (
                    line[:1] in "+-" and line[:3] not in ("+++", "---")
                ):
                    self._say(f"  {line}")

    def _hints(self, data: Path) -> None:
        from towpath.demo.world import KUBECONFIG, PROJECT, WAREHOUSE

        world, say = self._world, self._say
        command = "towpath demo push"
        if data != Path(".towpath/demo"):
            command += f" --data {data}"
        lines = (
            (command, "push the next version"),
            ("towpath get stages", "what is where"),
            (
                f"towpath promote --stage prod --warehouse {WAREHOUSE} --wait",
                "take the newest to prod",
            ),
            ("towpath explain prod", "ask why something does not move"),
            ("towpath history prod", "what was there, and when"),
            (f"kubectl --kubeconfig {data / KUBECONFIG} get stages,freight", "or with kubectl"),
        )
        say("")
        say("Now, in another terminal:")
        say("")
        here = Path(sys.argv[0]).absolute().parent
        if shutil.which("towpath") is None and (here / "towpath").is_file():
            say(f"  export PATH={here}:$PATH")
        say(f"  export TOWPATH_SERVER={world.server}")
        say(f"  export TOWPATH_TOKEN=$(cat {world.token_file})")
        say(f"  export TOWPATH_PROJECT={PROJECT}")
        say("")
        for text, what in lines:
            say(f"  {text:<64}  # {what}")
        address = world.git.replace("http://", f"http://{USER}:{PASSWORD}@")
        say(f"  git clone {address}/{chart.REPOSITORY}")
        say("")
        say("Ctrl-C stops the demo.")


def _phase(promotion: dict[str, Any]) -> str:
    return str((promotion.get("status") or {}).get("phase") or "")


def _credential(project: str) -> dict[str, Any]:
    text = f"""
    apiVersion: v1
    kind: Secret
    metadata:
      name: demo-git
      namespace: {project}
      labels: {{kargo.akuity.io/cred-type: git}}
    stringData:
      repoURL: https://github.com/test/sandbox.git
      username: {USER}
      password: {PASSWORD}
    """
    found: dict[str, Any] = yaml.safe_load(text)
    return found
