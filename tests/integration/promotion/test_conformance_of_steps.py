"""Every step of ours keeps the contract of steps, as the kit for authors checks it."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import applications
from towpath.clients.confinement.allowed_program import AllowedProgram
from towpath.documents.manifests.streams import RenderedManifest
from towpath.promotion.effects.forge import SeenPullRequest
from towpath.promotion.effects.git import Cloned, CommitMade, Sent, Tagged
from towpath.promotion.effects.http import HttpResponse
from towpath.promotion.effects.jira import MovedIssue
from towpath.promotion.effects.messages import SentMessage
from towpath.promotion.effects.servicenow import MadeRecord, SeenCondition
from towpath.promotion.programs import Programs
from towpath.promotion.step import Failed
from towpath.promotion.step_registry import StepRegistry
from towpath.rules.argocd.wait_verdict import LookState
from towpath.testing import Conformance, Example

PAGES = Path(__file__).resolve().parents[3] / "docs/reference/steps"
REGISTRY = StepRegistry.installed()
SHA, SECRET = "a" * 40, "hunter2-hunter2"
URL = "https://git.example/deploy.git"


class _Answers:
    """A door whose operations all succeed at once; what steps of doors do for real is tested with each."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        async def operation(*_: Any, **__: Any) -> Any:
            return self._answers[name]

        return operation


DOORS = SimpleNamespace(
    git=_Answers(
        clone=Cloned(repository=URL, commits=[SHA]),
        commit=CommitMade(commit=SHA, branch="main", is_new=True),
        tag=Tagged(tag="v1", commit=SHA),
        clear=None,
        push=Sent(commit=SHA, branch="main", url=URL, repository=URL),
    ),
    forge=_Answers(
        open=SeenPullRequest(number=7, url=f"{URL}/7", is_open=True, is_merged=False),
        look=SeenPullRequest(number=7, url=f"{URL}/7", is_open=False, is_merged=True, commit=SHA),
        merge=SeenPullRequest(number=7, url=f"{URL}/7", is_open=False, is_merged=True, commit=SHA),
    ),
    http=_Answers(
        read=HttpResponse(status=200, headers={}, body=b"{}"),
        send=HttpResponse(status=201, headers={}, body=b'{"id": 1}'),
        download=HttpResponse(status=200, headers={}, size=3),
    ),
    objects=_Answers(set_metadata=None, set_freight_alias="old"),
    charts=_Answers(),
    jira=_Answers(change=None, move=MovedIssue("To Do", "Done")),
    servicenow=_Answers(
        create=MadeRecord("a" * 32, "CHG1", is_found=False),
        update=None,
        delete=None,
        find={"sys_id": "a" * 32, "number": "CHG1"},
        fulfils=SeenCondition(is_fulfilled=True, held="CHG1 has state=1", host="x.example"),
    ),
    messages=_Answers(
        record="event-1",
        send=SentMessage(
            name="m-1", wake="message:shop/m-1", state="Delivered", receiver="slack", thread="1.2"
        ),
    ),
    rendering=_Answers(
        chart=[RenderedManifest("web/templates/a.yaml", "kind: ConfigMap\nmetadata: {name: a}\n")],
        kustomization="kind: ConfigMap\nmetadata: {name: a}\n",
    ),
)


def _archive() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo("release/a.txt")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"one"))
    return made.getvalue()


def _edit(path: str, text: str, key: str = "image.tag") -> Example:
    config = {"path": path, "updates": [{"key": key, "value": "v2"}]}
    return Example(config=config, files={path: text})


def _parse(path: str, text: str) -> Example:
    outputs = [{"name": "tag", "fromExpression": "image.tag"}]
    return Example(config={"path": path, "outputs": outputs}, files={path: text})


def _door(**config: Any) -> Example:
    return Example(config=config, effects=DOORS)


def _argocd() -> Any:
    """Return a door behind which an Application was synced by the Promotion of the examples."""
    annotations = {"kargo.akuity.io/authorized-stage": "shop:test"}
    application = applications.application(
        metadata={"annotations": annotations},
        status=applications.state(promotion="test.01jzzzzzzzzzzzzzzzzzzzzzzz.abcdef0"),
    )
    answers = _Answers(
        applications=[application], connection="c", has_begun=True, look=(LookState.MADE, "")
    )
    return SimpleNamespace(argocd=answers)


def _snow(**config: Any) -> Example:
    credentials = {"secretName": "s", "type": "basic"}
    return _door(credentials=credentials, tableName="change_request", **config)


