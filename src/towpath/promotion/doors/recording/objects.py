"""The door to Towpath's own objects that changes none: it looks that they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.promotion.doors.objects import KINDS, check_metadata, refuse_secrets
from towpath.promotion.effects.objects import NotedKind, ObjectsDoor
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.store.contract import Store


class RecordedObjects(ObjectsDoor):
    """Objects of one Project, for one step of a plan."""

    def __init__(
        self,
        recorder: Recorder,
        step: str,
        store: Store,
        project: str,
        disclosed: Disclosed | None = None,
    ) -> None:
        """`disclosed`: values that would not be written where others read them."""
        self._disclosed = disclosed
        self._recorder = recorder
        self._step = step
        self._store = store
        self._project = project

    async def set_metadata(self, kind: NotedKind, name: str, values: Mapping[str, Any]) -> None:
        """Record which keys would be set."""
        check_metadata(self._disclosed, f"{kind} {name}: metadata", values)
        await self._store.get(Ref(KINDS[kind], self._project, name))
        said = f"{', '.join(values)} in the metadata of {kind} {name}"
        self._recorder.call(self._step, "objects", "set_metadata", said)

    async def set_freight_alias(self, name: str, alias: str) -> str:
        """Record which alias would be given; return the one that there is."""
        refuse_secrets(self._disclosed, f"Freight {name}: alias", alias)
        stored = await self._store.get(Ref(scheme.FREIGHT, self._project, name))
        said = f"alias {alias} of Freight {name}"
        self._recorder.call(self._step, "objects", "set_freight_alias", said)
        return str(stored.document.get("alias") or "")
