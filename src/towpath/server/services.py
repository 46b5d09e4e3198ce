"""What the handlers of the API work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.admission.requester import Requester

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.admission.events import Events
    from towpath.admission.writer import Writer
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.runtime.controller import Waiting
    from towpath.store.contract import Store

ADMIN: Final = Requester("admin")
"""Who calls: there is one administrator, and whoever has the token is the one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Handed to every handler."""

    store: Store
    writer: Writer
    clock: Clock
    events: Events
    waiting: Callable[[Ref], Waiting | None]
    """What an object waits for in the controllers, None if for nothing."""
