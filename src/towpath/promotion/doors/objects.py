"""The door to Towpath's own objects: Stages and Freight of the Promotion's Project, changed through admission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Forbidden, Invalid
from towpath.promotion.effects.objects import NotedKind, ObjectsDoor
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.promotion.disclosed import Disclosed
    from towpath.store.contract import Document

KINDS: Final = {NotedKind.STAGE: scheme.STAGE, NotedKind.FREIGHT: scheme.FREIGHT}


class AdmittedObjects(ObjectsDoor):
    """Objects of one Project, for one step. Each write says all of what it sets, so a repeat changes nothing."""

    def __init__(
        self,
        writer: SystemAuthority,
        requester: Requester,
        project: str,
        disclosed: Disclosed | None = None,
    ) -> None:
        """`disclosed`: values that must not be written where others read them."""
        self._writer = writer
        self._requester = requester
        self._project = project
        self._disclosed = disclosed

    async def set_metadata(self, kind: NotedKind, name: str, values: Mapping[str, Any]) -> None:
        """Set keys of `status.metadata` to JSON values; others stay."""
        check_metadata(self._disclosed, f"{kind} {name}: metadata", values)

        def changed(status: Document) -> Document:
            return {**status, "metadata": {**(status.get("metadata") or {}), **values}}

        ref = Ref(KINDS[kind], self._project, name)
        await self._writer.set_status(ref, changed, self._requester)

    async def set_freight_alias(self, name: str, alias: str) -> str:
        """Give Freight an alias; return the one it had."""
        refuse_secrets(self._disclosed, f"Freight {name}: alias", alias)
        before = ""

        def changed(document: Document) -> Document:
            nonlocal before
            before = str(document.get("alias") or "")
            return {**document, "alias": alias}

        await self._writer.change(
            Ref(scheme.FREIGHT, self._project, name),
            changed,
            self._requester,
            manager=self._requester.actor,
        )
        return before


def check_metadata(disclosed: Disclosed | None, where: str, values: Mapping[str, Any]) -> None:
    """Raise Invalid for a key without a name, and as `refuse_secrets`."""
    if not all(values):
        raise Invalid(f"{where} has an empty key; give each value a name")
    refuse_secrets(disclosed, where, values)


def refuse_secrets(disclosed: Disclosed | None, where: str, value: Any) -> None:
    """Raise Forbidden for a value that holds one of a Secret: everybody who reads the object would read it."""
    if disclosed is not None and disclosed.holds(value):
        raise Forbidden(
            f"{where}: it holds a value of a Secret, which everybody who reads the object would read; leave it out"
        )
