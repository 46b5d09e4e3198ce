"""Options of subscriptions that nothing comes of."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.resources.structs import schema_of
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.warehouse import SUBSCRIPTIONS
from towpath.rules.idle_options import idle_options

URLS = {
    "image": "registry.example/app",
    "git": "https://git.example/app.git",
    "chart": "oci://registry.example/chart",
}


def _said(type_: str, **given: Any) -> list[str]:
    document = {"repoURL": URLS[type_], **given}
    return idle_options(
        {
            "subscriptions": [
                {type_: with_defaults(schema_of(SUBSCRIPTIONS[type_]), document), "name": "a"}
            ]
        }
    )


@pytest.mark.parametrize("type_", sorted(SUBSCRIPTIONS))
def test_defaults_are_nobodys_mistake(type_: str) -> None:
    """Whatever the strategy."""
    field = SUBSCRIPTIONS[type_].__name__
    assert _said(type_) == [], field
    for strategy in ("SemVer", "Lexical", "NewestBuild", "Digest"):
        assert _said("image", imageSelectionStrategy=strategy) == []
    for strategy in ("NewestFromBranch", "SemVer", "Lexical", "NewestTag"):
        assert _said("git", commitSelectionStrategy=strategy) == []


def test_an_option_that_nobody_knows_is_told_with_what_may_be_meant() -> None:
    """It is kept, as Kargo does, so that nobody would find out."""
    [said] = _said("image", semverConstrant="^1.0.0")
    assert said.startswith('spec.subscriptions[0].image: unknown field "semverConstrant"')
    assert "semverConstraint" in said.removeprefix(
        'spec.subscriptions[0].image: unknown field "semverConstrant"'
    )
    assert idle_options({"subscriptions": [{"s3": {"config": {}, "bogus": 1}, "name": "x"}]}) == []


@pytest.mark.parametrize(
    ("type_", "strategy", "option", "value", "instead"),
    [
        ("image", "Lexical", "constraint", "^1.0.0", "SemVer or Digest"),
        ("image", "NewestBuild", "semverConstraint", "^1.0.0", "SemVer or Digest"),
        ("image", "Lexical", "strictSemvers", False, "SemVer"),
        ("image", "Digest", "allowTagsRegexes", ["^v"], "SemVer or Lexical or NewestBuild"),
        ("image", "Digest", "cacheByTag", True, "SemVer or Lexical or NewestBuild"),
        ("git", "NewestFromBranch", "semverConstraint", "^1.0.0", "SemVer"),
        ("git", "NewestFromBranch", "ignoreTagsRegexes", ["x"], "SemVer or Lexical or NewestTag"),
        ("git", "NewestTag", "semverConstraint", "^1.0.0", "SemVer"),
        ("git", "SemVer", "branch", "main", "NewestFromBranch"),
        ("git", "Lexical", "since", "2026-01-01T00:00:00Z", "NewestFromBranch"),
    ],
)
def test_an_option_that_the_strategy_does_not_ask_is_told(
    type_: str, strategy: str, option: str, value: Any, instead: str
) -> None:
    """With the strategies that do."""
    field = "imageSelectionStrategy" if type_ == "image" else "commitSelectionStrategy"
    [said] = _said(type_, **{field: strategy, option: value})
    assert said == (
        f"spec.subscriptions[0].{type_}.{option}: {field} {strategy} does not ask it; leave it out, or choose {instead}"
    )


def test_criteria_that_nothing_asks_are_told() -> None:
    """Freight that is made by hand is not held against them."""
    spec = {"subscriptions": [], "freightCreationCriteria": {"expression": "true"}}
    assert idle_options(spec) == []
    [said] = idle_options({**spec, "freightCreationPolicy": "Manual"})
    assert said.startswith("spec.freightCreationCriteria: ")
