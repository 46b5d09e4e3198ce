"""A Promotion that uses every step there is, with a server that is killed on the way, and what it all came to."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import argocd_thread, chart_server, every_ticket, sandbox, waiting
from tests.support.forges import ForgeServer
from tests.support.fronts import Fronts
from tests.support.git_server import git
from tests.support.killing import Driver, Phoenix
from tests.support.registry import free_port
from towpath.demo import argo_cd
from towpath.demo.argocd.installation_settings import GitPlace
from towpath.demo.loopback import Loopback
from towpath.promotion.step_registry import StepRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.every_ticket import Tickets
    from tests.support.git_server import GitServer
    from tests.support.registry import Registry
    from towpath.demo.loopback import Answer, Request

PROJECT = "every-step"
IMAGE = "shop/web"
_GITHUB = "https://github.com/test/"
TAG = "1.25.0"
_API = f"/v1beta1/projects/{PROJECT}"
_ANY = re.compile(r"\b[0-9a-f]{40,64}\b|\btowpath-[0-9a-f]{32}\b")
_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\n"

FILES = {
    "values.yaml": "image:\n  tag: 1.0.0  # set by promotions\n",
    "more.yaml": "replicas: 3\n",
    "app.json": '{\n  "image": {"tag": "1.0.0"},  "n": 1\n}\n',
    "app.toml": "[image]\ntag = '1.0.0' # set by promotions\n",
    "env/kustomization.yaml": "resources: [c.yaml]\nimages:\n- name: HOST/shop/web\n  newTag: 1.0.0\n",
    "env/c.yaml": _CONFIG_MAP,
    "umbrella/Chart.yaml": (
        "apiVersion: v2\nname: umbrella\nversion: 0.1.0\ndependencies:\n- name: web # the shop\n"
        "  repository: oci://HOST/charts\n  version: 1.0.0\n"
    ),
    "base/one.txt": "1\n",
    "base/two.tmp": "2\n",
    "old.txt": "old\n",
}
HCL = {"main.tf": 'module "web" {\n  tag = "1.0.0" # set by promotions\n}\n'}

_FIRST = """\
- uses: git-clone
  config:
    repoURL: https://github.com/test/REPOSITORY
    checkout:
      - {branch: main, path: ./src}
      - {branch: rendered, create: true, path: ./out}
- uses: http
  as: asked
  config:
    url: ELSEWHERE/asked
    successExpression: response.body.ready
    outputs: [{name: by, fromExpression: response.body.by}]
- uses: http-download
  config: {url: ELSEWHERE/archive, outPath: ./in/archive.tgz}
- uses: untar
  config: {inPath: ./in/archive.tgz, outPath: ./src/unpacked}
- uses: copy
  config: {inPath: ./src/base, outPath: ./src/copied, ignore: "*.tmp"}
- uses: delete
  config: {path: ./src/old.txt}
- uses: file-write
  config: {path: ./src/written.txt, contents: "by ${{ outputs.asked.by }}\\n", permissions: "0644"}
- uses: tar
  config: {inPath: ./src/base, outPath: ./in/base.tar}
- uses: untar
  config: {inPath: ./in/base.tar, outPath: ./src/there-and-back}
- uses: yaml-update
  as: yaml
  config: {path: ./src/values.yaml, updates: [{key: image.tag, value: "${{ imageFrom('HOST/shop/web').Tag }}"}]}
- uses: json-update
  as: json
  config: {path: ./src/app.json, updates: [{key: image.tag, value: "${{ imageFrom('HOST/shop/web').Tag }}"}]}
- uses: toml-update
  as: toml
  config: {path: ./src/app.toml, updates: [{key: image.tag, value: "${{ imageFrom('HOST/shop/web').Tag }}"}]}
- uses: yaml-parse
  as: read-yaml
  config: {path: ./src/values.yaml, outputs: [{name: tag, fromExpression: image.tag}]}
- uses: json-parse
  as: read-json
  config: {path: ./src/app.json, outputs: [{name: tag, fromExpression: image.tag}]}
- uses: toml-parse
  as: read-toml
  config: {path: ./src/app.toml, outputs: [{name: tag, fromExpression: image.tag}]}
- uses: kustomize-set-image
  as: images
  config: {path: ./src/env, images: [{image: HOST/shop/web, tag: "${{ imageFrom('HOST/shop/web').Tag }}"}]}
