"""Tells what happens in the demo, and what to try next."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath import app
from towpath.demo import argo_cd, chart, deployed, tickets
from towpath.demo.examples import example
from towpath.demo.git_server import USER
from towpath.demo.health_telling import HealthTelling
from towpath.demo.jira.workflow import PREPROD
from towpath.demo.shop import manifests as shop
from towpath.demo.shop import story
from towpath.demo.ticket_telling import TicketTelling
from towpath.demo.verification_telling import VerificationTelling
from towpath.demo.world import (
    GIT_BASE,
    IMAGE,
    KUBECONFIG,
    PROJECT,
    REGISTRY_HOST,
    WAREHOUSE,
    DemoSettings,
    World,
    running,
)
from towpath.errors import NotFound, TowpathError
from towpath.resources import manifests
from towpath.resources.promotion_age import rank

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.world import Surrounding

_LOOK_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 30.0
_EXAMPLE: Final = "smoke-test-and-ticket"
_APPLIED: Final = ("stages.yaml", "hooks.yaml")
"""Of that example: its Secrets are the demo's own."""
_ENDED: Final = frozenset({"Succeeded", "Failed", "Errored", "Aborted"})


def run(settings: DemoSettings, say: Callable[[str], None]) -> None:
    """Run the demo until SIGINT or SIGTERM, telling what happens. Raises Unavailable."""
    asyncio.run(_run(settings, say))


