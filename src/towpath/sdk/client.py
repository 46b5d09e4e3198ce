"""Calls to a running server: one method for each thing that can be asked of it."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.transport import Query, Transport, segment

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from towpath.resources.document import Document
    from towpath.sdk.events import ReceivedEvent
    from towpath.sdk.kept import KeptPlace, KeptThings, RoleAccess
    from towpath.sdk.personal_tokens import TokensOfMine

_CHUNK: Final = 1 << 20
_API: Final = "/v1beta1"
_OWN: Final = "/towpath/v1"
_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_KARGO: Final = "/apis/kargo.akuity.io/v1alpha1"
_KARGO_EE: Final = "/apis/ee.kargo.akuity.io/v1alpha1"
_OWN_KINDS: Final = "/apis/towpath.dev/v1alpha1"
_ARGO: Final = "/apis/argoproj.io/v1alpha1"
_KUBERNETES: Final = {
    "analysistemplates": _ARGO,
    "clusteranalysistemplates": _ARGO,
    "analysisruns": _ARGO,
    "argocdconnections": _OWN_KINDS,
    "messages": _OWN_KINDS,
    "messagechannels": _KARGO_EE,
    "clustermessagechannels": _KARGO_EE,
    "eventrouters": _KARGO_EE,
    "stagehooks": _OWN_KINDS,
    "hookruns": _OWN_KINDS,
    "promotiontasks": _KARGO,
    "clusterpromotiontasks": _KARGO,
    "events": "/api/v1",
    "secrets": "/api/v1",
    "configmaps": "/api/v1",
    "serviceaccounts": "/api/v1",
    "roles": _RBAC,
    "rolebindings": _RBAC,
}
"""Kinds that are asked for over the Kubernetes API, and where."""
CLUSTER_CONFIG: Final = "cluster-config"
"""What paths call the ClusterConfig, of which there is one."""
_MANIFESTS: Final = f"{_API}/resources"
_ITEM: Final = {
    "createdResourceManifest": "created",
    "updatedResourceManifest": "configured",
    "deletedResourceManifest": "deleted",
}


@dataclass(frozen=True, slots=True)
class Received:
    """What a backup from a server holds."""

    path: Path
    objects: int
    revision: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one manifest."""

    verb: str
    """created, configured, unchanged or deleted; empty if it was refused."""
    document: Document
    """The object as it is now, or was; empty if it was refused."""
    error: errors.TowpathError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DownstreamPromotions:
    """Promotions that were made downstream of a Stage."""

    promotions: list[Document]
    error: str
    """Why not every downstream Stage got one; empty if each did."""


