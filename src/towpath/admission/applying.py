"""Server-side apply: the fields of a configuration are merged into an object, or make it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from towpath.admission import kept, older_forms, ownership
from towpath.admission.committing import TRIES, is_of_ours
from towpath.admission.replacement import Subresource, applicable
from towpath.errors import AlreadyExists, Conflict, Invalid, NotFound
from towpath.resources.copying import copied
from towpath.resources.managed_fields import FieldManager
from towpath.resources.validation import FieldValidation, known_fields

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from towpath.admission.admitting import Admission
    from towpath.admission.committing import Commits
    from towpath.admission.requester import Requester
    from towpath.admission.written import Written
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document


class Applying:
    """Applies configurations."""

    def __init__(self, commits: Commits, admission: Admission) -> None:
        self._commits = commits
        self._admission = admission

    async def apply(
        self,
        ref: Ref,
        configuration: Document,
        requester: Requester,
        *,
        manager: str,
        force: bool = False,
        subresource: Subresource | None = None,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        may_create: Callable[[], Awaitable[None]] | None = None,
    ) -> Written:
        """Server-side apply: merge the fields of a configuration into an object, or create it with them.

        `may_create` is awaited before an object is made, and raises to refuse it. Raises Conflict naming the
        fields that other managers own, unless `force`; and as `create` does.
        """
        older_forms.refuse_removed(ref.kind, configuration)
        only = applicable(ref.kind, configuration, subresource)
        work = partial(known_fields, only, ref.kind, field_validation)
        configuration, unknown = await self._admission.worked(work, requester, configuration)
        by = FieldManager(manager, ref.kind.api_version, subresource or "")

        async def merged(old: Document | None) -> Document:
            merging = partial(
                ownership.applied,
                ref.kind,
                old,
                copied(configuration),
                by,
                force=force,
                now=self._admission.now(),
            )
            return await self._admission.worked(merging, requester, old, configuration)

        async def changed(old: Document) -> Document:
            creator = kept.creator_of(old)
            return kept.with_creator(await merged(old), creator)

        for _ in range(TRIES):
            try:
                written = await self._commits.change(
                    ref,
                    changed,
                    requester,
                    subresource=subresource,
                    field_validation=FieldValidation.IGNORE,
                    dry_run=dry_run,
                )
            except NotFound:
                if subresource is not None or await self._commits.is_there(ref):
                    raise
            else:
                return replace(written, warnings=(*unknown, *written.warnings))
            if configuration["metadata"].get("uid") or configuration["metadata"].get(
                "resourceVersion"
            ):
                raise Conflict(
                    f"{ref}: it does not exist, and the configuration names a uid or resourceVersion of it; "
                    "leave them out to have it created"
                )
            if may_create is not None:
                await may_create()
            try:
                made = await self._commits.create(
                    await merged(None),
                    requester,
                    field_validation=FieldValidation.IGNORE,
                    dry_run=dry_run,
                )
            except AlreadyExists:
                continue
            except (Conflict, Invalid) as error:
                if not is_of_ours(error, ref.kind, configuration):
                    raise
                continue
            return replace(made, warnings=(*unknown, *made.warnings), created=True)
        raise Conflict(f"{ref}: others write it all the time; it was tried {TRIES} times")
