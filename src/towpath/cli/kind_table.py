"""The table of the kinds that commands name: their words, their groups, the columns of their tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.cli import columns, contents
from towpath.cli.columns import Column, made, plain, ready
from towpath.resources.annotations import DESCRIPTION, SERVICE_ACCOUNT
from towpath.resources.labels import ALIAS_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GROUP: Final = "kargo.akuity.io"
API_VERSION: Final = f"{GROUP}/v1alpha1"
_KARGO_EE: Final = "ee.kargo.akuity.io"
_OWN: Final = "towpath.dev"
_ARGO: Final = "argoproj.io"
_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class NamedKind:
    """One kind that can be named on the command line."""

    name: str
    """As manifests have it."""
    plural: str
    """As paths have it; what it is called in usage."""
    words: tuple[str, ...]
    """What it may be called besides."""
    columns: tuple[Column, ...] = ()
    """Between NAME and AGE."""
    long: tuple[Column, ...] = ()
    """Behind AGE: what may be long."""
    wide: tuple[Column, ...] = ()
    """Behind those, with `-o wide` only."""
    group: str = GROUP
    version: str = "v1alpha1"
    in_project: bool = True
    is_single: bool = False
    """Whether there is one in a Project, which needs no name."""
    can_delete: bool = False
    is_own: bool = True
    """Whether Kargo's API has it; the others are asked for over the Kubernetes API."""
    has_age: bool = True
    freight: Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]] | None = None
    """What of an object refers to Freight that its columns show."""
    collection: str = ""
    """As the paths of what is kept for Projects, for all of them and for the system have it; empty for other kinds."""
    places: tuple[str, ...] = ()
    """Where else than in a Project such things are kept: `shared`, `system`."""
    usual: str = ""
    """What it is called in usage, if not by its plural."""
    order: Callable[[dict[str, Any]], str] | None = None
    """By what a list of them is ordered; as the server has it if not given."""

    @property
    def printed(self) -> str:
        """As a write is told: `stage.kargo.akuity.io`."""
        return f"{self.name.lower()}.{self.group}" if self.group else self.name.lower()

    @property
    def api_version(self) -> str:
        """The document's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version


_SHARD: Final = plain("SHARD", "spec", "shard")
_READY: Final = ready("READY", "status")
_STATUS: Final = ready("STATUS", "message")
_DESCRIPTION: Final = plain("DESCRIPTION", "metadata", "annotations", DESCRIPTION)
_KEYS: Final = made("KEYS", columns.keys)
_STEPS: Final = made("STEPS", columns.steps)
_METRICS: Final = made("METRICS", columns.metrics)

KINDS: Final = (
    NamedKind(
        "Project",
        "projects",
        ("project",),
        (_READY, _STATUS),
        in_project=False,
        can_delete=True,
    ),
    NamedKind(
        "ProjectConfig",
        "config",
        ("projectconfig", "projectconfigs", "project-config"),
        (_READY, _STATUS),
        is_single=True,
        can_delete=True,
    ),
    NamedKind(
        "ClusterConfig",
        "cluster-config",
        ("clusterconfig", "clusterconfigs"),
        (_READY, _STATUS),
        in_project=False,
        is_single=True,
        can_delete=True,
    ),
    NamedKind(
        "Stage",
        "stages",
        ("stage",),
        (
            _SHARD,
            Column("CURRENT FREIGHT", columns.current_freight),
            plain("HEALTH", "status", "health", "status"),
            _READY,
            _STATUS,
        ),
        (),
        (plain("LAST PROMOTION", "status", "lastPromotion", "name"),),
        can_delete=True,
        freight=contents.of_stage,
    ),
    NamedKind(
        "Warehouse",
        "warehouses",
        ("warehouse",),
        (_SHARD,),
        (_READY, _STATUS),
        (plain("FREIGHT CREATION", "spec", "freightCreationPolicy"),),
        can_delete=True,
    ),
    NamedKind(
        "Freight",
        "freight",
        ("freights",),
        (
            plain("ALIAS", "metadata", "labels", ALIAS_LABEL),
            made("ORIGIN", columns.origin),
        ),
        (made("VERSIONS", contents.versions),),
        can_delete=True,
    ),
    NamedKind(
        "Promotion",
        "promotions",
        ("promotion", "promos", "promo"),
        (
            plain("SHARD", "metadata", "labels", f"{GROUP}/shard"),
            plain("STAGE", "spec", "stage"),
            Column("FREIGHT", columns.promoted_freight),
            plain("PHASE", "status", "phase"),
        ),
        (),
        (plain("FREIGHT NAME", "spec", "freight"), plain("MESSAGE", "status", "message")),
        freight=contents.of_promotion,
    ),
    NamedKind(
        "PromotionTask",
        "promotiontasks",
        ("promotiontask", "promotion-tasks", "promotion-task", "tasks", "task"),
        (),
        (_STEPS,),
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "ClusterPromotionTask",
        "clusterpromotiontasks",
        ("clusterpromotiontask", "cluster-promotion-tasks", "clustertasks", "clustertask"),
        (),
        (_STEPS,),
        in_project=False,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "ArgoCDConnection",
        "argocdconnections",
        ("argocdconnection",),
        (_READY,),
        (_STATUS,),
        group=_OWN,
        in_project=False,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "AnalysisTemplate",
        "analysistemplates",
        ("analysistemplate", "at"),
        (),
        (_METRICS,),
        group=_ARGO,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "ClusterAnalysisTemplate",
        "clusteranalysistemplates",
        ("clusteranalysistemplate", "cat"),
        (),
        (_METRICS,),
        group=_ARGO,
        in_project=False,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "AnalysisRun",
        "analysisruns",
        ("analysisrun", "ar"),
        (
            plain("STAGE", "metadata", "labels", f"{GROUP}/stage"),
            plain("PHASE", "status", "phase"),
        ),
        (plain("MESSAGE", "status", "message"),),
        (_METRICS,),
        group=_ARGO,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "StageHook",
        "stagehooks",
        ("stagehook", "hooks", "hook"),
        (made("EVENTS", columns.events), plain("BLOCKING", "spec", "blocking"), _READY),
        (_STATUS,),
        group=_OWN,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "HookRun",
        "hookruns",
        ("hookrun",),
        (
            plain("HOOK", "spec", "hook"),
            plain("STAGE", "spec", "stage"),
            plain("EVENT", "spec", "event", "event"),
            plain("PHASE", "status", "phase"),
        ),
        (plain("MESSAGE", "status", "message"),),
        (plain("ATTEMPT", "status", "attempt"), plain("HAPPENED", "spec", "event", "name")),
        group=_OWN,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "MessageChannel",
        "messagechannels",
        ("messagechannel", "message-channels", "message-channel", "channels", "channel"),
        (plain("WAITING", "status", "waiting"), _READY),
        (_STATUS,),
        (
            plain("LAST DELIVERED", "status", "lastDelivered"),
            plain("NEXT TRY", "status", "nextTry"),
        ),
        group=_KARGO_EE,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "ClusterMessageChannel",
        "clustermessagechannels",
        ("clustermessagechannel", "clusterchannels", "clusterchannel"),
        (plain("WAITING", "status", "waiting"), _READY),
        (_STATUS,),
        (
            plain("LAST DELIVERED", "status", "lastDelivered"),
            plain("NEXT TRY", "status", "nextTry"),
        ),
        group=_KARGO_EE,
        in_project=False,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "EventRouter",
        "eventrouters",
        ("eventrouter", "event-routers", "event-router", "routers", "router"),
        (plain("ROUTED", "status", "routed"), _READY),
        (_STATUS,),
        (plain("LAST ROUTED", "status", "lastRouted"),),
        group=_KARGO_EE,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "Message",
        "messages",
        ("message",),
        (
            plain("CHANNEL", "spec", "channel", "name"),
            plain("STATE", "status", "state"),
            plain("TRIES", "status", "attempts"),
        ),
        (plain("ERROR", "status", "lastError"),),
        (plain("NEXT TRY", "status", "nextTry"), plain("SENT BY", "spec", "source", "kind")),
        group=_OWN,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "Event",
        "events",
        ("event", "ev"),
        (plain("TYPE", "type"), plain("REASON", "reason"), made("OBJECT", columns.about)),
        (plain("MESSAGE", "message"),),
        (plain("NAME", "metadata", "name"), plain("COUNT", "count")),
        group="",
        version="v1",
        is_own=False,
        has_age=False,
        order=columns.last_seen,
    ),
    NamedKind(
        "Secret",
        "secrets",
        ("secret",),
        (plain("FOR", "metadata", "labels", f"{GROUP}/cred-type"), plain("TYPE", "type")),
        (_KEYS,),
        (plain("DESCRIPTION", "metadata", "annotations", DESCRIPTION),),
        group="",
        version="v1",
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "ConfigMap",
        "configmaps",
        ("configmap", "cm", "cms"),
        (_DESCRIPTION, _KEYS),
        group="",
        version="v1",
        can_delete=True,
        collection="configmaps",
        places=("shared", "system"),
    ),
    NamedKind(
        "Secret",
        "generic-credentials",
        (
            "generic-credential",
            "genericcredentials",
            "genericcredential",
            "generic-creds",
            "generic-cred",
            "genericcreds",
            "genericcred",
        ),
        (_DESCRIPTION,),
        group="",
        version="v1",
        can_delete=True,
        collection="generic-credentials",
        places=("shared", "system"),
    ),
    NamedKind(
        "Secret",
        "repo-credentials",
        (
            "repo-credential",
            "repocredentials",
            "repocredential",
            "repo-creds",
            "repo-cred",
            "repocreds",
            "repocred",
        ),
        (
            plain("TYPE", "metadata", "labels", f"{GROUP}/cred-type"),
            made("REGEX", columns.is_regex),
            made("REPO", columns.value_of("repoURL")),
        ),
        group="",
        version="v1",
        can_delete=True,
        collection="repo-credentials",
        places=("shared",),
    ),
    NamedKind(
        "Secret",
        "tokens",
        ("token", "api-tokens", "api-token"),
        (
            plain("ROLE", "metadata", "annotations", SERVICE_ACCOUNT),
            made("KARGO MANAGED", columns.is_managed),
        ),
        group="",
        version="v1",
        can_delete=True,
        collection="api-tokens",
        places=("system",),
    ),
    NamedKind(
        "ServiceAccount",
        "serviceaccounts",
        ("serviceaccount", "sa"),
        group="",
        version="v1",
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "Role",
        "roles",
        ("rbacroles", "rbacrole", "roles.rbac.authorization.k8s.io"),
        (),
        (made("MAY", columns.grants),),
        group=_RBAC,
        version="v1",
        can_delete=True,
        is_own=False,
        usual="rbacroles",
    ),
    NamedKind(
        "Role",
        "roles",
        ("role",),
        (made("KARGO MANAGED", columns.is_managed),),
        group="rbac.kargo.akuity.io",
        can_delete=True,
        collection="roles",
        places=("system",),
    ),
    NamedKind(
        "RoleBinding",
        "rolebindings",
        ("rolebinding",),
        (made("ROLE", columns.role),),
        (made("SUBJECTS", columns.subjects),),
        group=_RBAC,
        version="v1",
        can_delete=True,
        is_own=False,
    ),
)
"""In the order of the help."""
