"""Which Freight the Stages of a Project hold now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.resources.stage import Stage
from towpath.store.contract import Query
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store

_BY_TEXT: Final = "whether Freight is in it is told by its text"


@dataclass(slots=True)
class Holdings:
    """What the Stages of one Project hold."""

    stages: dict[str, str] = field(default_factory=dict)
    """By name of Freight: the first of the Stages that hold it."""
    unreadable: list[tuple[Ref, bytes]] = field(default_factory=list)
    """Stages that cannot be read, and their text."""


async def read(store: Store, project: str) -> tuple[Holdings, int]:
    """Return what the Stages hold, and how many bytes that takes."""
    found, size = Holdings(), 0
    async for batch in store.scan(Query(kind=scheme.STAGE, namespace=project)):
        for item in batch:
            stage = view(item, Stage, purpose=_BY_TEXT)
            if stage is None:
                found.unreadable.append((item.ref, item.raw))
                size += len(item.raw)
                continue
            history = stage.status.freight_history if stage.status else []
            for held in history[0].items.values() if history else ():
                found.stages.setdefault(held.name, item.ref.name)
                size += len(held.name) + len(item.ref.name)
    return found, size