- uses: kustomize-build
  config: {path: ./src/env, outPath: ./built/kustomized.yaml}
- uses: helm-update-chart
  as: charts
  config: {path: ./src/umbrella, charts: [{repository: oci://HOST/charts, name: web, version: ^1.0}]}
- uses: helm-template
  config: {path: ./src/umbrella, outPath: ./built/chart, releaseName: rel, outLayout: flat}
- uses: compose-output
  as: all
  config: {message: "${{ outputs.yaml.commitMessage }}; ${{ outputs.images.commitMessage }}; ${{ outputs.charts.commitMessage }}"}
- uses: git-commit
  config: {path: ./src, message: "${{ outputs.all.message }}"}
- uses: git-push
  as: push
  config: {path: ./src}
- uses: git-tag
  config: {path: ./src, tag: "release-${{ imageFrom('HOST/shop/web').Tag }}", message: released}
- uses: git-push
  config: {path: ./src, tag: "release-${{ imageFrom('HOST/shop/web').Tag }}"}
- uses: command
  as: described
  config: {name: describe, args: ["${{ imageFrom('HOST/shop/web').Tag }}"], workingDirectory: ./built, input: {by: us}}
- uses: git-clear
  config: {path: ./out}
- uses: copy
  config: {inPath: ./built, outPath: ./out}
- uses: git-commit
  config: {path: ./out, message: rendered}
- uses: git-push
  as: rendered
  config: {path: ./out}
- uses: git-open-pr
  as: request
  config: {repoURL: https://github.com/test/REPOSITORY, sourceBranch: main, targetBranch: stable, labels: [ours]}
- uses: git-merge-pr
  as: accepted
  config: {repoURL: https://github.com/test/REPOSITORY, prNumber: "${{ outputs.request.pr.id }}", wait: true}
- uses: git-wait-for-pr
  config: {repoURL: https://github.com/test/REPOSITORY, prNumber: "${{ outputs.request.pr.id }}"}
- uses: argocd-update
  config:
    apps:
      - name: web
        sources:
          - repoURL: https://github.com/test/REPOSITORY
            desiredRevision: ${{ outputs.rendered.commit }}
- uses: argocd-wait
  as: settled
  config: {apps: [{name: web}]}
- uses: argocd-sync
  config: {apps: [{name: web, prune: true}]}
- uses: http
  as: told
  config:
    method: POST
    url: ELSEWHERE/told
    body: '${{ quote({"tag": outputs["read-yaml"].tag, "described": outputs.described.release}) }}'
- uses: send-message
  config: {channel: {kind: MessageChannel, name: board}, message: "${{ imageFrom('HOST/shop/web').Tag }} is out"}
- uses: record-audit-event
  config: {message: released, type: released, data: {tag: "${{ imageFrom('HOST/shop/web').Tag }}"}}
- uses: set-metadata
  config:
    updates:
      - {kind: Stage, name: test, values: {tag: "${{ outputs['read-toml'].tag }}"}}
      - {kind: Freight, name: "${{ ctx.targetFreight.name }}", values: {told: true}}
- uses: set-freight-alias
  config: {name: "${{ ctx.targetFreight.name }}", alias: release-one}
"""
_LAST = """\
- uses: fail
  if: ${{ outputs.told == 1 }}
  config: {message: never}
"""
STEPS = f"{_FIRST}{every_ticket.STEPS}{_LAST}"
PROGRAM = """\
#!/bin/sh
grep -q '"input": *{"by": *"us"}' || exit 2
echo "$1" > release.txt
echo "{\\"release\\": \\"$1\\"}"
"""
"""What the step `command` runs: it looks what it is given, writes a file, and puts something out."""
MORE = {
    "hcl-update": """\
- uses: hcl-update
  as: hcl
  config: {path: ./src/main.tf, updates: [{key: module.web.tag, value: "${{ imageFrom('HOST/shop/web').Tag }}"}]}
""",
    "yaml-merge": """\
- uses: yaml-merge
  config: {inFiles: [./src/values.yaml, ./src/more.yaml], outFile: ./src/merged.yaml}
""",
}
"""Steps by name that stand before the commit."""


Plan = dict[str, Any]
Lines = dict[str, tuple[int, int]]
"""Lines added and removed, by file; -1 of what is no text."""


@dataclass(frozen=True)
class End:
    """What a run has come to, with nothing in it that differs from run to run."""

    phase: str
    steps: tuple[tuple[str, str], ...]
    """Alias and status."""
    outputs: str
    """As JSON, without ids of commits."""
    branches: tuple[str, ...]
    """Authors and messages of both branches, the oldest first, and the files of the newest commit."""
    tag: str
    """The files of the tag."""
    pushed: tuple[tuple[str, Lines], ...]
    """Branches, with what the pushes changed."""
    told: tuple[str, ...]
    """Bodies of what was posted, each with its key once: a repeat has the key of the first."""
    tickets: Any
    """Issues and versions of Jira, records of ServiceNow."""
    requests: tuple[Any, ...]
    """Pull requests: branches, title, labels, and whether they were merged."""
    noted: tuple[Any, ...]
    """Alias and metadata of the Freight, metadata of the Stage."""


@dataclass
class Elsewhere:
    """A server that steps ask, fetch from and tell."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def respond(self, request: Request) -> Answer:
        """Answer."""
        if request.path == "/asked":
            return 200, {"Content-Type": "application/json"}, b'{"ready": true, "by": "us"}'
        if request.path == "/archive":
            return 200, {}, _archive()
        named = {name.lower(): value for name, value in request.headers.items()}
        self.told.append((named["idempotency-key"], request.body.decode()))
        return 200, {}, b""


def _archive() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        header = tarfile.TarInfo("notes/readme.txt")
        header.size = 5
        tar.addfile(header, io.BytesIO(b"notes"))
    return file.getvalue()


def steps() -> list[dict[str, Any]]:
    """Return the steps as they are written."""
    at, names = STEPS.index("- uses: compose-output"), StepRegistry.installed().names
    found: list[dict[str, Any]] = yaml.safe_load(
        STEPS[:at] + "".join(MORE[name] for name in sorted(MORE) if name in names) + STEPS[at:]
    )
    return found


def _manifests(replaced: dict[str, str]) -> list[dict[str, Any]]:
    def of(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        metadata = {"name": name, **({} if kind == "Project" else {"namespace": PROJECT})}
        return {
            "apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec,
        }  # fmt: skip

    text = json.dumps(steps())
    for name, value in replaced.items():
        text = text.replace(name, value)
    origin = {"kind": "Warehouse", "name": "web"}
    template = {"spec": {"steps": json.loads(text)}}
    return [
        {**of("Project", PROJECT, {}), "spec": {}},
        {
            **of("MessageChannel", "board", {"http": {"url": f"{replaced['ELSEWHERE']}/message"}}),
            "apiVersion": "ee.kargo.akuity.io/v1alpha1",
        },
        of("Warehouse", "web", {
            "interval": "1h", "subscriptions": [{"image": {"repoURL": f"{sandbox.HOST}/{IMAGE}"}}],
        }),
        of("Stage", "test", {
            "requestedFreight": [{"origin": origin, "sources": {"direct": True}}],
            "promotionTemplate": template,
        }),
    ]  # fmt: skip


@contextlib.contextmanager
def outside(folder: Path) -> Iterator[tuple[Registry, GitServer]]:
    """Run a registry with the image and the charts, and a Git server."""
    with sandbox.outside(folder) as (images, git_server):
        images.push(IMAGE, TAG)
        for version in ("1.0.0", "1.3.0", "2.0.0"):
            chart_server.push(images, "charts/web", version)
        yield images, git_server


def run(
    folder: Path,
    images: Registry,
    git_server: GitServer,
    *,
    kill_at: str = "",
    kill_after_seconds: float | None = None,
    planned: list[Plan] | None = None,
    fronts: Fronts | None = None,
) -> tuple[End, int]:
    """Promote once; return the end state and how often the server was killed.

    `kill_at`: a kill point, `name` or `name:passage`. `kill_after_seconds`: from when the Promotion is asked for. `planned` is
    given what was planned before; that nothing came of it is looked at. `fronts` stand before all servers outside, and let
    nothing through that changes something while it is planned.
    """
    with contextlib.ExitStack() as stack:
        place = GitPlace(f"{git_server.url}/", git_server.user, git_server.password)
        argocd = stack.enter_context(
            argocd_thread.serving(folder.with_name(f"{folder.name}-argocd"), git={_GITHUB: place})
        )

        def fronted(url: str) -> str:
            return url if fronts is None else stack.enter_context(fronts.before(url))

        forge = ForgeServer("github", git_server, f"{folder.name}.git", place=f"test/{folder.name}")
        stack.callback(forge.close)
        return _run(
            folder,
            images,
            git_server,
            argocd,
            forge,
            stack.enter_context(every_ticket.serving(fronted)),
            fronted=fronted,
            kill_at=kill_at,
            kill_after_seconds=kill_after_seconds,
            planned=planned,
            fronts=fronts or Fronts(),
        )


def _run(
    folder: Path,
    images: Registry,
    git_server: GitServer,
    argocd: ThreadedArgoCD,
    forge: ForgeServer,
    tickets: Tickets,
    *,
    fronted: Callable[[str], str],
    kill_at: str,
    kill_after_seconds: float | None,
    planned: list[Plan] | None,
    fronts: Fronts,
) -> tuple[End, int]:
    folder.mkdir(parents=True)
    name = f"{folder.name}.git"
    files = {path: text.replace("HOST", sandbox.HOST) for path, text in (FILES | HCL).items()}
    git_server.create(name, files)
    git(git_server.path(name), "update-ref", "refs/heads/stable", "refs/heads/main")
    elsewhere = Elsewhere()
    server = Loopback(elsewhere.respond)
    told_to = fronted(server.url)
    settings = {
        "registries": {sandbox.HOST: {"mirrors": [fronted(images.url)]}},
        "git": {"insteadOf": {f"{fronted(git_server.url)}/": ["https://github.com/test/"]}},
        "forges": {"github.com": {"api": fronted(forge.api)}},
        "egress": {"allow": [told_to.partition("//")[2], *tickets.addresses]},
        "argocd": {
            "connections": {
                "here": {
                    "projects": [PROJECT],
                    "kubernetes": {"kubeconfig": str(folder.absolute() / "kubeconfig")},
                }
            }
        },
        "commands": {"describe": {"program": str(folder.absolute() / "describe")}},
    }
    argocd.do(lambda there: argo_cd.write_kubeconfig(there, folder / "kubeconfig"))
    argocd.put(_application(f"{_GITHUB}{name}"))
    program = folder / "describe"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    phoenix = Phoenix(folder, free_port(), kill_at, kill_after_seconds)
    driver = Driver(phoenix)
    credential = sandbox.git_credential(
        f"https://github.com/test/{name}", git_server.user, git_server.password
    )
    credential["metadata"]["namespace"] = PROJECT
    replaced = {"HOST": sandbox.HOST, "REPOSITORY": name, "ELSEWHERE": told_to}
    project, *others = _manifests(replaced)
    try:
        with phoenix.running():
            driver.ask("GET", "/v1beta1/projects")
            for document in (project, credential, *tickets.secrets(PROJECT), *others):
                driver.ask("PUT", "/v1beta1/resources?upsert=true", json.dumps(document))
            freight = _freight(driver)
            if planned is not None:
                before, stored = git(git_server.path(name), "for-each-ref"), _stored(driver)
                fronts.read_only = True
                planned.append(_plan(driver, freight))
                fronts.read_only = False
                assert git(git_server.path(name), "for-each-ref") == before
                assert elsewhere.told == []
                assert tickets.end() == [[], [], {}]
                assert forge.requests == []
                assert "operation" not in argocd.application("web")
                assert "operationState" not in argocd.application("web")["status"]
                assert _stored(driver) == stored, "what is stored has changed"
            phoenix.begin()
            _promote_once(driver, freight)
            found = driver.until("the Promotion ends", f"{_API}/promotions", _has_ended)
            driver.until("the Stage is at rest", f"{_API}/stages/test", _rests)
            end = _end(driver, found["items"][0], git_server.path(name), elsewhere, tickets, forge)
            state = argocd.application("web")["status"]["operationState"]
            assert (state["phase"], state["operation"]["sync"]) == ("Succeeded", {"prune": True})
    finally:
        server.close()
    return end, phoenix.kills


def _stored(driver: Driver) -> list[Any]:
    """Return what of the objects the steps would change, and the Promotions that there are."""
    [freight] = driver.ask("GET", f"{_API}/freight")["groups"][""]["items"]
    stage = driver.ask("GET", f"{_API}/stages/test")
    return [
        driver.ask("GET", f"{_API}/promotions")["items"],
        [freight["alias"], (freight.get("status") or {}).get("metadata")],
        [stage["spec"], (stage.get("status") or {}).get("metadata")],
    ]


def _application(url: str) -> dict[str, Any]:
    """Return an Application of Argo CD that deploys what the steps render."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "web",
            "namespace": "argocd",
            "annotations": {"kargo.akuity.io/authorized-stage": f"{PROJECT}:test"},
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": url, "targetRevision": "rendered", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"},
        },
    }


def _freight(driver: Driver) -> str:
    def made(answer: Any) -> bool:
        return bool((answer["groups"].get("") or {}).get("items"))

    answer = driver.until("there is Freight", f"{_API}/freight", made)
    return str(answer["groups"][""]["items"][0]["metadata"]["name"])


def _promote_once(driver: Driver, freight: str) -> None:
    """Promote; a request that was cut off is not repeated if its Promotion is there."""

    def made() -> bool:
        if driver.ask("GET", f"{_API}/promotions")["items"]:
            return True
        with contextlib.suppress(httpx.TransportError):
            driver.once("POST", f"{_API}/stages/test/promotions", json.dumps({"freight": freight}))
        return False

    waiting.until(made, lambda: "the Promotion is made")


def _has_ended(answer: Any) -> bool:
    items = answer["items"]
    return bool(items) and items[0].get("status", {}).get("phase") in (
        "Succeeded", "Failed", "Errored", "Aborted",
    )  # fmt: skip


def _rests(stage: Any) -> bool:
    status = stage.get("status") or {}
    return "lastPromotion" in status and "currentPromotion" not in status


def _end(
    driver: Driver,
    promotion: Any,
    repository: Path,
    elsewhere: Elsewhere,
    tickets: Tickets,
    forge: ForgeServer,
) -> End:
    status = promotion["status"]
    bad = [
        each for each in status["stepExecutionMetadata"] if each["status"] in ("Failed", "Errored")
    ]
    assert not bad, bad
    [freight] = driver.ask("GET", f"{_API}/freight")["groups"][""]["items"]
    stage = driver.ask("GET", f"{_API}/stages/test")
    branches = [
        git(repository, "log", "--reverse", "--format=%an %ae %B", branch)
        + _files(repository, branch)
        for branch in ("main", "rendered")
    ]
    outputs = json.dumps(status.get("state"), sort_keys=True).replace(repository.stem, "…")
    return End(
        phase=status["phase"],
        steps=tuple((each["alias"], each["status"]) for each in status["stepExecutionMetadata"]),
        outputs=_ANY.sub("…", outputs),
        branches=tuple(branches),
        pushed=(
            ("main", _lines(repository, "main~1", "main")),
            ("rendered", _lines(repository, "rendered~1", "rendered")),
        ),
        tag=_files(repository, f"release-{TAG}"),
        told=tuple(body for _, body in sorted(set(elsewhere.told))),
        tickets=tickets.end(),
        requests=tuple(
            (each.source, each.target, each.title, each.labels, bool(each.commit))
            for each in forge.requests
        ),
        noted=(
            freight["alias"],
            freight["status"].get("metadata"),
            stage["status"].get("metadata"),
        ),
    )


def _files(repository: Path, revision: str) -> str:
    """Return what a revision has, but for the one file that says when it was made."""
    listed = git(repository, "ls-tree", "-r", revision).splitlines()
    return "\n".join(line for line in listed if not line.endswith("/Chart.lock"))


def _lines(repository: Path, before: str, after: str) -> Lines:
    """Return what differs between two revisions."""
    listed = git(repository, "diff", "--numstat", "--no-renames", before, after).splitlines()
    rows = (line.split("\t") for line in listed)
    return {
        path: (-1, -1) if added == "-" else (int(added), int(removed))
        for added, removed, path in rows
    }


def _plan(driver: Driver, freight: str) -> Plan:
    wanted = json.dumps({"stage": "test", "freight": freight, "allowReads": True})
    found: Plan = driver.ask("POST", f"/towpath/v1/projects/{PROJECT}/plan", wanted)
    return found


def pushes_of(plan: Plan, *, held: bool) -> tuple[tuple[str, Lines], ...]:
    """Return what a plan says would be pushed if the condition that nobody knows holds, or does not."""
    [variant] = [each for each in plan["variants"] if each["assumes"][0]["holds"] is held]
    files = {
        each["id"]: (
            each["path"],
            (-1, -1) if each["isBinary"] else (each["added"], each["removed"]),
        )
        for each in variant["files"]
    }
    return tuple(
        (push["branch"], dict(files[each] for each in push["files"])) for push in variant["pushes"]
    )
