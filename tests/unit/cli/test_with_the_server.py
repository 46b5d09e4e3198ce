"""The commands together with a real server, from the first apply to the history of what was deleted."""

from __future__ import annotations

import io
import json
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from tests.support import towpath_process
from towpath.errors import NotFound
from towpath.sdk.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.cli.conftest import Told

    Call = Callable[..., Told]

PIPELINE = """\
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: one, namespace: quick}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: w}
    sources: {direct: true}
  promotionTemplate:
    spec:
      steps:
      - uses: compose-output
        as: out
        config: {hello: world}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: two, namespace: quick}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: w}
    sources: {stages: [one], requiredSoakTime: 1h}
  promotionTemplate:
    spec:
      steps:
      - uses: fail
        config: {message: "no \\u001b[2Jway"}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: w, namespace: quick}
spec:
  freightCreationPolicy: Manual
  subscriptions:
  - image: {repoURL: 127.0.0.1:1/x}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: quick}
"""
FREIGHT = """\
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {namespace: quick}
origin: {kind: Warehouse, name: w}
alias: fearless-fox
images: [{repoURL: "127.0.0.1:1/x", tag: v1.0.0}]
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[towpath_process.Running]:
    """A server that the environment names."""
    (tmp_path / "server").mkdir()
    with towpath_process.up(tmp_path / "server") as running:
        monkeypatch.setenv("TOWPATH_SERVER", running.address)
        monkeypatch.setenv("TOWPATH_TOKEN", running.token)
        monkeypatch.setenv("TOWPATH_PROJECT", "quick")
        yield running


def _until_gone(client: Client, plural: str, name: str) -> None:
    """Return when an object is no more: controllers let go of it first."""
    with (
        suppress(NotFound),
        closing(client.watch(plural, "quick", name, remaining=lambda: 60.0)) as events,
    ):
        assert any(event.type == "DELETED" for event in events)


@pytest.mark.slow
def test_from_apply_to_history(
    server: towpath_process.Running,
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One story, because a server takes a second to start."""
    file = tmp_path / "pipeline.yaml"
    file.write_text(PIPELINE)
    named = [
        *("project.kargo.akuity.io/quick", "stage.kargo.akuity.io/one"),
        *("stage.kargo.akuity.io/two", "warehouse.kargo.akuity.io/w"),
    ]
    for verb in ("created", "unchanged"):
        told = call("apply", "-f", file)
        assert told.lines == [f"{name} {verb}" for name in named], told.err
        assert told.code == 0
    file.write_text(PIPELINE.replace("hello: world", "hello: you"))
    assert "stage.kargo.akuity.io/one configured" in call("apply", "-f", file).lines
    file.write_text(PIPELINE.replace("  requestedFreight:", "  shart: x\n  requestedFreight:", 1))
    told = call("apply", "-f", file)
    assert told.code == 1
    assert told.err.startswith(f"{file}:5: Stage 'one': ")
    assert 'unknown field "spec.shart"' in told.err
    assert len(told.lines) == 3

    file.write_text(PIPELINE.replace(", namespace: quick", ""))
    told = call("apply", "-f", file)  # the environment names the Project
    assert f"{file}:3: Stage 'one': it has no metadata.namespace, so it is taken to be" in told.err
    assert "stage.kargo.akuity.io/one configured" in told.lines
    monkeypatch.delenv("TOWPATH_PROJECT")
    told = call("apply", "-f", file)
    assert told.code == 1
    assert told.err.splitlines()[0] == (
        f"{file}:3: Stage 'one': Stage \"one\": metadata.namespace is missing: the name of its Project; "
        "add `namespace: quick` under its metadata, or give --project quick"
    )
    monkeypatch.setenv("TOWPATH_PROJECT", "quick")

    file.write_text(FREIGHT)
    assert call("create", "-f", file).code == 0
    assert call("get", "freight", "--alias", "fearless-fox").code == 0

    told = call("promote", "--stage", "two", "--freight-alias", "fearless-fox", "--wait")
    assert told.code == 1
    assert "soaked: " in told.err
    gates = json.loads(call("explain", "two", "-o", "json").out)["gates"]
    assert [gate["name"] for gate in gates if not gate["open"]] == [
        *("verified", "soaked", "policy", "warehouse")
    ]
    for gate in gates:
        assert (
            gate["open"] or gate["name"] not in ("verified", "soaked") or gate["reason"] in told.err
        )
    told = call("promote", "--stage", "one", "--freight", "fearless-fox", "--wait")
    assert told.code == 0
    assert "step 1/1 out (compose-output): Succeeded" in told.out
    assert "Succeeded after" in told.lines[-1]

    assert call("approve", "--stage", "two", "--freight-alias", "fearless-fox").code == 0
    told = call("promote", "--downstream-from", "one", "--freight-alias", "fearless-fox", "--wait")
    assert told.code == 2
    assert told.lines[-1].endswith("no way")
    failed = call("get", "promos", "--stage", "two", "-o", "name").lines[0]
    assert "Failed" in call("logs", failed, "--follow").out
    assert "Failed" in call("explain", failed).lines[0]

    assert "put out hello" in call("logs", "one").out
    assert (
        f"Promotion {failed.partition('/')[2]} of fearless-fox (x:v1.0.0) to Stage two"
        in call("logs", "two").out
    )
    told = call("promote", "--abort", "--name", failed)
    assert told.code == 1
    assert "has ended already, so there is nothing to abort: Failed" in told.err
    for word, shown in (
        ("events", "PromotionFailed"),
        ("rbacroles", "kargo-viewer"),
        ("rolebindings", "kargo-viewer"),
        ("serviceaccounts", "kargo-viewer"),
        ("stages", "fearless-fox (x:v1.0.0)"),
        ("promos", "fearless-fox (x:v1.0.0)"),
    ):
        assert shown in call("get", word).out
    assert call("get", "tasks,clustertasks,secrets,configmaps").code == 0

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"s3cret\n")))
    told = call(
        "create",
        "credentials",
        "x",
        "--repo-url",
        "127.0.0.1:1/x",
        "--username",
        "bot",
        "--password-stdin",
    )
    assert told.lines == ["secret/x created"], told.err
    told = call("creds", "explain", "127.0.0.1:1/x")
    assert told.lines[1] == (
        "Secret quick/x serves it: same address; it holds user name and password"
    )
    told = call("get", "secrets", "x", "-o", "yaml")
    assert "s3cret" not in told.out
    assert "repoURL, username, password" in call("get", "secrets").out

    told = call("refresh", "warehouse", "w", "--wait", "--timeout", "20s")
    assert (told.code, told.out) == (1, "")
    assert "warehouse.kargo.akuity.io/w: the look failed: " in told.err
    assert "127.0.0.1:1/x" in told.err

    assert call("delete", "stage", "one").code == 0
    _until_gone(Client(server.address, server.token), "stages", "one")
    assert call("get", "stage", "one").code == 1
    was = json.loads(call("history", "one", "-o", "json").out)["items"]
    assert [item["origin"] for item in was] == ["Warehouse/w"]
    told = call("history", "tow")
    assert (told.code, told.out) == (1, "")
    assert 'did you mean "two"?' in told.err
    assert call("version").lines[1].startswith("Server Version: ")
    assert call("delete", "project", "quick").code == 0
