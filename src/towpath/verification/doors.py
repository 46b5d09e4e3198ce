"""The doors of one measurement that act: HTTP by the egress client, Secrets by `credentials`, each with its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http import server_certificates
from towpath.clients.http.headers import joined
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.shared_namespaces import SHARED
from towpath.verification.provider import MOST_BYTES, HttpAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.clients.http import Egress
    from towpath.credentials.finder import Credentials
    from towpath.store.contract import Store
    from towpath.verification.known_secrets import KnownSecrets

LONGEST_SECONDS: Final = 300.0
"""That one request may take, whatever a metric says."""
_LARGEST_BYTES: Final = 16 << 20
"""Of one answer, whatever a provider says."""
_GENERIC: Final = "generic"


class EgressHttp:
    """HTTP for one run; a server that wants to be left alone is still asked for other Projects."""

    def __init__(self, egress: Egress, *, project: str) -> None:
        self._egress = egress
        self._project = project

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        seconds: float = 10.0,
        most_bytes: int = MOST_BYTES,
        insecure: bool = False,
        once: bool = False,
        follows: bool = True,
    ) -> HttpAnswer:
        """See `MeasuringHttp.request`."""
        answer = await self._egress.request(
            method,
            url,
            headers=joined(headers),
            body=body,
            seconds=_bounded(seconds),
            most_bytes=min(most_bytes, _LARGEST_BYTES),
            insecure=insecure,
            account=self._project,
            repeats=not once,
            follows=follows,
        )
        return HttpAnswer(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            took_seconds=answer.took_seconds,
        )

    async def certificate(self, host: str, port: int, *, seconds: float = 10.0) -> datetime:
        """See `MeasuringHttp.certificate`."""
        return await server_certificates.valid_until(
            self._egress.guard, host, port, seconds=_bounded(seconds)
        )


class OpenedSecrets:
    """Secrets for one run. What is read is known to the run, and masked in all that it says."""

    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        known: KnownSecrets,
        *,
        project: str,
        actor: str,
        reason: str,
    ) -> None:
        """`actor` and `reason` go into the record of opened Secrets."""
        self._store = store
        self._credentials = credentials
        self._known = known
        self._project = project
        self._actor = actor
        self._reason = reason

    async def read(self, name: str, *, is_shared: bool = False) -> Mapping[str, str]:
        """See `MeasuringSecrets.read`."""
        ref = Ref(scheme.SECRET, SHARED if is_shared else self._project, name)
        if is_shared:
            await self._must_be_shared(ref)
        found = await self._credentials.open_secret(ref, actor=self._actor, reason=self._reason)
        if found is None:
            raise _missing(ref)
        self._known.learn(found)
        return found

    async def _must_be_shared(self, ref: Ref) -> None:
        """Raise Forbidden for a Secret that is there for other purposes than to be read by Projects, and NotFound."""
        try:
            stored = await self._store.get(ref)
        except errors.NotFound:
            raise _missing(ref) from None
        labels = stored.document["metadata"].get("labels") or {}
        if labels.get(CREDENTIAL_TYPE) != _GENERIC:
            raise errors.Forbidden(
                f"Secret {ref.namespace}/{ref.name} is not there for Projects to read: an operator labels it "
                f"{CREDENTIAL_TYPE}: {_GENERIC}"
            )


def _missing(ref: Ref) -> errors.NotFound:
    return errors.NotFound(f"Secret {ref.namespace}/{ref.name} does not exist; create it")


def _bounded(seconds: float) -> float:
    """Return seconds that are neither endless nor none, nor no number."""
    return min(max(seconds, 0.001), LONGEST_SECONDS) if seconds == seconds else LONGEST_SECONDS  # noqa: PLR0124 - NaN
