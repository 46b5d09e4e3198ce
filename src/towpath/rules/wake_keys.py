"""What can wake a Promotion that waits: names of events, spelt in one place by those who wait and those who learn of them. Pure.

A key is `KIND:WHAT`. Whoever waits names its keys in `Waiting.wake`; a webhook, a watch or a person's answer wakes by the
same key, at `runtime.waking.Waking`. The due time of what waits is for events that nobody hears of.
"""

from __future__ import annotations

from typing import Final

from towpath.versions.urls import normalize_git

ARGOCD: Final = "argocd"
PULL_REQUEST: Final = "pull-request"
WORKFLOW: Final = "workflow"
APPROVAL: Final = "approval"
URL: Final = "url"
ANALYSIS: Final = "analysis"
TICKET: Final = "ticket"
MESSAGE: Final = "message"
KINDS: Final = frozenset({ARGOCD, PULL_REQUEST, WORKFLOW, APPROVAL, URL, ANALYSIS, TICKET, MESSAGE})
"""The kinds that Towpath itself wakes by; a step of a third party may wait for others."""


def argocd(connection: str, application: str) -> str:
    """Name a change of an Argo CD Application (`NAMESPACE/NAME`) behind a connection."""
    return f"{ARGOCD}:{connection}/{application}"


def argocd_connection(connection: str) -> str:
    """Name that a connection to Argo CD is lost, or there again."""
    return f"{ARGOCD}:{connection}"


def pull_request(repository: str, number: int) -> str:
    """Name a change of a pull request of a repository, by any of its URLs."""
    return f"{PULL_REQUEST}:{normalize_git(repository)}#{number}"


def workflow(repository: str, run: int) -> str:
    """Name the end of a run of a forge's workflow."""
    return f"{WORKFLOW}:{normalize_git(repository)}#{run}"


def approval(project: str, promotion: str, step: str) -> str:
    """Name what somebody answers to a step that asks."""
    return f"{APPROVAL}:{project}/{promotion}/{step}"


def ticket(host: str, key: str) -> str:
    """Name a change of an issue, or of a record, of the tracker at a host."""
    return f"{TICKET}:{host}/{key}"


def url(repository: str) -> str:
    """Name a push to a repository, by any of its URLs."""
    return f"{URL}:{normalize_git(repository)}"


def analysis(project: str, run: str) -> str:
    """Name a new phase of an AnalysisRun."""
    return f"{ANALYSIS}:{project}/{run}"


def message(project: str, name: str) -> str:
    """Name that a message has come to its end."""
    return f"{MESSAGE}:{project}/{name}"
