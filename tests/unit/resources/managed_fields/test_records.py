"""Entries of `managedFields`."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.resources.managed_fields import records
from towpath.resources.managed_fields.records import OwnedFields, Owner


def entry(**changed: Any) -> dict[str, Any]:
    """Return an entry."""
    found = {
        "manager": "m",
        "operation": "Update",
        "apiVersion": "v1",
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {"f:k": {}}},
        **changed,
    }
    return {key: value for key, value in found.items() if value is not ...}


def test_entries_come_out_as_they_went_in() -> None:
    """In the order of a real server: who applies, who updates, each by age; without what is empty."""
    entries = [
        entry(operation="Apply", manager="z"),
        entry(time=...),
        entry(manager=..., subresource="status"),
        entry(manager="a", time="2026-01-02T00:00:00Z"),
    ]
    found = records.decoded(list(reversed(entries)))
    assert found is not None
    assert records.encoded(found) == entries
    assert [list(each) for each in records.encoded(found)] == [list(each) for each in entries]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"fieldsV1": None}, entry(fieldsV1={})),
        ({"fieldsV1": ...}, entry(fieldsV1={})),
        ({"time": None}, entry(time=...)),
        ({"time": "2026-01-01T02:00:00+02:00"}, entry()),
        ({"time": "2026-01-01T00:00:00.5Z"}, entry()),
        ({"manager": ""}, entry(manager=...)),
        ({"apiVersion": "example.com/v9"}, entry(apiVersion="example.com/v9")),
        ({"bogus": 1}, entry()),
        ({"subresource": ""}, entry()),
    ],
)
def test_entries_are_read_leniently(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    """As a real server does; one of a version that is not served is kept (a real server drops it)."""
    found = records.decoded([entry(**changed)])
    assert found is not None
    assert records.encoded(found) == [expected]


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        {},
        [1],
        [None],
        [{}, {}],
        [entry(operation="Other")],
        [entry(operation=...)],
        [entry(operation=["Apply"])],
        [entry(apiVersion="")],
        [entry(apiVersion=...)],
        [entry(fieldsType="")],
        [entry(fieldsType="FieldsV2")],
        [entry(fieldsV1={"x": {}})],
        [entry(fieldsV1="x")],
        [entry(time="nonsense")],
        [entry(time=5)],
        [entry(time="2026-13-01T00:00:00Z")],
        [entry(manager=1)],
        [entry(subresource={})],
        [entry(), entry(operation="Other")],
    ],
)
def test_one_malformed_entry_spoils_the_list(wrong: object) -> None:
    """It counts as if it had not been sent."""
    assert records.decoded(wrong) is None


def test_no_entries_are_no_records() -> None:
    """They are told from malformed ones, and from those that ask for a reset."""
    assert records.decoded(None) == {}
    attempts: list[tuple[Any, bool]] = [
        (None, False),
        ([], True),
        ([{}], True),
        ([{}, {}], False),
        ([entry()], False),
        ({}, False),
    ]
    for entries, expected in attempts:
        assert records.is_reset(entries) is expected


def test_overlong_names_are_told() -> None:
    """A manager has at most 128 bytes, a subresource 256."""
    wrong = records.errors(
        [entry(), entry(manager="é" * 64), entry(manager="é" * 65, subresource="s" * 257)]
    )
    assert [str(each) for each in wrong] == [
        "metadata.managedFields[2].manager: Too long: may not be more than 128 bytes",
        "metadata.managedFields[2].subresource: Too long: may not be more than 256 bytes",
    ]


def of(count: int, version: str = "v1", *, since: int = 1) -> records.Records:
    """Return records of that many updaters, each a day after the other."""
    return {
        Owner(f"m{day:02}", "Update", version): OwnedFields(
            {f"f:{day}": {}}, f"2026-01-{day:02}T00:00:00Z", version
        )
        for day in range(since, since + count)
    }


def test_ten_updaters_are_told_apart() -> None:
    """And any number of those who apply."""
    appliers = {
        Owner(f"a{number}", "Apply", ""): OwnedFields({"f:x": {}}, None, "v1")
        for number in range(20)
    }
    found = of(10) | appliers
    assert records.bounded(found) is found


def test_the_oldest_of_many_updaters_are_put_together() -> None:
    """The bundle has all that they owned, and the time of the youngest of them."""
    found = records.bounded(of(13))
    assert sorted(owner.manager for owner in found) == [
        "ancient-changes",
        *(f"m{day:02}" for day in range(5, 14)),
    ]
    bundle = found[Owner("ancient-changes", "Update", "v1")]
    assert bundle == OwnedFields(
        {f"f:{day}": {} for day in range(1, 5)}, "2026-01-04T00:00:00Z", "v1"
    )
    again = records.bounded(found | of(1, since=20))
    assert len(again) == 10
    assert again[Owner("ancient-changes", "Update", "v1")].time == "2026-01-05T00:00:00Z"


def test_each_version_has_its_own_bundle() -> None:
    """One that is alone in its version is left as it is."""
    found = records.bounded(of(1, "v0") | of(6, "v1", since=2) | of(6, "v2", since=8))
    assert {(owner.manager, owner.api_version) for owner in found if owner.manager < "m"} == {
        ("ancient-changes", "v1")
    }
    assert len(found) == 10
    assert Owner("m01", "Update", "v0") in found
