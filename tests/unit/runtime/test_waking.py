"""Events are told in one place, and reach whoever waits, in whichever controller."""

from __future__ import annotations

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.keyed_waits import KeyedWaits
from towpath.runtime.waking import Waking

ONE, TWO = Ref(scheme.PROMOTION, "shop", "one"), Ref(scheme.STAGE, "shop", "two")


def _waiting(ref: Ref, *keys: str) -> tuple[KeyedWaits, list[Ref]]:
    told: list[Ref] = []
    waits = KeyedWaits()
    waits.follow(told.append)
    waits.wait(ref, keys, since=waits.now)
    return waits, told


def test_an_event_reaches_every_controller() -> None:
    """Who tells of it need not know which controllers there are."""
    waking = Waking()
    (one, told_one), (two, told_two) = (
        _waiting(ONE, "argocd:c/ns/app"),
        _waiting(TWO, "argocd:c/ns/app"),
    )
    waking.join(one)
    waking.join(two)
    assert waking.wake("argocd:c/ns/app") == 2
    assert waking.wake("argocd:c/ns/other") == 0
    assert (told_one, told_two) == ([ONE], [TWO])


def test_what_is_waited_for_and_told_is_counted_by_kind() -> None:
    """Kinds that nobody named share one count, so that there is a bound on how many there are."""
    waking = Waking(["argocd", "url"])
    waits, _ = _waiting(ONE, "argocd:c/ns/app", "argocd:c/ns/other", "mine:1", "bare")
    waking.join(waits)
    assert waking.awaited() == {"argocd": 2, "url": 0, "others": 2}
    waking.wake("argocd:c/ns/app")
    waking.wake("url:x")
    for number in range(3):
        waking.wake(f"kind-{number}:x")
    waking.wake("mine:1")
    assert waking.told() == {"argocd": 1, "url": 1, "others": 4}
    assert waking.woken() == {"argocd": 1, "url": 0, "others": 1}
    waits.end(ONE)
    assert waking.awaited() == {"argocd": 0, "url": 0, "others": 0}
