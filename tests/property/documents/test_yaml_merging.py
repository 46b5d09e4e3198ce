"""YAML files of all kinds put together: the result says what both say, and keeps the lines that nobody touched."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.generated import SHORT, SOAK
from towpath.documents.yaml.merging import merged

KEYS = st.sampled_from(["a", "b", "c", "d e", "1", "é"])
SCALARS = st.sampled_from(
    ["x", "v 1", "", "a: b", "#", "two\nlines\n", "end\n\n", 1, 2.5, True, None, "null", "- x"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)
COMMENTS = st.sampled_from(["", "", "# c\n", "\n", "# c\n\n", "  # d\n"])


@st.composite
def texts(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[str, str]], str]:
    """Return what a document says, its keys with their lines, and its text."""
    document = draw(DOCUMENTS)
    style = draw(st.sampled_from([None, '"', "|"]))
    flow = draw(st.sampled_from([False, False, None]))
    indent = draw(st.sampled_from([2, 4]))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    blocks = []
    for key, value in document.items():
        text = yaml.safe_dump(
            {key: value},
            default_style=style if isinstance(value, str) else None,
            default_flow_style=flow,
            indent=indent,
            allow_unicode=True,
        )
        if text.startswith("{"):
            text = yaml.safe_dump({key: value}, default_flow_style=False, allow_unicode=True)
        blocks.append((key, text.removesuffix("...\n").replace("\n", newline)))
    whole = "".join(draw(COMMENTS).replace("\n", newline) + text for _, text in blocks)
    # What follows a block scalar, blank lines and indented comments, may be part of it.
    said = {key: yaml.safe_load(whole)[key] for key in document}
    return said, blocks, whole


def _together(before: Any, added: Any) -> Any:
    if not (isinstance(before, dict) and isinstance(added, dict)):
        return added
    kept = {key: value for key, value in before.items() if key not in added}
    changed = {
        key: _together(before[key], value)
        for key, value in added.items()
        if key in before and value is not None
    }
    new = {key: value for key, value in added.items() if key not in before and value is not None}
    return {**kept, **changed, **new}


def _holds(base: Any, patch: Any) -> None:
    before, blocks, text = base
    added, _, put = patch
    after = merged(text, put, base_name="a", patch_name="b")
    assert yaml.safe_load(after) == _together(before, added)
    for key, lines in blocks:
        if key not in added:
            assert lines in after
    for line in text.splitlines():
        if line.startswith("# c") and not set(before) & set(added):
            assert line in after.splitlines()


@SHORT
@given(base=texts(), patch=texts())
def test_the_result_says_what_both_say(base: Any, patch: Any) -> None:
    """By a rule of the test's own; the lines of keys that the second does not have stay."""
    _holds(base, patch)


@pytest.mark.soak
@SOAK
@given(base=texts(), patch=texts())
def test_many_results_say_what_both_say(base: Any, patch: Any) -> None:
    """The same, for longer."""
    _holds(base, patch)


NAMES = st.sampled_from("abc")
ENV = st.dictionaries(NAMES, st.sampled_from("12"), min_size=1, max_size=3)
CONTAINERS = st.dictionaries(
    NAMES, st.fixed_dictionaries({}, optional={"image": NAMES, "env": ENV}), min_size=1
)


def _listed(named: dict[str, Any]) -> list[dict[str, Any]]:
    """Return containers as a manifest lists them."""
    found = []
    for name, fields in named.items():
        env = [{"name": key, "value": value} for key, value in fields.get("env", {}).items()]
        found.append({"name": name, **fields, **({"env": env} if env else {})})
    return found


def _deployment(named: dict[str, Any], *, flow: bool | None) -> str:
    whole = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"template": {"spec": {"containers": _listed(named)}}},
    }
    return yaml.safe_dump(whole, sort_keys=False, default_flow_style=flow)


FLOW = st.sampled_from([False, False, None])


@given(CONTAINERS, CONTAINERS, FLOW, FLOW, st.booleans())
def test_lists_with_keys_are_merged_by_a_rule_of_the_test_s_own(
    before: dict[str, Any], added: dict[str, Any], flow: bool | None, put: bool | None, noted: bool
) -> None:
    """By name, the containers and the variables in them; lines of a container that is not named stay."""
    text = _deployment(before, flow=flow)
    if noted and flow is False:
        text = re.sub(r"^      - name: ", "      # c\n\\g<0>", text, flags=re.MULTILINE)
    after = merged(text, _deployment(added, flow=put), base_name="a", patch_name="b")
    wanted = {name: dict(fields) for name, fields in before.items()}
    for name, fields in added.items():
        known = wanted.setdefault(name, {})
        env = {**known.get("env", {}), **fields.get("env", {})}
        known |= {**fields, **({"env": env} if env else {})}
    found = yaml.safe_load(after)["spec"]["template"]["spec"]["containers"]
    assert {each["name"]: each for each in found} == {
        each["name"]: each for each in _listed(wanted)
    }
    assert [each["name"] for each in found] == list(wanted)
    if noted and flow is False and put is False and not set(before) & set(added):
        assert after.startswith(text)