class Client:
    """Speaks to one server as one caller.

    Every method raises the error that the server's answer stands for, Unavailable when there is no answer
    and Timeout when it takes too long.
    """

    def __init__(
        self, server: str, token: str, *, seconds: float = 600.0, insecure: bool = False
    ) -> None:
        """`server` is an address such as `http://127.0.0.1:8080`. Raises BadRequest if it is none.

        `seconds` is how long one answer may take; `insecure`: the server's certificate is not looked at.
        """
        self._transport = Transport(server, token, seconds=seconds, insecure=insecure)

    # --- the server -------------------------------------------------------------------------------------

    def version(self) -> Document:
        """Return what the server says of its version: `{version, buildDate, …}`."""
        return _object(self._transport.json("GET", f"{_API}/system/server-version"))

    def back_up(self, path: Path) -> Received:
        """Have the server send a checked backup into the file `path` (0600), which must not exist.

        Raises AlreadyExists, Unauthenticated, Unavailable; there is then nothing at `path`.
        """
        path = path.absolute()
        if os.path.lexists(path):
            raise errors.AlreadyExists(
                f"{path}: there is a file of that name already; name another"
            )
        try:
            with self._transport.download("POST", f"{_OWN}/backup") as answer:
                size = _save(answer, path)
                headers = answer.headers
        except FileExistsError as error:
            raise errors.AlreadyExists(
                f"{path}: there is a file of that name already; name another"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(
                f"{self._transport.named}: the backup was not received: {error}"
            ) from error
        return Received(
            path,
            int(headers.get("Towpath-Backup-Objects", "0")),
            int(headers.get("Towpath-Backup-Revision", "0")),
            size,
        )

    # --- manifests --------------------------------------------------------------------------------------

    def apply(self, documents: Sequence[Document]) -> list[Outcome]:
        """Create or replace objects; one outcome for each, in order. Unknown fields are refused.

        Put Projects first: the server takes them first, and answers in the order it took them.
        """
        query: Query = {"upsert": "true", "fieldValidation": "Strict"}
        return self._manifests("PUT", documents, query)

    def create(self, documents: Sequence[Document]) -> list[Outcome]:
        """Create objects that must not exist; otherwise as `apply`."""
        return self._manifests("POST", documents, {"fieldValidation": "Strict"})

    def delete_all(self, documents: Sequence[Document]) -> list[Outcome]:
        """Delete the objects that manifests name. Put Projects last: the server takes them last."""
        return self._manifests("DELETE", documents, None)

    def _manifests(
        self, method: str, documents: Sequence[Document], query: Query | None
    ) -> list[Outcome]:
        sent = json.dumps(documents[0] if len(documents) == 1 else list(documents))
        try:
            answer = self._transport.json(method, _MANIFESTS, query=query, manifest=sent)
        except REFUSALS as error:
            if len(documents) != 1:
                raise
            return [Outcome("", {}, error)]
        items = _items(answer, "results")
        if len(items) != len(documents):
            raise errors.Unavailable(
                f"{self._transport.named}: {len(documents)} documents were sent and {len(items)} answered for"
            )
        return [_outcome(item) for item in items]

    # --- reading ----------------------------------------------------------------------------------------

    def objects(self, plural: str, project: str, query: Query | None = None) -> list[Document]:
        """Return objects of a kind, named in the plural as paths have it: `stages`, `secrets`.

        `project` is empty for Projects themselves.
        """
        answer = self._transport.json("GET", self.path(plural, project), query=query)
        if plural == "freight":
            groups = _object(_object(answer).get("groups") or {})
            return [item for group in groups.values() for item in _items(group, "items")]
        return _items(answer, "items")

    def get(self, plural: str, project: str, name: str) -> Document:
        """Return one object; a Freight by name or alias. `name` is empty for a kind that exists once."""
        return _object(self._transport.json("GET", self.path(plural, project, name)))

    def watch(
        self, plural: str, project: str, name: str, *, remaining: Callable[[], float]
    ) -> Generator[ReceivedEvent, None, None]:
        """Yield one object and then its changes, until the server ends the stream.

        `remaining` tells how many seconds are left. Raises Timeout when there are none.
        """
        return self._transport.watch(self.path(plural, project, name), remaining=remaining)

    @staticmethod
    def path(plural: str, project: str, name: str = "") -> str:
        """Return the path of a kind's objects or of one object."""
        root = _KUBERNETES.get(plural)
        if root is not None:
            within = f"/namespaces/{segment(project)}" if project else ""
            return f"{root}{within}/{plural}" + (f"/{segment(name)}" if name else "")
        if plural == CLUSTER_CONFIG:
            return f"{_API}/system/{plural}"
        folder = f"{_API}/projects/{segment(project)}/{plural}" if project else f"{_API}/{plural}"
        return f"{folder}/{segment(name)}" if name else folder

    # --- acting -----------------------------------------------------------------------------------------

    def delete(self, plural: str, project: str, name: str) -> None:
        """Delete one object."""
        self._transport.json("DELETE", self.path(plural, project, name))

    def promote(
        self, project: str, stage: str, *, freight: str = "", alias: str = "", origin: str = ""
    ) -> Document:
        """Promote to a Stage one of: Freight by name, Freight by alias, the newest of an origin.

        `origin` reads `Warehouse/NAME`. Returns the Promotion.
        """
        body = {"freight": freight, "freightAlias": alias, "origin": origin}
        path = f"{self.path('stages', project, stage)}/promotions"
        return _object(self._transport.json("POST", path, body=body))

    def promote_downstream(
        self, project: str, stage: str, *, freight: str = "", alias: str = ""
    ) -> DownstreamPromotions:
        """Promote Freight to every Stage right after a Stage."""
        body = {"freight": freight, "freightAlias": alias}
        path = f"{self.path('stages', project, stage)}/promotions/downstream"
        answer = _object(self._transport.json("POST", path, body=body))
        return DownstreamPromotions(_items(answer, "promotions"), str(answer.get("errors") or ""))

    def retry(self, project: str, promotion: str, from_step: str = "") -> Document:
        """Try a Promotion again, from a step on or where it failed; return the new one."""
        path = f"{self._own('promotions', project, promotion)}/retry"
        return _object(self._transport.json("POST", path, body={"fromStep": from_step}))

    def abort(self, project: str, promotion: str) -> None:
        """Ask for the end of a Promotion; nothing happens to one that has ended."""
        self._transport.json("POST", f"{self.path('promotions', project, promotion)}/abort")

    def approve(self, project: str, freight: str, stage: str) -> None:
        """Approve Freight, by name or alias, for a Stage."""
        path = f"{self.path('freight', project, freight)}/approve"
        self._transport.json("POST", path, query={"stage": stage})

    def refresh(self, plural: str, project: str, name: str) -> None:
        """Have the controller look at an object now."""
        self._transport.json("POST", f"{self.path(plural, project, name)}/refresh")

    def rename(self, project: str, freight: str, alias: str) -> None:
        """Give Freight, by name or alias, another alias."""
        path = f"{self.path('freight', project, freight)}/alias"
        self._transport.json("PATCH", path, query={"newAlias": alias})

    # --- what is kept -----------------------------------------------------------------------------------

    def kept(self, collection: str, place: KeptPlace) -> KeptThings:
        """Return what asks for a collection in a place: `roles`, `api-tokens`, `configmaps`, `generic-credentials`, `repo-credentials`."""
        from towpath.sdk.kept import KeptThings  # few commands need it

        return KeptThings(self._transport, collection, place)

    def access(self, place: KeptPlace) -> RoleAccess:
        """Return what changes who may do what in a place."""
        from towpath.sdk.kept import RoleAccess

        return RoleAccess(self._transport, place)

    def own_tokens(self) -> TokensOfMine:
        """Return what asks for the caller's own tokens."""
        from towpath.sdk.personal_tokens import TokensOfMine

        return TokensOfMine(self._transport)

    # --- plans ------------------------------------------------------------------------------------------

    def plan(
        self,
        project: str,
        stage: str,
        *,
        freight: str = "",
        alias: str = "",
        allow_reads: bool = False,
    ) -> Document:
        """Plan a promotion; without Freight, of what the Stage would take now. Returns the plan."""
        body = {
            "stage": stage,
            "freight": freight,
            "freightAlias": alias,
            "allowReads": allow_reads,
        }
        path = f"{_OWN}/projects/{segment(project)}/plan"
        return _object(self._transport.json("POST", path, body=body))

    def planned(self, project: str, plan: str) -> Document:
        """Return a plan, and in `outdated` what has changed since it was made."""
        return _object(self._transport.json("GET", self._own("plans", project, plan)))

    def planned_file(self, project: str, plan: str, file: str) -> Document:
        """Return one file of a plan: `{path, added, removed, isBinary, patch, isCut}`."""
        path = f"{self._own('plans', project, plan)}/files/{segment(file)}"
        return _object(self._transport.json("GET", path))

    def planned_object(self, project: str, plan: str, object_: str) -> Document:
        """Return one object that a plan's rendering changes: `{apiVersion, kind, namespace, name, change, patch, isCut}`."""
        path = f"{self._own('plans', project, plan)}/objects/{segment(object_)}"
        return _object(self._transport.json("GET", path))

    def promote_planned(self, project: str, plan: str) -> Document:
        """Promote what was planned. Raises Conflict for a plan that is outdated. Returns the Promotion."""
        path = f"{self._own('plans', project, plan)}/promote"
        return _object(self._transport.json("POST", path))

    # --- Argo CD ----------------------------------------------------------------------------------------

    def argocd_connections(self) -> list[Document]:
        """Return the connections to Argo CD and how they fare: `{name, by, state, error, latencyMilliseconds, …}`."""
        return _items(self._transport.json("GET", f"{_OWN}/argocd"), "items")

    def argocd_connection(self, name: str) -> Document:
        """Return one of them."""
        return _object(self._transport.json("GET", f"{_OWN}/argocd/{segment(name)}"))

    # --- asking why -------------------------------------------------------------------------------------

    def explain_stage(self, project: str, stage: str, freight: str = "") -> Document:
        """Return the gates between Freight and a Stage: `{stage, freight, gates, queue}`.

        Without `freight` (a name or alias) the newest of each origin; a Stage with several origins is
        answered with `{stage, explanations: […]}`.
        """
        path = f"{self._own('stages', project, stage)}/explain"
        return _object(self._transport.json("GET", path, query={"freight": freight or None}))

    def explain_promotion(self, project: str, promotion: str) -> Document:
        """Return what a Promotion waits for: `{promotion, phase, step, waitingFor, until, wokenBy}`."""
        path = f"{self._own('promotions', project, promotion)}/explain"
        return _object(self._transport.json("GET", path))

    def explain_analysis_run(self, project: str, run: str) -> Document:
        """Return how far a run is: `{analysisRun, phase, message, metrics: [{name, phase, taken, wanted, nextAt, …}], waitingFor}`."""
        path = f"{self._own('analysis-runs', project, run)}/explain"
        return _object(self._transport.json("GET", path))

    def explain_credentials(self, project: str, url: str, type_: str) -> Document:
        """Return which Secret serves a repository: `{url, type, comparedAs, serves, secrets: [{namespace, name, serves, reason}]}`."""
        path = f"{_OWN}/projects/{segment(project)}/credentials/explain"
        return _object(self._transport.json("GET", path, query={"url": url, "type": type_}))

    def compare(self, project: str, before: str, after: str, notes: str = "") -> Document:
        """Return what was released: `{from, to, artifacts: [{kind, name, change, before, after, commits, …, unknown}], leftOut}`.

        Each of the two is Freight, by name or alias, or a Stage. `notes`: `text` or `markdown`, for the same in words.
        """
        path = f"{_OWN}/projects/{segment(project)}/compare"
        return _object(
            self._transport.json(
                "GET", path, query={"from": before, "to": after, "format": notes or None}
            )
        )

    def log(self, project: str, name: str, of: str = "promotions") -> Document:
        """Return what the steps of a Promotion said, or (`of` hookruns) of the run of a hook.

        It is `{lines: [{time, step, status, message}], done}`.
        """
        path = f"{self._own(of, project, name)}/log"
        return _object(self._transport.json("GET", path))

    def run_log(
        self, project: str, run: str, metric: str = "", container: str = ""
    ) -> Generator[str, None, None]:
        """Yield what the Job of a metric of an AnalysisRun printed, as it comes; without a metric, of the first that has one."""
        path = f"{self.path('analysis-runs', project, run)}/logs"
        query: Query = {"metricName": metric or None, "containerName": container or None}
        return self._transport.texts(path, query=query)

    def history(
        self, project: str, stage: str, at: str = "", of: str = "freight"
    ) -> list[Document]:
        """Return what was in a Stage, or what was there at a moment (RFC 3339); the Stage may have been deleted.

        Items are `{origin, freight, since, until, promotion, reference}`; of `approvals` `{freight, actor, reason,
        since, until, endedBy}`, of `verifications` `{id, freight, phase, message, actor, started, finished}`.
        """
        path = f"{self._own('stages', project, stage)}/history"
        about = None if of == "freight" else of
        found = self._transport.json("GET", path, query={"at": at or None, "of": about})
        return _items(found, "items")

    def debt(self, project: str, stage: str = "", *, owed: bool = False) -> Document:
        """Return what became of the verification of Freight: `{items: [{stage, freight, verdict, reason, owed, …}], since}`.

        `owed`: only what passed without the verdict that it should have. `since`: before it nothing is told.
        """
        path = f"{_OWN}/projects/{segment(project)}/debt"
        asked = {"stage": stage or None, "owed": "true" if owed else None}
        return _object(self._transport.json("GET", path, query={**asked}))

    def verify(self, project: str, stage: str) -> None:
        """Have what is in a Stage verified again."""
        self._transport.json("POST", f"{self.path('stages', project, stage)}/verification")

    def abort_verification(self, project: str, stage: str) -> None:
        """Give up the verification of what is in a Stage."""
        self._transport.json("POST", f"{self.path('stages', project, stage)}/verification/abort")

    @staticmethod
    def _own(plural: str, project: str, name: str) -> str:
        return f"{_OWN}/projects/{segment(project)}/{plural}/{segment(name)}"


REFUSALS: Final = (
    errors.BadRequest,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.AlreadyExists,
    errors.TooLarge,
    errors.Unsupported,
    errors.Invalid,
    errors.NotImplemented,
)
"""What says that one object is refused, and not that the server cannot serve."""


def _outcome(item: Document) -> Outcome:
    warnings = item.get("warnings")
    told = tuple(map(str, warnings)) if isinstance(warnings, list) else ()
    if item.get("error"):
        return Outcome("", {}, errors.BadRequest(str(item["error"])), told)
    for key, verb in _ITEM.items():
        if isinstance(item.get(key), dict):
            return Outcome(
                "unchanged" if item.get("unchanged") is True else verb, item[key], None, told
            )
    raise errors.Unavailable("the server answered for a document without saying what became of it")


def _object(answer: Any) -> Document:
    if not isinstance(answer, dict):
        raise errors.Unavailable(
            "the server answered with what is no object; is it a Towpath server?"
        )
    return answer


def _items(answer: Any, key: str) -> list[Document]:
    items = _object(answer).get(key) or []
    if not isinstance(items, list):
        raise errors.Unavailable(f"the server answered with {key} that are no list")
    return [_object(item) for item in items]


def _save(answer: http.client.HTTPResponse, path: Path) -> int:
    """Write an answer's body to a new file, durably, and return its size."""
    expected = answer.headers.get("Content-Length")
    size = 0
    from towpath.disk import writing  # only a backup needs it

    with writing.whole(path, is_new=True) as file:
        while chunk := answer.read(_CHUNK):
            size += file.write(chunk)
        if expected is not None and size != int(expected):
            raise errors.Unavailable(f"the server sent {size:,} of {int(expected):,} bytes")
    return size
