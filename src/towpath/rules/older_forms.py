"""Older forms that keep working: where they are in a document, and what replaces them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments
from towpath.resources.meta import Condition, with_condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

DEPRECATED: Final = "Deprecated"
"""The condition that tells of older forms."""


@dataclass(frozen=True, slots=True)
class OlderForm:
    """One use of an older form."""

    path: str
    instead: str


def older_forms(kind: str, document: Mapping[str, Any]) -> list[OlderForm]:
    """Return the older forms in an admitted document of a kind, in the order of the document."""
    spec = document.get("spec") or {}
    match kind:
        case "Project":
            if spec.get("promotionPolicies"):
                return [
                    OlderForm("spec.promotionPolicies", "a ProjectConfig's spec.promotionPolicies")
                ]
        case "ProjectConfig":
            return [
                OlderForm(f"spec.promotionPolicies[{number}].stage", "stageSelector.name")
                for number, policy in enumerate(spec.get("promotionPolicies") or ())
                if policy.get("stage")
            ]
        case "Warehouse":
            return _of_subscriptions(spec.get("subscriptions") or ())
        case "Stage":
            template = (spec.get("promotionTemplate") or {}).get("spec") or {}
            return _of_steps(template.get("steps") or (), "spec.promotionTemplate.spec.steps")
        case "PromotionTask" | "ClusterPromotionTask":
            return _of_steps(spec.get("steps") or (), "spec.steps")
    return []


def with_deprecated(
    conditions: Sequence[Condition], kind: str, document: Mapping[str, Any], now: datetime
) -> list[Condition]:
    """Return an object's conditions with `Deprecated` in line with the older forms it uses."""
    found = older_forms(kind, document)
    if not found:
        return [condition for condition in conditions if condition.type != DEPRECATED]
    wanted = Condition(
        type=DEPRECATED,
        status="True",
        reason="OlderForm",
        message="; ".join(f"{form.path}: use {form.instead}" for form in found),
        last_transition_time=moments.whole_seconds(now),
        observed_generation=int(document["metadata"].get("generation") or 0),
    )
    return with_condition(conditions, wanted)


def _of_subscriptions(items: Any) -> list[OlderForm]:
    found = []
    for number, item in enumerate(items):
        for type_, instead in (("image", True), ("git", False)):
            subscription = item.get(type_) or {}
            path = f"spec.subscriptions[{number}].{type_}"
            if subscription.get("allowTags"):
                found.append(OlderForm(f"{path}.allowTags", "allowTagsRegexes"))
            if subscription.get("ignoreTags"):
                found.append(OlderForm(f"{path}.ignoreTags", "ignoreTagsRegexes"))
            if instead and subscription.get("semverConstraint"):
                found.append(OlderForm(f"{path}.semverConstraint", "constraint"))
    return found


def _of_steps(steps: Any, path: str) -> list[OlderForm]:
    found = []
    for number, step in enumerate(steps):
        config = step.get("config")
        where = f"{path}[{number}].config"
        if not isinstance(config, dict):
            continue
        if step.get("uses") == "git-commit" and "author" in config:
            found.append(OlderForm(f"{where}.author", "the author of the git-clone step"))
        if step.get("uses") == "kustomize-set-image":
            for place, image in enumerate(config.get("images") or ()):
                if isinstance(image, dict) and "name" in image:
                    found.append(OlderForm(f"{where}.images[{place}].name", "image"))
    return found
