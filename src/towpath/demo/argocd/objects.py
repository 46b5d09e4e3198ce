"""Objects with versions, and a log of what became of them: what an API server keeps, as far as watches need it."""

from __future__ import annotations

import asyncio
import collections
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from towpath.errors import AlreadyExists, Conflict, Expired, NotFound
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.object_files import ObjectFiles

KEPT_CHANGES: Final = 5000
"""How many changes watches can resume from, unless another number is given."""


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One write."""

    revision: int
    verb: Literal["ADDED", "MODIFIED", "DELETED"]
    key: Key
    document: Document
    """As it is now; of one that was deleted: as it was last, with the revision of its end."""
    before: Document | None


class Objects:
    """A table of objects. Everything happens on one event loop."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        files: ObjectFiles | None = None,
        kept_changes: int = KEPT_CHANGES,
    ) -> None:
        """`files`: where objects outlive the process, if they do."""
        self._now = now
        self._files = files
        self._objects: dict[Key, Document] = {}
        self._log: collections.deque[ObjectChange] = collections.deque(maxlen=kept_changes)
        self._forgotten = 0
        """The newest revision that is not in the log any more."""
        self.revision = 1
        self._moved = asyncio.Event()
        for key, document in files.read() if files is not None else ():
            self._objects[key] = document
            self.revision = max(self.revision, int(document["metadata"]["resourceVersion"]))
        self._forgotten = self.revision

    def get(self, key: Key) -> Document | None:
        """Return an object, None if it is not there."""
        return self._objects.get(key)

    def there(self, key: Key) -> Document:
        """Return an object. Raises NotFound."""
        found = self._objects.get(key)
        if found is None:
            raise _missing(key)
        return found

    def items(self, resource: str, namespace: str = "") -> list[tuple[Key, Document]]:
        """Return the objects of a resource by namespace and name; of one namespace if one is named."""
        return sorted(
            (
                (key, document)
                for key, document in self._objects.items()
                if key.resource == resource and namespace in ("", key.namespace)
            ),
            key=lambda each: each[0],
        )

    def keys(self) -> Iterable[Key]:
        """Return the keys of all objects, in no order."""
        return self._objects.keys()

    def create(self, key: Key, document: Document) -> Document:
        """Put a new object in; return it as it is kept. Raises AlreadyExists."""
        if key in self._objects:
            raise AlreadyExists(f'{key.resource} "{key.name}" already exists')
        given = dict(document.get("metadata") or {})
        metadata = given | {
            "name": key.name,
            "uid": given.get("uid") or _uid(),
            "creationTimestamp": moments.whole_seconds(self._now()),
            "generation": 1,
        }
        if key.namespace:
            metadata["namespace"] = key.namespace
        return self._put("ADDED", key, document | {"metadata": metadata}, None)

    def write(self, key: Key, document: Document, *, expected: str | None = None) -> Document:
        """Put a new version of an object in; return it as it is kept. What changes nothing writes nothing.

        `expected`: the resource version that it must have now. Raises NotFound, Conflict.
        """
        before = self.there(key)
        if expected is not None and expected != before["metadata"]["resourceVersion"]:
            raise Conflict(
                f'Operation cannot be fulfilled on {key.resource} "{key.name}": the object has been modified; please '
                "apply your changes to the latest version and try again"
            )
        kept = ("name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation")
        metadata = dict(document.get("metadata") or {}) | {
            name: before["metadata"][name] for name in kept if name in before["metadata"]
        }
        after = document | {"metadata": metadata}
        if after == before:
            return before
        if _without_metadata(after) != _without_metadata(before):
            metadata["generation"] = before["metadata"].get("generation", 1) + 1
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            self._end(key, after)
            return after
        return self._put("MODIFIED", key, after, before)

    def delete(self, key: Key) -> None:
        """Delete an object; one with finalizers is only marked. Raises NotFound."""
        before = self.there(key)
        if not before["metadata"].get("finalizers"):
            self._end(key, before)
        elif not before["metadata"].get("deletionTimestamp"):
            moment = moments.whole_seconds(self._now())
            marked = before["metadata"] | {"deletionTimestamp": moment}
            self._put("MODIFIED", key, before | {"metadata": marked}, before)

    def since(self, revision: int) -> list[ObjectChange]:
        """Return the changes after a revision, the oldest first. Raises Expired when some are not kept any more."""
        if revision < self._forgotten:
            raise Expired(
                f"too old resource version: {revision} ({self._forgotten + 1 if self._log else self.revision})"
            )
        found = []
        for change in reversed(self._log):
            if change.revision <= revision:
                break
            found.append(change)
        return found[::-1]

    async def beyond(self, revision: int) -> None:
        """Return once there is something newer than a revision."""
        while self.revision <= revision:
            await self._moved.wait()

    def _end(self, key: Key, document: Document) -> None:
        before = self._objects.pop(key)
        self.revision += 1
        last = document["metadata"] | {"resourceVersion": str(self.revision)}
        if self._files is not None:
            self._files.remove(key)
        self._tell(
            ObjectChange(self.revision, "DELETED", key, document | {"metadata": last}, before)
        )

    def _put(
        self,
        verb: Literal["ADDED", "MODIFIED"],
        key: Key,
        document: Document,
        before: Document | None,
    ) -> Document:
        self.revision += 1
        metadata = document["metadata"] | {"resourceVersion": str(self.revision)}
        kept = document | {"metadata": metadata}
        self._objects[key] = kept
        if self._files is not None:
            self._files.write(key, kept)
        self._tell(ObjectChange(self.revision, verb, key, kept, before))
        return kept

    def _tell(self, change: ObjectChange) -> None:
        if len(self._log) == self._log.maxlen:
            self._forgotten = self._log[0].revision
        self._log.append(change)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def _missing(key: Key) -> NotFound:
    return NotFound(f'{key.resource} "{key.name}" not found', resource=key.resource, name=key.name)


def _without_metadata(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "metadata"}


def _uid() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
