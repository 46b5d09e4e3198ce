"""ArgoCDConnections: what they say becomes a connection, and how that fares becomes their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.requester import Requester
from towpath.argocd.definition import ByKubernetes, ByRest, Definition, Origin
from towpath.argocd.reach import State
from towpath.clients.argocd import kubeconfig
from towpath.clients.argocd.server_access import Bearer, ServerAccess, TlsAccess, wrong_server
from towpath.resources import argocd_connection, moments, scheme, secret
from towpath.resources.annotations import ARGOCD_CONNECTION
from towpath.resources.argocd_connection import ArgoCDConnection, ArgoCDConnectionStatus
from towpath.resources.kinds import Ref
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.meta import Condition, with_condition
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES
from towpath.resources.structs import to_document, view
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.admission.authority import SystemAuthority
    from towpath.argocd.connection import NamedConnection
    from towpath.argocd.connections import Connections
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.store.contract import Store, Stored

REQUESTER: Final = Requester("controller:argocd-connection-controller", is_controller=True)
_AMBIGUOUS: Final = "AmbiguousDefault"
"""The condition of a connection that is not the only default of a Project; it is there only as long as that is so."""
_READY: Final = {
    State.CONNECTING: ("Unknown", "the connection is being opened"),
    State.CONNECTED: ("True", "Applications are watched"),
    State.POLLING: ("True", ""),
    State.DOWN: ("False", ""),
}


class ConnectionReconciler:
    """Reconciles ArgoCDConnections."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        connections: Connections,
        credentials: Credentials,
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._connections = connections
        self._credentials = credentials
        self._secrets: dict[str, str] = {}
        """The Secret that each connection names."""
        self._made: dict[str, tuple[object, Definition]] = {}
        """What each connection came to, and of which revisions: a Secret is opened only when it is another one."""

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the controller."""
        return (
            Source(query=Query(kind=scheme.ARGOCD_CONNECTION), mark=without_status),
            Source(
                query=Query(kind=scheme.SECRET, namespace=SYSTEM_RESOURCES),
                keys=self._of_secret,
                mark=lambda stored: stored.revision,
            ),
        )

    def _of_secret(self, stored: Stored) -> Iterable[Ref]:
        return [
            Ref(scheme.ARGOCD_CONNECTION, "", name)
            for name, used in self._secrets.items()
            if used == stored.ref.name
        ]

    async def load(self) -> None:
        """Have all connections that are stored, before anybody asks for one: at the start."""
        async for batch in self._store.scan(Query(kind=scheme.ARGOCD_CONNECTION)):
            for stored in batch:
                try:
                    self._connections.define(await self._definition(stored))
                except errors.TowpathError:  # said on the object when the controller comes to it
                    continue

    async def reconcile(self, request: Ref) -> Done:
        """Have the connection as it is wanted, and say in the status how it fares."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            self._forget(request.name)
            return Done()
        if stored.document["metadata"].get("deletionTimestamp"):
            self._forget(request.name)
            return Done()
        try:
            found = self._connections.define(await self._definition(stored))
        except errors.AlreadyExists as error:
            self._made.pop(request.name, None)
            await self._say(stored, "False", "NameTaken", error.message)
            return Done()
        except errors.TowpathError as error:
            # What it was before serves no more: it may be the very thing that was to end.
            self._forget(request.name, keep_secret=True)
            await self._say(stored, "False", "Invalid", error.message)
            return Done(waiting_for=error.message)
        reach = found.reach
        status, said = _READY[reach.state]
        rivals = self._connections.rivals(found.definition)
        await self._say(stored, status, reach.state.value, said or reach.error, rivals)
        return Done()

    def _forget(self, name: str, *, keep_secret: bool = False) -> None:
        self._made.pop(name, None)
        if not keep_secret:
            self._secrets.pop(name, None)
        self._connections.withdraw(name)

    async def _definition(self, stored: Stored) -> Definition:
        """Return what an object defines. Raises BadRequest and NotFound, naming the field and the Secret."""
        name, spec = stored.ref.name, stored.view(ArgoCDConnection).spec
        chosen = spec.kubernetes or spec.rest
        field = "spec.kubernetes" if spec.kubernetes else "spec.rest"
        used = chosen.secret_ref.name if chosen else ""
        if not used:
            raise errors.BadRequest(f"{field}.secretRef.name: name a Secret of {SYSTEM_RESOURCES}")
        self._secrets[name] = used
        ref = Ref(scheme.SECRET, SYSTEM_RESOURCES, used)
        where = f"{field}.secretRef: Secret {SYSTEM_RESOURCES}/{used}"
        try:
            held = await self._store.get(ref, fresh=True)
        except errors.NotFound as error:
            raise errors.NotFound(f"{where} does not exist") from error
        label = (held.document["metadata"].get("labels") or {}).get(CREDENTIAL_TYPE)
        if label != secret.ARGOCD:
            raise errors.BadRequest(
                f"{where} is not meant for this: label it {CREDENTIAL_TYPE}: {secret.ARGOCD}"
            )
        seen = (stored.uid, stored.document["metadata"].get("generation"), held.uid, held.revision)
        if name in self._made and self._made[name][0] == seen:
            return self._made[name][1]
        values = await self._credentials.open_secret(
            ref, actor=REQUESTER.actor, reason=f"Argo CD connection {name}"
        )
        if spec.kubernetes:
            access: ByKubernetes | ByRest = ByKubernetes(
                server=_kubeconfig(values or {}, spec.kubernetes.context, where, used),
                namespaces=tuple(spec.kubernetes.namespaces),
            )
        else:
            is_insecure = bool(spec.rest and spec.rest.insecure)
            access = ByRest(server=_rest(values or {}, where, used, insecure=is_insecure))
        made = Definition(
            name=name,
            access=access,
            projects=tuple(spec.projects),
            is_default=spec.default,
            namespace=spec.namespace,
            url=spec.url,
            origin=Origin.RESOURCE,
        )
        self._made[name] = (seen, made)
        return made

    async def _say(
        self,
        stored: Stored,
        status: str,
        reason: str,
        message: str,
        rivals: Mapping[str, str] | None = None,
    ) -> None:
        found = view(ArgoCDConnectionStatus, stored.document.get("status") or {})
        generation = int(stored.document["metadata"].get("generation") or 0)

        def put(type_: str, status: str, reason: str, message: str) -> None:
            wanted = Condition(
                type=type_,
                status=status,
                reason=reason,
                message=message,
                last_transition_time=moments.whole_seconds(self._clock.now()),
                observed_generation=generation,
            )
            found.conditions = with_condition(found.conditions, wanted)

        put("Ready", status, reason, message)
        if rivals:
            put(_AMBIGUOUS, "True", "SeveralDefaults", _ambiguous(rivals))
        else:
            found.conditions = [each for each in found.conditions if each.type != _AMBIGUOUS]
        found.observed_generation = generation
        wanted = to_document(found)
        await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)


