"""Warnings about what is stored and read, and does nothing yet: who writes it must not rely on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.store.contract import Document

_YET: Final = "it is kept, and nothing heeds it yet"
_KINDS: Final[Mapping[str, str]] = {
    "Target": "promotions reach no Target",
    "PromotionRequest": "nobody promotes what it asks for; promote to Stages without spec.targets",
}
"""What does not happen, by kind."""


def of_configuration(document: Document) -> Iterator[str]:
    """Yield what a ProjectConfig or the ClusterConfig says in vain."""
    spec: dict[str, Any] = document.get("spec") or {}
    for number, policy in enumerate(spec.get("promotionPolicies") or ()):
        if policy.get("autoRollback"):
            yield (
                f"spec.promotionPolicies[{number}].autoRollback: {_YET}: a Stage goes back to what it held when somebody asks "
                "for it, by `towpath rollback`"
            )
            return


def of_kind(document: Document) -> list[str]:
    """Return what to say of a document of a kind that nothing acts on."""
    kind = str(document.get("kind") or "")
    return [f"kind: of a {kind} {_YET}: {_KINDS[kind]}"]


def of_stage(document: Document) -> list[str]:
    """Return what to say of a Stage that is to promote to Targets."""
    if document["spec"].get("targets") is None:
        return []
    return [
        "spec.targets: promoting to Targets is not supported yet: nobody promotes to this Stage until they are left out"
    ]
