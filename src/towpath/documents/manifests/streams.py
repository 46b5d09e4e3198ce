"""Streams of manifests as Helm and Kustomize print them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MARK: Final = "\n---\n# Source: "
_BETWEEN: Final = re.compile(r"^---[ \t]*(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RenderedManifest:
    """What became of one document of a template, of a CRD all of its file."""

    source: str
    """The template, such as `web/templates/deployment.yaml`."""
    text: str
    """Without `---`, and without a line end at its end."""

    @property
    def marked(self) -> str:
        """The text as Helm prints it, with its template."""
        return f"---\n# Source: {self.source}\n{self.text}\n"


def sourced(stream: str) -> list[RenderedManifest]:
    """Return the manifests of a stream as `helm template` prints it, none of them empty."""
    found = []
    for part in f"\n{stream}".split(_MARK)[1:]:
        source, _, raw = part.partition("\n")
        if text := trimmed(raw):
            found.append(RenderedManifest(source, text))
    return found


def documents(stream: str) -> list[str]:
    """Return the documents of a stream, none of them empty, without blank lines around them."""
    return [text for raw in _BETWEEN.split(stream) if (text := trimmed(raw))]


def trimmed(text: str) -> str:
    """Return a document without blank lines around it."""
    return text.strip("\n").rstrip()
