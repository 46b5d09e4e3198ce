"""`argocd-update` and `argocd-sync`: all is tried out first, nothing is begun twice or over others, and what is waited for is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.applications import (
    ONE,
    REPOSITORY,
    TWO,
    application,
    document,
    operation,
    state,
)
from tests.support.argocd import bench
from towpath import errors
from towpath.promotion.argocd_fields import Which
from towpath.promotion.doors.argocd import BEGUN, NoInstallations
from towpath.promotion.doors.recording.argocd import RecordedArgoCD
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.step import Errored, Outcome, Succeeded, Waiting
from towpath.resources.annotations import AUTHORIZED_STAGE
from towpath.rules.argocd.revision_match import Related, Relation

UPDATE = "argocd-update"
TO_TWO = {"repoURL": REPOSITORY, "desiredRevision": TWO, "updateTargetRevision": True}


def _app(name: str = "web", **more: Any) -> dict[str, Any]:
    return {"name": name, **more}


def _said(outcome: Outcome) -> str:
    return outcome.waiting_for if isinstance(outcome, Waiting) else outcome.message


async def test_it_begins_once_and_waits_and_succeeds() -> None:
    """From the first look to the last; each wakes by the Application's key."""
    there = bench(document())
    for _ in range(3):
        found = await there.run(UPDATE, _app(sources=[TO_TWO]))
        assert isinstance(found, Waiting)
        assert found.wake == ["argocd:in-memory/argocd/web"]
    assert len(there.there.events) == 1, "begun once, however often it looks"
    after = await there.now()
    assert after.sources[0].target_revision == TWO
    running = {**operation(), "sync": {}}
    await there.change({"status": {"operationState": {"operation": running, "phase": "Running"}}})
    assert isinstance(await there.run(UPDATE, _app(sources=[TO_TWO])), Waiting)
    await there.change({"operation": None, "status": state(revision=TWO)})
    done = await there.run(UPDATE, _app(sources=[TO_TWO]))
    assert isinstance(done, Succeeded)
    assert done.output == {"apps": [{"name": "web", "namespace": "argocd"}]}
    assert done.health_check is not None
    assert done.health_check.config["apps"][0]["desiredRevisions"] == [TWO]


@pytest.mark.parametrize(
    "second",
    [
        document("api", metadata={"annotations": {}}),
        document("api", spec={"source": {"repoURL": "https://git.example/other.git"}}),
        None,
    ],
)
async def test_all_are_tried_out_before_the_first_is_changed(second: dict[str, Any] | None) -> None:
    """Permission, sources, and whether it is there at all."""
    there = bench(document(), *([second] if second else []))
    found = await there.run(UPDATE, _app(sources=[TO_TWO]), _app("api", sources=[TO_TWO]))
    assert isinstance(found, Errored)
    assert 'Application "api"' in found.message
    assert there.there.changed() == {}


async def test_an_update_that_cannot_be_made_changes_nothing_of_the_others() -> None:
    """What would be sent is made for all before anything is."""
    there = bench(document(), document("api"))
    image = {"repoURL": "r/app", "newName": "m/app"}
    source = {"repoURL": REPOSITORY, "kustomize": {"images": [image]}}
    found = await there.run(UPDATE, _app(sources=[TO_TWO]), _app("api", sources=[source]))
    assert isinstance(found, Errored)
    assert "neither tag nor digest" in found.message
    assert there.there.changed() == {}


async def test_a_refusal_contains_what_would_allow_it() -> None:
    """As a command."""
    there = bench(document(metadata={"annotations": {}}))
    said = _said(await there.run(UPDATE, _app()))
    assert "kubectl -n argocd patch applications.argoproj.io web" in said
    assert "shop:prod" in said


async def test_a_selector_passes_over_what_does_not_allow_it() -> None:
    """Unless nothing is left."""
    labels = {"tier": "edge"}
    open_, shut = (
        document("a", metadata={"labels": labels}),
        document("b", metadata={"labels": labels, "annotations": {}}),
    )
    entry = {"selector": {"matchLabels": labels}}
    there = bench(open_, shut)
    assert isinstance(await there.run(UPDATE, entry), Waiting)
    assert set(there.there.changed()) == {"argocd/a"}
    refused = await bench(shut).run(UPDATE, entry)
    assert isinstance(refused, Errored)
    assert "of 1 Applications of the selector none" in refused.message
    assert isinstance(await bench().run(UPDATE, entry), Errored)


@pytest.mark.parametrize(
    "more",
    [
        {"operation": operation(None)},
        {"status": state("Running", promotion=None, finished=None)},
        {"operation": operation("another"), "status": state("Failed", promotion=None)},
    ],
)
async def test_others_come_first(more: dict[str, Any]) -> None:
    """What somebody asked for is never overwritten."""
    there = bench(document(**more))
    assert isinstance(await there.run(UPDATE, _app()), Waiting)
    assert there.there.changed() == {}


