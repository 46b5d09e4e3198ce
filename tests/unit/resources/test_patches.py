"""Patches: RFC 6902, RFC 7386, and strategic merges of core kinds."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from towpath.errors import BadRequest, Invalid, TooLarge, TowpathError
from towpath.resources import scheme
from towpath.resources.patches import json_patch, merge_patch, strategic_merge
from towpath.resources.structs import schema_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "~", "/"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab~/"), inner, max_size=3)
    ),
    max_leaves=8,
)

# --- JSON Merge Patch ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_rfc_7386(document: Any, patch: Any, expected: Any) -> None:
    """Appendix A."""
    before = copy.deepcopy(document)
    assert merge_patch.apply(document, patch) == expected
    assert document == before


# --- JSON Patch ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "operations", "expected"),
    [
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"foo": "bar", "baz": "qux"}),
        ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "q"}], {"foo": ["bar", "q", "baz"]}),
        ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["x"]}], {"foo": ["bar", ["x"]]}),
        ({"baz": "q", "foo": "b"}, [{"op": "remove", "path": "/baz"}], {"foo": "b"}),
        ({"foo": ["a", "b", "c"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["a", "c"]}),
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}], {"a": 2}),
        ({"a": {"b": 1}, "c": {}}, [{"op": "move", "from": "/a/b", "path": "/c/d"}], {"a": {}, "c": {"d": 1}}),
        ({"a": ["x", "y", "z"]}, [{"op": "move", "from": "/a/0", "path": "/a/2"}], {"a": ["y", "z", "x"]}),
        ({"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}], {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": {"b": None}}, [{"op": "test", "path": "/a/b", "value": None}], {"a": {"b": None}}),
        ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": [1]}], [1]),
        ({"a": 1.0}, [{"op": "test", "path": "/a", "value": 1}], {"a": 1.0}),
        ({"": {"": 1}}, [{"op": "replace", "path": "//", "value": 2}], {"": {"": 2}}),
    ],
)  # fmt: skip
def test_what_rfc_6902_says(document: Any, operations: Any, expected: Any) -> None:
    """Its examples, and what its text adds."""
    before = copy.deepcopy(document)
    assert json_patch.apply(document, operations) == expected
    assert document == before


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ({"op": "test", "path": "/a", "value": True}, "the value there is another"),
        ({"op": "test", "path": "/l", "value": [2, 1]}, "the value there is another"),
        ({"op": "remove", "path": "/none"}, "there is no 'none'"),
        ({"op": "replace", "path": "/none", "value": 1}, "there is no 'none'"),
        ({"op": "add", "path": "/none/x", "value": 1}, "there is no 'none'"),
        ({"op": "add", "path": "/a/x", "value": 1}, "neither an object nor a list"),
        ({"op": "add", "path": "/l/3", "value": 1}, "no place of the list"),
        ({"op": "add", "path": "/l/01", "value": 1}, "no place of the list"),
        ({"op": "remove", "path": "/l/-"}, "no place of the list"),
        ({"op": "move", "from": "/o", "path": "/o/x"}, "into itself"),
        ({"op": "copy", "from": "/none", "path": "/x"}, "there is no 'none'"),
    ],
)
def test_what_cannot_be_done_names_the_operation(operation: Any, words: str) -> None:
    """Its place in the list, and why; nothing of the patch is done."""
    document = {"a": 1, "l": [1, 2], "o": {}}
    with pytest.raises(Invalid, match=words) as refused:
        json_patch.apply(document, [{"op": "add", "path": "/b", "value": 1}, operation])
    assert refused.value.causes[0].path == "patch[1]"
    assert document == {"a": 1, "l": [1, 2], "o": {}}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        ["x"],
        [{"op": "burn", "path": ""}],
        [{"op": "add", "path": "/a"}],
        [{"op": "add", "path": "a", "value": 1}],
        [{"op": "move", "path": "/a"}],
        [{"op": "remove", "path": "/~2"}],
        [{"op": "remove", "path": None}],
    ],
)
def test_what_is_no_json_patch_is_a_bad_request(wrong: Any) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(BadRequest):
        json_patch.apply({"a": 1}, wrong)


def test_too_many_operations_are_too_large() -> None:
    """As an API server tells it."""
    with pytest.raises(TooLarge, match="at most 10000 are taken"):
        json_patch.apply({"a": 1}, [{"op": "test", "path": "", "value": {"a": 1}}] * 10_001)
    json_patch.apply({"a": 1}, [{"op": "test", "path": "", "value": {"a": 1}}] * 10_000)


@pytest.mark.slow
def test_a_document_that_doubles_itself_is_stopped() -> None:
    """Forty copies would make a terabyte of a byte."""
    doubling = [{"op": "copy", "from": "", "path": f"/x{number}"} for number in range(40)]
    with pytest.raises(Invalid, match="copies would add more than"):
        json_patch.apply({"a": "x"}, doubling)


@settings(max_examples=examples(200), deadline=None, derandomize=True)
@given(
    JSON,
    st.lists(
        st.tuples(
            st.sampled_from(["add", "remove", "replace", "test", "move", "copy"]),
            st.sampled_from(["", "/a", "/a/b", "/0", "/a/0", "/-", "/~0"]),
            st.sampled_from(["", "/a", "/b"]),
            JSON,
        ),
        max_size=4,
    ),
)
def test_any_operations_are_done_or_refused(
    document: Any, given_: list[tuple[str, str, str, Any]]
) -> None:
    """And the document that was given stays as it was."""
    before = copy.deepcopy(document)
    operations = [
        {"op": op, "path": path, "from": source, "value": value}
        for op, path, source, value in given_
    ]
    with contextlib.suppress(TowpathError):
        json_patch.apply(document, operations)
    assert document == before


# --- strategic merge ----------------------------------------------------------------------------------

ACCOUNT = schema_of(scheme.SERVICE_ACCOUNT.type)
MAP = schema_of(scheme.CONFIG_MAP.type)
ROLE = schema_of(scheme.ROLE.type)


@pytest.mark.parametrize(
    ("live", "patch", "expected"),
    [
        ({"secrets": [{"name": "a"}]}, {"secrets": [{"name": "b"}]}, {"secrets": [{"name": "b"}, {"name": "a"}]}),
        ({"secrets": [{"name": "a"}]}, {"secrets": [{"name": "a", "namespace": "n"}]}, {"secrets": [{"name": "a", "namespace": "n"}]}),
        ({"secrets": [{"name": "a"}, {"name": "b"}]}, {"secrets": [{"$patch": "delete", "name": "a"}]}, {"secrets": [{"name": "b"}]}),
        ({"secrets": [{"name": "a"}]}, {"secrets": [{"$patch": "delete", "name": "a"}]}, {}),
        ({"secrets": [{"name": "a"}]}, {"secrets": [{"$patch": "replace"}, {"name": "c"}]}, {"secrets": [{"name": "c"}]}),
        ({"imagePullSecrets": [{"name": "a"}]}, {"imagePullSecrets": [{"name": "b"}]}, {"imagePullSecrets": [{"name": "b"}, {"name": "a"}]}),
        ({"secrets": [{"name": "a"}, {"name": "b"}]}, {"$setElementOrder/secrets": [{"name": "b"}, {"name": "a"}]}, {"secrets": [{"name": "b"}, {"name": "a"}]}),
        ({"secrets": [{"name": "a"}]}, {"secrets": None}, {}),
        ({"metadata": {"finalizers": ["x/a"]}}, {"metadata": {"finalizers": ["x/b", "x/a"]}}, {"metadata": {"finalizers": ["x/b", "x/a"]}}),
        ({"metadata": {"finalizers": ["x/a", "x/b"]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x/a"]}}, {"metadata": {"finalizers": ["x/b"]}}),
        ({"metadata": {"labels": {"a": "1", "b": "2"}}}, {"metadata": {"labels": {"$patch": "replace", "c": "3"}}}, {"metadata": {"labels": {"c": "3"}}}),
        ({"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": {"$patch": "delete"}}}, {"metadata": {}}),
        ({"metadata": {"labels": {"a": "1", "b": "2"}}}, {"metadata": {"labels": {"$retainKeys": ["a"], "a": "9"}}}, {"metadata": {"labels": {"a": "9"}}}),
        ({"metadata": {"ownerReferences": [{"uid": "1", "name": "a"}]}}, {"metadata": {"ownerReferences": [{"uid": "1", "name": "b"}]}}, {"metadata": {"ownerReferences": [{"uid": "1", "name": "b"}]}}),
    ],
)  # fmt: skip
def test_strategic_merges(live: Any, patch: Any, expected: Any) -> None:
    """By merge key, as sets, and with each directive; as a real API server answers (tools/oracle)."""
    before = copy.deepcopy(live)
    assert strategic_merge.apply(ACCOUNT, live, patch) == expected
    assert live == before


def test_plain_objects_and_atomic_lists_merge_as_a_merge_patch_does() -> None:
    """Null takes away; a list without keys is replaced."""
    live = {"data": {"a": "1", "b": "2"}}
    assert strategic_merge.apply(MAP, live, {"data": {"a": None, "c": "3"}}) == {
        "data": {"b": "2", "c": "3"}
    }
    rules = [{"verbs": ["get"], "apiGroups": [""], "resources": ["x"]}]
    assert strategic_merge.apply(ROLE, {"rules": rules}, {"rules": []}) == {}
    assert strategic_merge.apply(ROLE, {"rules": []}, {"rules": rules}) == {"rules": rules}


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"$patch": "burn"},
        {"$burn/x": []},
        {"secrets": [{"namespace": "n"}]},
        {"secrets": ["x"]},
        {"$setElementOrder/secrets": "x"},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": "x"}},
        {"metadata": {"labels": {"$retainKeys": "x"}}},
        {"metadata": {"annotations": {"a": {"$other": 1}}}},
    ],
)
def test_what_is_no_strategic_patch_is_a_bad_request(wrong: Any) -> None:
    """Unknown directives, and items without their merge key."""
    with pytest.raises(BadRequest):
        strategic_merge.apply(ACCOUNT, {"metadata": {"name": "a"}}, wrong)
