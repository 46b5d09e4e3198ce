"""What a watch is told of the changes in the table: by its namespace, labels and name, as Kubernetes does it.

An object that comes to match is added for the one who watches, and one that ceases to match is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.objects import ObjectChange
    from towpath.store.contract import Requirement

Verb = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects somebody asks for."""

    resource: str
    namespace: str = ""
    """Empty: all."""
    labels: tuple[Requirement, ...] = ()
    name: str = ""
    """Empty: all."""

    def covers(self, key: Key, document: Document | None) -> bool:
        """Whether an object is among them."""
        if document is None or key.resource != self.resource:
            return False
        if self.namespace not in ("", key.namespace) or self.name not in ("", key.name):
            return False
        labels = document["metadata"].get("labels") or {}
        return all(each.matches(labels) for each in self.labels)

    def told(self, changes: Iterable[ObjectChange]) -> Iterator[tuple[Verb, ObjectChange]]:
        """Yield what changes are to whoever watches these objects."""
        for change in changes:
            was = self.covers(change.key, change.before)
            now = change.verb != "DELETED" and self.covers(change.key, change.document)
            if now:
                yield ("MODIFIED" if was else "ADDED"), change
            elif was:
                yield "DELETED", change
