"""Annotations by which users, API and controllers speak to one another."""

from __future__ import annotations

import json
from typing import Any, Final

_GROUP: Final = "kargo.akuity.io/"

REFRESH: Final = f"{_GROUP}refresh"
"""A token; another one asks the controller to look now. The one that was met is `status.lastHandledRefresh`."""
REVERIFY: Final = f"{_GROUP}reverify"
"""Of a Stage: the verification to run again, as JSON `{id, actor, controlPlane, via}`."""
ABORT: Final = f"{_GROUP}abort"
"""Of a Stage: the verification to give up. Of a Promotion: `{action: terminate, actor, controlPlane, via}`."""
CREATE_ACTOR: Final = f"{_GROUP}create-actor"
"""Who made a Promotion or a Project."""
HOLD: Final = f"{_GROUP}auto-promotion-hold"
"""Of a Promotion: the origin whose auto-promotion it holds."""
RESUME: Final = f"{_GROUP}auto-promotion-resume"
"""Of a Promotion: the origin whose auto-promotion it resumes."""
STAGE: Final = f"{_GROUP}stage"
"""Of a Promotion: its Stage; the label of this name may be shortened."""
ROLLBACK: Final = f"{_GROUP}rollback"
"""Of a Promotion: `true` if it goes back."""
KEEP_NAMESPACE: Final = f"{_GROUP}keep-namespace"
"""Of a Project or its Namespace: `true` keeps the Namespace when the Project goes."""

PROMOTION: Final = f"{_GROUP}promotion"
"""Of what a Promotion made: its name."""
ARGOCD_CONTEXT: Final = f"{_GROUP}argocd-context"
"""Of a Stage: the Argo CD Applications that its last Promotion updated, as JSON."""
AUTHORIZED_STAGE: Final = f"{_GROUP}authorized-stage"
"""Of an Argo CD Application: the Stages that may change it, `PROJECT:STAGE`, separated by commas."""
MIGRATED: Final = f"{_GROUP}migrated"
"""Which older forms were brought up to date, as JSON."""
REPLICATED_AT: Final = f"{_GROUP}replicated-at"
"""Of a copy: when it was made."""
DESCRIPTION: Final = f"{_GROUP}description"
"""What an object is there for, in words."""
REPLICATE_TO: Final = f"{_GROUP}replicate-to"
"""Of a shared Secret or ConfigMap: the Projects that are to get a copy, `*` for all."""
GITHUB_TOKEN_SCOPES: Final = f"{_GROUP}github-token-scopes"
"""Of a Secret with a GitHub App: a JSON object, Project to the names of the repositories that it may open."""

_RBAC: Final = "rbac.kargo.akuity.io/"
MANAGED: Final = f"{_RBAC}managed"
"""`true`: Kargo's routes of roles and tokens made it, and may change it."""
CLAIMS: Final = f"{_RBAC}claims"
"""Of a ServiceAccount: who is mapped to it, a JSON object (`resources/claims.py`)."""
CLAIM_PREFIX: Final = f"{_RBAC}claim."
"""The same in the older form: how an annotation for one claim begins."""
SERVICE_ACCOUNT: Final = "kubernetes.io/service-account.name"
"""Of a Secret with a token: the ServiceAccount that it is of."""

