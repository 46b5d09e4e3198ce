"""Rules of RBAC: what they allow, whom they mean, what may be granted."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath.resources.role import PolicyRule
from towpath.resources.role_binding import Subject
from towpath.rules import rbac
from towpath.rules.rbac import Attributes, User

STAGE = Attributes("kargo.akuity.io", "stages", "shop", "prod")
STATUS = Attributes("kargo.akuity.io", "stages", "shop", "prod", "status")


def rule(
    verbs: str, groups: str = "kargo.akuity.io", resources: str = "stages", names: str = ""
) -> PolicyRule:
    """Return a rule of words."""
    return PolicyRule(
        verbs=verbs.split(),
        api_groups=[each.strip("'") for each in groups.split()],
        resources=resources.split(),
        resource_names=names.split(),
    )


@pytest.mark.parametrize(
    ("held", "resource", "expected"),
    [
        (rule("get"), STAGE, True),
        (rule("list"), STAGE, False),
        (rule("*"), STAGE, True),
        (rule("get", "*"), STAGE, True),
        (rule("get", "argoproj.io"), STAGE, False),
        (rule("get", resources="*"), STAGE, True),
        (rule("get", resources="freights"), STAGE, False),
        (rule("get"), STATUS, False),
        (rule("get", resources="stages/status"), STATUS, True),
        (rule("get", resources="*/status"), STATUS, True),
        (rule("get", resources="*"), STATUS, True),
        (rule("get", resources="stages/status"), STAGE, False),
        (rule("get", names="prod test"), STAGE, True),
        (rule("get", names="test"), STAGE, False),
        (rule("get", names="prod"), Attributes("kargo.akuity.io", "stages", "shop"), False),
    ],
)
def test_a_rule_allows_what_it_names(
    held: PolicyRule, resource: Attributes, expected: bool
) -> None:
    """Verb, group, resource with subresource, and name."""
    assert rbac.allows(held, "get", resource) is expected


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [
        ("/version", "/version", True),
        ("/version", "/version/", False),
        ("/api/*", "/api/v1", True),
        ("/api/*", "/api", False),
        ("*", "/anything", True),
    ],
)
def test_paths_are_allowed_by_rules_about_paths(url: str, path: str, expected: bool) -> None:
    """A rule about resources allows no path, and the reverse."""
    held = PolicyRule(verbs=["get"], non_resource_urls=[url])
    assert rbac.allows(held, "get", path) is expected
    assert not rbac.allows(held, "post", path)
    assert not rbac.allows(held, "get", STAGE)
    assert not rbac.allows(rule("*", "*", "*"), "get", path)


def test_subjects_mean_users_groups_and_accounts() -> None:
    """An account by its namespace, that of the binding where it names none."""
    account = rbac.account("shop", "bot", "1")
    jo = User("jo", ("team", rbac.AUTHENTICATED))
    for subject, namespace, user, expected in (
        (Subject(kind="User", name="jo"), "", jo, True),
        (Subject(kind="User", name="jo"), "", account, False),
        (Subject(kind="Group", name="team"), "", jo, True),
        (Subject(kind="Group", name="jo"), "", jo, False),
        (Subject(kind="ServiceAccount", name="bot", namespace="shop"), "", account, True),
        (Subject(kind="ServiceAccount", name="bot"), "shop", account, True),
        (Subject(kind="ServiceAccount", name="bot"), "other", account, False),
        (Subject(kind="User", name="system:serviceaccount:shop:bot"), "", account, True),
        (Subject(kind="Group", name="system:serviceaccounts:shop"), "", account, True),
        (Subject(kind="Nobody", name="jo"), "", jo, False),
    ):
        assert rbac.is_meant(subject, user, namespace) is expected


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (STAGE, 'stages.kargo.akuity.io "prod" is forbidden: User "jo" cannot get resource "stages" in API group "kargo.akuity.io" in the namespace "shop"'),
        (STATUS, 'stages.kargo.akuity.io "prod" is forbidden: User "jo" cannot get resource "stages/status" in API group "kargo.akuity.io" in the namespace "shop"'),
        (Attributes("", "secrets"), 'secrets is forbidden: User "jo" cannot get resource "secrets" in API group "" at the cluster scope'),
        ("/metrics", 'forbidden: User "jo" cannot get path "/metrics"'),
    ],
)  # fmt: skip
def test_refusals_are_worded_as_kubernetes_words_them(resource: Any, words: str) -> None:
    """Clients and people know them."""
    assert rbac.refusal(User("jo"), "get", resource) == words


def uncovered(wanted: PolicyRule, held: list[PolicyRule]) -> list[PolicyRule]:
    """Return the parts of a rule that rules do not cover."""
    return [part for part in rbac.parts(wanted) if not rbac.is_covered(part, held)]


def test_what_is_granted_must_be_held() -> None:
    """Part by part; a wider right covers a narrower one and not the reverse."""
    wanted = rule("get promote", resources="stages freights/status")
    assert not uncovered(wanted, [rule("*", "*", "*")])
    left = uncovered(wanted, [rule("get"), rule("get promote", resources="*/status")])
    assert [(each.verbs, each.resources) for each in left] == [(["promote"], ["stages"])]
    assert not uncovered(rule("get", names="a"), [rule("get")])
    assert uncovered(rule("get"), [rule("get", names="a")])
    assert uncovered(rule("get", names="a b"), [rule("get", names="a")])
    paths = PolicyRule(verbs=["get"], non_resource_urls=["/api/v1"])
    assert not uncovered(paths, [PolicyRule(verbs=["get"], non_resource_urls=["/api/*"])])
    assert uncovered(paths, [rule("*", "*", "*")])


WORDS = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=2)
RULES = st.builds(
    PolicyRule,
    verbs=WORDS,
    api_groups=WORDS,
    resources=st.lists(st.sampled_from(["a", "b", "a/s", "*/s", "*"]), min_size=1, max_size=2),
    resource_names=st.lists(st.sampled_from(["x", "y"]), max_size=2),
)
RESOURCES = st.builds(
    Attributes,
    st.sampled_from("ab"),
    st.sampled_from("ab"),
    st.just("n"),
    st.sampled_from(["", "x", "y"]),
    st.sampled_from(["", "s"]),
)


@settings(max_examples=examples(400), deadline=None, derandomize=True)
@given(RULES, st.sampled_from("ab"), RESOURCES)
def test_matching_agrees_with_its_definition(
    held: PolicyRule, verb: str, resource: Attributes
) -> None:
    """Word by word, written out."""
    path = f"{resource.plural}/{resource.subresource}" if resource.subresource else resource.plural
    expected = (
        any(word in ("*", verb) for word in held.verbs)
        and any(word in ("*", resource.group) for word in held.api_groups)
        and any(
            word in ("*", path) or (word == "*/s" and resource.subresource == "s")
            for word in held.resources
        )
        and (not held.resource_names or resource.name in held.resource_names)
    )
    assert rbac.allows(held, verb, resource) is expected


@settings(max_examples=examples(400), deadline=None, derandomize=True)
@given(RULES, st.lists(RULES, max_size=3), st.sampled_from("ab"), RESOURCES)
def test_nothing_is_granted_beyond_what_is_held(
    wanted: PolicyRule, held: list[PolicyRule], verb: str, resource: Attributes
) -> None:
    """If all of a rule counts as covered, whatever it allows is allowed by what is held."""
    if not uncovered(wanted, held) and rbac.allows(wanted, verb, resource):
        assert any(rbac.allows(each, verb, resource) for each in held)


def test_of_a_wide_rule_as_much_is_compared_as_is_told() -> None:
    """What it repeats is one; of millions of parts the first few are made."""
    wide = PolicyRule(
        verbs=[f"v{n}" for n in range(300)],
        api_groups=["g", "g"],
        resources=[f"r{n}" for n in range(300)] * 2,
    )
    parts = rbac.parts(wide)
    assert [(each.verbs, each.resources) for each in islice(parts, 2)] == [
        (["v0"], ["r0"]),
        (["v0"], ["r1"]),
    ]
    assert sum(1 for _ in parts) == 90_000 - 2
