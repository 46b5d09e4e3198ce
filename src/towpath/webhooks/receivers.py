"""Which receivers there are, where they listen, and who may speak to them.

A path leads to the configuration whose status publishes it. Whether it is in force is decided by the configuration and the
Secret as they are at that moment: a receiver that was removed, and the former address of one whose Secret was changed, are
closed at once, whatever the status still says.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.resources import scheme
from towpath.resources.configuration import RECEIVER_PATHS
from towpath.resources.document import at
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES
from towpath.rules.webhooks import senders
from towpath.rules.webhooks.senders import SENDERS
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.credentials.finder import Credentials
    from towpath.resources.kinds import Kind
    from towpath.rules.webhooks.proofs import Proof
    from towpath.store.contract import Store, Stored

ACTOR: Final = "controller:webhooks"
_MOST_KEPT: Final = 10_000
_KINDS: Final[tuple[Kind, ...]] = (scheme.PROJECT_CONFIG, scheme.CLUSTER_CONFIG)


class NoReceiver(errors.NotFound):
    """Nothing listens at a path; the text is always the same, so that it tells a stranger nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningReceiver:
    """One receiver."""

    config: Ref
    uid: str
    """Of the configuration."""
    name: str
    type: str
    settings: Mapping[str, Any]
    """What stands under its type."""

    @property
    def project(self) -> str:
        """The Project it is of, whose objects alone it may wake; empty: it may wake those of all."""
        return self.config.namespace

    @property
    def key(self) -> str:
        """Who it is, for turns among receivers."""
        return f"webhook:{self.project}/{self.name}"

    @property
    def whose(self) -> str:
        """For whom room and turns are taken that all share: a Project has no more of them for having many receivers."""
        return f"webhooks:{self.project}" if self.project else self.key

    @property
    def secret(self) -> Ref:
        """The Secret it has its secret in."""
        named = at(self.settings, "secretRef", "name")
        return Ref(scheme.SECRET, self.project or SYSTEM_RESOURCES, str(named or ""))


@dataclass(frozen=True, slots=True)
class Opened:
    """What is kept of a receiver's secret: where it leads, and what proves that a sender knows it."""

    path: str = field(repr=False)
    proof: Proof


def of_config(stored: Stored) -> list[ListeningReceiver]:
    """Return the receivers of a configuration; what is no receiver is passed over."""
    items = at(stored.document, "spec", "webhookReceivers")
    found = []
    for item in items if isinstance(items, list) else ():
        type_, name = senders.type_of(item) if isinstance(item, dict) else "", at(item, "name")
        if type_ and isinstance(name, str):
            found.append(
                ListeningReceiver(
                    config=stored.ref,
                    uid=stored.uid,
                    name=name,
                    type=type_,
                    settings=item[type_],
                )
            )
    return found


class Receivers:
    """The receivers of all configurations."""

    def __init__(self, store: Store, credentials: Credentials) -> None:
        self._store = store
        self._credentials = credentials
        self._opened: OrderedDict[tuple[str, int, str, str], Opened] = OrderedDict()
        """By uid and revision of the Secret, and whose it is: those that were asked for last at the end."""
        self._followers: list[Callable[[ListeningReceiver], None]] = []

    def follow(self, heard: Callable[[ListeningReceiver], None]) -> None:
        """Have somebody told of each delivery that was taken, once it is kept."""
        self._followers.append(heard)

    def heard(self, receiver: ListeningReceiver) -> None:
        """Tell that a delivery was taken and kept."""
        for follower in self._followers:
            follower(receiver)

    @property
    def changed(self) -> int:
        """Stays the same as long as nobody has written what decides who listens where."""
        return self._store.changed((*_KINDS, scheme.SECRET))

    async def at(self, path: str) -> tuple[ListeningReceiver, Opened]:
        """Return who listens at a path. Raises NoReceiver."""
        for kind in _KINDS:
            page = await self._store.list(
                Query(kind=kind, fields=(FieldTerm(RECEIVER_PATHS, path),))
            )
            for stored in page.items:
                found = await self._of(stored, path)
                if found is not None:
                    return found
        raise NoReceiver("nothing is here")

    async def open(self, receiver: ListeningReceiver) -> Opened:
        """Return where a receiver listens. Raises Invalid, which says what is wrong with its Secret."""
        key = SENDERS[receiver.type].key
        ref = receiver.secret
        try:
            stored = await self._store.get(ref, fresh=True)
        except errors.NotFound as error:
            raise errors.Invalid(
                f'Secret "{ref.name}" not found in namespace {ref.namespace}: make it, with the shared secret under the key {key!r}'
            ) from error
        kept = (
            stored.uid,
            stored.revision,
            str(receiver.config),
            f"{receiver.type}/{receiver.name}",
        )
        found = self._opened.get(kept)
        if found is not None:
            self._opened.move_to_end(kept)
            return found
        values = await self._credentials.open_secret(
            ref, actor=ACTOR, reason=f"webhook receiver {receiver.name} of {receiver.config}"
        )
        secret = (values or {}).get(key, "")
        if not secret:
            raise errors.Invalid(
                f'Secret "{ref.name}" in namespace {ref.namespace} has no value under the key {key!r}, which a receiver of type '
                f"{receiver.type} needs"
            )
        found = Opened(
            senders.path(receiver.type, receiver.project, receiver.name, secret),
            SENDERS[receiver.type].proof(secret),
        )
        self._opened[kept] = found
        while len(self._opened) > _MOST_KEPT:
            self._opened.popitem(last=False)
        return found

    async def _of(self, stored: Stored, path: str) -> tuple[ListeningReceiver, Opened] | None:
        """Return the receiver of a configuration that listens at a path, if one does now."""
        if at(stored.document, "metadata", "deletionTimestamp"):
            return None
        published = at(stored.document, "status", "webhookReceivers")
        names = {
            at(each, "name")
            for each in (published if isinstance(published, list) else ())
            if at(each, "path") == path
        }
        for receiver in of_config(stored):
            if receiver.name not in names:
                continue
            try:
                opened = await self.open(receiver)
            except errors.Invalid:
                continue
            if hmac.compare_digest(opened.path.encode(), path.encode()):
                return receiver, opened
        return None
