"""What is known of the Applications behind a connection: small, fed by its watch, and looked into by Stages.

Whatever comes is taken: an Application that cannot be read is known by its name, with the reason.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.argocd.kept_fields import kept
from towpath.resources.annotations import AUTHORIZED_STAGE
from towpath.rules.argocd import authorization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Key = tuple[str, str]
"""Namespace and name."""

MOST_APPLICATIONS: Final = 100_000
"""Behind one connection; further ones are left out."""
MOST_BYTES: Final = 128 << 20
"""Of what is kept: beyond, Applications that no Stage is authorised for are known by name alone, beyond the double all are."""
MOST_STAGES: Final = 200
"""Of one Application, that are told of its changes: whoever may write Applications may name any number."""
_STAGE_BYTES: Final = 200
"""That a Stage which is told of an Application takes."""


@dataclass(slots=True)
class _Entry:
    document: bytes
    """What is kept; empty where nothing is."""
    version: int
    stages: tuple[tuple[str, str], ...]
    state: int
    """See `kept_fields.Kept`."""
    fault: str

    @property
    def bytes(self) -> int:
        return len(self.document) + _STAGE_BYTES * len(self.stages)


@dataclass(frozen=True, slots=True)
class IndexChange:
    """What became of an Application."""

    namespace: str
    name: str
    stages: tuple[tuple[str, str], ...]
    """Project and name of the Stages that are authorised for it, or were."""
    matters: bool
    """Whether anything has changed but when it was looked at."""


class ApplicationIndex:
    """The Applications behind one connection."""

    def __init__(self, *, most_bytes: int = MOST_BYTES, most: int = MOST_APPLICATIONS) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._by_stage: dict[tuple[str, str], set[Key]] = {}
        self._most_bytes = most_bytes
        self._most = most
        self.bytes = 0
        """Of what is kept: documents, and the Stages that are told."""
        self.left_out = 0
        """How often an Application was not taken, as there were too many."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Applications that cannot be read (`NAMESPACE/NAME`), each with the reason."""
        return [
            (f"{namespace}/{name}", entry.fault)
            for (namespace, name), entry in self._entries.items()
            if entry.fault
        ]

    def keys(self, namespace: str = "") -> set[Key]:
        """Return the Applications of a namespace, or of all."""
        return {key for key in self._entries if not namespace or key[0] == namespace}

    def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return what is kept of an Application (see `kept_fields`); None if there is none, or nothing is kept."""
        entry = self._entries.get((namespace, name))
        return msgspec.json.decode(entry.document) if entry and entry.document else None

    def has(self, namespace: str, name: str) -> bool:
        """Whether there is such an Application."""
        return (namespace, name) in self._entries

    def of_stage(self, project: str, stage: str) -> list[Key]:
        """Return the Applications that a Stage is authorised for, in order."""
        return sorted(self._by_stage.get((project, stage), ()))

    def stages(self) -> Iterator[tuple[str, str]]:
        """Yield Project and name of each Stage that is authorised for an Application."""
        yield from list(self._by_stage)

    def select(self, namespace: str, fits: Callable[[Mapping[str, str]], bool]) -> list[Key]:
        """Return the Applications of a namespace whose labels fit, in order."""
        found = []
        for key in sorted(self.keys(namespace)):
            document = self.get(*key)
            metadata = document.get("metadata") if document else None
            labels = metadata.get("labels") if isinstance(metadata, dict) else None
            if fits(labels if isinstance(labels, dict) else {}):
                found.append(key)
        return found

    def take(self, namespace: str, name: str, document: bytes) -> IndexChange | None:
        """Take an Application as it is now; return what has changed, None for nothing, or for what is older than is known."""
        key = (sys.intern(namespace), name)
        found = kept(document)
        small = found.document
        version, annotation = _facts(small)
        before = self._entries.get(key)
        if before is None and len(self._entries) >= self._most:
            self.left_out += 1
            return None
        if before is not None and 0 < version <= before.version:
            return None
        stages = tuple(sorted(authorization.stages(annotation) or ())) if annotation else ()
        entry = _Entry(small, version, stages, found.state, found.fault)
        if len(stages) > MOST_STAGES:
            entry.stages = stages = stages[:MOST_STAGES]
            entry.fault = f"it authorises so many Stages that the first {MOST_STAGES} alone are told of its changes"
        others = self.bytes - (before.bytes if before else 0)
        if others + entry.bytes > self._most_bytes * (2 if stages else 1):
            if stages:
                entry.fault = "too much is kept of other Applications to follow it: its Stages look at it now and then"
            entry.document, entry.stages = b"", ()
            stages = ()
        self._put(key, entry, before)
        was = before.stages if before else ()
        matters = before is None or before.state != found.state
        return IndexChange(namespace, name, tuple(dict.fromkeys((*stages, *was))), matters)

    def forget_versions(self, namespace: str = "") -> None:
        """Take whatever is told next of the Applications of a namespace, or of all, as newer than what is known.

        Versions are comparable in one history of one cluster: not in another one, nor where it was restored from a backup.
        """
        for key, entry in self._entries.items():
            if not namespace or key[0] == namespace:
                entry.version = 0

    def drop(self, namespace: str, name: str) -> IndexChange | None:
        """Take that there is such an Application no more; None if there was none."""
        before = self._entries.get((namespace, name))
        if before is None:
            return None
        self._put((namespace, name), None, before)
        return IndexChange(namespace, name, before.stages, matters=True)

    def _put(self, key: Key, entry: _Entry | None, before: _Entry | None) -> None:
        if before is not None:
            self.bytes -= before.bytes
        if entry is None:
            self._entries.pop(key, None)
        else:
            self._entries[key] = entry
            self.bytes += entry.bytes
        was = set(before.stages) if before else set()
        now = set(entry.stages) if entry else set()
        for stage in was - now:
            there = self._by_stage[stage]
            there.discard(key)
            if not there:
                del self._by_stage[stage]
        for stage in now - was:
            self._by_stage.setdefault(stage, set()).add(key)


class _Meta(msgspec.Struct):
    resource_version: Any = msgspec.field(default="", name="resourceVersion")
    annotations: Any = None


class _Facts(msgspec.Struct):
    metadata: _Meta | None = None


_DECODER: Final = msgspec.json.Decoder(_Facts)


def _facts(small: bytes) -> tuple[int, str]:
    """Return version (0: none that can be compared) and the annotation that authorises Stages."""
    try:
        metadata = _DECODER.decode(small).metadata or _Meta()
    except msgspec.MsgspecError:
        return 0, ""
    said = metadata.annotations
    annotation = said.get(AUTHORIZED_STAGE) if isinstance(said, dict) else ""
    version = metadata.resource_version
    number = (
        int(version)
        if isinstance(version, str)
        and version.isascii()
        and version.isdecimal()
        and len(version) < 20
        else 0
    )
    return number, annotation if isinstance(annotation, str) else ""
