"""Which files of a repository an Application is made of: what must be the same for two commits to be the same to it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from towpath.rules.argocd.application import Application, AppSource

GENERATE_PATHS: Final = "argocd.argoproj.io/manifest-generate-paths"
"""Annotation with further paths, separated by `;`: absolute ones from the root, others from the source's folder."""


def paths(application: Application, place: int) -> tuple[str, ...]:
    """Return the paths of one source in its repository, without a slash at either end; `""` is all of it.

    Its folder, files of values beyond it, what the Application says besides, and, of a source that lends its files to
    others, the files that they name. What reaches beyond these (a base of a kustomization elsewhere) is not seen.
    """
    source = application.sources[place]
    found = [] if source.ref and not source.path else [source.path]
    found += [
        posixpath.join(source.path, each)
        for each in _value_files(source)
        if each.startswith(("../", "/"))
    ]
    if source.ref:
        mark = f"${source.ref}/"
        found += [
            each.removeprefix(mark)
            for other in application.sources
            for each in _value_files(other)
            if each.startswith(mark)
        ]
    for each in application.annotations.get(GENERATE_PATHS, "").split(";"):
        if each.strip():
            found.append(posixpath.join(source.path, each.strip()))
    normal = {posixpath.normpath(f"/{each}").strip("/") for each in found} or {""}
    return ("",) if "" in normal else tuple(sorted(normal))


def _value_files(source: AppSource) -> list[str]:
    helm = source.document.get("helm")
    given = helm.get("valueFiles") if isinstance(helm, dict) else None
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
