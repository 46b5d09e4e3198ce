"""Admission: what happens to a document before it is stored.

It gets what its kind fills in, then its defaults; it is checked against schema and rules, all errors at once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from towpath.admission import older_forms, ownership
from towpath.admission.kind_rules import KindRules
from towpath.admission.replacement import Subresource, name_of
from towpath.admission.warnings import Warnings
from towpath.errors import BadRequest, Invalid
from towpath.resources import moments, sizes
from towpath.resources.copying import copied
from towpath.resources.managed_fields import FieldManager
from towpath.resources.structs import schema_of
from towpath.resources.validation import FieldValidation, admit
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.wording import TOO_MANY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Document

ResultT = TypeVar("ResultT")

_SMALL: Final = 1_000
"""Values of a document that is worked on at once."""
_VALUE_WEIGHT: Final = 8
"""What a value weighs as work: as much as so many bytes of YAML that are read."""


class Admission:
    """Admits documents of every kind."""

    def __init__(
        self, rules: Mapping[Kind, KindRules], *, clock: Clock, aside: Aside | None
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._aside = aside
        self._plain = KindRules()

    def rules_of(self, kind: Kind) -> KindRules:
        """Return the rules of a kind, those that ask for nothing if it has none of its own."""
        return self._rules.get(kind, self._plain)

    async def prepared(
        self,
        kind: Kind,
        document: Document,
        old: Document | None,
        rules: KindRules,
        requester: Requester,
    ) -> Document:
        """Return a document with what its kind fills in. One that is too malformed for that is told what is wrong.

        Nulls go before anybody reads it, and whole numbers become integers, as the schema has it. Raises Invalid with all
        that is wrong, BadRequest where nothing is found wrong and the document cannot be read all the same.
        """
        schema = schema_of(kind.type)
        try:
            return await rules.prepare(with_defaults(schema, document), old, requester)
        except _MALFORMED as error:
            given = with_defaults(schema, document)  # without what was filled in until it failed
            if kind.status:
                given.pop("status", None)
            admit(given, kind, old=old)
            raise BadRequest(f"{kind.name}: it cannot be read: {error}") from error

    async def admitted(
        self,
        kind: Kind,
        document: Document,
        old: Document | None,
        rules: KindRules,
        field_validation: FieldValidation,
        requester: Requester,
    ) -> tuple[Document, Warnings]:
        """Return what is to be stored, and warnings. Raises Invalid with what schema and rules say."""
        status = document.pop("status", None) if kind.status else None
        try:
            work = partial(admit, document, kind, old=old, field_validation=field_validation)
            admitted = await self.worked(work, requester, document)
        except Invalid as error:
            raise await _with_more(error, kind, rules, document, old) from None
        found = await rules.errors(admitted.document, old)
        if found:
            raise Invalid.of(kind.qualified, name_of(document), found)
        said = [*admitted.warnings, *older_forms.warnings(kind, admitted.document)]
        said += await rules.warnings(admitted.document)
        dangling = await rules.dangling(admitted.document, requester)
        judged = copied(admitted.document) if dangling else None
        if status is not None and old is not None:
            admitted.document["status"] = status
        return admitted.document, Warnings(tuple(said), tuple(dangling), judged)

    async def tracked(
        self,
        kind: Kind,
        old: Document | None,
        new: Document,
        manager: str,
        subresource: Subresource | None,
        requester: Requester,
    ) -> Document:
        """Return `new` with what its managedFields are after a write by a field manager."""
        by = FieldManager(manager, kind.api_version, subresource or "")
        work = partial(ownership.tracked, kind, old, new, by, now=self.now())
        return await self.worked(work, requester, new)

    async def worked(
        self, work: Callable[[], ResultT], requester: Requester, *documents: Any
    ) -> ResultT:
        """Do pure work on documents, where nobody waits for it if they are large."""
        if self._aside is None:
            return work()
        count = sum(sizes.values(document, _SMALL) for document in documents if document)
        return await self._aside.run(
            work,
            weight=count * _VALUE_WEIGHT,
            what="the object",
            caller=requester.user.name or requester.actor,
        )

    def now(self) -> str:
        """Return the present moment as documents tell it."""
        return moments.whole_seconds(self._clock.now())


_MALFORMED: Final = (msgspec.ValidationError, TypeError, KeyError, AttributeError, ValueError)
"""What code that reads a document as its kind raises when it does not have that shape."""


async def _with_more(
    error: Invalid, kind: Kind, rules: KindRules, document: Document, old: Document | None
) -> Invalid:
    """Return an error of the schema with what the rules say as well, where they can read the document.

    Rules are not asked about lists that are too long: they may have to look at each item.
    """
    if any(cause.type == TOO_MANY for cause in error.causes):
        return error
    try:
        more = await rules.errors(document, old)
    except _MALFORMED:
        return error
    known = {str(cause) for cause in error.causes}
    fresh = [cause for cause in more if str(cause) not in known]
    return Invalid.of(kind.qualified, name_of(document), [*error.causes, *fresh])
