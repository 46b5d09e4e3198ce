"""What one installation of Argo CD can be asked, whichever of its APIs is spoken.

Applications are plain documents, as the API gives them: nothing is said about their types, because what stands in a
cluster may be of any. Who reads one takes nothing for granted.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence


class EventKind(enum.StrEnum):
    """What a watch tells."""

    LISTING = "listing"
    """A whole snapshot begins: what follows until `LISTED` is all there is."""

    LISTED = "listed"
    """The snapshot is complete: an Application that was not in it is gone."""

    CHANGED = "changed"
    """An Application, new or changed; in a snapshot: as it is."""

    DELETED = "deleted"
    """An Application that is no more."""

    BOOKMARK = "bookmark"
    """Nothing but a later position, or that the connection is alive."""


@dataclass(frozen=True, slots=True)
class ApplicationEvent:
    """One thing that a watch tells. `namespace` and `name` are empty where it is about no single Application."""

    kind: EventKind
    namespace: str = ""
    name: str = ""
    version: str = ""
    """The position to resume from after this event; empty where the API has none to offer."""

    document: bytes = field(default=b"", repr=False)
    """The Application as JSON, as it came: taking 3 MB apart is left to whoever needs it, and to how much they need."""


class ArgoCD(Protocol):
    """One Argo CD installation, by either of its APIs.

    Each call has a deadline of its own and raises, with the connection, the Application, the cause and the remedy in the
    message: Unauthenticated (token or certificate is not accepted), Forbidden (rights are missing), Unavailable (not to be
    reached; trying later may help), Timeout, TooLarge, BadRequest (the server cannot read what was sent).
    """

    async def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return an Application as it is now; None if there is none."""
        ...

    async def find(self, namespace: str, selector: str) -> Sequence[Mapping[str, Any]]:
        """Return the Applications that a label selector matches (Kubernetes' text form), ordered by name."""
        ...

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change an Application by a merge patch (RFC 7396) and return it as it is then.

        A patch that holds `metadata.resourceVersion` is applied to that version or not at all. Over Argo CD's own API an
        `operation` in it becomes a request to sync, which Argo CD judges as a person's; `operation: null` withdraws what has
        not begun where the API can do that. Raises besides: Conflict (another version, or an operation is under way),
        NotFound.
        """
        ...

    async def project(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return an AppProject, which has the sync windows; None if there is none."""
        ...

    def watch(self, since: str) -> AsyncGenerator[ApplicationEvent]:
        """Yield what becomes of Applications, in order, until the connection ends or breaks off.

        `since`: the position of an event; empty, or where the API cannot resume: a snapshot comes first. It ends without an
        error where the server ends it, which servers do every few minutes. Raises besides: Expired (the position is too
        old: begin again without one).
        """
        ...

    async def event(self, application: Mapping[str, Any], reason: str, message: str) -> None:
        """Record a core Event about an Application, where the API offers that; elsewhere nothing happens."""
        ...
