"""The stand-in's pure rules, each on its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.demo.argocd import (
    auto_sync,
    chart_values,
    comparison,
    kustomize_edits,
    lookup_charts,
    operations,
    policies,
    required_fields,
    sources,
    spec_checks,
    sync_steps,
    sync_windows,
)
from towpath.demo.argocd.cluster import Cluster
from towpath.demo.argocd.keys import Key
from towpath.demo.argocd.objects import Objects
from towpath.demo.argocd.policies import AccessPolicy
from towpath.demo.argocd.source_error import SourceError
from towpath.demo.argocd.streams import Selection
from towpath.demo.argocd.workloads import Pace
from towpath.errors import AlreadyExists, BadRequest, Conflict, Expired, Invalid
from towpath.store.contract import Requirement

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _manifest(name: str = "x", kind: str = "ConfigMap", **annotations: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if annotations:
        metadata["annotations"] = {
            f"argocd.argoproj.io/{key.replace('_', '-')}": value
            for key, value in annotations.items()
        }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def _live(manifest: dict[str, Any], **fields: Any) -> dict[Key, dict[str, Any]]:
    key = Key(manifest["kind"], "web", manifest["metadata"]["name"])
    return {key: manifest | fields}


# Comparing


def test_what_counts_as_a_difference() -> None:
    """Anything but status and what a cluster adds; not what the spec says is to be ignored."""
    manifest = _manifest() | {"data": {"a": "1"}}
    same = {"status": {"x": 1}, "metadata": {"name": "x", "uid": "u", "resourceVersion": "7"}}
    cases: list[tuple[dict[str, Any], list[dict[str, Any]], str]] = [
        (same, [], "Synced"),
        ({"data": {"a": "2"}}, [], "OutOfSync"),
        ({"data": {"a": "1", "b": "2"}}, [], "OutOfSync"),
        ({"data": {"a": "2"}}, [{"kind": "ConfigMap", "jsonPointers": ["/data/a"]}], "Synced"),
        ({"data": {"a": "2"}}, [{"kind": "Secret", "jsonPointers": ["/data/a"]}], "OutOfSync"),
    ]
    for changed, ignored, status in cases:
        found = comparison.compared([manifest], _live(manifest, **changed), "web", ignored)
        assert comparison.sync_status(found) == status, changed


def test_missing_extra_and_hooks() -> None:
    """Missing and extra objects count, hooks do not, and extra ones may say that they do not."""
    found = comparison.compared([_manifest()], {}, "web")
    assert comparison.sync_status(found) == "OutOfSync"
    assert comparison.health_of(found) == "Missing"
    extra = comparison.compared([], _live(_manifest()), "web")
    assert comparison.sync_status(extra) == "OutOfSync"
    assert extra[0].status()["requiresPruning"] is True
    quiet = _manifest(compare_options="IgnoreExtraneous")
    assert comparison.sync_status(comparison.compared([], _live(quiet), "web")) == "Synced"
    hook = _manifest(hook="PreSync")
    found = comparison.compared([hook], {}, "web")
    assert (comparison.sync_status(found), comparison.health_of(found)) == ("Synced", "Healthy")
    one = comparison.compared([_manifest("a"), _manifest("b")], _live(_manifest("a")), "web")
    assert comparison.health_of(one) == "Healthy", "one that is missing shows in sync only"


# Operations


def test_pauses_between_tries_double_up_to_a_limit() -> None:
    """Five seconds, ten, …, three minutes at most; or as the operation says."""

    def pauses(retry: dict[str, Any], tries: int) -> list[float]:
        state = operations.begun({"retry": retry, "sync": {}}, NOW)
        found = []
        for _ in range(tries):
            state = operations.concluded(state, "Failed", "no", NOW)
            assert operations.is_between_tries(state)
            found.append((operations.retry_at(state) - NOW).total_seconds())
            state = operations.again(state)
            assert "finishedAt" not in state
        return found

    assert pauses({"limit": -1}, 8) == [5, 10, 20, 40, 80, 160, 180, 180]
    backoff = {"duration": "1m", "factor": 3, "maxDuration": "5m"}
    assert pauses({"limit": 9, "backoff": backoff}, 4) == [60, 180, 300, 300]


@given(limit=st.integers(0, 5))
def test_as_many_retries_as_the_limit(limit: int) -> None:
    """Then it is over; a success ends it at once; what is terminated is not tried again."""
    state = operations.begun({"retry": {"limit": limit}, "sync": {}}, NOW)
    tries = 0
    while not operations.is_complete(state):
        state = operations.concluded(operations.again(state), "Error", "no", NOW)
        tries += 1
    assert tries == limit + 1
    begun = operations.begun({"retry": {"limit": 3}, "sync": {}}, NOW)
    assert operations.is_complete(operations.concluded(begun, "Succeeded", "", NOW))
    ended = operations.concluded(begun | {"phase": "Terminating"}, "Failed", "", NOW)
    assert operations.is_complete(ended)


def test_history_is_bounded_and_numbered() -> None:
    """The oldest entries go."""
    status: dict[str, Any] = {}
    for number in range(12):
        status["history"] = operations.history(status, {"revision": str(number)}, 10)
    assert [each["id"] for each in status["history"]] == list(range(2, 12))


def test_phases_and_waves() -> None:
    """Hooks before, then wave by wave, kinds in their order, hooks after; a choice of resources runs no hooks."""
    manifests = [
        _manifest("late", sync_wave="2"),
        _manifest("web", "Service"),
        _manifest("space", "Namespace"),
        _manifest("early", sync_wave="-1"),
        _manifest("migrate", "Job", hook="PreSync"),
        _manifest("smoke", "Job", hook="PostSync"),
        _manifest("mail", "Job", hook="SyncFail"),
    ]
    found = comparison.compared(manifests, {}, "web")
    told = [
        (each.phase, each.wave, [task.compared.key.name for task in each.tasks])
        for each in sync_steps.steps(found)
    ]
    assert told == [
        ("PreSync", 0, ["migrate"]),
        ("Sync", -1, ["early"]),
        ("Sync", 0, ["space", "web"]),
        ("Sync", 2, ["late"]),
        ("PostSync", 0, ["smoke"]),
    ]
    [only] = sync_steps.steps(found, [{"kind": "Service", "name": "web"}])
    assert [task.compared.key.name for task in only.tasks] == ["web"]


def test_the_same_is_not_synced_twice_by_itself() -> None:
    """The same revisions and sources as the last operation had."""
    source = {"repoURL": "r", "path": "p"}
    application = {
        "spec": {"source": source, "syncPolicy": {"automated": {}}},
        "status": {"operationState": {"syncResult": {"revision": "a", "source": source}}},
    }
    assert auto_sync.was_attempted(application, ["a"])
    assert not auto_sync.was_attempted(application, ["b"])
    other = application | {"spec": {"source": source | {"path": "q"}}}
    assert not auto_sync.was_attempted(other, ["a"])
    assert auto_sync.policy(application) == {}
    off = {"spec": {"syncPolicy": {"automated": {"enabled": False}}}}
    assert auto_sync.policy(off) is None


# Windows


def _verdict(*windows: dict[str, Any], at: datetime = NOW) -> tuple[bool, bool]:
    project = {"spec": {"syncWindows": list(windows)}}
    application = {
        "metadata": {"name": "web"},
        "spec": {"destination": {"namespace": "prod", "server": "https://k"}},
    }
    found = sync_windows.verdict(project, application, at)
    return found.allows(manual=False), found.allows(manual=True)


def test_windows() -> None:
    """Deny beats allow; allow windows that are shut block; `manualSync` lets persons through if all have it."""
    noon = {"schedule": "0 12 * * *", "duration": "1h", "applications": ["*"]}
    midnight = noon | {"schedule": "0 0 * * *"}
    free = {"manualSync": True}
    assert _verdict() == (True, True)
    assert _verdict(noon | {"kind": "allow"}) == (True, True)
    assert _verdict(midnight | {"kind": "allow"}) == (False, False)
    assert _verdict(midnight | {"kind": "allow"} | free) == (False, True)
    assert _verdict(midnight | {"kind": "allow"} | free, midnight | {"kind": "allow"}) == (False, False)  # fmt: skip
    assert _verdict(noon | {"kind": "deny"}, noon | {"kind": "allow"}) == (False, False)
    assert _verdict(noon | {"kind": "deny"} | free) == (False, True)
    assert _verdict(midnight | {"kind": "deny"}) == (True, True)
    assert _verdict(noon | {"kind": "allow"}, at=NOW + timedelta(minutes=60)) == (False, False)
    assert _verdict(noon | {"kind": "deny", "applications": ["api"]}) == (True, True)
    named = noon | {"kind": "deny", "applications": ["api"], "namespaces": ["pr*"]}
    assert _verdict(named) == (False, False)
    assert _verdict(named | {"andOperator": True}) == (True, True)
    assert _verdict(noon | {"kind": "deny", "timeZone": "Asia/Tokyo"}) == (True, True)


# Sources


@pytest.mark.parametrize(
    ("source", "names", "kind"),
    [
        ({}, {"web.yaml"}, "Directory"),
        ({}, {"Chart.yaml"}, "Helm"),
        ({}, {"kustomization.yaml"}, "Kustomize"),
        ({"directory": {"recurse": True}}, {"Chart.yaml"}, "Directory"),
        ({"helm": {"values": ""}}, {"web.yaml"}, "Directory"),
        ({"chart": "web"}, (), "Helm"),
        ({"plugin": {"name": "x"}}, (), "Plugin"),
    ],
)
def test_what_makes_the_manifests(source: dict[str, Any], names: Any, kind: str) -> None:
    """What the source says, else what lies in its folder."""
    assert sources.type_of(source, names) == kind


def test_sources_of_a_spec() -> None:
    """Several, one, or what is hydrated."""
    dry = {"repoURL": "r", "path": "dry", "targetRevision": "main"}
    hydrated = {"drySource": dry, "syncSource": {"targetBranch": "env", "path": "p"}}
    assert sources.of({"spec": {"source": {"a": 1}}}) == [{"a": 1}]
    assert sources.of({"spec": {"source": {"a": 1}, "sources": [{"b": 1}]}}) == [{"b": 1}]
    assert sources.of({"spec": {"sourceHydrator": hydrated}}) == [
        {"repoURL": "r", "targetRevision": "env", "path": "p"}
    ]
    assert sources.of({}) == []


def test_what_a_project_forbids() -> None:
    """Repository, destination, project: each by name."""
    project = {"spec": {"sourceRepos": ["https://a/*"], "destinations": [{"server": "*", "namespace": "web-*"}]}}  # fmt: skip
    source = {"repoURL": "https://a/x", "path": "p"}
    spec = {"source": source, "destination": {"server": "s", "namespace": "web-1"}, "project": "p"}
    assert spec_checks.spec_errors({"spec": spec}, project) == []
    other = spec | {"source": source | {"repoURL": "https://b/x"}}
    assert spec_checks.spec_errors({"spec": other}, project) == [
        "application repo https://b/x is not permitted in project 'p'"
    ]
    [wrong] = spec_checks.spec_errors({"spec": spec | {"destination": {"server": "s"}}}, project)
    assert "do not match any of the allowed destinations" in wrong
    [wrong] = spec_checks.spec_errors({"spec": spec}, None)
    assert wrong == "Application referencing project p which does not exist"


def test_charts_that_only_look_up() -> None:
    """Values, release and chart; anything else takes Helm."""

    def made(text: str) -> str:
        return lookup_charts.rendered(
            {"templates/a.yaml": text},
            values={"a": {"b": "x", "n": 3, "t": True, "f": 1.5}},
            release={"Name": "web", "Namespace": "prod"},
            chart={"name": "c", "version": "0.1.0"},
        )

    assert made("i: {{ .Values.a.b }}-{{ .Values.a.n }}-{{.Values.a.t}}") == "---\ni: x-3-true\n"
    assert made("{{ .Release.Name }}: {{ .Chart.Version | quote }}") == '---\nweb: "0.1.0"\n'
    for text in ("{{ if .Values.a }}", "{{ .Values.none }}", "{{ .Values.a.f }}", "{{- .Values.a.n }}"):  # fmt: skip
        with pytest.raises(lookup_charts.NeedsHelmError):
            made(text)


async def test_values_in_helms_order() -> None:
    """Files in order, then what stands in the source, then parameters; a missing file is an error unless allowed."""
    files = {"a.yaml": b"x: 1\ny: 1\nz: 1\n", "b.yaml": b"y: 2\n"}

    async def read(name: str) -> bytes | None:
        return files.get(name)

    helm = {
        "valueFiles": ["a.yaml", "b.yaml"],
        "values": "z: 3",
        "parameters": [{"name": "p", "value": "4"}, {"name": "s", "value": "4", "forceString": True}],
    }  # fmt: skip
    contents = await chart_values.files(helm, read)
    merged = chart_values.merged(contents, chart_values.parameters(helm))
    assert merged == {"x": 1, "y": 2, "z": 3, "p": 4, "s": "4"}
    with pytest.raises(SourceError):
        await chart_values.files({"valueFiles": ["none"]}, read)
    assert await chart_values.files({"valueFiles": ["n"], "ignoreMissingValueFiles": True}, read) == []  # fmt: skip
    assert chart_values.place("$values/env/a.yaml", "chart") == ("values", "env/a.yaml")
    assert chart_values.place("../a.yaml", "env/chart") == ("", "env/a.yaml")
    assert chart_values.place("/a.yaml", "env/chart") == ("", "a.yaml")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("r.example:5000/a:1", {"name": "r.example:5000/a", "newTag": "1"}),
        ("a=r.example/b:2", {"name": "a", "newName": "r.example/b", "newTag": "2"}),
        ("a@sha256:abc", {"name": "a", "digest": "sha256:abc"}),
    ],
)
def test_images_of_kustomizations(text: str, made: dict[str, str]) -> None:
    """Every form that Argo CD has for them; the one that is named takes the place of the old one."""
    assert kustomize_edits.image(text) == made
    before = {"images": [{"name": made["name"], "newTag": "0"}, {"name": "other"}]}
    after = kustomize_edits.edited(before, {"images": [text], "namePrefix": "p-"})
    assert after == {"images": [{"name": "other"}, made], "namePrefix": "p-"}


# Rights and objects


def test_policies_of_argo_cd() -> None:
    """Globs; a denial wins wherever it stands; a line that is none is refused."""
    lines = ["p, x, applications, *, canal/*, allow", "p, x, applications, delete, canal/web, deny"]
    found = [AccessPolicy.read(line) for line in lines]
    assert policies.allowed(found, "applications", "sync", "canal/web")
    assert not policies.allowed(found, "applications", "delete", "canal/web")
    assert not policies.allowed(found, "applications", "get", "other/web")
    assert not policies.allowed(found, "projects", "get", "canal/x")
    with pytest.raises(BadRequest):
        AccessPolicy.read("g, x, role:admin")


def test_what_the_crd_requires() -> None:
    """All that is missing at once, each with its place."""
    document = {
        "metadata": {},
        "spec": {"project": "p", "destination": {}, "sources": [{}]},
        "operation": {"info": [{"name": "x"}]},
    }
    with pytest.raises(Invalid) as refused:
        required_fields.check("web", document)
    assert [each.path for each in refused.value.causes] == [
        "spec.sources[0].repoURL",
        "operation.info[0].value",
    ]


def test_objects_have_versions_and_a_log() -> None:
    """Every write a higher one; what changes nothing is none; the log is bounded."""
    objects = Objects(lambda: NOW, kept_changes=3)
    key = Key("applications.argoproj.io", "argocd", "web")
    first = objects.create(key, {"spec": {"a": 1}})
    with pytest.raises(AlreadyExists):
        objects.create(key, {})
    same = objects.write(key, dict(first))
    assert same is first
    second = objects.write(key, first | {"spec": {"a": 2}})
    assert second["metadata"]["generation"] == 2
    with pytest.raises(Conflict):
        objects.write(key, second, expected=first["metadata"]["resourceVersion"])
    since = objects.revision
    objects.write(key, second | {"spec": {"a": 3}})
    objects.delete(key)
    changes = objects.since(since)
    assert [each.verb for each in changes] == ["MODIFIED", "DELETED"]
    assert int(changes[-1].document["metadata"]["resourceVersion"]) == objects.revision
    with pytest.raises(Expired):
        objects.since(1)
    assert objects.since(objects.revision) == []


def test_who_comes_to_match_is_added() -> None:
    """And who ceases to is deleted, for the one who watches."""
    objects = Objects(lambda: NOW)
    selection = Selection("a", labels=(Requirement("x", "In", frozenset({"1"})),))
    key = Key("a", "ns", "n")
    begin = objects.revision
    for labels in ({"x": "1"}, {"x": "1", "y": "2"}, {"x": "2"}, {"x": "3"}, {"x": "1"}):
        document = {"metadata": {"labels": labels}}
        if objects.get(key) is None:
            objects.create(key, document)
        else:
            objects.write(key, document)
    objects.create(Key("b", "ns", "n"), {"metadata": {"labels": {"x": "1"}}})
    told = [verb for verb, _ in selection.told(objects.since(begin))]
    assert told == ["ADDED", "MODIFIED", "DELETED", "ADDED"]


def test_what_has_come_to_be_since_it_was_looked_at_is_due_now() -> None:
    """A rollout that ends between a look and the question when to look again is not missed."""
    now = [NOW]
    pace = Pace(rollout_seconds=2, job_seconds=1)
    cluster = Cluster(lambda: now[0], lambda: pace)
    manifest = _manifest("web", "Deployment") | {"apiVersion": "apps/v1", "spec": {"replicas": 1}}
    cluster.apply(Key("Deployment.apps", "web", "web"), manifest, "app")
    seen = NOW + timedelta(seconds=1.9)
    now[0] = NOW + timedelta(seconds=2.1)
    assert cluster.next_change("app", seen) == timedelta()
    assert cluster.next_change("app", now[0]) == timedelta(seconds=600 - 2.1)
    assert cluster.next_change("other", seen) is None
