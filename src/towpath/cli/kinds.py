"""The kinds that commands name: their words, their paths, the columns of their tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    Cell = Callable[[dict[str, Any]], str]

GROUP: Final = "kargo.akuity.io"
API_VERSION: Final = f"{GROUP}/v1alpha1"


def at(*path: str) -> Cell:
    """Return what finds the text at a path of a document, empty if there is none."""

    def cell(document: dict[str, Any]) -> str:
        found: Any = document
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return "" if found is None else str(found)

    return cell


def _ready(key: str) -> Cell:
    def cell(document: dict[str, Any]) -> str:
        return str((condition(document, "Ready") or {}).get(key) or "")

    return cell


def condition(document: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """Return a condition of an object's status by its type."""
    status = document.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    for found in conditions if isinstance(conditions, list) else ():
        if isinstance(found, dict) and found.get("type") == kind:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind that can be named on the command line."""

    name: str
    """As manifests have it."""
    plural: str
    """As paths have it; what it is called in usage."""
    words: tuple[str, ...]
    """What it may be called besides."""
    columns: tuple[tuple[str, Cell], ...]
    """Between NAME and AGE."""
    in_project: bool = True
    is_single: bool = False
    """Whether there is one in a Project, which needs no name."""
    can_delete: bool = False

    @property
    def printed(self) -> str:
        """As a write is told: `stage.kargo.akuity.io`."""
        return f"{self.name.lower()}.{GROUP}"


_SHARD: Final = ("SHARD", at("spec", "shard"))

KINDS: Final = (
    Kind(
        "Project",
        "projects",
        ("project",),
        (("READY", _ready("status")), ("STATUS", _ready("message"))),
        in_project=False,
        can_delete=True,
    ),
    Kind(
        "ProjectConfig",
        "config",
        ("projectconfig", "projectconfigs"),
        (("READY", _ready("status")), ("STATUS", _ready("message"))),
        is_single=True,
        can_delete=True,
    ),
    Kind(
        "Stage",
        "stages",
        ("stage",),
        (
            _SHARD,
            ("CURRENT FREIGHT", at("status", "freightSummary")),
            ("HEALTH", at("status", "health", "status")),
            ("READY", _ready("status")),
            ("STATUS", _ready("message")),
        ),
        can_delete=True,
    ),
    Kind("Warehouse", "warehouses", ("warehouse",), (_SHARD,), can_delete=True),
    Kind(
        "Freight",
        "freight",
        ("freights",),
        (
            ("ALIAS", at("metadata", "labels", f"{GROUP}/alias")),
            (
                "ORIGIN",
                lambda freight: "/".join(
                    filter(None, (at("origin", "kind")(freight), at("origin", "name")(freight)))
                ),
            ),
        ),
        can_delete=True,
    ),
    Kind(
        "Promotion",
        "promotions",
        ("promotion", "promos", "promo"),
        (
            ("SHARD", at("metadata", "labels", f"{GROUP}/shard")),
            ("STAGE", at("spec", "stage")),
            ("FREIGHT", at("spec", "freight")),
            ("PHASE", at("status", "phase")),
        ),
    ),
    Kind(
        "PromotionTask",
        "promotion-tasks",
        ("promotiontasks", "promotiontask", "promotion-task"),
        (),
    ),
)
"""In the order of the help."""

_BY_WORD: Final = {word: kind for kind in KINDS for word in (kind.plural, *kind.words)} | {
    kind.printed: kind for kind in KINDS
}
del _BY_WORD["config"]  # the path's word for ProjectConfig says nothing by itself


def usual(kind: Kind) -> str:
    """Return the word by which messages and help name a kind: `stages`, `projectconfig`."""
    return kind.words[0] if kind.is_single or "-" in kind.plural else kind.plural


def named(word: str) -> Kind:
    """Return the kind that a word names. Raises BadRequest, with the words there are, for none."""
    found = _BY_WORD.get(word.lower())
    if found is None:
        words = ", ".join(usual(kind) for kind in KINDS)
        raise BadRequest(f"{word!r} is no kind; there are: {words}")
    return found


def split(word: str, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return kind and names of `KIND NAME…` or of `KIND/NAME`, which is how objects are printed."""
    kind, slash, name = word.partition("/")
    return (kind, (name, *names)) if slash and name else (word, names)
