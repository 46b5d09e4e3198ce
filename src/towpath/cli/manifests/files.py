"""Manifests from files, directories and standard input, and where in them a thing stands."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from towpath.disk import reading
from towpath.errors import BadRequest, TowpathError
from towpath.resources import manifests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.manifests import Manifest

_ENDINGS: Final = (".yaml", ".yml", ".json")
_PATH: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])+")
_KEY: Final = re.compile(r"[A-Za-z_][\w-]*|\d+")
_LARGEST: Final = 64 << 20
"""Bytes of one file; the server takes less in one request, which is why they are sent in portions."""


@dataclass(frozen=True, slots=True)
class SourcedManifest:
    """One document with the text it came from."""

    manifest: Manifest
    text: bytes
    remedy: str = ""
    """What to do when it is refused for what it lacks."""

    @property
    def document(self) -> dict[str, Any]:
        """The document."""
        return self.manifest.document

    @property
    def is_project(self) -> bool:
        """Whether the server takes it as a Project, which goes first."""
        return self.document.get("kind") == "Project"

    @property
    def named(self) -> str:
        """Kind and name, as far as the document says them."""
        metadata = self.document.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        kind = self.document.get("kind")
        return f"{kind or 'document'} {name!r}" if name else str(kind or "document")

    def place(self, message: str) -> str:
        """Return `FILE:LINE` of the field that a message names, or else of the document."""
        return f"{self.manifest.source}:{self._line(message)}"

    def _line(self, message: str) -> int:
        root = _composed(self.text, self.manifest.index)
        for path in _PATH.findall(message) if root is not None else ():
            line = _line_of(root, _KEY.findall(path))
            if line is not None:
                return line
        return self.manifest.line


def read(filenames: Sequence[str], *, recursive: bool) -> list[SourcedManifest]:
    """Return the documents of files, directories and `-`, in order, Projects first.

    Raises BadRequest for what cannot be read or holds no document.
    """
    if not filenames:
        raise BadRequest(
            "no file is named: give --filename FILE, a directory, or - for standard input"
        )
    found: list[SourcedManifest] = []
    for filename in filenames:
        for name, text in _texts(filename, recursive=recursive):
            found += [
                SourcedManifest(item, text) for item in manifests.read(text, name, largest=_LARGEST)
            ]
    if not found:
        raise BadRequest(f"{', '.join(filenames)}: there is no document in it")
    return sorted(found, key=lambda source: not source.is_project)


def _texts(filename: str, *, recursive: bool) -> Iterator[tuple[str, bytes]]:
    if filename == "-":
        yield "standard input", sys.stdin.buffer.read(_LARGEST + 1)
        return
    if filename.startswith(("http://", "https://")):
        from towpath.sdk import fetching

        try:
            yield filename, fetching.fetched(filename, _LARGEST)
        except TowpathError as error:
            raise BadRequest(f"--filename {error.message}") from error
        return
    path = Path(filename)
    try:
        if not path.is_dir():
            yield filename, reading.read(path, _LARGEST)
            return
        files = _in_directory(path, recursive=recursive)
    except OSError as error:
        raise BadRequest(f"--filename {filename}: cannot be read: {error.strerror}") from error
    if not files:
        deeper = "" if recursive else "; -R looks in its directories as well"
        raise BadRequest(f"--filename {filename}: no {', '.join(_ENDINGS)} file is in it{deeper}")
    for file in files:
        try:
            yield str(file), reading.read(file, _LARGEST)
        except OSError as error:
            raise BadRequest(f"--filename {file}: cannot be read: {error.strerror}") from error


def _in_directory(path: Path, *, recursive: bool) -> list[Path]:
    found = path.rglob("*") if recursive else path.iterdir()
    return sorted(file for file in found if file.suffix in _ENDINGS and file.is_file())


def _composed(text: bytes, index: int) -> Any:
    """Return the node of a document that was read before; None if it cannot be told."""
    import yaml

    from towpath.resources.manifests.safe_loader import SAFE_LOADER

    try:
        for count, node in enumerate(yaml.compose_all(text, Loader=SAFE_LOADER), 1):
            if count == index:
                return node
    except (yaml.YAMLError, RecursionError):
        pass  # JSON that is no YAML: the document's own line has to do
    return None


def _line_of(root: Any, keys: Sequence[str]) -> int | None:
    """Return the line of the deepest field on a path that there is, None if not even the first is there."""
    import yaml

    node, line = root, None
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == key), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
        else:
            return line
    return line
