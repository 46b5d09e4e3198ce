"""What of a stored object a whole document does not take away."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from towpath.admission.finalizers import FINALIZER
from towpath.admission.kept import with_kept

MARK = "kargo.akuity.io/"


def _document(status: Any = None, **metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"metadata": {"name": "a", **metadata}}
    return found if status is None else {**found, "status": status}


def test_the_status_is_that_of_the_stored_one() -> None:
    """Also where it has none: a status that came along is dropped."""
    assert with_kept(_document({"a": 1}), _document({"b": 2}))["status"] == {"b": 2}
    assert "status" not in with_kept(_document({"a": 1}), _document())
    assert with_kept(_document(), _document({"b": 2}))["status"] == {"b": 2}


def test_what_controllers_put_there_stays() -> None:
    """And what a document invents of it goes."""
    old = _document(finalizers=["f"], ownerReferences=[{"uid": "1"}], managedFields=[{}])
    new = with_kept(_document(finalizers=["g"]), old)["metadata"]
    assert (new["finalizers"], new["ownerReferences"]) == (["f"], [{"uid": "1"}])
    invented = _document(finalizers=["g"], ownerReferences=[{}], managedFields=[{}])
    assert with_kept(invented, _document())["metadata"] == {"name": "a"}


def test_an_empty_list_of_finalizers_takes_all_but_ours() -> None:
    """One that is not there, or not a list, takes none."""
    old = _document(finalizers=["example.com/held", FINALIZER])
    assert with_kept(_document(finalizers=[]), old)["metadata"]["finalizers"] == [FINALIZER]
    held = _document(finalizers=["example.com/held"])
    assert "finalizers" not in with_kept(_document(finalizers=[]), held)["metadata"]
    for given_ in ({}, {"finalizers": None}, {"finalizers": ""}):
        made = with_kept(_document(**given_), old)["metadata"]
        assert made["finalizers"] == old["metadata"]["finalizers"]


_KEYS = st.sampled_from([MARK + "stage", MARK + "shard", "towpath.dev/x", "mine", "team"])
_MARKS = st.dictionaries(_KEYS, st.sampled_from(["1", "2"]))


@given(_MARKS, _MARKS)
def test_labels_of_the_system_stay_unless_they_are_given_anew(
    given_: dict[str, str], before: dict[str, str]
) -> None:
    """A user's own are those of the document."""
    made = with_kept(_document(labels=given_), _document(labels=before))["metadata"]
    found = made.get("labels") or {}
    assert found.items() >= given_.items()
    kept = found.keys() - given_.keys()
    assert kept == {key for key in before if key not in ("mine", "team")} - given_.keys()
