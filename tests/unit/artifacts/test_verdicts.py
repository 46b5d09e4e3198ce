"""Verdicts: the same decisions as the look itself makes, bounded, with everything counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from towpath.artifacts.verdicts import Verdicts
from towpath.versions import tags
from towpath.versions.tags import TagSelection

_TAGS = st.lists(
    st.one_of(
        st.from_regex(r"v?[0-3](\.[0-3]){0,2}(-rc\.[0-9])?", fullmatch=True),
        st.sampled_from(["latest", "nightly-1", "nightly-2", "", "x" * 300]),
    ),
    max_size=30,
    unique=True,
)
_SELECTIONS = st.builds(
    TagSelection,
    order=st.sampled_from(["version", "name", "none"]),
    constraint=st.sampled_from(["", "^1.0.0", ">=1.0.0-0", "2"]),
    strict=st.booleans(),
    allow_tags_regexes=st.sampled_from([(), ("^v",), ("[0-9]", "^l")]),
    ignore_tags_regexes=st.sampled_from([(), ("^nightly",), ("x", "^v1")]),
    ignore_tags=st.sampled_from([(), ("latest", "1.0.0")]),
)


@given(_TAGS, _SELECTIONS, st.integers(1, 40))
def test_each_tag_is_selected_or_kept_out_by_one_rule(
    found: list[str], selection: TagSelection, most: int
) -> None:
    """Who asks for reasons is given the same tags in the same order; all others are counted, so many are listed."""
    judged = tags.judged(found, selection, most)
    assert judged.ordered == tags.selected(found, selection)
    out = set(found) - set(judged.ordered)
    assert sum(judged.counts.values()) == len(out)
    assert len(judged.excluded) == min(most, len(out))
    assert {name for name, _, _ in judged.excluded} <= out
    for tag in found:
        assert (selection.rules.objection(tag) is None) == selection.rules.admits(tag)


def test_the_rule_is_named_by_its_field() -> None:
    """And what would come first without the rule is listed first."""
    selection = TagSelection(
        order="version",
        constraint="^1.0.0",
        ignore_tags=("1.9.0",),
        ignore_tags_regexes=("-dev",),
        allow_tags_regexes=("^[0-9]",),
    )
    found = ["1.0.0", "1.9.0", "2.0.0", "1.2.0-rc.1", "1.3", "1.1.0-dev", "latest", "1x"]
    assert tags.judged(found, selection, 50).excluded == [
        ("2.0.0", "constraint", "2.0.0 is not in '^1.0.0'"),
        ("1.9.0", "ignoreTags", "it is listed there"),
        ("1.3", "strictSemvers", "it is a version without all three of its numbers"),
        ("1.2.0-rc.1", "constraint", "pre-releases are in '^1.0.0' only where it names one"),
        ("1.1.0-dev", "ignoreTagsRegexes[0]", "its pattern matches"),
        ("latest", "allowTagsRegexes", "no pattern of those that allow tags matches"),
        ("1x", "version", "it is no semantic version"),
    ]


def test_many_of_one_rule_do_not_hide_the_one_of_another() -> None:
    """A million are counted and a few listed; what people read of each is short and acts on no terminal."""
    verdicts = Verdicts()
    verdicts.exclude_many(
        [(f"nightly-{number}", "ignoreTags", "r") for number in range(90)],
        {"ignoreTags": 1_000_000},
    )
    verdicts.exclude("1.0.0\x1b[31m" + "x" * 1000, "platform", "it is for windows/amd64")
    verdicts.beyond((f"0.{number}.0" for number in range(10**9)), 10**9, 20)
    assert len(verdicts.excluded) == 15 + 1 + 15
    assert verdicts.left_out == 1_000_000 + 1 + 10**9 - 31
    listed = next(each for each in verdicts.excluded if each.rule == "platform")
    assert listed.name.startswith("1.0.0x")
    assert len(listed.name) <= 200
    verdicts.beyond([], -5, 20)
    assert verdicts.counts["discoveryLimit"] == 10**9
    for number in range(200):
        verdicts.offer(str(number), "why")
    assert [each.outcome for each in verdicts.offered[:2]] == ["wins", "offered"]
    assert len(verdicts.offered) == 100
