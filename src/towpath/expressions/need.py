"""Data that an evaluation asks for: it stops with a `Need`, the caller loads, and evaluates again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROUNDS: Final = 64
"""How often one evaluation may stop for data before its caller gives up."""


@dataclass(frozen=True, slots=True)
class Need:
    """An object that an evaluation needs to know. The caller adds it to `known`, None if there is none."""

    kind: str
    """Kind of the object, such as `Secret`, whose values are then to be given in the clear."""
    namespace: str
    name: str


class Suspended(Exception):  # noqa: N818 - not a fault
    """The evaluation cannot go on without an object."""

    def __init__(self, need: Need) -> None:
        super().__init__()
        self.need = need


class LoadedObjects:
    """What was loaded for an evaluation so far."""

    __slots__ = ("_objects",)

    def __init__(self, objects: Mapping[Need, Any]) -> None:
        self._objects = objects

    def find(self, kind: str, namespace: str, name: str) -> Any:
        """Return an object as a JSON document, None if there is none. Raises Suspended if nobody has looked."""
        need = Need(kind, namespace, name)
        if need not in self._objects:
            raise Suspended(need)
        return self._objects[need]