async def _run(settings: DemoSettings, say: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    say(
        "Towpath demo: starting a registry, a Git server, Argo CD, Jira, a chat and Towpath on this machine …"
    )
    async with running(settings) as (made, around):
        _, port = app.parse_address(settings.listen)
        if port and not made.server.endswith(f":{port}"):
            say(f"Port {port} is taken: the API listens on another one. (--listen names one.)")
        narrator = Narrator(made, around, say)
        telling = asyncio.create_task(asyncio.to_thread(narrator.run))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((telling, stopping), return_when=asyncio.FIRST_COMPLETED)
        say("")
        if stop.is_set():
            say("Stopping …")
        narrator.stop()
        stopping.cancel()
        await telling
    say(
        f"The demo has stopped. What it made stays in {settings.data}, and the next one goes on from there; "
        "with --reset it begins anew."
    )


class Narrator:
    """Sets the demo going, then tells of every Promotion until it is stopped."""

    def __init__(self, world: World, around: Surrounding, say: Callable[[str], None]) -> None:
        self._world = world
        self._git = around.git
        self._argocd = around.argocd
        self._say = say
        self._client = world.client
        self._stopping = threading.Event()
        self._told: set[str] = set()
        self._around = around
        self._health = HealthTelling(say)
        self._verifications = VerificationTelling(say)
        self._tickets = TicketTelling(around.jira.site, around.chat, say)
        self._aliases: dict[str, str] = {}

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()

    def run(self) -> None:
        """Apply the example, push a first image, tell how it goes; then go on telling. Raises TowpathError."""
        say = self._say
        say("")
        say(f"  registry  {self._world.registry}  stands for {REGISTRY_HOST}")
        say(f"  git       {self._world.git}  stands for {GIT_BASE}")
        say(
            f"  argo cd   {self._argocd.kubernetes.url}  a stand-in: it deploys to a cluster that is simulated"
        )
        say(f"            what it deploys answers at {self._around.service.url}/preprod/healthz")
        say(f"  jira      {self._around.jira.url}  a stand-in: its board is for the browser")
        say(f"  chat      {self._around.chat.url}  a stand-in: what is said is for the browser")
        say(f"  towpath   {self._world.server}  data in {self._world.data}")
        say(
            f"  web ui    {self._world.server}/  for the browser; the token to sign in with is in {self._world.token_file}"
        )
        say("")
        try:
            self._set_going()
        except TowpathError:
            if self._stopping.is_set():
                return  # the server is on its way out
            raise
        if self._stopping.is_set():
            return
        self._hints()
        while not self._stopping.wait(_LOOK_SECONDS * 5):
            try:
                self._tell_promotions()
                self._tell_stages()
            except TowpathError:
                continue  # as above

    def _set_going(self) -> None:
        self._known()
        # Before anything looks for it: a mirror that has no such repository would have the host behind it asked.
        tag = self._world.push()
        self._say(f"CI has pushed {REGISTRY_HOST}/{IMAGE}:{tag}.")
        found = {}
        for path in (
            *sorted(example("two-environments").glob("*.yaml")),
            *(example(_EXAMPLE) / name for name in _APPLIED),
        ):
            text = path.read_bytes().replace(
                deployed.HOST.encode(), self._around.service.url.encode()
            )
            for each in manifests.read(text, path.name):
                document = each.document
                found[document["kind"], document["metadata"]["name"]] = document
        ordered = sorted(found.values(), key=lambda document: document["kind"] != "Project")
        secrets = tickets.secrets(PROJECT, self._around.jira, self._around.chat)
        outcomes = self._client.apply(
            [
                ordered[0],
                _credential(PROJECT, self._git.password),
                *secrets,
                *ordered[1:],
            ]
        )
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        made = ", ".join(
            f"{outcome.document['kind']} {outcome.document['metadata']['name']}"
            for outcome in outcomes
        )
        verb = "unchanged" if all(each.verb == "unchanged" for each in outcomes) else "applied"
        self._say(f"The example {_EXAMPLE} is {verb}: {made}.")
        self._set_shop_going()
        self._client.refresh("warehouses", PROJECT, WAREHOUSE)
        if self._await_in_preprod(tag):
            self._await_health()
            self._say("")
            self._say(
                "preprod takes what is new by itself. prod takes what passed the smoke test there, when somebody asks."
            )

    def _set_shop_going(self) -> None:
        """Have the shop, where it has a history, know where this start's regions and repository answer."""
        if self._world.without:
            self._say(f"The shop is left out: {self._world.without}")
        try:
            self._client.get("projects", "", story.PROJECT)
        except NotFound:
            return
        documents = shop.now(self._around.regions.url)
        credential = _credential(story.PROJECT, self._git.password)
        for outcome in self._client.apply([*documents, credential]):
            if outcome.error is not None:
                raise outcome.error
        self._say(
            f"Project {story.PROJECT} has three weeks behind it: two products in three regions, for the web UI."
        )

    def _await_health(self) -> None:
        """Tell how preprod is, once Argo CD has brought the commit to the cluster, and what its test came to; not for ever."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while not self._stopping.is_set() and time.monotonic() < end:
            stages = self._tell_stages()
            if self._verifications.is_told(stages, "preprod") and self._tickets.has(PREPROD):
                return
            self._stopping.wait(_LOOK_SECONDS)

    def _tell_stages(self) -> list[dict[str, Any]]:
        """Tell how the Stages are, what was tested, and what tickets and chat say of it; return the Stages."""
        stages = self._client.objects("stages", PROJECT)
        self._health.tell(stages)
        self._verifications.tell(stages)
        self._tickets.tell()
        return stages

    def _known(self) -> None:
        """Take Freight, Promotions and tests of an earlier run as told, if there was one."""
        try:
            self._verifications.know(self._client.objects("stages", PROJECT))
        except NotFound:
            return
        for freight in self._client.objects("freight", PROJECT):
            self._aliases[freight["metadata"]["name"]] = _called(freight)
        for promotion in self._client.objects("promotions", PROJECT):
            if _phase(promotion) in _ENDED:
                self._told.add(promotion["metadata"]["name"])

    def _await_in_preprod(self, tag: str) -> bool:
        """Return whether a Promotion took an image to preprod, having told of it; say so where none has in time."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while not self._stopping.is_set():
            self._tell_promotions()
            stage = self._client.get("stages", PROJECT, "preprod")
            status = stage.get("status") or {}
            held = ((status.get("freightHistory") or [{}])[0].get("items") or {}).values()
            last = (status.get("lastPromotion") or {}).get("name")
            if last in self._told and any(
                image.get("tag") == tag for item in held for image in item.get("images") or ()
            ):
                return True
            if time.monotonic() > end:
                self._say(
                    f"{tag} has not come to preprod. Below is how to ask why: explain preprod."
                )
                return False
            self._stopping.wait(_LOOK_SECONDS)
        return False

    def _tell_promotions(self) -> None:
        """Tell of Freight that is new and of Promotions that have ended."""
        for freight in reversed(self._client.objects("freight", PROJECT)):
            name = freight["metadata"]["name"]
            if name not in self._aliases:
                self._aliases[name] = _called(freight)
                tags = ", ".join(image.get("tag", "") for image in freight.get("images") or ())
                self._say("")
                self._say(f"Freight {self._aliases[name]} is made of it: {tags}.")
        found = self._client.objects("promotions", PROJECT)
        for promotion in sorted(found, key=lambda each: rank(each["metadata"]["name"])):
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
            for line in self._git.shown(chart.REPOSITORY, _commit(status)).splitlines():
                if line.startswith(("commit", "+", "-")) and line[:3] not in ("+++", "---"):
                    self._say(f"  {line}")

    def _hints(self) -> None:
        world, say = self._world, self._say
        push = "towpath demo push"
        if not world.is_noted:
            push += f" --data {shlex.quote(str(world.data))}"
        kubeconfig = shlex.quote(str(world.data / KUBECONFIG))
        applications = shlex.quote(str(world.data / argo_cd.KUBECONFIG))
        address = world.git.replace("http://", f"http://{USER}:{self._git.password}@")
        lines = (
            (push, "push the next version"),
            ("towpath get stages", "what is where, and how it is"),
            ("towpath explain prod", "why something does not move"),
            (f"towpath promote --stage prod --warehouse {WAREHOUSE} --wait", "take it to prod"),
            ("towpath history prod", "what was there, and when"),
            (f"git clone {address}/{chart.REPOSITORY}", "every Promotion is a commit"),
            (f"kubectl --kubeconfig {kubeconfig} get stages,freight", "the same with kubectl"),
            (f"kubectl --kubeconfig {applications} get applications", "what Argo CD says"),
            (
                f"{push} --crashes",
                "push a version that never becomes healthy: prod does not get it",
            ),
            (f"{push} --fails", "push a version that fails its smoke test: the chat hears of it"),
            ("towpath get stagehooks,hookruns,messages", "what was done when something happened"),
        )
        say("")
        say("Now, in another terminal, from any folder; first these:")
        say("")
        here = Path(sys.argv[0]).absolute().parent
        if shutil.which("towpath") is None and (here / "towpath").is_file():
            say(f"  export PATH={shlex.quote(str(here))}:$PATH")
        say(f"  export TOWPATH_SERVER={world.server}")
        say(f'  export TOWPATH_TOKEN="$(cat {shlex.quote(str(world.token_file))})"')
        say(f"  export TOWPATH_PROJECT={PROJECT}")
        if world.password:
            say("")
            say(f"  the web UI: {world.server}, as admin with {world.password} (shown this once)")
        say("")
        say("Then:")
        say("")
        for text, what in lines:
            say(f"  # {what}")
            say(f"  {text}")
        say("")
        say("What happens is told here. Ctrl-C stops the demo.")


def _called(freight: dict[str, Any]) -> str:
    return str(freight.get("alias") or freight["metadata"]["name"])


def _commit(status: dict[str, Any]) -> str:
    """Return the commit that a Promotion pushed, as its steps say; else the newest of the branch."""
    found = [
        output["commit"]
        for output in (status.get("state") or {}).values()
        if isinstance(output, dict) and isinstance(output.get("commit"), str)
    ]
    return found[-1] if found else chart.BRANCH


def _phase(promotion: dict[str, Any]) -> str:
    return str((promotion.get("status") or {}).get("phase") or "")


def _credential(project: str, password: str) -> dict[str, Any]:
    """Return the Secret that opens what a Project deploys from, and what its images are built of."""
    text = f"""
    apiVersion: v1
    kind: Secret
    metadata:
      name: demo-git
      namespace: {project}
      labels: {{kargo.akuity.io/cred-type: git}}
    stringData:
      repoURL: ^{re.escape(GIT_BASE)}
      repoURLIsRegex: "true"
      username: {USER}
      password: "{password}"
    """
    found: dict[str, Any] = yaml.safe_load(text)
    return found
