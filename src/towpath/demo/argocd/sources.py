"""The sources of an Application's spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Collection

    from towpath.demo.argocd.keys import Document

SourceType = Literal["Helm", "Kustomize", "Directory", "Plugin"]


def of(application: Document) -> list[Document]:
    """Return the sources: `sources` if there are any, else the one of `source`, or what is hydrated."""
    spec = application.get("spec") or {}
    if found := spec.get("sources"):
        return [each for each in found if isinstance(each, dict)]
    if hydrator := spec.get("sourceHydrator"):
        dry, sync = hydrator["drySource"], hydrator["syncSource"]
        return [
            {
                "repoURL": dry["repoURL"],
                "targetRevision": sync["targetBranch"],
                "path": sync["path"],
            }
        ]
    source = spec.get("source")
    return [source] if isinstance(source, dict) else []


def is_multiple(application: Document) -> bool:
    """Whether it has several sources, or one written as several."""
    return bool((application.get("spec") or {}).get("sources"))


def is_reference(source: Document) -> bool:
    """Whether a source only lends its files to others."""
    return bool(source.get("ref")) and not source.get("path") and not source.get("chart")


def type_of(source: Document, names: Collection[str]) -> SourceType:
    """Return what makes the manifests of a source. `names`: of the files that lie in its folder."""
    explicit: tuple[tuple[str, SourceType], ...] = (
        ("helm", "Helm"),
        ("kustomize", "Kustomize"),
        ("directory", "Directory"),
        ("plugin", "Plugin"),
    )
    for field, found in explicit:
        if source.get(field) and not _is_empty(source[field]):
            return found
    if source.get("chart") or "Chart.yaml" in names:
        return "Helm"
    if {"kustomization.yaml", "kustomization.yml", "Kustomization"} & set(names):
        return "Kustomize"
    return "Directory"


def _is_empty(value: Any) -> bool:
    """Whether nothing is said: an object whose values are all empty."""
    return isinstance(value, dict) and all(not each for each in value.values())
