"""The kinds that commands name: their words, their groups, the columns of their tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.cli import columns, contents
from towpath.cli.columns import Column, at, condition, made, plain, ready
from towpath.errors import BadRequest
from towpath.resources.labels import ALIAS_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GROUP: Final = "kargo.akuity.io"
API_VERSION: Final = f"{GROUP}/v1alpha1"
_RBAC: Final = "rbac.authorization.k8s.io"
__all__ = [
    "API_VERSION",
    "GROUP",
    "KINDS",
    "NamedKind",
    "at",
    "condition",
    "named",
    "split",
    "usual",
]


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
_KEYS: Final = made("KEYS", columns.keys)
_STEPS: Final = made("STEPS", columns.steps)

KINDS: Final = (
    NamedKind(
        "Project",
        "projects",
        ("project",),
        (_READY,),
        (_STATUS,),
        in_project=False,
        can_delete=True,
    ),
    NamedKind(
        "ProjectConfig",
        "config",
        ("projectconfig", "projectconfigs"),
        (_READY,),
        (_STATUS,),
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
        ),
        (_STATUS,),
        (plain("LAST PROMOTION", "status", "lastPromotion", "name"),),
        can_delete=True,
        freight=contents.of_stage,
    ),
    NamedKind(
        "Warehouse",
        "warehouses",
        ("warehouse",),
        (_SHARD, _READY),
        (_STATUS,),
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
        group="towpath.dev",
        in_project=False,
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "StageHook",
        "stagehooks",
        ("stagehook", "hooks", "hook"),
        (made("EVENTS", columns.events), plain("BLOCKING", "spec", "blocking"), _READY),
        (_STATUS,),
        group="towpath.dev",
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
        group="towpath.dev",
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
        group="ee.kargo.akuity.io",
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
        group="ee.kargo.akuity.io",
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
        group="ee.kargo.akuity.io",
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
        group="towpath.dev",
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
        (plain("DESCRIPTION", "metadata", "annotations", f"{GROUP}/description"),),
        group="",
        version="v1",
        can_delete=True,
        is_own=False,
    ),
    NamedKind(
        "ConfigMap",
        "configmaps",
        ("configmap", "cm"),
        (),
        (_KEYS,),
        group="",
        version="v1",
        can_delete=True,
        is_own=False,
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
        ("role",),
        (),
        (made("MAY", columns.grants),),
        group=_RBAC,
        version="v1",
        can_delete=True,
        is_own=False,
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

_BY_WORD: Final = {word: kind for kind in KINDS for word in (kind.plural, *kind.words)} | {
    kind.printed: kind for kind in KINDS
}
del _BY_WORD["config"]  # the path's word for ProjectConfig says nothing by itself


def usual(kind: NamedKind) -> str:
    """Return the word by which messages and help name a kind: `stages`, `projectconfig`."""
    return kind.words[0] if kind.is_single else kind.plural


def named(word: str) -> NamedKind:
    """Return the kind that a word names. Raises BadRequest, with the words there are, for none."""
    found = _BY_WORD.get(word.lower())
    if found is None:
        alike = messages.alike_in_any_case(word, list(_BY_WORD))
        meant = list(dict.fromkeys(usual(_BY_WORD[each]) for each in alike))
        hint = f"did you mean {' or '.join(meant)}? There are" if meant else "there are"
        raise BadRequest(f"{word!r} is no kind; {hint}: {', '.join(map(usual, KINDS))}")
    return found


def is_word(word: str) -> bool:
    """Whether a word names a kind."""
    return word.lower() in _BY_WORD


def split(word: str, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return kind and names of `KIND NAME…` or of `KIND/NAME`, which is how objects are printed."""
    kind, slash, name = word.partition("/")
    return (kind, (name, *names)) if slash and name else (word, names)


def bare(name: str | None, kind: str) -> str | None:
    """Return the name of an object of a kind that is named as `NAME` or, as objects are printed, as `KIND/NAME`."""
    if name is None or "/" not in name:
        return name
    word, _, rest = name.partition("/")
    found = _BY_WORD.get(word.lower())
    if found is None or found.name != kind or not rest:
        raise BadRequest(f"{name!r}: it must be the name of a {kind}, or {kind.lower()}/NAME")
    return rest


def asked(word: str, names: tuple[str, ...]) -> list[tuple[NamedKind, tuple[str, ...]]]:
    """Return what `KIND[,KIND]… NAME…` or `KIND/NAME KIND/NAME…` asks for: names by kind, in order.

    Raises BadRequest for kinds that do not exist, and for a mixture of both ways.
    """
    if "/" not in word:
        kinds = [named(each) for each in word.split(",") if each]
        if not kinds:
            raise BadRequest(f"{word!r} names no kind; there are: {', '.join(map(usual, KINDS))}")
        mixed = [name for name in names if "/" in name]
        if mixed:
            raise BadRequest(
                f"{mixed[0]!r} beside the kind {word!r}: write KIND NAME NAME, or KIND/NAME KIND/NAME"
            )
        return [(kind, names) for kind in kinds]
    found: dict[str, tuple[str, ...]] = {}
    for each in (word, *names):
        kind, slash, name = each.partition("/")
        if not slash:
            # `stage.kargo.akuity.io/prod test` goes on with the kind that was named before
            kind, name = next(reversed(found)), each
        if not name:
            raise BadRequest(f"{each!r}: a name is missing behind the slash")
        usual_name = usual(named(kind))
        found[usual_name] = (*found.get(usual_name, ()), name)
    return [(named(kind), several) for kind, several in found.items()]
