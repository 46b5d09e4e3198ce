"""What the controllers of a cluster would write into the status of workloads, as a function of time. Pure.

Pods are ready some time after what they run has changed; those of some images never are. A Job ends some time after it
was made.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from towpath.demo.argocd.keys import Document

_DEADLINE_SECONDS: Final = 600
"""Kubernetes' default of `progressDeadlineSeconds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How quick things are, and what never comes to be."""

    rollout_seconds: float
    job_seconds: float
    never_ready: Sequence[str] = ()
    failing_jobs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Situation:
    """An object at a moment."""

    object: Document
    since: timedelta
    """For how long it has been as it is."""
    pace: Pace

    @property
    def spec(self) -> Document:
        found = self.object.get("spec")
        return found if isinstance(found, dict) else {}

    @property
    def replicas(self) -> int:
        found = self.spec.get("replicas", 1)
        return found if isinstance(found, int) else 1

    @property
    def is_ready(self) -> bool:
        return not self.never and self.since >= timedelta(seconds=self.pace.rollout_seconds)

    @property
    def never(self) -> bool:
        return any(
            fnmatch.fnmatchcase(image, pattern)
            for image in images(self.object)
            for pattern in self.pace.never_ready
        )

    @property
    def is_overdue(self) -> bool:
        deadline = self.spec.get("progressDeadlineSeconds", _DEADLINE_SECONDS)
        return not self.is_ready and self.since >= timedelta(seconds=deadline)


def status(object: Document, since: timedelta, pace: Pace) -> Document:  # noqa: A002 - the field's word
    """Return the status of an object that has been as it is for some time; empty for kinds that have none."""
    write = _WRITERS.get(_kind(object))
    return write(_Situation(object, since, pace)) if write is not None else {}


def next_change(object: Document, since: timedelta, pace: Pace) -> timedelta | None:  # noqa: A002
    """Return in what time the status changes next, None if it does not."""
    if _kind(object) not in _WRITERS:
        return None
    seconds = pace.job_seconds if _kind(object) == ("batch", "Job") else pace.rollout_seconds
    situation = _Situation(object, since, pace)
    deadline = situation.spec.get("progressDeadlineSeconds", _DEADLINE_SECONDS)
    moments = (timedelta(seconds=seconds), timedelta(seconds=deadline))
    return min((each - since for each in moments if each > since), default=None)


def images(object: Document) -> list[str]:  # noqa: A002
    """Return the images that an object runs, in order."""
    return list(dict.fromkeys(_images(object.get("spec"))))


def _images(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for field in ("initContainers", "containers"):
            for each in value.get(field) or ():
                if isinstance(each, dict) and isinstance(each.get("image"), str):
                    yield each["image"]
        for field in ("template", "jobTemplate", "spec"):
            yield from _images(value.get(field))


def _kind(object: Document) -> tuple[str, str]:  # noqa: A002
    group = str(object.get("apiVersion", "")).rpartition("/")[0]
    return group, str(object.get("kind", ""))


def _deployment(situation: _Situation) -> Document:
    ready = situation.replicas if situation.is_ready else 0
    reason = "NewReplicaSetAvailable" if situation.is_ready else "ReplicaSetUpdated"
    if situation.is_overdue:
        reason = "ProgressDeadlineExceeded"
    progressing = {
        "type": "Progressing",
        "status": "False" if situation.is_overdue else "True",
        "reason": reason,
        "message": f'ReplicaSet "{situation.object["metadata"]["name"]}" {reason}',
    }
    return {
        "observedGeneration": situation.object["metadata"].get("generation", 1),
        "replicas": situation.replicas,
        "updatedReplicas": situation.replicas,
        "availableReplicas": ready,
        "readyReplicas": ready,
        "conditions": [progressing],
    }


def _stateful_set(situation: _Situation) -> Document:
    ready = situation.replicas if situation.is_ready else 0
    return {
        "observedGeneration": situation.object["metadata"].get("generation", 1),
        "replicas": situation.replicas,
        "readyReplicas": ready,
        "updatedReplicas": situation.replicas,
        "currentRevision": "new" if situation.is_ready else "old",
        "updateRevision": "new",
    }


def _daemon_set(situation: _Situation) -> Document:
    return {
        "observedGeneration": situation.object["metadata"].get("generation", 1),
        "desiredNumberScheduled": 1,
        "updatedNumberScheduled": 1,
        "numberAvailable": 1 if situation.is_ready else 0,
    }


def _job(situation: _Situation) -> Document:
    if situation.since < timedelta(seconds=situation.pace.job_seconds):
        return {"active": 1}
    if situation.never or situation.object["metadata"]["name"] in situation.pace.failing_jobs:
        message = "Job has reached the specified backoff limit"
        failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": message}  # fmt: skip
        return {"failed": 1, "conditions": [failed]}
    return {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}


def _pod(situation: _Situation) -> Document:
    if situation.is_ready:
        ready = {"type": "Ready", "status": "True"}
        return {"phase": "Running", "conditions": [ready]}
    if situation.never and situation.since >= timedelta(seconds=situation.pace.rollout_seconds):
        waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
        return {"phase": "Running", "containerStatuses": [{"state": {"waiting": waiting}}]}
    return {"phase": "Pending"}


def _claim(situation: _Situation) -> Document:
    return {"phase": "Bound" if situation.is_ready else "Pending"}


def _balanced(situation: _Situation) -> Document:
    return {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]} if situation.is_ready else {}}


_WRITERS: Final[dict[tuple[str, str], Callable[[_Situation], Document]]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("", "Pod"): _pod,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Service"): _balanced,
    ("networking.k8s.io", "Ingress"): _balanced,
}
