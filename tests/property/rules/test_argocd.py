"""Rules about Applications under whatever an Application may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.applications import ONE, PROMOTION, application
from towpath.resources.patches import merge_patch
from towpath.rules import cron
from towpath.rules.argocd import operation, sources
from towpath.rules.argocd.application import Application, read
from towpath.rules.argocd.desired_revisions import ImageUpdate, SourceUpdate, desired, wanted
from towpath.rules.argocd.drift import drift
from towpath.rules.argocd.health import health
from towpath.rules.argocd.overlay import overlaid
from towpath.rules.argocd.source_paths import paths
from towpath.rules.argocd.status_summary import summary
from towpath.rules.argocd.sync_windows import opening, windows
from towpath.rules.argocd.update_verdict import verdict
from towpath.rules.argocd.wait_verdict import USUAL, waited

NAMES = st.sampled_from(
    [
        "metadata",
        "spec",
        "status",
        "operation",
        "sources",
        "source",
        "repoURL",
        "chart",
        "path",
        "helm",
        "valueFiles",
        "kustomize",
        "images",
        "parameters",
        "name",
        "value",
        "operationState",
        "phase",
        "finishedAt",
        "syncResult",
        "revision",
        "revisions",
        "conditions",
        "type",
        "message",
        "health",
        "sync",
        "info",
        "initiatedBy",
        "annotations",
        "labels",
        "summary",
        "history",
        "reconciledAt",
        "syncPolicy",
        "retry",
        "automated",
        "syncWindows",
        "kind",
        "schedule",
        "duration",
        "applications",
        "destination",
    ]
)
WORDS = st.sampled_from(
    [
        "",
        "Running",
        "Succeeded",
        "Failed",
        "Synced",
        "Healthy",
        ONE,
        "2026-05-01T12:00:00Z",
        "main",
        "deny",
        "* * * * *",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)
TEXT = st.sampled_from(["a", "b", "r/x", "h:5000/y"])
IMAGES = st.builds(ImageUpdate, repo_url=TEXT, tag=st.sampled_from(["1", "2.0.0"]))
UPDATES = st.builds(
    SourceUpdate,
    repo_url=st.just("https://git.example/deploy.git"),
    desired_revision=st.just(ONE),
    sets_target=st.booleans(),
    images=st.lists(IMAGES, max_size=3).map(tuple),
    parameters=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
)


def _judge(found: Application) -> None:
    revisions = [ONE] * len(found.sources)
    assert desired([], found) == [""] * len(found.sources)
    verdict(found, revisions, PROMOTION)
    waited(found, USUAL, "Healthy")
    health(found, revisions)
    health(found, [])
    drift(found, revisions, {"a": ["1"]})
    summary(found)
    operation.patch(found, promotion=PROMOTION, actor="")
    operation.withdrawal(found, PROMOTION)
    for place in range(len(found.sources)):
        paths(found, place)


@given(JSON)
def test_no_application_makes_a_rule_raise(document: Any) -> None:
    """Whatever stands in the cluster."""
    _judge(read(document))
    _judge(
        read({"metadata": document, "spec": document, "status": document, "operation": document})
    )
    status = {
        "operationState": document,
        "sync": document,
        "health": document,
        "conditions": document,
    }
    _judge(read({"spec": {"sources": [document, document], "source": document}, "status": status}))


@given(JSON)
def test_no_project_makes_its_windows_raise(spec: Any) -> None:
    """Those that can be read count."""
    for project in ({"spec": spec}, {"spec": {"syncWindows": [spec]}}):
        found, _ = windows(project, application(), lambda _: None)
        opening(found, datetime(2026, 5, 1, tzinfo=UTC), is_manual=False)


@given(JSON, JSON)
def test_what_is_laid_over_is_there_and_nothing_is_changed(above: Any, below: Any) -> None:
    """Laid over twice it is the same."""
    before = repr((above, below))
    once = overlaid(above, below)
    assert overlaid(above, once) == once
    assert overlaid(above, above) == above
    assert repr((above, below)) == before


@given(UPDATES, JSON, JSON)
def test_an_update_is_there_after_it_was_applied(
    update: SourceUpdate, helm: Any, kustomize: Any
) -> None:
    """And applied once more it changes nothing."""
    source = {
        "repoURL": update.repo_url,
        "targetRevision": "main",
        "helm": helm,
        "kustomize": kustomize,
    }
    document = {"metadata": {"name": "web", "namespace": "n"}, "spec": {"source": source}}
    found = read(document)
    patch = {"spec": sources.spec_patch(found, wanted([update], found))}
    after = read(merge_patch.apply(document, patch))
    assert sources.spec_patch(after, wanted([update], after)) == {}
    [made] = after.sources
    assert made.target_revision == (ONE if update.sets_target else "main")
    for name, value in dict(update.parameters).items():
        values = [
            each["value"]
            for each in made.document["helm"]["parameters"]
            if isinstance(each, dict) and each.get("name") == name
        ]
        assert set(values) == {value}
    for image in update.images:
        assert f"{image.repo_url}:{image.tag}" in made.document["kustomize"]["images"]


@given(
    st.sampled_from(["* * * * *", "*/7 3 * * *", "0 0 1 * 1", "15 22 * * 1-5", "59 23 31 12 *"]),
    st.datetimes(datetime(1999, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_the_next_time_is_later_and_fits(text: str, moment: datetime) -> None:
    """And none lies in between that fits, as far as an hour goes."""
    schedule, now = cron.parse(text), moment.replace(tzinfo=UTC)
    found = schedule.after(now)
    assert found is not None
    assert found > now
    assert schedule.after(found - timedelta(minutes=1)) == found
    probe = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(60):
        if probe >= found:
            break
        assert schedule.after(probe - timedelta(seconds=1)) == found
        probe += timedelta(minutes=1)
