"""The dependencies of a Helm chart: versions in `Chart.yaml`, and what changed in its lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.documents import encoding, yaml
from towpath.documents.edits import Edited, Update
from towpath.errors import BadRequest
from towpath.resources.manifests import yaml_documents
from towpath.resources.manifests.bounds import ManifestBudget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class DependencyVersion:
    """A dependency, named exactly as `Chart.yaml` names it, and the version it is to have."""

    repository: str
    name: str
    version: str


def set_versions(data: bytes, wanted: Sequence[DependencyVersion], *, source: str) -> Edited:
    """Return a `Chart.yaml` with versions of dependencies set; every byte outside them stays.

    A dependency that is there several times, under aliases, gets its version everywhere. Raises BadRequest naming
    `source` for what is no YAML, a dependency that is not there, and one without a version.
    """
    there = dependencies(data, source)
    updates = []
    for each in wanted:
        places = [
            place
            for place, found in enumerate(there)
            if (found.get("repository"), found.get("name")) == (each.repository, each.name)
        ]
        if not places:
            raise BadRequest(f"{source}: {_missing(each, there)}")
        updates += [Update(f"dependencies.{place}.version", each.version) for place in places]
    return yaml.update(data, updates, source=source)


def lock_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return by name what became of locked dependencies: `1.0 -> 1.1`, `1.1` for a new one, empty for one that is gone."""
    old = {str(each["name"]): str(each.get("version", "")) for each in before}
    new = {str(each["name"]): str(each.get("version", "")) for each in after}
    changes = {
        name: f"{old[name]} -> {version}" if name in old else version
        for name, version in new.items()
        if old.get(name) != version
    }
    return {**changes, **{name: "" for name in old if name not in new}}


def dependencies(data: bytes, source: str) -> list[Mapping[str, Any]]:
    """Return the dependencies that a `Chart.yaml` or `Chart.lock` lists. Raises BadRequest naming `source`."""
    document = first_document(data, source)
    there = document.get("dependencies") if isinstance(document, dict) else None
    if there is None:
        return []
    if not isinstance(there, list) or not all(isinstance(each, dict) for each in there):
        raise BadRequest(
            f"{source}: dependencies is not a list of mappings; write name, repository and version of each"
        )
    return there


def described(chart_file: bytes, source: str) -> tuple[str, str]:
    """Return the name and version that a `Chart.yaml` says. Raises BadRequest naming `source`."""
    document = first_document(chart_file, f"{source}: Chart.yaml")
    told = document if isinstance(document, dict) else {}
    name, version = told.get("name"), told.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or "/" in name:
        raise BadRequest(f"{source}: it has no Chart.yaml with a name and a version")
    return name, version


def first_document(data: bytes, source: str) -> Any:
    """Return the first document of a text, None if it has none. Raises BadRequest naming `source`."""
    _, written = encoding.decoded(data, source)
    return next(
        (found for found, _ in yaml_documents.documents(written, source, ManifestBudget())), None
    )


def _missing(wanted: DependencyVersion, there: Sequence[Mapping[str, Any]]) -> str:
    begin = f"no dependency has the name {wanted.name!r} and the repository {wanted.repository!r}"
    if not there:
        return f"{begin}: the chart has no dependencies"
    same_name = [
        str(each.get("repository", "")) for each in there if each.get("name") == wanted.name
    ]
    if same_name:
        return f"{begin}; {wanted.name!r} comes from {messages.first(sorted(map(repr, same_name)), _MOST_NAMED)}"
    names = [str(each.get("name", "")) for each in there]
    return f"{begin}; {messages.instead(wanted.name, names)}"