_SOURCE = {
    "repoURL": applications.REPOSITORY,
    "desiredRevision": applications.ONE,
    "updateTargetRevision": True,
    "kustomize": {"images": [{"repoURL": "app", "tag": "1"}]},
    "helm": {"images": [{"key": "k", "value": ""}]},
}
_APPS = {"apps": [{"name": "web", "sources": [_SOURCE]}]}
TREE = {"src/a.yaml": "a: 1\n", "src/docs/b.md": "b\n", "c.txt": "c\n"}
COMMAND = Programs(
    allowed={
        "it": AllowedProgram(
            program=Path(sys.executable),
            arguments=(
                "-c",
                "import sys; sys.stdin.read(); open('made', 'w').write('x'); print('{}')",
            ),
            read=(Path(sys.prefix), Path(sys.base_prefix)),
        )
    }
)
EXAMPLES = {
    "argocd-sync": Example(config={"apps": [{"name": "web", "prune": True}]}, effects=_argocd()),
    "argocd-update": Example(config=_APPS, effects=_argocd()),
    "argocd-wait": Example(config={"apps": [{"name": "web"}]}, effects=_argocd()),
    "command": Example(config={"name": "it", "input": SECRET}, programs=COMMAND, secrets=[SECRET]),
    "compose-output": Example(config={"a": 1, "b": {"c": [1]}}),
    "copy": Example(config={"inPath": "src", "outPath": "out", "ignore": "*.md"}, files=TREE),
    "delete": Example(config={"paths": ["src/*.yaml", "c.txt"], "pathsAreGlobs": True}, files=TREE),
    "fail": Example(config={"message": "no"}, outcome=Failed),
    "file-write": Example(
        config={"path": "a/b.txt", "contents": SECRET, "overwrite": True}, secrets=[SECRET]
    ),
    "git-clear": _door(path="out"),
    "git-clone": _door(repoURL=URL, checkout=[{"path": "src", "branch": "main"}]),
    "git-commit": _door(path="out", message="m", author={"name": "n", "email": "e@example.com"}),
    "git-merge-pr": _door(repoURL=URL, prNumber=7, mergeMethod="squash", wait=True),
    "git-open-pr": _door(repoURL=URL, sourceBranch="a", targetBranch="main", labels=["b"]),
    "git-push": _door(path="out"),
    "git-tag": _door(path="out", tag="v1", message="m"),
    "git-wait-for-pr": _door(repoURL=URL, prNumber=7, pollInterval="1m"),
    "hcl-update": _edit("a.tf", 'image {\n  tag = "v1" # old\n}\n'),
    "helm-template": Example(
        config={
            "path": "web",
            "outPath": "out",
            "releaseName": "web",
            "setValues": [{"key": "a", "value": "b"}],
        },
        effects=DOORS,
    ),
    "helm-update-chart": Example(
        config={"path": "web"},
        files={"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
        effects=DOORS,
    ),
    "http": Example(
        config={
            "url": "https://x.example",
            "method": "POST",
            "body": SECRET,
            "headers": [{"name": "Authorization", "value": SECRET}],
            "outputs": [{"name": "id", "fromExpression": "response.body.id"}],
        },
        effects=DOORS,
        secrets=[SECRET],
    ),
    "http-download": _door(url="https://x.example/a", outPath="a", allowOverwrite=True),
    "jira": _door(
        credentials={"secretName": "jira"},
        updateIssue={"issueKey": "SHOP-1", "status": "Done", "addFixVersions": ["1.0"]},
    ),
    "json-parse": _parse("a.json", '{"image": {"tag": "v1"}}'),
    "json-update": _edit("a.json", '{\n  "image": {"tag": "v1"}\n}\n'),
    "kustomize-build": _door(path="base", outPath="out.yaml"),
    "kustomize-set-image": Example(
        config={"path": "base", "images": [{"image": "app", "tag": "v2"}]},
        files={"base/kustomization.yaml": "resources: []\n"},
    ),
    "record-audit-event": _door(message="checked by hand", data={"ticket": "SHOP-1"}),
    "send-message": Example(
        config={
            "channel": {"kind": "MessageChannel", "name": "slack"},
            "message": SECRET,
            "slack": {"threadTS": "1.2"},
        },
        effects=DOORS,
        secrets=[SECRET],
    ),
    "set-freight-alias": _door(name="f", alias="a"),
    "set-metadata": _door(updates=[{"kind": "Stage", "name": "test", "values": {"a": 1}}]),
    "snow-create": _snow(parameters={"short_description": "x"}, template={"type": "normal"}),
    "snow-delete": _snow(ticketId="a" * 32),
    "snow-query-for-records": _snow(query={"state": "1"}),
    "snow-query-records": _snow(query={"state": "1"}),
    "snow-update": _snow(ticketId="a" * 32, parameters={"state": "1"}),
    "snow-wait-for-condition": _snow(ticketId="a" * 32, condition="state=1"),
    "tar": Example(config={"inPath": "src", "outPath": "out.tgz", "gzip": True}, files=TREE),
    "toml-parse": _parse("a.toml", '[image]\ntag = "v1"\n'),
    "toml-update": _edit("a.toml", '[image]\ntag = "v1" # old\n'),
    "untar": Example(config={"inPath": "a.tgz", "outPath": "out"}, files={"a.tgz": _archive()}),
    "yaml-merge": Example(
        config={"inFiles": ["a.yaml", "b.yaml"], "outFile": "c.yaml"},
        files={"a.yaml": "a: 1 # one\n", "b.yaml": "b: 2\n"},
    ),
    "yaml-parse": _parse("a.yaml", "image: {tag: v1}\n"),
    "yaml-update": _edit("a.yaml", "image:\n  tag: v1 # old\n"),
}
"""An example of each step."""


def test_there_is_an_example_of_every_step() -> None:
    """And of no other."""
    assert set(EXAMPLES) == REGISTRY.names


@pytest.mark.parametrize("name", sorted(REGISTRY.names))
async def test_it_keeps_the_contract(name: str, tmp_path: Path) -> None:
    """What it declares, how it refuses, and that it may be cut off and run again."""
    registered = REGISTRY.find(name)
    assert registered is not None
    kit = Conformance(type(registered.step), [EXAMPLES[name]], tmp_path, page=PAGES / f"{name}.md")
    assert await kit.problems() == []
