"""Renders charts whose templates only look values up: the demo's is one, and no Helm is needed for it.

What a template may say is `{{ .Values.a.b }}`, `.Release.Name`, `.Release.Namespace`, `.Chart.Name`, `.Chart.Version`,
each with `| quote` behind it. A chart that says more is for Helm.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.argocd.source_error import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACTION: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_LOOKUP: Final = re.compile(r"(\.(?:Values|Release|Chart)(?:\.\w+)+)(\s*\|\s*quote)?")
_TRIMMED: Final = re.compile(r"\{\{-|-\}\}")


class NeedsHelmError(SourceError):
    """A chart says more than a look-up."""


def rendered(
    templates: Mapping[str, str], *, values: Mapping[str, Any], release: Mapping[str, str], chart: Mapping[str, Any]
) -> str:  # fmt: skip
    """Return the manifests of a chart, as a stream. Raises NeedsHelmError."""
    known = {
        "Values": values,
        "Release": release,
        "Chart": {"Name": chart.get("name"), "Version": chart.get("version")},
    }
    found = []
    for path in sorted(templates):
        text = templates[path]
        if _TRIMMED.search(text):
            raise NeedsHelmError(f"{path} trims blanks, which takes Helm")
        found.append(_ACTION.sub(lambda match, at=path: _looked_up(match[1], known, at), text))  # type: ignore[misc]
    return "".join(f"---\n{each}\n" for each in found)


def _looked_up(action: str, known: Mapping[str, Any], path: str) -> str:
    match = _LOOKUP.fullmatch(action)
    if match is None:
        raise NeedsHelmError(f"{path} says {action!r}, which takes Helm")
    found: Any = known
    for name in match[1].split(".")[1:]:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None or isinstance(found, dict | list | float):
        raise NeedsHelmError(
            f"{path} says {action!r}: what a {type(found).__name__} is written as takes Helm"
        )
    text = json.dumps(found) if isinstance(found, bool) else str(found)
    return json.dumps(text) if match[2] else text
