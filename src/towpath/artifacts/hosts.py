"""Which hosts a look at a Warehouse asks: it waits for its turn at each of them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath.clients.oci import address
from towpath.errors import BadRequest
from towpath.resources.warehouse import subscription_type

if TYPE_CHECKING:
    from towpath.resources.warehouse import Warehouse

_HOST: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@]*@)?(\[[^\]/]*\]|[^/:?#\[\]]+)(:[0-9]{1,5}(?![0-9]))?"
)
_LONGEST: Final = 300
"""Characters of a host that are kept; names in DNS have 253."""


def of_warehouse(warehouse: Warehouse) -> tuple[str, ...]:
    """Return the hosts that a look at a Warehouse asks, each once."""
    return tuple(dict.fromkeys(of_subscription(item) for item in warehouse.spec.subscriptions))


def of_subscription(item: Any) -> str:
    """Return the host, and port if it is named, that a subscription asks, as far as its `repoURL` tells.

    Of a type that names none the type stands for it, in brackets: its looks wait for one another alone.
    """
    type_ = subscription_type(item)
    config = item.get(type_) if type_ is not None and isinstance(item, dict) else None
    url = config.get("repoURL") if isinstance(config, dict) else None
    if not isinstance(url, str) or not url:
        return f"({type_ or 'unknown'})"[:_LONGEST]
    if type_ == "image":
        try:
            return address.parse(url).host
        except BadRequest:
            return f"({type_})"
    found = _HOST.match(url.strip())
    host = (found[1] + (found[2] or "")).lower() if found else ""
    return host[:_LONGEST] or f"({type_})"
