"""Makes what the engine works on, of a Promotion or the run of a hook: clients of the outside, and what was told in confidence."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from towpath.promotion import git_client
from towpath.promotion.confidence import Confidence
from towpath.promotion.doors.factory import ActingDoors, Outside
from towpath.promotion.needs import Loader
from towpath.promotion.stored_journal import StoredJournal
from towpath.promotion.work import Work
from towpath.resources import sizes
from towpath.resources.structs import to_document
from towpath.rules import promotion_status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.step_scope import Facts
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.resources.promotion import PromotionStatus
    from towpath.store.contract import Document, Store, Stored

_MARGIN_BYTES: Final = promotion_status.SAID_BYTES + (32 << 10)
"""Of a Promotion, for what its steps say and what it says itself."""


class WorkFactory:
    """Makes the work on Promotions; it knows what those under way were told in confidence."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        repositories: Repositories,
        credentials: Credentials,
        requester: Requester,
        outside: Outside,
    ) -> None:
        """`requester`: who opens Secrets and writes journals."""
        self._outside = outside
        self._store = store
        self._writer = writer
        self._clock = clock
        self._repositories = repositories
        self._credentials = credentials
        self._requester = requester
        self._confidences: dict[str, Confidence] = {}
        """By uid."""

    def forget(self, uid: str) -> None:
        """Forget what a Promotion was told in confidence: it has ended."""
        self._confidences.pop(uid, None)

    async def make(
        self,
        stored: Stored,
        document: Document,
        facts: Facts,
        status: PromotionStatus,
        directory: WorkDirectory,
        save: Callable[[PromotionStatus], Awaitable[None]],
    ) -> Work:
        """Return the work on a Promotion, or on the run of a hook, given as stored and as its document.

        `facts`: what is known of it; `save` writes a status of it. What its outputs hold of secrets is put back into `status`.
        """
        ref = stored.ref
        owner = {
            "apiVersion": ref.kind.api_version,
            "kind": ref.kind.name,
            "name": ref.name,
            "uid": stored.uid,
        }
        confidence = self._confidences.setdefault(stored.uid, Confidence())
        disclosed, whom = confidence.disclosed, f"{ref.kind.name} {ref.name}"
        journal = StoredJournal(
            ref,
            owner,
            store=self._store,
            writer=self._writer,
            requester=self._requester,
            clock=self._clock,
            opened=functools.partial(
                self._credentials.opened,
                actor=self._requester.actor,
                reason=f"what {whom} was told in confidence, to go on with it",
            ),
            confidence=confidence,
        )
        await journal.load()
        directory.is_secret = directory.is_secret or confidence.is_taken_over
        if confidence.outputs:
            known = status.state if isinstance(status.state, dict) else {}
            status.state = {**known, **confidence.outputs}

        return Work(
            facts=replace(facts, ui_base_url=self._outside.ui_url),
            steps=list(document["spec"].get("steps") or ()),
            directory=directory,
            effects=ActingDoors(
                outside=self._outside,
                git=await git_client.made(
                    ref,
                    disclosed,
                    store=self._store,
                    repositories=self._repositories,
                    credentials=self._credentials,
                    actor=self._requester.actor,
                    whom=whom,
                    usual=self._outside.identity,
                    promoter=facts.actor,
                ),
                charts=self._outside.charts.of(
                    ref.namespace, disclosed, actor=self._requester.actor, whom=whom
                ),
                trackers=self._outside.trackers.of(
                    ref.namespace, disclosed, actor=self._requester.actor, whom=whom
                ),
                writer=self._writer,
                requester=self._requester,
                journal=journal,
                stage=facts.stage,
                clock=self._clock,
                store=self._store,
                subject=ref,
            ),
            journal=journal,
            load=Loader(
                self._store,
                self._credentials,
                disclosed,
                actor=self._requester.actor,
                whom=whom,
                releases=self._outside.releases,
            ),
            save=save,
            room=sizes.LARGEST_BYTES - _MARGIN_BYTES - _fixed(document, status),
        )


def _fixed(document: Document, status: PromotionStatus) -> int:
    """Return the bytes of a Promotion that its steps do not change: Freight is in it twice."""
    held = {
        key: value
        for key, value in to_document(status).items()
        if key not in ("state", "stepExecutionMetadata", "message")
    }
    return sizes.of({**document, "status": held})
