"""`argocd-wait`: nothing counts before Argo CD has looked since the step began, and what is seen is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications import PROMOTION, document, state
from tests.support.argocd import Bench, bench
from towpath.promotion.step import Errored, Succeeded, Waiting
from towpath.promotion.steps.argocd_wait import remembered

WAIT = "argocd-wait"


async def _looked(there: Bench, at: str = "2026-05-01T12:01:00Z", **status: Any) -> None:
    """Let Argo CD make the comparison that was asked for."""
    assert (await there.now()).annotations["argocd.argoproj.io/refresh"] == "normal"
    refresh = {"annotations": {"argocd.argoproj.io/refresh": None}}
    await there.change({"metadata": refresh, "status": {"reconciledAt": at, **status}})


async def test_it_has_argo_cd_look_first() -> None:
    """The state from before the push reads Synced and Healthy, too."""
    there = bench(document())
    for _ in range(2):
        found = await there.run(WAIT)
        assert isinstance(found, Waiting)
        assert found.wake == ["argocd:in-memory/argocd/web"]
    await _looked(there)
    done = await there.run(WAIT)
    assert isinstance(done, Succeeded)
    assert done.output == {
        "apps": [{"name": "web", "namespace": "argocd"}],
        "healthStatus": {"argocd/web": "Healthy"},
    }


async def test_a_look_that_is_still_asked_for_has_not_been_made() -> None:
    """Another one may have come in between."""
    there = bench(document())
    await there.run(WAIT)
    await there.change({"status": {"reconciledAt": "2026-05-01T12:02:00Z"}})
    assert isinstance(await there.run(WAIT), Waiting)


async def test_after_a_sync_of_the_promotions_own_no_look_is_needed() -> None:
    """Argo CD has looked by itself when it had ended."""
    there = bench(document(status=state()))
    assert isinstance(await there.run(WAIT), Succeeded)
    assert there.there.changed() == {}
    other = bench(document(status=state(promotion=f"{PROMOTION}x")))
    assert isinstance(await other.run(WAIT), Waiting)


async def test_where_nobody_may_ask_it_goes_by_what_is_there() -> None:
    """The refusal is no error."""
    there = bench(document(), faults={"forbidden": ["argocd/web"]})
    assert isinstance(await there.run(WAIT), Succeeded)


async def test_a_look_that_came_too_soon_is_asked_for_again() -> None:
    """One refresh in a while: the installation may have been asked just before the step began."""
    there = bench(document())
    asked: list[str] = []

    async def refresh(namespace: str, name: str, kind: str) -> bool:
        asked.append(f"{namespace}/{name} {kind}")
        return len(asked) > 2

    there.there.refresh = refresh  # type: ignore[method-assign]
    for _ in range(4):
        assert isinstance(await there.run(WAIT), Waiting)
    assert asked == ["argocd/web normal"] * 4, "one that leaves no trace is asked for again"


async def test_an_error_that_stands_after_the_look_is_final() -> None:
    """What came before it is waited out."""
    conditions = [{"type": "ComparisonError", "message": "boom"}]
    there = bench(document(status={"conditions": conditions}))
    assert isinstance(await there.run(WAIT), Waiting)
    await _looked(there)
    found = await there.run(WAIT)
    assert isinstance(found, Errored)
    assert found.final
    assert "boom" in found.message
    assert found.output is not None


async def test_degraded_after_better_is_final() -> None:
    """What was better is remembered over looks."""
    there = bench(document(status={"health": {"status": "Progressing"}}))
    await there.run(WAIT)
    await _looked(there)
    assert isinstance(await there.run(WAIT), Waiting)
    await there.change({"status": {"health": {"status": "Degraded"}}})
    found = await there.run(WAIT)
    assert isinstance(found, Errored)
    assert "was Progressing and is Degraded" in found.message


async def test_each_is_waited_for_in_its_own_way() -> None:
    """And those that are ready are not told."""
    there = bench(
        document("a", status={**state(), "health": {"status": "Suspended"}}),
        document("b", status={**state(), "health": {"status": "Progressing", "message": "1 of 3"}}),
    )
    found = await there.run(WAIT, {"name": "a", "waitFor": ["suspended"]}, {"name": "b"})
    assert isinstance(found, Waiting)
    assert found.wake == ["argocd:in-memory/argocd/b"]
    assert found.waiting_for.endswith("is Progressing, Healthy is wanted: 1 of 3")


async def test_what_is_not_there_is_an_error() -> None:
    """With its name and the connection's."""
    found = await bench().run(WAIT)
    assert isinstance(found, Errored)
    assert 'connection in-memory: there is no Argo CD Application "web"' in found.message


@pytest.mark.parametrize(
    "former", [{}, {"healthStatus": []}, {"healthStatus": {"a": 3, "b": None}}]
)
def test_a_former_output_that_is_not_ours_says_nothing(former: dict[str, Any]) -> None:
    """Whatever it holds."""
    assert remembered(former) == {}
