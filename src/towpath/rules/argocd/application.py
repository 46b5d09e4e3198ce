"""An Application of Argo CD as the rules see it: read once, from a document that may hold anything.

What stands in a cluster was written by many hands and versions: a field that is missing, or of another type than the CRD
has it, reads as if it were not there. Reading never raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments
from towpath.resources.annotations import PROMOTION

if TYPE_CHECKING:
    from datetime import datetime

REFRESH: Final = "argocd.argoproj.io/refresh"
"""Annotation that asks for a comparison: `hard` leaves the cache of manifests out, anything else keeps it."""

SKIP: Final = "argocd.argoproj.io/skip-reconcile"
"""Annotation with which Argo CD leaves an Application alone: its status stands still, and no operation is begun."""

RUNNING: Final = "Running"
TERMINATING: Final = "Terminating"
SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
ERROR: Final = "Error"
COMPLETE: Final = frozenset({SUCCEEDED, FAILED, ERROR})
"""Phases of an operation after which nothing more happens to it."""

HEALTHY: Final = "Healthy"
PROGRESSING: Final = "Progressing"
SUSPENDED: Final = "Suspended"
DEGRADED: Final = "Degraded"
UNKNOWN: Final = "Unknown"

SYNCED: Final = "Synced"
OUT_OF_SYNC: Final = "OutOfSync"

COMPARISON_ERROR: Final = "ComparisonError"
INVALID_SPEC_ERROR: Final = "InvalidSpecError"
SYNC_ERROR: Final = "SyncError"
ERRORS: Final = frozenset({COMPARISON_ERROR, INVALID_SPEC_ERROR})
"""Conditions under which Argo CD cannot tell what ought to be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSource:
    """Where manifests come from."""

    repo_url: str = ""
    chart: str = ""
    """A chart of a Helm repository; empty: a Git repository, or a plain OCI artifact."""
    target_revision: str = ""
    path: str = ""
    """The folder that is rendered; empty for a chart, and for a source that only lends its files to others."""
    ref: str = ""
    """Under which name others use its files."""
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_git(self) -> bool:
        """Whether commits of a Git repository are its revisions."""
        return not self.chart and not self.repo_url.startswith("oci://")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCondition:
    """Something that Argo CD has to say about an Application."""

    type: str
    message: str = ""

    @property
    def said(self) -> str:
        """The condition, for people."""
        return f"{self.type}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation, as it is asked for or as it was begun."""

    document: Mapping[str, Any] = field(repr=False)
    promotion: str = ""
    """The Promotion that it is for; empty: somebody else's."""
    username: str = ""
    is_automated: bool = False

    @property
    def by(self) -> str:
        """Who began it, for people."""
        if self.promotion:
            return f"Promotion {self.promotion}"
        if self.username:
            return self.username
        return "Argo CD itself" if self.is_automated else "somebody"

    @property
    def syncs(self) -> bool:
        """Whether it says what to sync; Argo CD ends any other in an error."""
        return isinstance(self.document.get("sync"), Mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationState:
    """How far the newest operation is that Argo CD has begun."""

    operation: Operation
    phase: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    """Set between tries as well, while `phase` still says Running."""
    revisions: tuple[str, ...] | None = None
    """What was synced, for each source in order; None: nothing is said about that."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing more happens to it. The phase decides: `finishedAt` is set between tries too."""
        return self.phase in COMPLETE

    @property
    def has_failed(self) -> bool:
        """Whether it came to nothing, for good."""
        return self.phase in (FAILED, ERROR)

    @property
    def why(self) -> str:
        """What Argo CD says of it, for a sentence that ends with the reason."""
        return self.message or "Argo CD gave no message"

    @property
    def is_over(self) -> bool:
        """Whether it is complete and Argo CD has said when: it sets both at once."""
        return self.is_complete and self.finished_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An Application, as it was when it was read."""

    namespace: str = ""
    name: str = ""
    version: str = ""
    """Its `metadata.resourceVersion`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    """The AppProject."""
    destination: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[AppSource, ...] = ()
    is_multi: bool = False
    """Whether the sources stand in `spec.sources`, and not one in `spec.source`."""
    health: str = ""
    health_message: str = ""
    sync: str = ""
    compared: tuple[str, ...] = ("",)
    """What the target revisions resolved to at the last comparison, whatever is deployed."""
    images: tuple[str, ...] = ()
    """The images that run, as Argo CD sums them up."""
    reconciled_at: datetime | None = None
    conditions: tuple[AppCondition, ...] = ()
    pending: Operation | None = None
    """What is asked for; it stands there until it is complete."""
    state: OperationState | None = None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """`NAMESPACE/NAME`."""
        return f"{self.namespace}/{self.name}"

    @property
    def said(self) -> str:
        """The Application, for people."""
        return f'Argo CD Application "{self.name}" in namespace "{self.namespace}"'

    @property
    def is_stale(self) -> bool:
        """Whether health and sync were looked at before the newest operation ended: they say nothing about after it.

        Argo CD looks anew once it has set `finishedAt`, so a look within the same second came after.
        """
        ended = self.state.finished_at if self.state else None
        return ended is not None and (self.reconciled_at is None or self.reconciled_at < ended)

    @property
    def is_refreshing(self) -> bool:
        """Whether a comparison is asked for that has not been made."""
        return REFRESH in self.annotations

    @property
    def left_alone(self) -> str:
        """Why Argo CD does not look at it, to end a sentence with; empty: it does."""
        if self.annotations.get(SKIP) != "true":
            return ""
        return f"; its annotation {SKIP} keeps Argo CD from it: take that away"

    def having(self, types: frozenset[str]) -> tuple[AppCondition, ...]:
        """Return the conditions of some types."""
        return tuple(each for each in self.conditions if each.type in types)


def read(document: object) -> Application:
    """Return an Application from its document."""
    whole = _mapping(document)
    metadata, spec, status = (_mapping(whole.get(key)) for key in ("metadata", "spec", "status"))
    several = _items(spec.get("sources"))
    single = spec.get("source")
    given = several or ([single] if isinstance(single, Mapping) else [])
    sync, health = _mapping(status.get("sync")), _mapping(status.get("health"))
    operation = whole.get("operation")
    return Application(
        namespace=_text(metadata.get("namespace")),
        name=_text(metadata.get("name")),
        version=_text(metadata.get("resourceVersion")),
        labels=_texts(metadata.get("labels")),
        annotations=_texts(metadata.get("annotations")),
        project=_text(spec.get("project")),
        destination=_mapping(spec.get("destination")),
        sources=tuple(_source(each) for each in given),
        is_multi=bool(several),
        health=_text(health.get("status")),
        health_message=_text(health.get("message")),
        sync=_text(sync.get("status")),
        compared=_revisions(sync),
        images=tuple(
            _text(each)
            for each in _items(_mapping(status.get("summary")).get("images"))
            if _text(each)
        ),
        reconciled_at=moments.read(status.get("reconciledAt")),
        conditions=tuple(
            AppCondition(type=_text(each.get("type")), message=_text(each.get("message")))
            for each in _items(status.get("conditions"))
            if isinstance(each, Mapping)
        ),
        pending=_operation(operation) if isinstance(operation, Mapping) else None,
        state=_state(status.get("operationState")),
        document=whole,
    )


def _source(given: object) -> AppSource:
    found = _mapping(given)
    return AppSource(
        repo_url=_text(found.get("repoURL")),
        chart=_text(found.get("chart")),
        target_revision=_text(found.get("targetRevision")),
        path=_text(found.get("path")),
        ref=_text(found.get("ref")),
        document=found,
    )


def _operation(given: object) -> Operation:
    found = _mapping(given)
    by = _mapping(found.get("initiatedBy"))
    return Operation(
        document=found,
        promotion=next(
            (
                _text(each.get("value"))
                for each in _items(found.get("info"))
                if isinstance(each, Mapping) and each.get("name") == PROMOTION
            ),
            "",
        ),
        username=_text(by.get("username")),
        is_automated=by.get("automated") is True,
    )


def _state(given: object) -> OperationState | None:
    if not isinstance(given, Mapping):
        return None
    result = given.get("syncResult")
    return OperationState(
        operation=_operation(given.get("operation")),
        phase=_text(given.get("phase")),
        message=_text(given.get("message")),
        started_at=moments.read(given.get("startedAt")),
        finished_at=moments.read(given.get("finishedAt")),
        revisions=_revisions(result) if isinstance(result, Mapping) else None,
    )


def _revisions(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the revisions of all sources; with one source Argo CD writes it to a field of its own."""
    several = _items(given.get("revisions"))
    return tuple(map(_text, several)) if several else (_text(given.get("revision")),)


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _items(given: object) -> Sequence[Any]:
    return given if isinstance(given, list | tuple) else ()


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""


def _texts(given: object) -> dict[str, str]:
    return {key: value for key, value in _mapping(given).items() if isinstance(value, str)}
