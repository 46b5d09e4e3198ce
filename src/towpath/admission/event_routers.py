"""EventRouters and channels: what of them is wrong beyond their schema, said when they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import errors, expressions, messages
from towpath.admission import quotas
from towpath.admission.kind_rules import KindRules
from towpath.admission.messages import channel_ref
from towpath.expressions import ExpressionError
from towpath.resources import happening, scheme
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES
from towpath.resources.validation import wording
from towpath.rules.told_events import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.admission.requester import Requester
    from towpath.errors import FieldError
    from towpath.store.contract import Document, Store

_LONGEST_READ = 8 << 10
"""Of texts that are read at once; longer ones say what is wrong with them when something happens."""


class EventRouterRules(KindRules):
    """Rules of EventRouters."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return which expressions cannot be read, and which channels are out of reach."""
        if old is None:
            await quotas.refuse_more(self._store, scheme.EVENT_ROUTER, document)
        spec = document["spec"]
        found = list(_problem("spec.when", spec.get("when"), is_template=False))
        for field in ("output", "groupingKey"):
            found += _problem(f"spec.{field}", spec.get(field), is_template=True)
        home = document["metadata"]["namespace"]
        for number, channel in enumerate(spec["channels"]):
            path = f"spec.channels[{number}]"
            found += _problem(f"{path}.output", channel.get("output"), is_template=True)
            named = channel.get("namespace")
            if named not in (None, "", home):
                said = f"must be {home}, the Namespace of the router"
                found.append(wording.invalid(f"{path}.namespace", named, said))
        return found

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return which channels are not there, and which types nothing that happens has."""
        del requester
        home = document["metadata"]["namespace"]
        said = [
            f"spec.types[{number}]: nothing that happens is called {type_!r}; "
            f"{messages.instead(type_, happening.TYPES)}"
            for number, type_ in enumerate(document["spec"].get("types") or ())
            if type_ not in happening.TYPES
        ]
        for number, channel in enumerate(document["spec"]["channels"]):
            ref = channel_ref(home, channel)
            try:
                await self._store.get(ref)
            except errors.NotFound:
                said.append(
                    f"spec.channels[{number}]: there is no {ref.kind.name} {ref.name!r} yet"
                )
        return said


class ChannelRules(KindRules):
    """Rules of channels of both kinds."""

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return a Secret that is out of reach, and expressions that cannot be read."""
        del old
        spec: Mapping[str, Any] = document["spec"]
        found: list[FieldError] = []
        home = document["metadata"].get("namespace") or SYSTEM_RESOURCES
        named = (spec.get("secretRef") or {}).get("namespace")
        if named not in (None, "", home):
            found.append(wording.invalid("spec.secretRef.namespace", named, f"must be {home}"))
        for field in ("successExpression", "failureExpression"):
            source = (spec.get("http") or {}).get(field)
            found += _problem(f"spec.http.{field}", source, is_template=False)
        return found


def _problem(path: str, source: object, *, is_template: bool) -> Iterator[FieldError]:
    """Yield what is wrong with an expression or a template, if it is short enough to be read at once."""
    if not isinstance(source, str) or not source or len(source) > _LONGEST_READ:
        return
    try:
        if is_template:
            expressions.template(source, TYPES)
        else:
            expressions.compile(source, TYPES)
    except ExpressionError as error:
        yield wording.invalid(path, source, error.message)
