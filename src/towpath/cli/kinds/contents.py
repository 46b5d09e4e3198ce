"""What Freight holds, in a few words: `fearless-fox (example-container:2026-01-31)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.errors import Forbidden, NotFound
from towpath.resources.document import at, documents
from towpath.resources.labels import ALIAS_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_SHORT_DIGEST: Final = 19
_ASKED_BY_NAME: Final = 8
"""Freight that is asked for one by one; of more, the whole list is."""


def shown(reference: Mapping[str, Any], known: Mapping[str, Document]) -> str:
    """Return alias and versions of a Freight, or of a reference to it; empty if it names none.

    An identifier of 40 digits is cut to its beginning, as that of a commit is.
    """
    name = _text(at(reference, "metadata", "name")) or _text(reference.get("name"))
    there = known.get(name, reference)
    held = versions(reference) or versions(there)
    named = alias(there) or messages.short_id(name)
    return f"{named} ({held})" if named and held else named or held


def alias(freight: Mapping[str, Any]) -> str:
    """Return the alias of a Freight; empty if it has none."""
    return _text(at(freight, "metadata", "labels", ALIAS_LABEL)) or _text(freight.get("alias"))


def versions(freight: Mapping[str, Any]) -> str:
    """Return what a Freight, or a reference to one, holds: `app:1.0.1, chart:2.0.0, deploy@a1b2c3d`."""
    return ", ".join(_each(freight))


def _each(freight: Mapping[str, Any]) -> Iterator[str]:
    for image in documents(freight, "images"):
        tag, digest = _text(image.get("tag")), _text(image.get("digest"))
        yield f"{_last(image)}:{tag}" if tag else f"{_last(image)}@{digest[:_SHORT_DIGEST]}"
    for chart in documents(freight, "charts"):
        yield f"{_text(chart.get('name')) or _last(chart)}:{_text(chart.get('version'))}"
    for commit in documents(freight, "commits"):
        tag, id_ = _text(commit.get("tag")), _text(commit.get("id"))
        yield f"{_last(commit)}@{tag or messages.short_id(id_)}"
    for artifact in documents(freight, "artifacts"):
        named = _text(artifact.get("subscriptionName")) or _text(artifact.get("artifactType"))
        yield f"{named}:{_text(artifact.get('version'))}"


def known(client: Client, project: str, names: Iterable[str]) -> Mapping[str, Document]:
    """Return Freight by name, as far as it is there and may be seen."""
    wanted = [name for name in dict.fromkeys(names) if name]
    found: dict[str, Document] = {}
    try:
        if len(wanted) > _ASKED_BY_NAME:
            for item in client.objects("freight", project):
                found[_text(at(item, "metadata", "name"))] = item
            return found
        for name in wanted:
            try:
                found[name] = client.get("freight", project, name)
            except NotFound:
                continue  # it has gone; what refers to it says what it held
    except Forbidden:
        pass  # whoever may not see Freight sees its versions all the same
    return found


def of_stage(stage: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return references to what is in a Stage, one for each origin."""
    history = at(stage, "status", "freightHistory")
    newest = history[0] if isinstance(history, list) and history else None
    items = newest.get("items") if isinstance(newest, dict) else None
    return (
        [item for item in items.values() if isinstance(item, dict)]
        if isinstance(items, dict)
        else []
    )


def of_promotion(promotion: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the reference to what a Promotion promotes."""
    name = _text(at(promotion, "spec", "freight"))
    found = at(promotion, "status", "freight")
    if isinstance(found, dict) and found.get("name") == name:
        return [found]
    return [{"name": name}] if name else []


def _last(artifact: Mapping[str, Any]) -> str:
    """Return the last part of a repository's address, which people call it by."""
    return _text(artifact.get("repoURL")).rstrip("/").rpartition("/")[2].removesuffix(".git")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
