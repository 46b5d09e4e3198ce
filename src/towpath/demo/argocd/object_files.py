"""A folder with a file for each object: what the stand-in has when it is started again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from towpath.demo.argocd.keys import Key
from towpath.disk import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ObjectFiles:
    """Objects below a folder. A file is whole or not there; the last ones may be missing after a power cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def read(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        """Yield every object."""
        for path in sorted(self._folder.glob("*.json")):
            found = msgspec.json.decode(path.read_bytes())
            yield Key(*found["key"]), found["object"]

    def write(self, key: Key, document: dict[str, Any]) -> None:
        """Keep an object as it is now."""
        content = msgspec.json.encode({"key": key, "object": document})
        writing.place(self._path(key), content, mode=0o600)

    def remove(self, key: Key) -> None:
        """Keep an object no longer."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: Key) -> Path:
        name = hashlib.sha256("/".join(key).encode()).hexdigest()[:32]
        return self._folder / f"{name}.json"
