"""Visits: no host has more looks than it may, nobody is forgotten, and who asks elsewhere never waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.artifacts import hosts
from towpath.artifacts.host_visits import HostVisits
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse


def _ref(number: int, project: str = "shop") -> Ref:
    return Ref(scheme.WAREHOUSE, project, f"w{number}")


@given(
    most=st.integers(1, 3),
    projects=st.integers(1, 3),
    wanted=st.lists(st.sets(st.sampled_from("abc"), min_size=1), min_size=1, max_size=12),
    order=st.lists(st.integers(0, 11), max_size=60),
)
def test_everybody_comes_and_no_lane_is_overfull(
    most: int, projects: int, wanted: list[set[str]], order: list[int]
) -> None:
    """Whatever the order in which looks begin and end, and whatever hosts they ask."""
    called: list[Ref] = []
    visits = HostVisits(most)
    visits.follow(called.append)
    refs = [_ref(number, f"p{number % projects}") for number in range(len(wanted))]
    asked = dict(zip(refs, wanted, strict=True))
    inside: list[Ref] = []
    done: set[Ref] = set()

    def enter(ref: Ref) -> None:
        full = visits.enter(ref, sorted(asked[ref]))
        if full is None:
            inside.append(ref)
        else:
            assert full in asked[ref]
        for host in "abc":
            there = [each.namespace for each in inside if host in asked[each]]
            assert len(there) <= min(2 * most, most + len(set(there)))

    def leave(ref: Ref) -> None:
        inside.remove(ref)
        done.add(ref)
        visits.leave(ref)

    for number in order:
        ref = refs[number % len(wanted)]
        if ref in inside:
            leave(ref)
        elif ref not in done:
            enter(ref)
    for ref in asked:
        if ref not in inside and ref not in done:
            enter(ref)
    for _ in range(1000):
        if called and (ref := called.pop(0)) not in inside:
            enter(ref)
        elif inside:
            leave(inside[0])
        elif not called:
            break
    assert done == set(asked)
    assert visits.are_empty


def test_a_project_that_holds_its_places_leaves_some_to_others() -> None:
    """Its Warehouses ask a slow host besides, and hold their places at the fast one for as long as that takes."""
    called: list[Ref] = []
    visits = HostVisits(8)
    visits.follow(called.append)
    greedy = [visits.enter(_ref(number, "greedy"), ["fast", "slow"]) for number in range(100)]
    assert greedy.count(None) == 4
    assert visits.enter(_ref(0, "shop"), ["fast"]) is None
    assert visits.enter(_ref(0, "mill"), ["fast"]) is None
    assert not called


def test_many_projects_that_hold_their_places_leave_one_to_another() -> None:
    """Four would else have all of them, for as long as the slow host takes."""
    visits = HostVisits(8)
    for project in range(11):
        entered = [visits.enter(_ref(n, f"greedy{project}"), ["fast", "slow"]) for n in range(9)]
        assert entered.count(None) >= 1
    assert visits.enter(_ref(0, "shop"), ["fast"]) is None


def test_those_in_line_are_called_one_of_each_project() -> None:
    """However many the first of them has there."""
    called: list[Ref] = []
    visits = HostVisits(1)
    visits.follow(called.append)
    first = [_ref(0, "greedy"), _ref(0)]
    assert [visits.enter(ref, ["a"]) for ref in first] == [None, None]
    waiting = [_ref(1, "greedy"), _ref(2, "greedy"), _ref(3, "greedy"), _ref(1), _ref(2)]
    assert all(visits.enter(ref, ["a"]) == "a" for ref in waiting)
    for ref in first:
        visits.leave(ref)
    for number in range(len(waiting)):
        assert visits.enter(called[number], ["a"]) is None
        visits.leave(called[number])
    assert [ref.namespace for ref in called] == ["greedy", "shop", "greedy", "shop", "greedy"]
    assert visits.are_empty


def test_who_is_called_and_does_not_look_calls_the_next() -> None:
    """A Warehouse may be gone by then."""
    called: list[Ref] = []
    visits = HostVisits(1)
    visits.follow(called.append)
    assert visits.enter(_ref(0), ["a"]) is None
    assert [visits.enter(_ref(number), ["a"]) for number in (1, 2)] == ["a", "a"]
    visits.leave(_ref(0))
    assert called == [_ref(1)]
    assert visits.enter(_ref(3), ["a"]) == "a", "its place is kept"
    visits.leave(_ref(1))
    assert called == [_ref(1), _ref(2)]


def test_who_is_waited_for_goes_in() -> None:
    """A look that somebody asked for by hand."""
    visits = HostVisits(1)
    assert visits.enter(_ref(0), ["a"]) is None
    assert visits.enter(_ref(1), ["a"], hurries=True) is None
    assert visits.enter(_ref(2), ["a"]) == "a"


@pytest.mark.parametrize(
    ("subscription", "host"),
    [
        ({"image": {"repoURL": "nginx"}}, "docker.io"),
        ({"image": {"repoURL": "index.docker.io/library/nginx"}}, "docker.io"),
        ({"image": {"repoURL": "ghcr.io/acme/app"}}, "ghcr.io"),
        ({"image": {"repoURL": "localhost:5000/app"}}, "localhost:5000"),
        ({"image": {"repoURL": "No Image"}}, "(image)"),
        ({"git": {"repoURL": "https://bot:secret@GitHub.com/acme/app.git"}}, "github.com"),
        ({"git": {"repoURL": "git@github.com:acme/app.git"}}, "github.com"),
        ({"git": {"repoURL": "ssh://git@git.example:2222/app"}}, "git.example:2222"),
        ({"git": {"repoURL": "https://[::1]:8443/app"}}, "[::1]:8443"),
        ({"chart": {"repoURL": "oci://ghcr.io/acme/charts/app"}}, "ghcr.io"),
        ({"chart": {"repoURL": "https://charts.example/stable", "name": "x"}}, "charts.example"),
        ({"chart": {"repoURL": "/"}}, "(chart)"),
        ({"bucket": {"config": {"endpoint": "x"}}, "name": "files"}, "(bucket)"),
        ({"name": "nothing"}, "(unknown)"),
    ],
)
def test_the_host_that_a_subscription_asks(subscription: dict[str, object], host: str) -> None:
    """By its `repoURL`, without user; a type that has none stands for itself."""
    document = {
        "metadata": {"name": "main", "namespace": "shop"},
        "spec": {"subscriptions": [subscription, subscription]},
    }
    assert hosts.of_warehouse(view(Warehouse, document)) == (host,)
