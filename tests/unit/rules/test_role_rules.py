"""Rules of Kargo's roles in their one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import BadRequest
from towpath.resources.role import PolicyRule
from towpath.rules import rbac, role_rules
from towpath.rules.rbac import Attributes

KARGO = "kargo.akuity.io"


def rule(verbs: str, resources: str, group: str | None = KARGO, names: str = "") -> PolicyRule:
    """Return a rule, from words."""
    return PolicyRule(
        verbs=verbs.split(),
        api_groups=[] if group is None else group.split(","),
        resources=resources.split(),
        resource_names=names.split(),
    )


def told(rules: list[PolicyRule]) -> list[str]:
    """Return rules as short texts."""
    return [
        f"{each.api_groups[0]}/{each.resources[0]}"
        + "".join(f"[{name}]" for name in each.resource_names)
        + f" {' '.join(each.verbs)}"
        for each in rules
    ]


def test_one_group_resource_and_name_each() -> None:
    """In order, and what two rules say of one thing in one."""
    found = role_rules.normalized(
        [
            rule("list get", "stages warehouses"),
            rule("watch", "stages"),
            rule("promote", "stages", names="prod dev"),
        ]
    )
    assert told(found) == [
        "kargo.akuity.io/stages get list watch",
        "kargo.akuity.io/stages[dev] promote",
        "kargo.akuity.io/stages[prod] promote",
        "kargo.akuity.io/warehouses get list",
    ]


def test_every_verb_by_its_name() -> None:
    """With `promote` for Stages."""
    verbs = "create delete deletecollection get list patch {}update watch"
    found = role_rules.normalized([rule("*", "stages"), rule("*", "freights")])
    assert told(found) == [
        f"{KARGO}/freights {verbs.format('')}",
        f"{KARGO}/stages {verbs.format('promote ')}",
    ]
    assert told(role_rules.normalized([rule("*", "*", "*")])) == ["*/* *"]


@pytest.mark.parametrize(
    ("resource", "meant"),
    [
        ("stage", "stages"),
        ("Warehouse", "warehouses"),
        ("stagez", "stages"),
        ("freight", "freights"),
        ("cm", "configmaps"),
    ],
)
def test_a_resource_is_named_by_its_plural(resource: str, meant: str) -> None:
    """And who wrote something else is told what."""
    with pytest.raises(BadRequest, match=f'did you mean "{meant}"'):
        role_rules.granted([], resource, "", ["get"])
    with pytest.raises(BadRequest, match=rf'rules\[0\].resources: .*did you mean "{meant}"'):
        role_rules.checked([rule("get", resource, None)])


def test_a_group_that_is_left_out_is_the_resources() -> None:
    """Of a subresource too."""
    found = role_rules.checked(
        [rule("get", "secrets stages analysisruns", None), rule("patch", "freights/status", None)]
    )
    assert [(each.api_groups, each.resources) for each in found] == [
        ([""], ["secrets"]),
        (["argoproj.io"], ["analysisruns"]),
        ([KARGO], ["freights/status"]),
        ([KARGO], ["stages"]),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (PolicyRule(verbs=["get"], non_resource_urls=["/x"]), "nonResourceURLs"),
        (PolicyRule(verbs=[], api_groups=[KARGO], resources=["stages"]), r"rules\[0\].verbs"),
        (PolicyRule(verbs=["get"], api_groups=[KARGO]), r"rules\[0\].resources"),
        (rule("get", "nonsense", None), "there are analysisruns"),
    ],
)
def test_what_is_no_rule_of_a_role_is_refused(wrong: PolicyRule, said: str) -> None:
    """With its place."""
    with pytest.raises(BadRequest, match=said):
        role_rules.checked([wrong])


def test_what_is_granted_is_taken_again() -> None:
    """Of a name, or of all; other rules stay."""
    held = role_rules.granted([rule("get", "warehouses")], "stages", "prod", ["promote", "get"])
    assert told(held) == [f"{KARGO}/stages[prod] get promote", f"{KARGO}/warehouses get"]
    left = role_rules.revoked(held, "stages", "prod", ["get"])
    assert told(left) == [f"{KARGO}/stages[prod] promote", f"{KARGO}/warehouses get"]
    assert told(role_rules.revoked(left, "stages", "", ["promote"])) == told(left)
    assert told(role_rules.revoked(left, "stages", "prod", ["*"])) == [f"{KARGO}/warehouses get"]
    with pytest.raises(BadRequest, match="verbs"):
        role_rules.granted([], "stages", "", [])


_WORDS = st.lists(st.sampled_from(["get", "list", "promote", "*"]), min_size=1, max_size=3)
_RULES = st.lists(
    st.builds(
        PolicyRule,
        verbs=_WORDS,
        api_groups=st.lists(st.sampled_from(["", KARGO, "*"]), min_size=1, max_size=2),
        resources=st.lists(st.sampled_from(["stages", "secrets", "*"]), min_size=1, max_size=2),
        resource_names=st.lists(st.sampled_from(["a", "b"]), max_size=2),
    ),
    max_size=4,
)


@given(
    _RULES,
    st.sampled_from(["get", "list", "promote"]),
    st.sampled_from(["", KARGO]),
    st.sampled_from(["stages", "secrets"]),
    st.sampled_from(["", "a", "c"]),
)
def test_the_one_form_allows_what_the_rules_did(
    rules: list[PolicyRule], verb: str, group: str, resource: str, name: str
) -> None:
    """Nothing more and nothing less, but for verbs of other kinds that `*` stands for besides."""
    if verb == "promote" and (group, resource) != (KARGO, "stages"):
        verb = "get"
    on = Attributes(group, resource, "p", name)
    before = any(rbac.allows(each, verb, on) for each in rules)
    found = role_rules.normalized(rules)
    assert any(rbac.allows(each, verb, on) for each in found) == before
    assert role_rules.normalized(found) == found


def test_what_is_multiplied_is_bounded() -> None:
    """A role of a few hundred words would come to millions of rules: none is written, and one that is there is shown as it is."""
    words = " ".join(f"w{number}" for number in range(101))
    wide = rule(words, "stages", names=words)
    assert len(role_rules.normalized([wide])) == 101
    wider = [rule("get", words, names=words)]
    assert role_rules.normalized(wider) == wider
    with pytest.raises(BadRequest, match=r"rules: Too many: 10,201 combinations"):
        role_rules.checked(wider)
    repeated = PolicyRule(verbs=["get"], api_groups=[KARGO], resources=["stages"] * 10_001)
    assert told(role_rules.checked([repeated])) == [f"{KARGO}/stages get"]


def test_a_word_that_is_very_long_is_likened_to_nothing() -> None:
    """That would take as long as it is."""
    with pytest.raises(BadRequest, match=r"is no resource by its plural name; there are"):
        role_rules.plural("stage" * 1_000, "resource")
