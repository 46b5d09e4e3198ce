"""What makes an Application's spec invalid in the eyes of Argo CD: the messages of condition InvalidSpecError. Pure."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from towpath.demo.argocd import sources

if TYPE_CHECKING:
    from towpath.demo.argocd.keys import Document


def spec_errors(application: Document, project: Document | None) -> list[str]:
    """Return what is wrong with a spec, given its project (None: there is none of that name)."""
    spec = application.get("spec") or {}
    name = str(spec.get("project") or "default")
    if project is None:
        return [f"Application referencing project {name} which does not exist"]
    found = sources.of(application)
    if not found:
        return ["spec.source.repoURL and either spec.source.path or spec.source.chart are required"]
    wrong = []
    allowed = (project.get("spec") or {}).get("sourceRepos") or []
    for source in found:
        url = str(source.get("repoURL") or "")
        if not url:
            wrong.append("spec.source.repoURL and either spec.source.path or spec.source.chart are required")  # fmt: skip
        elif not any(fnmatch.fnmatchcase(url, pattern) for pattern in allowed):
            wrong.append(f"application repo {url} is not permitted in project '{name}'")
        if not (source.get("path") or source.get("chart") or source.get("ref")):
            wrong.append("spec.source.repoURL and either source.path, source.chart, or source.ref are required for source")  # fmt: skip
    destination = spec.get("destination") or {}
    if not destination.get("server") and not destination.get("name"):
        wrong.append("Destination server missing from app spec")
    elif not any(_is_met(each, destination) for each in (project.get("spec") or {}).get("destinations") or ()):  # fmt: skip
        server, namespace = destination.get("server", ""), destination.get("namespace", "")
        wrong.append(
            f"application destination server '{server}' and namespace '{namespace}' do not match any of the allowed "
            f"destinations in project '{name}'"
        )
    return wrong


def _is_met(allowed: Document, destination: Document) -> bool:
    namespace = fnmatch.fnmatchcase(
        str(destination.get("namespace", "")), str(allowed.get("namespace", ""))
    )
    by_server = destination.get("server") and fnmatch.fnmatchcase(
        str(destination["server"]), str(allowed.get("server", ""))
    )
    by_name = destination.get("name") and fnmatch.fnmatchcase(
        str(destination["name"]), str(allowed.get("name", ""))
    )
    return namespace and bool(by_server or by_name)