def concerned(turned: NamedConnection, connections: Connections) -> set[Ref]:
    """Return the objects to look at when a connection comes, goes, or is defined otherwise: its own, and the defaults.

    Those may not be the only default of a Project any more, or be it again.
    """
    defaults = (each for each in connections.every() if each.definition.is_default)
    return {
        Ref(scheme.ARGOCD_CONNECTION, "", each.name)
        for each in (turned, *defaults)
        if each.definition.origin is Origin.RESOURCE
    }


def _ambiguous(rivals: Mapping[str, str]) -> str:
    named = "; ".join(f"{name} is the default for {shared} too" for name, shared in rivals.items())
    return (
        f"{named}: Stages there that name no connection are served by none. Leave spec.default to one of them, or name one by "
        f"the annotation {ARGOCD_CONNECTION} of each Stage"
    )


def _kubeconfig(values: Mapping[str, str], context: str, where: str, name: str) -> ServerAccess:
    text = values.get(argocd_connection.KUBECONFIG, "")
    if not text:
        raise errors.BadRequest(f"{where} has no key {argocd_connection.KUBECONFIG}")
    return kubeconfig.read(text.encode(), context, source=f"Secret {name}", folder=None)


def _rest(values: Mapping[str, str], where: str, name: str, *, insecure: bool) -> ServerAccess:
    wanted = (argocd_connection.SERVER, argocd_connection.TOKEN)
    if missing := [key for key in wanted if not values.get(key)]:
        raise errors.BadRequest(f"{where} has no key {' and no '.join(missing)}")
    server = values[argocd_connection.SERVER].strip().rstrip("/")
    if why := wrong_server(server):
        raise errors.BadRequest(f"{where}: its {argocd_connection.SERVER} {why}")
    authority = values.get(argocd_connection.CA_DATA, "").encode()
    if insecure and values.get(argocd_connection.INSECURE, "").strip() != "true":
        raise errors.BadRequest(
            f"spec.rest.insecure: it counts only where the Secret says so, too, whose token it exposes: add the key "
            f'{argocd_connection.INSECURE} with "true" to Secret {name}, or better {argocd_connection.CA_DATA}'
        )
    if insecure and authority:
        raise errors.BadRequest(
            f"spec.rest.insecure: Secret {name} has {argocd_connection.CA_DATA}, which contradicts it; leave one out"
        )
    return ServerAccess(
        server=server,
        tls=TlsAccess(authority=authority, insecure=insecure),
        bearer=Bearer(token=values[argocd_connection.TOKEN].strip()),
        source=f"Secret {name}",
    )
