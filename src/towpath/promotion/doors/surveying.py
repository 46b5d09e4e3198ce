"""Reads the kustomizations below a root, to see what they name; nothing is followed out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import chart, kustomization
from towpath.errors import BadRequest, TowpathError
from towpath.promotion import rooted_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from towpath.documents.kustomization import WantedChart

MOST_FOLDERS: Final = 2_000
"""That a build may be made of."""
_KUSTOMIZATION_BYTES: Final = 1 << 20
_GENERATORS: Final = frozenset({"generators", "transformers", "validators"})


class TooLongError(Exception):
    """The kustomizations are too long to be read beside the event loop."""


@dataclass(slots=True)
class Reading:
    """Reads kustomizations, up to a number of bytes."""

    left: int

    def mapping(self, file: Path) -> Mapping[str, Any]:
        """Return what a file says; nothing of what cannot be read. Raises TooLongError."""
        try:
            with file.open("rb") as opened:
                data = opened.read(_KUSTOMIZATION_BYTES)
        except OSError:
            return {}
        self.left -= len(data)
        if self.left < 0:
            raise TooLongError
        try:
            found = chart.first_document(data, file.name)
        except TowpathError:
            return {}
        return found if isinstance(found, dict) else {}


def finds_something(reading: Reading, root: Path, folder: Path) -> bool:
    """Whether a kustomization, or one that it builds on, names something that lies elsewhere."""
    seen: set[Path] = set()
    pending = [folder]
    while pending and len(seen) < MOST_FOLDERS:
        here = pending.pop()
        if here in seen:
            continue
        seen.add(here)
        said = look(reading, root, here)
        for name, entry in kustomization.entries(said.document):
            if kustomization.is_elsewhere(entry):
                return True
            there = at(root, here, entry)
            if there is not None and name in kustomization.FOLDERS and there.is_dir():
                pending.append(there)
        if said.charts:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Said:
    """What the kustomization in a folder says."""

    file: Path | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    charts: Sequence[WantedChart] = ()
    """From repositories, also of files of generators; not those that are there."""


def look(reading: Reading, root: Path, folder: Path) -> Said:
    """Return what the kustomization in a folder says; nothing of what cannot be read, which Kustomize tells."""
    names = (at(root, folder, name) for name in kustomization.NAMES)
    file = next((each for each in names if each is not None and each.is_file()), None)
    if file is None:
        return Said()
    document = reading.mapping(file)
    found = kustomization.charts(document)
    for name, entry in kustomization.entries(document):
        if name in _GENERATORS and (other := at(root, folder, entry)) and other.is_file():
            found += kustomization.charts(reading.mapping(other))
    missing = [
        each
        for each in found
        if (there := at(root, folder, f"{each.place}/{each.name}")) is not None
        and not there.exists()
    ]
    return Said(file, document, missing)


def at(root: Path, folder: Path, entry: str) -> Path | None:
    """Return the real path of an entry, None for one that cannot be meant: an absolute path, or none at all."""
    if entry.startswith("/"):
        return None
    try:
        return rooted_path.resolve(root, f"{folder.relative_to(root)}/{entry}", is_strict=True)
    except BadRequest:
        return None
