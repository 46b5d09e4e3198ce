"""The Namespace of documents that name none: that of the Project which the command is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from towpath.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.cli.manifests.files import SourcedManifest

_FIELD = "namespace"


def filled(sources: Sequence[SourcedManifest], project: str | None) -> list[SourcedManifest]:
    """Return documents, those without a Namespace in that of the Project, which is said of each.

    Without a Project they are left as they are, and say what to add when they are refused.
    """
    lacking = [source for source in sources if _lacks_namespace(source)]
    if not lacking:
        return list(sources)
    there = {_name(source) for source in sources if source.is_project}
    named = there.pop() if len(there) == 1 else ""
    remedy = (
        f"add `namespace: {named or 'PROJECT'}` under its metadata, or give --project "
        f"{named or 'PROJECT'}"
    )
    found = []
    for source in sources:
        if source not in lacking:
            found.append(source)
        elif project is None:
            found.append(replace(source, remedy=remedy))
        else:
            terminal.say(
                f"{source.place('metadata.name')}: {source.named}: it has no metadata.namespace, so it is taken to be of "
                f"Project {project} (--project, TOWPATH_PROJECT)",
                err=True,
            )
            found.append(_in(source, project))
    return found


def _in(source: SourcedManifest, project: str) -> SourcedManifest:
    document = {
        **source.document,
        "metadata": {**source.document["metadata"], _FIELD: project},
    }
    return replace(source, manifest=replace(source.manifest, document=document))


def _lacks_namespace(source: SourcedManifest) -> bool:
    from towpath.resources import scheme

    metadata = source.document.get("metadata")
    if not isinstance(metadata, dict) or metadata.get(_FIELD):
        return False
    kind = scheme.find(source.document.get("apiVersion"), source.document.get("kind"))
    return kind is not None and kind.namespaced


def _name(source: SourcedManifest) -> str:
    metadata = source.document.get("metadata")
    return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""
