"""Replaces in answers what differs between two servers, or two runs, without meaning anything.

A uid becomes the name of its object and a number, which tells an object from a later one of that name; a resource
version becomes the number of times that the object's was seen to change, so that it still shows when one stays or
changes. Times, ages, generated names, continue tokens and the revisions of lists become placeholders.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tools.oracle.runner import Answer

_UID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_NO_UID = "00000000-0000-0000-0000-000000000000"
_AGE = re.compile(r"(\d+[smhdy])+|<unknown>|<invalid>")
_TIMES = ("creationTimestamp", "deletionTimestamp", "time")
_QUOTED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_QUOTED_VERSION = re.compile(r"(resourceVersion\W+)\d+")
_TOO_OLD = re.compile(r"\(\d+\)")


@dataclass(slots=True)
class Names:
    """Placeholders that were given, over one transcript at one server."""

    uids: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    """By uid."""
    generated: dict[str, str] = field(default_factory=dict)
    _named: Counter[str] = field(default_factory=Counter)
    """How many uids there were of each name."""

    def learn(self, metadata: dict[str, Any]) -> None:
        """Take in an object's metadata."""
        name, prefix = str(metadata.get("name", "")), metadata.get("generateName")
        if prefix and name:
            self.generated[name] = f"{prefix}<generated>"
        uid = metadata.get("uid")
        if uid and uid not in self.uids:
            shown = self.generated.get(name, name)
            self._named[shown] += 1
            self.uids[uid] = f"<uid {self._named[shown]} of {shown}>"

    def uid(self, found: re.Match[str]) -> str:
        """Return the placeholder of a uid."""
        if found[0] == _NO_UID:
            return found[0]
        return self.uids.get(found[0], "<uid of nothing that was seen>")

    def version(self, uid: str, found: str) -> str:
        """Return the placeholder of the resource version of an object."""
        known = self.versions.setdefault(uid, {})
        return known.setdefault(found, f"<version {len(known) + 1}>")


def normalised(answers: Iterable[Answer]) -> dict[str, dict[str, Any]]:
    """Return the answers to a transcript, by step, fit to be compared."""
    names = Names()
    found = {}
    for answer in answers:
        document = answer.document()
        _learn(document["body"], names)
        document["body"] = _value(document["body"], names)
        if isinstance(document["body"], dict) and document["body"].get("details") == {}:
            del document["body"]["details"]  # says as much as none
        found[answer.step] = document
    return found


def _learn(value: Any, names: Names) -> None:
    if isinstance(value, list):
        for item in value:
            _learn(item, names)
    elif isinstance(value, dict):
        metadata = value.get("metadata")
        if isinstance(metadata, dict):
            names.learn(metadata)
        for item in value.values():
            _learn(item, names)


def _value(value: Any, names: Names) -> Any:
    if isinstance(value, dict):
        special = _BY_KIND.get(str(value.get("kind")), _object)
        return special(value, names)
    if isinstance(value, list):
        return [_value(item, names) for item in value]
    if isinstance(value, str):
        for name, shown in names.generated.items():
            value = value.replace(name, shown)
        value = _QUOTED_TIME.sub("<time>", _UID.sub(names.uid, value))
        return _TOO_OLD.sub("(<revision>)", _QUOTED_VERSION.sub(r"\1<version>", value))
    return value


def _object(value: dict[str, Any], names: Names) -> dict[str, Any]:
    is_collection = "items" in value or value.get("kind") == "Table"
    if "involvedObject" in value:  # an Event, of which Go writes much that is empty
        value = {key: item for key, item in value.items() if item not in (None, "")}
    return {
        key: _metadata(item, names, is_collection=is_collection)
        if key == "metadata" and isinstance(item, dict)
        else _value(item, names)
        for key, item in value.items()
    }


def _status(value: dict[str, Any], names: Names) -> dict[str, Any]:
    """Return a Status with its causes in one order: an API server tells them in none."""
    found = _object(value, names)
    causes = (found.get("details") or {}).get("causes") or []
    causes.sort(key=lambda cause: sorted(cause.items()))
    if len(causes) > 1:
        found["message"] = "<the message tells the causes>"
    return found


def _table(value: dict[str, Any], names: Names) -> dict[str, Any]:
    """Return a Table: ages are placeholders, and what columns are about is not compared."""
    found = _object(value, names)
    for column in found.get("columnDefinitions") or []:
        column["description"] = "<description>"
    for row in found.get("rows") or []:
        row["cells"] = [
            "<age>" if isinstance(cell, str) and _AGE.fullmatch(cell) else cell
            for cell in row["cells"]
        ]
    return found


def _resources(value: dict[str, Any], names: Names) -> dict[str, Any]:
    """Return an APIResourceList by the resources' names."""
    found = _object(value, names)
    for resource in found["resources"]:
        resource["verbs"].sort()
        resource.pop("storageVersionHash", None)
    found["resources"] = {resource.pop("name"): resource for resource in found["resources"]}
    return found


def _versions(value: dict[str, Any], names: Names) -> dict[str, Any]:
    found = _object(value, names)
    for address in found.get("serverAddressByClientCIDRs") or []:
        address["serverAddress"] = "<address>"
    return found


def _access_review(value: dict[str, Any], names: Names) -> dict[str, Any]:
    """Return a review of access: of several bindings that allow something an API server names any."""
    found = _object(value, names)
    if "reason" in found.get("status", {}):
        found["status"]["reason"] = found["status"]["reason"].partition(":")[0]
    return found


def _rules_review(value: dict[str, Any], names: Names) -> dict[str, Any]:
    found = _object(value, names)
    for rules in found.get("status", {}).values():
        if isinstance(rules, list):
            rules.sort(key=str)
    return found


def _metadata(value: dict[str, Any], names: Names, *, is_collection: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        if item in (None, ""):
            continue  # Go writes some of what is empty, and what reads it cannot tell
        if key in _TIMES:
            found[key] = "<time>"
        elif key == "continue":
            found[key] = "<continue>"
        elif key == "resourceVersion":
            uid = value.get("uid", "")
            found[key] = names.version(uid, item) if uid and not is_collection else "<revision>"
        elif key == "managedFields":
            found[key] = _managed(item, names)
        else:
            found[key] = _value(item, names)
    return found


def _managed(entries: list[dict[str, Any]], names: Names) -> dict[str, Any]:
    """Return managed fields by who manages what how: their order depends on when in a second they were made."""
    found: dict[str, Any] = {}
    for entry in entries:
        words = (entry.get("manager"), entry.get("operation"), entry.get("subresource"))
        key = " ".join(str(word) for word in words if word)
        kept = {k: v for k, v in entry.items() if k not in ("manager", "operation", "subresource")}
        if "time" in kept:
            kept["time"] = "<time>"
        kept["fieldsV1"] = _field_set(kept.get("fieldsV1"), names)
        found[key] = kept
    return found


def _field_set(value: Any, names: Names) -> Any:
    """Return a set of fields: an item of a list may be named by a uid."""
    if not isinstance(value, dict):
        return value
    return {_UID.sub(names.uid, key): _field_set(item, names) for key, item in value.items()}


_BY_KIND: Final[dict[str, Callable[[dict[str, Any], Names], dict[str, Any]]]] = {
    "APIResourceList": _resources,
    "APIVersions": _versions,
    "SelfSubjectAccessReview": _access_review,
    "SelfSubjectRulesReview": _rules_review,
    "Status": _status,
    "SubjectAccessReview": _access_review,
    "Table": _table,
}
