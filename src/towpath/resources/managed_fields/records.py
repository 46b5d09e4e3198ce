"""The entries of `metadata.managedFields`: who owns which fields, by what operation, since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from towpath.errors import FieldError
from towpath.resources import moments
from towpath.resources.managed_fields import sets

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.managed_fields.sets import FieldSet

Operation = Literal["Apply", "Update"]

BEFORE_FIRST_APPLY: Final = "before-first-apply"
ANCIENT: Final = "ancient-changes"
_MOST_UPDATERS: Final = 10
_LONGEST_MANAGER: Final = 128
_LONGEST_SUBRESOURCE: Final = 256
_TYPE: Final = "FieldsV1"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns fields: a manager, how they came to own them, and through which endpoint."""

    manager: str
    operation: Operation
    api_version: str
    """Of what was sent; those who apply are the same owner in every version, so it is empty for them here."""
    subresource: str = ""

    def __str__(self) -> str:
        """As conflicts name it."""
        told = f'"{self.manager}"'
        if self.subresource:
            told += f' with subresource "{self.subresource}"'
        return f"{told} using {self.api_version}" if self.operation == "Update" else told

    @property
    def order(self) -> tuple[str, ...]:
        """Return the key that owners are sorted by."""
        return (self.manager, self.operation, self.api_version, self.subresource)


@dataclass(frozen=True, slots=True)
class OwnedFields:
    """What an owner owns."""

    fields: FieldSet
    time: str | None
    """When it last changed, RFC 3339 in UTC; None if it is not known."""
    api_version: str
    """Of what was last sent. That may be a version that is not served here: the entry is kept all the same."""


Records = dict[Owner, OwnedFields]


def decoded(entries: Any) -> Records | None:
    """Return the records of a list of entries; None for a list of which any entry is malformed."""
    if entries is None:
        return {}
    if not isinstance(entries, list):
        return None
    found: Records = {}
    for entry in entries:
        try:
            owner, record = _decoded(entry)
        except ValueError:
            return None
        found[owner] = record
    return found


def is_reset(entries: Any) -> bool:
    """Whether a list of entries says that nothing is to be recorded any more: `[{}]` or `[]`."""
    return isinstance(entries, list) and entries in ([{}], [])


def encoded(records: Records) -> list[dict[str, Any]]:
    """Return records as entries: those who apply first, then by age."""
    found = []
    for owner in sorted(
        records, key=lambda each: (each.operation, records[each].time or "", each.order)
    ):
        record = records[owner]
        entry: dict[str, Any] = {"manager": owner.manager} if owner.manager else {}
        entry |= {"operation": owner.operation, "apiVersion": record.api_version}
        if record.time is not None:
            entry["time"] = record.time
        entry |= {"fieldsType": _TYPE, "fieldsV1": sets.ordered(record.fields)}
        if owner.subresource:
            entry["subresource"] = owner.subresource
        found.append(entry)
    return found


def errors(entries: list[dict[str, Any]]) -> list[FieldError]:
    """Return what is wrong with names in entries that can be decoded."""
    found = []
    for place, entry in enumerate(entries):
        for field, limit in (
            ("manager", _LONGEST_MANAGER),
            ("subresource", _LONGEST_SUBRESOURCE),
        ):
            if len((entry.get(field) or "").encode()) > limit:
                found.append(
                    FieldError(
                        f"metadata.managedFields[{place}].{field}",
                        "FieldValueTooLong",
                        f"Too long: may not be more than {limit} bytes",
                    )
                )
    return found


def bounded(records: Records) -> Records:
    """Return records in which the oldest of too many updaters are put together, for each version, as `ancient-changes`.

    The first of a version is taken into the bundle with the second, so that one alone keeps its name.
    """
    updaters = sorted(
        (owner for owner in records if owner.operation == "Update"),
        key=lambda each: (records[each].time or "", each.order),
    )
    surplus = len(updaters) - _MOST_UPDATERS
    if surplus <= 0:
        return records
    found = dict(records)
    first: dict[str, Owner] = {}
    for owner in updaters:
        if surplus <= 0:
            break
        version = owner.api_version
        if version not in first:
            first[version] = owner
            continue
        bundle = Owner(ANCIENT, "Update", version)
        gathered = found.get(bundle) or found.pop(first[version])
        record = found.pop(owner)
        fields = sets.union(gathered.fields, record.fields)
        found[bundle] = OwnedFields(fields, record.time, version)
        surplus -= 1
    return found


def _decoded(entry: Any) -> tuple[Owner, OwnedFields]:
    """Return the record of an entry. Raises ValueError for one that is malformed."""
    if not isinstance(entry, dict) or entry.get("fieldsType") != _TYPE:
        raise ValueError("the type of the fields is unknown")
    operation = entry.get("operation")
    if operation not in ("Apply", "Update"):
        raise ValueError("the operation is neither Apply nor Update")
    manager, version, subresource = (
        _text(entry, field) for field in ("manager", "apiVersion", "subresource")
    )
    if not version:
        raise ValueError("apiVersion is empty")
    owner = Owner(manager, operation, version if operation == "Update" else "", subresource)
    return owner, OwnedFields(sets.read(entry.get("fieldsV1")), _time(entry.get("time")), version)


def _text(entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{field} is no text")  # noqa: TRY004 - one error for all that is malformed
    return value


def _time(value: Any) -> str | None:
    """Return a time to the second in UTC. Raises ValueError for any other text."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("time is no text")  # noqa: TRY004 - one error for all that is malformed
    if len(value) == len("2026-01-01T00:00:00Z") and value[-1] == "Z" and value[10] == "T":
        _moment(value)
        return value
    return moments.whole_seconds(_moment(value))


def _moment(value: str) -> datetime:
    found = moments.read(value)
    if found is None:
        raise ValueError(f"{value[:40]!r} is no time")
    return found
