"""How roles are answered: one after the other, and what very many rules come to in pieces, so that nobody waits for it.

A role shows all rules of the Roles that are bound to it, which may be a thousand of a thousand rules each, and a thousand
roles may be bound to the same ones.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from towpath.rules import role_rules

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from towpath.server.api.role_parts import RoleParts
    from towpath.store.contract import Document

_RULES_AT_ONCE: Final = 200
"""That are written out before others get the loop."""


async def one(parts: RoleParts, *, as_resources: bool) -> AsyncGenerator[bytes, None]:
    """Yield a role as JSON."""
    async for piece in _pieces(parts, as_resources=as_resources):
        yield piece.encode()


async def several(
    found: AsyncGenerator[RoleParts, None], *, as_resources: bool
) -> AsyncGenerator[bytes, None]:
    """Yield a list of roles as JSON, each as soon as it is found."""
    yield b"["
    is_first = True
    async with aclosing(found):
        async for parts in found:
            if not is_first:
                yield b", "
            is_first = False
            async for piece in one(parts, as_resources=as_resources):
                yield piece
    yield b"]"


async def _pieces(parts: RoleParts, *, as_resources: bool) -> AsyncGenerator[str, None]:
    if as_resources:
        yield f'{{"metadata": {json.dumps(parts.metadata)}, '
        yield f'"serviceAccount": {json.dumps(parts.account.legible_document)}'
        for key, of in parts.stored.items():
            yield f', "{key}": ['
            for number, each in enumerate(of):
                yield f"{', ' if number else ''}{json.dumps(each.legible_document)}"
                await asyncio.sleep(0)
            yield "]"
        yield "}"
        return
    if not await _is_wide(parts):
        yield json.dumps(parts.shown())
        return
    yield json.dumps(parts.outline())[:-1] + ', "rules": ['
    is_first = True
    async for rules in _rules(parts):
        if rules:
            yield ("" if is_first else ", ") + ", ".join(json.dumps(each) for each in rules)
            is_first = False
    yield "]}"


async def _is_wide(parts: RoleParts) -> bool:
    """Whether its rules come to more than is brought into one form."""
    extent = 0
    for number, each in enumerate((*parts.roles, *parts.cluster_roles)):
        if number:
            await asyncio.sleep(0)
        extent += role_rules.extent(each.document.get("rules") or ())
        if extent > role_rules.MOST_EXTENT:
            return True
    return False


async def _rules(parts: RoleParts) -> AsyncGenerator[list[Document], None]:
    """Yield rules about resources as they are written, some at a time."""
    for each in (*parts.roles, *parts.cluster_roles):
        rules: list[Any] = each.document.get("rules") or []
        for start in range(0, len(rules), _RULES_AT_ONCE):
            yield parts.written(rules[start : start + _RULES_AT_ONCE])
            await asyncio.sleep(0)
