"""The entries of `metadata.managedFields`: who owns which fields, by what operation, since when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from towpath.resources.managed_fields import sets

if TYPE_CHECKING:
    from towpath.resources.managed_fields.sets import FieldSet

Operation = Literal["Apply", "Update"]

BEFORE_FIRST_APPLY: Final = "before-first-apply"
ANCIENT: Final = "ancient-changes"
_MOST_UPDATERS: Final = 10
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
        """By what owners are sorted."""
        return (self.manager, self.operation, self.api_version, self.subresource)


@dataclass(frozen=True, slots=True)
class Record:
    """What an owner owns."""

    fields: FieldSet
    time: str | None
    """When it last changed, RFC 3339; None if it is not known."""
    api_version: str


Records = dict[Owner, Record]


def decoded(entries: Any) -> Records | None:
    """Return the records of a list of entries; None for a list that is malformed."""
    if entries is None:
        return {}
    if not isinstance(entries, list):
        return None
    found: Records = {}
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("fieldsType") != _TYPE:
            return None
        manager, operation = entry.get("manager", ""), entry.get("operation")
        version, subresource = entry.get("apiVersion", ""), entry.get("subresource") or ""
        fields, time = entry.get("fieldsV1"), entry.get("time")
        texts = (manager, version, subresource)
        if operation not in ("Apply", "Update") or not all(isinstance(each, str) for each in texts):
            return None
        if not isinstance(fields, dict) or not sets.is_well_formed(fields):
            return None
        if not isinstance(time, str | None):
            return None
        owner = Owner(manager, operation, version if operation == "Update" else "", subresource)
        found[owner] = Record(fields, time, version)
    return found


def is_reset(entries: Any) -> bool:
    """Whether a list of entries says that nothing is to be recorded any more: `[{}]`."""
    return isinstance(entries, list) and entries == [{}]


def encoded(records: Records) -> list[dict[str, Any]]:
    """Return records as entries: those who apply first, then by age."""
    found = []
    for owner in sorted(
        records, key=lambda each: (each.operation, records[each].time or "", each.order)
    ):
        record = records[owner]
        entry: dict[str, Any] = {
            "manager": owner.manager,
            "operation": owner.operation,
            "apiVersion": record.api_version,
        }
        if record.time is not None:
            entry["time"] = record.time
        entry |= {"fieldsType": _TYPE, "fieldsV1": sets.ordered(record.fields)}
        if owner.subresource:
            entry["subresource"] = owner.subresource
        found.append(entry)
    return found


def bounded(records: Records) -> Records:
    """Return records in which the oldest of too many updaters are put together as `ancient-changes`."""
    updaters = sorted(
        (owner for owner in records if owner.operation == "Update"),
        key=lambda each: (records[each].time or "", each.order),
    )
    surplus = len(updaters) - _MOST_UPDATERS
    if surplus <= 0:
        return records
    found = dict(records)
    for version in dict.fromkeys(owner.api_version for owner in updaters):
        oldest = [owner for owner in updaters[: surplus + 1] if owner.api_version == version]
        if len(oldest) < 2:
            continue
        bucket = Owner(ANCIENT, "Update", version)
        gathered = found.pop(bucket, None)
        for owner in oldest:
            record = found.pop(owner, None)
            if record is None:
                continue
            if gathered is None:
                gathered = record
            else:
                fields = sets.union(gathered.fields, record.fields)
                gathered = replace(record, fields=fields)
        if gathered is not None:
            found[bucket] = gathered
    return found