async def test_who_was_faster_is_waited_for() -> None:
    """The Application is read again, and what is found then counts."""
    there = bench(document())
    door = there.made()
    old = await door.applications(Which(name="web"))
    await there.change({"operation": operation(None)})

    async def stale(which: Any) -> Any:
        del which
        return old

    door.applications = stale  # type: ignore[assignment, method-assign]
    found = await there.run(UPDATE, _app())
    assert isinstance(found, Waiting)
    assert "odile" in found.waiting_for
    assert there.there.events == []


async def test_a_permission_that_was_taken_away_meanwhile_is_none() -> None:
    """Between the look and the patch somebody shut the Application to the Stage: what is read then counts."""
    there = bench(document())
    door = there.made()
    old = await door.applications(Which(name="web"))
    await there.change({"metadata": {"annotations": {AUTHORIZED_STAGE: "bank:prod"}}})
    shut = there.there.changed()

    async def stale(which: Any) -> Any:
        del which
        return old

    door.applications = stale  # type: ignore[assignment, method-assign]
    found = await there.run(UPDATE, _app())
    assert isinstance(found, Errored)
    assert "may not be changed by Stage" in found.message
    assert there.there.changed() == shut


@pytest.mark.parametrize(("conflicts", "is_begun"), [(4, True), (5, False)])
async def test_it_is_tried_five_times(conflicts: int, is_begun: bool) -> None:
    """While others change the Application."""
    there = bench(document(), faults={"conflicts": {"argocd/web": conflicts}})
    if is_begun:
        assert isinstance(await there.run(UPDATE, _app()), Waiting)
    else:
        with pytest.raises(errors.Conflict):
            await there.run(UPDATE, _app())
    assert len(there.there.events) == is_begun
    assert there.notes.notes[BEGUN] == [
        {"connection": "in-memory", "namespace": "argocd", "name": "web", "before": ""}
    ], "noted before it is sent, so that it can be withdrawn"


async def test_a_failed_sync_is_the_steps_failure() -> None:
    """With the message, and nothing of the others is begun."""
    there = bench(document(status=state("Failed", message="boom")), document("api")).began()
    found = await there.run(UPDATE, _app("api"), _app(sources=[{**TO_TWO}]))
    assert isinstance(found, Errored)
    assert "boom" in found.message
    assert there.there.changed() == {}


@pytest.mark.parametrize(
    ("relation", "kind"),
    [
        (Relation.SAME_TREES, Succeeded),
        (Relation.SAME, Succeeded),
        (Relation.NEWER, Errored),
        (Relation.UNKNOWN, Waiting),
        (Relation.OLDER, Waiting),
    ],
)
async def test_the_repository_is_asked_about_another_commit(
    relation: Relation, kind: type[Outcome]
) -> None:
    """A shared branch may have moved on."""
    there = bench(document(status=state(revision=TWO))).began()

    async def related(found: Any, questions: Any) -> Any:
        assert found.name == "web"
        assert questions == [(0, ONE, TWO)]
        return {question: Related(relation, "why") for question in questions}

    there.made().related = related  # type: ignore[assignment, method-assign]
    source = {"repoURL": REPOSITORY, "desiredRevision": ONE}
    found = await there.run(UPDATE, _app(sources=[source]))
    assert isinstance(found, kind), found
    assert bool(there.there.events) == (relation is Relation.OLDER), "only what may be mended by it"


async def test_an_error_found_since_is_waited_out() -> None:
    """Argo CD is asked to look again."""
    conditions = [{"type": "ComparisonError", "message": "repository away"}]
    there = bench(document(status={**state(), "conditions": conditions})).began()
    found = await there.run(UPDATE, _app())
    assert isinstance(found, Waiting)
    assert "repository away" in found.waiting_for
    assert (await there.now()).is_refreshing
    await there.change({"status": {"conditions": None}})
    assert isinstance(await there.run(UPDATE, _app()), Succeeded)


@pytest.mark.parametrize(("actor", "is_told"), [("", True), ("odile", False)])
async def test_a_shut_window_is_told_with_the_time_it_opens(actor: str, is_told: bool) -> None:
    """A person's sync may pass where an automatic one does not."""
    window = {"kind": "deny", "schedule": "0 0 1 1 *", "duration": "24h", "applications": ["*"]}
    project = {
        "metadata": {"namespace": "argocd", "name": "default"},
        "spec": {"syncWindows": [{**window, "manualSync": True}]},
    }
    blocked = state("Running", finished=None, message="Sync operation blocked by sync window")
    there = bench(document(status=blocked), projects=[project])
    there.actor = actor
    said = _said(await there.run(UPDATE, _app()))
    assert "blocked by sync window" in said
    assert ("it opens at 2026-01-02T00:00:00Z" in said) is is_told


