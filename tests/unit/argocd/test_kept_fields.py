"""What is kept of an Application: what the table says, in bounded bytes, whatever comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.argocd_answers import DEEP, application
from towpath.argocd import kept_fields
from towpath.argocd.kept_fields import MOST_BYTES, kept

_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def _shaped(table: Any) -> st.SearchStrategy[Any]:
    """Return values that are mostly of the shape of the table, with something odd here and there."""
    if isinstance(table, dict):
        inner = {key: _shaped(value) for key, value in table.items()}
        right: st.SearchStrategy[Any] = st.fixed_dictionaries(
            {}, optional={**inner, "other": _values}
        )
    elif isinstance(table, list):
        right = st.lists(_shaped(table[0]), max_size=3)
    else:
        return _values
    return right | right | right | _values


def _cut(value: Any, table: Any) -> Any:
    """Say the rule again, simply."""
    if isinstance(table, dict) and isinstance(value, dict):
        found = {key: _cut(value[key], table[key]) for key in table if key in value}
        if isinstance(found.get("history"), list):
            found["history"] = found["history"][-1:]
        return found
    if isinstance(table, list) and isinstance(value, list):
        return [_cut(item, table[0]) for item in value]
    return value


@given(_shaped(kept_fields.TABLE))
def test_the_table_is_kept_and_nothing_else(document: Any) -> None:
    """Whatever the types are: both ways of reading come to the same."""
    found = kept(json.dumps(document).encode())
    if isinstance(document, dict):
        assert (json.loads(found.document), found.fault) == (_cut(document, kept_fields.TABLE), "")
    else:
        assert (found.document, found.fault) == (b"{}", "it is no object")


def test_of_hundreds_of_resources_nothing_is_kept() -> None:
    """What is judged by stays."""
    document = application("web")
    document["status"]["resources"] = [{"name": "x" * 100}] * 500
    document["metadata"]["annotations"] = {
        "kubectl": "y" * 10_000,
        "kargo.akuity.io/authorized-stage": "p:s",
    }
    found = kept(json.dumps(document).encode()).document
    assert len(found) < 600
    assert json.loads(found)["metadata"]["annotations"] == {
        "kargo.akuity.io/authorized-stage": "p:s"
    }
    assert json.loads(found)["status"]["health"] == {"status": "Healthy"}


@pytest.mark.parametrize(
    "status",
    [
        {"conditions": [{"type": "t", "message": "m" * 10_000}] * 1_000},
        {"summary": {"images": ["i" * 500] * 5_000}},
        {"operationState": {"message": "m" * 3_000_000, "phase": "Failed"}},
        {"health": {"status": {f"k{number}": "v" * 100 for number in range(10_000)}}},
    ],
)
def test_what_is_kept_is_bounded(status: dict[str, Any]) -> None:
    """Of long texts the beginning, of long lists the first."""
    found = kept(json.dumps(application("web", status=status)).encode())
    assert len(found.document) <= MOST_BYTES
    assert json.loads(found.document)["metadata"]["name"] == "web"
    assert not found.fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (DEEP, "nested too deeply"),
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"", "no JSON"),
        (b"[]", "no object"),
        (rb'{"metadata":{"name":"a"},"spec":{"project":"\ud800"}}', "no JSON"),
        (b'{"spec":{"project":1e999}}', "no JSON"),
        (b'{"spec":{"project":NaN}}', "no JSON"),
    ],
)
def test_what_cannot_be_read_is_said(text: bytes, fault: str) -> None:
    """Nothing is raised."""
    found = kept(text)
    assert found.document == b"{}"
    assert fault in found.fault


@pytest.mark.parametrize("value", ["[]", "{}", '"a"', "[[[]]]", '{"a":[{}]}'])
@pytest.mark.parametrize("where", ['"summary":{"images":[%s]}', '"history":[%s],"summary":5'])
def test_an_application_of_very_many_values_is_known_by_name(value: str, where: str) -> None:
    """Eight megabytes of them took three seconds, in which nobody else had a turn, and a stream may tell of one after the other."""
    inner = ",".join([value] * (4_000_000 // len(value)))
    document = '{"metadata":{"name":"a"},"status":{%s}}' % where.replace("%s", inner)  # noqa: UP031 - braces are all over
    found = kept(document.encode())
    assert found.document == b"{}"
    assert "more values than an Application has" in found.fault
