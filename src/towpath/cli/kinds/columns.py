"""The cells of tables: what of an object is shown under which header."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.cli.kinds import contents
from towpath.resources import ages
from towpath.resources.annotations import MANAGED
from towpath.resources.document import documents, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.resources.document import Document

    Cell = Callable[[dict[str, Any]], str]

_MOST_SUBJECTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What cells look at besides their object."""

    now: datetime
    freight: Mapping[str, Document]
    """Freight by name, as far as it is known."""

    @classmethod
    def now_alone(cls) -> Around:
        """Return that it is now, and that no Freight is known."""
        return cls(now=datetime.now(UTC), freight={})


@dataclass(frozen=True, slots=True)
class Column:
    """A header, and what stands under it for an object."""

    header: str
    cell: Callable[[Document, Around], str]


def at(*path: str) -> Cell:
    """Return what finds the text at a path of a document, empty if there is none."""

    def cell(document: dict[str, Any]) -> str:
        found: Any = document
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return "" if found is None else str(found)

    return cell


def plain(header: str, *path: str) -> Column:
    """Return a column of the texts at a path."""
    found = at(*path)
    return Column(header, lambda document, _: found(document))


def made(header: str, cell: Cell) -> Column:
    """Return a column of what is made of the document alone."""
    return Column(header, lambda document, _: cell(document))


def condition(document: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """Return a condition of an object's status by its type."""
    found = documents(document, "status", "conditions")
    return next((each for each in found if each.get("type") == kind), None)


def ready(header: str, key: str) -> Column:
    """Return a column of a field of the condition Ready."""
    return made(header, lambda document: str((condition(document, "Ready") or {}).get(key) or ""))


def current_freight(document: Document, around: Around) -> str:
    """Return what is in a Stage: aliases and versions; its summary where it holds nothing or only a part."""
    held = contents.of_stage(document)
    told = [contents.shown(reference, around.freight) for reference in held]
    summary = at("status", "freightSummary")(document)
    if not told:
        return summary
    is_whole = "/" not in summary or len(set(summary.partition(" ")[0].split("/"))) == 1
    return "; ".join(told if is_whole else [summary, *told])


def promoted_freight(document: Document, around: Around) -> str:
    """Return what a Promotion promotes: alias and versions."""
    return "; ".join(
        contents.shown(reference, around.freight) for reference in contents.of_promotion(document)
    )


def origin(document: Document) -> str:
    """Return where Freight comes from: `Warehouse/NAME`."""
    parts = (at("origin", "kind")(document), at("origin", "name")(document))
    return "/".join(filter(None, parts))


def keys(document: Document) -> str:
    """Return the keys of a Secret or ConfigMap."""
    found: list[str] = []
    for field in ("data", "binaryData"):
        held = document.get(field)
        found += map(str, held if isinstance(held, dict) else ())
    return ", ".join(found)


def value_of(key: str) -> Cell:
    """Return what finds a value of a Secret that is no secret itself."""
    return at("stringData", key)


def is_regex(document: Document) -> str:
    """Return whether the address of a credential is a pattern."""
    return "true" if at("stringData", "repoURLIsRegex")(document) == "true" else "false"


def is_managed(document: Document) -> str:
    """Return whether a role or token was made by Kargo's API, which may change it then."""
    marked = at("metadata", "annotations", MANAGED)(document) == "true"
    return "true" if marked or document.get("kargoManaged") is True else "false"


def steps(document: Document) -> str:
    """Return what the steps of a task use, in order."""
    spec = document.get("spec")
    return ", ".join(at("uses")(step) or "task" for step in documents(spec, "steps"))


def metrics(document: Document) -> str:
    """Return what a template or a run measures."""
    return ", ".join(at("name")(metric) for metric in documents(document.get("spec"), "metrics"))


def events(document: Document) -> str:
    """Return what a hook is run for."""
    return ", ".join(texts(document, "spec", "events"))


def seen(document: Document, around: Around) -> str:
    """Return how long ago an event was seen last."""
    return ages.age(last_seen(document), around.now)


def last_seen(document: Document) -> str:
    """Return when an event was seen last."""
    return (
        at("series", "lastObservedTime")(document)
        or at("lastTimestamp")(document)
        or at("eventTime")(document)
        or at("metadata", "creationTimestamp")(document)
    )


def about(document: Document) -> str:
    """Return what an event is about: `promotion/NAME`."""
    kind, name = at("involvedObject", "kind")(document), at("involvedObject", "name")(document)
    return "/".join(filter(None, (kind.lower(), name)))


def grants(document: Document) -> str:
    """Return what a role lets do: `get, list stages; promote stages`."""
    told = []
    for rule in documents(document, "rules"):
        on = texts(rule, "resources") or texts(rule, "nonResourceURLs")
        names = texts(rule, "resourceNames")
        named = f" ({', '.join(names)})" if names else ""
        told.append(f"{', '.join(texts(rule, 'verbs'))} {', '.join(on)}{named}")
    return "; ".join(told)


def role(document: Document) -> str:
    """Return the role that a binding binds: `Role/NAME`."""
    return "/".join(
        filter(None, (at("roleRef", "kind")(document), at("roleRef", "name")(document)))
    )


def subjects(document: Document) -> str:
    """Return whom a binding is about: `ServiceAccount/shop/ci, User/ann`."""
    found = [
        "/".join(filter(None, (at(key)(each) for key in ("kind", "namespace", "name"))))
        for each in documents(document, "subjects")
    ]
    return messages.first(found, _MOST_SUBJECTS)