async def test_a_connection_that_is_away_is_waited_for() -> None:
    """And the Promotion goes on when it is back."""
    there = bench(document(), faults={"discovery": 1})
    assert isinstance(await there.run(UPDATE, _app()), Waiting)
    assert there.there.changed() == {}
    await there.run(UPDATE, _app())
    assert set(there.there.changed()) == {"argocd/web"}


@pytest.mark.parametrize("uses", [UPDATE, "argocd-wait", "argocd-sync"])
@pytest.mark.parametrize("error", [errors.Unauthenticated, errors.Timeout, errors.TooManyRequests])
async def test_what_passes_is_waited_for(uses: str, error: type[errors.TowpathError]) -> None:
    """A token that has ended is renewed, and the sync goes on meanwhile."""
    there = bench(document())

    async def refused(*_: Any) -> Any:
        raise error("connection in-memory: not now")

    there.there.get = refused  # type: ignore[assignment, method-assign]
    found = await there.run(uses, _app())
    assert isinstance(found, Waiting)
    assert found.waiting_for == "connection in-memory: not now"


async def test_without_a_connection_it_says_what_there_has_to_be() -> None:
    """It cannot get better by waiting."""
    there = bench(document())
    there.there = NoInstallations()  # type: ignore[assignment]
    found = await there.run(UPDATE, _app())
    assert isinstance(found, Errored)
    assert "the operator has to configure one" in found.message


async def test_two_entries_of_one_application_are_taken_together() -> None:
    """One operation; contradictions are refused."""
    there = bench(document())
    other = {"repoURL": REPOSITORY, "helm": {"images": [{"key": "k", "value": "v"}]}}
    found = await there.run(UPDATE, _app(sources=[TO_TWO]), _app(sources=[other]))
    assert isinstance(found, Waiting)
    assert len(found.output["apps"]) == 2 if found.output else False
    assert len(there.there.events) == 1
    [made] = (await there.now()).sources
    assert made.target_revision == TWO
    assert made.document["helm"] == {"parameters": [{"name": "k", "value": "v"}]}
    one = {**TO_TWO, "desiredRevision": ONE}
    refused = await bench(document()).run(UPDATE, _app(sources=[TO_TWO]), _app(sources=[one]))
    assert isinstance(refused, Errored)


@pytest.mark.parametrize("uses", [UPDATE, "argocd-sync"])
async def test_what_an_earlier_step_of_the_promotion_synced_is_synced_again(uses: str) -> None:
    """It has done what that step wanted; this one may want something else."""
    there = bench(document(status=state()))
    assert isinstance(await there.run(uses, _app()), Waiting)
    assert len(there.there.events) == 1
    later = {"finishedAt": "2026-05-01T12:05:00Z"}
    await there.change({"operation": None, "status": state(**later)})
    assert isinstance(await there.run(uses, _app()), Succeeded)
    assert len(there.there.events) == 1


async def test_an_operation_that_was_noted_and_not_asked_for_is_begun() -> None:
    """The process ended in between; the last operation is that of an earlier step."""
    there = bench(document(status=state()))
    ask = there.there.patch

    async def killed(*_: Any) -> Any:
        raise asyncio.CancelledError

    there.there.patch = killed  # type: ignore[assignment, method-assign]
    with pytest.raises(asyncio.CancelledError):
        await there.run("argocd-sync", _app())
    there.there.patch = ask  # type: ignore[method-assign]
    assert isinstance(await there.run("argocd-sync", _app()), Waiting)
    assert len(there.there.events) == 1


async def test_a_sync_alone_changes_nothing_else() -> None:
    """Only what is synced and how is said."""
    there = bench(document())
    entry = _app(resources=[{"kind": "Job", "name": "migrate"}], prune=True, dryRun=True)
    assert isinstance(await there.run("argocd-sync", entry), Waiting)
    changed = there.there.changed()["argocd/web"]
    assert "spec" not in changed
    assert changed["operation"]["sync"] == {
        "prune": True,
        "resources": [{"group": "", "kind": "Job", "name": "migrate"}],
        "dryRun": True,
    }
    refused = await bench(document()).run("argocd-sync", _app(prune=True), _app(prune=False))
    assert isinstance(refused, Errored)
    assert "different ways" in refused.message


async def test_what_is_planned_is_recorded_and_not_done() -> None:
    """Applications are read; a look that would have to be made is not known yet."""
    there = bench(document())
    recorder = Recorder()
    acting = there.made()
    there.door = RecordedArgoCD(recorder, "step-1", acting)
    found = await there.run(UPDATE, _app(sources=[TO_TWO]))
    assert isinstance(found, Waiting)
    assert there.there.changed() == {}
    [call] = recorder.calls
    assert (call.door, call.operation) == ("argocd", "begin")
    assert 'sync with other sources Argo CD Application "web"' in call.what
    with pytest.raises(Unanswered):
        await there.run("argocd-wait", _app())
    assert await there.door.refresh(application(), "hard") == ""
    assert await there.door.opening(application(), is_manual=True) is None
