"""What a Stage goes back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.server.ext.moves.call import RefusedTargetError, current
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from towpath.resources.stage import Stage
    from towpath.store.contract import Store, Stored

_STAYS: Final = 200
"""Of a Stage, that are looked through for one that was verified."""


async def last_verified(store: Store, project: str, stage: Stage, origin: str) -> Stored:
    """Return what was in a Stage, and verified there, last before what is there now. Raises RefusedTargetError."""
    name, now = stage.metadata.name, current(stage).get(origin, "")
    selection = HistorySelection(project=project, stage=name)
    page = await store.history.occupancies(selection, limit=_STAYS)
    tried: set[str] = {now}
    for stay in page.items:
        freight = stay.record.freight
        if stay.record.origin != origin or freight in tried:
            continue
        tried.add(freight)
        try:
            found = await store.get(Ref(scheme.FREIGHT, project, freight))
        except NotFound:
            continue  # it is gone, and nothing can be promoted of it
        status = found.view(Freight).status
        if status is not None and name in status.verified_in:
            return found
    raise RefusedTargetError(
        f"Stage {name} has nothing to go back to: none of the Freight of {origin} that was there before was verified there "
        "and still exists; name the Freight"
    )