OURS: Final = "towpath.dev/"
"""How annotations that Kargo does not have begin."""
EXPIRES: Final = f"{OURS}expires"
"""Of a Secret with a token: when it ends (RFC 3339)."""
LAST_USED: Final = f"{OURS}last-used"
"""Of a Secret with a token, in answers: when it was shown last."""
CLAIMS_FROM: Final = f"{OURS}claims-from"
"""Of a ServiceAccount: `configuration` if the operator's settings say whose it is."""
REASON: Final = f"{OURS}reason"
"""Of a Promotion: why it was asked for."""
RETRY_OF: Final = f"{OURS}retry-of"
"""Of a Promotion: the earlier one that it tries again, with the same steps."""
RETRY_FROM: Final = f"{OURS}retry-from"
"""Of such a Promotion: the alias of the first step that it runs; what those before it put out is taken from the earlier one."""
RETRY_NOTE: Final = f"{OURS}retry-note"
"""Of such a Promotion: why it does not begin at the step that had failed, where it does not."""
VIA: Final = f"{OURS}via"
"""Of a Promotion that somebody asked for, and of an Event of what somebody did: by which means and from where they did, a JSON
object (`admission/requester.py`)."""
APPROVAL_REASONS: Final = f"{OURS}approval-reasons"
"""Of Freight: a JSON object, Stage name to why it was approved for that Stage."""
HOLDS_ASKED: Final = f"{OURS}holds-asked"
"""Of a Stage: a JSON object, origin to the hold, or the end of one, that somebody asked for last. In `status.metadata` of the
Stage: which of them were met (`rules/asked_holds.py`)."""
QUARANTINE: Final = f"{OURS}quarantine"
"""Of Freight: a JSON object `{actor, at, reason}`; while it is there, nobody promotes the Freight anywhere."""
PLAN: Final = f"{OURS}plan"
"""Of a Promotion: the id of the plan that was confirmed for it."""
FROZEN: Final = f"{OURS}frozen"
"""Of a Project: a JSON object `{actor, at, reason, taken}`; while it is there, nobody promotes or changes anything in the Project
(`rules/freezing.py`)."""
IMPORTED: Final = f"{OURS}imported"
"""Of a Project that came from another instance: the id of the archive that it came in."""
MOVE: Final = f"{OURS}move"
"""A label of a Promotion: a digest of the key of the call that asked for it, where it had one. The call, made again, finds it."""
ARGOCD_CONNECTION: Final = f"{OURS}argocd-connection"
"""Of a Stage: the Argo CD connection that its Applications are behind."""
VERIFICATION: Final = f"{OURS}verification"
"""Of an AnalysisRun: the id of the verification that it measures for."""
EVIDENCE: Final = f"{OURS}verified-by"
"""In `status.metadata` of Freight: an object, Stage name to the AnalysisRun that found it good there last."""
HEALTH_DEADLINE: Final = f"{OURS}health-deadline"
"""Of a Stage: how long its health may take to become Healthy after a Promotion, such as `10m`."""
UNVERIFIED_SKIP: Final = f"{OURS}unverifiedSkip"
"""Of a ProjectConfig: `Forbid` keeps the next Promotion from a Stage until what is there was verified, or its health
did not settle in time; `Allow`, as without it: a Stage that is not healthy takes the next one at once."""
FORBID: Final = "Forbid"
ALLOW: Final = "Allow"
SOAK: Final = f"{OURS}soak"
"""Of a Stage: `healthy` counts the time that Freight soaks there from when the Stage became healthy last. In
`status.metadata` of Freight: an object, Stage name to that clock (`rules/soak_clock.py`)."""
HEALTH_TOLD: Final = f"{OURS}health-told"
"""In `status.metadata` of a Stage: which health was told last, and how many changes of it were (`rules/told_health.py`)."""
SMOKE: Final = f"{OURS}smoke"
"""Of a Stage: smoke tests that are part of its verification, as YAML, one or a list (`resources/smoke.py`)."""
SETTLE: Final = f"{OURS}settle"
"""Of a Warehouse: how long what was found has to stay the same before Freight is made of it, such as `30s`."""
DAMAGED: Final = f"{OURS}damaged"
"""On what is shown in the place of an object that cannot be read: what is wrong with what is stored of it."""

OF_USERS: Final = frozenset({SMOKE, SOAK, HEALTH_DEADLINE, UNVERIFIED_SKIP, SETTLE})
"""Those of ours that stand in manifests: who applies one without them takes them away."""

_LONGEST: Final = 16 << 10
"""Characters of a request; nobody has that much to ask."""


def requested(value: str, key: str) -> dict[str, Any]:
    """Return what a request says, a JSON object; any other text stands for one that says just that of `key`."""
    try:
        found = json.loads(value) if len(value) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {key: value}
