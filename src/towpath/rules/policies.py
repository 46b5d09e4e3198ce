"""Promotion policies: which Stages take new Freight without being asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import FieldError
from towpath.resources.meta import ObjectMeta
from towpath.resources.stage import Stage, StageSpec
from towpath.rules import label_selectors
from towpath.rules.named_selectors import selects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.resources.project import Project
    from towpath.resources.project_config import ProjectConfig, PromotionPolicy


MOST: Final = 1_000
"""Policies of one Project: each Stage is looked at with all of them at every pass."""


def effective_policies(
    project: Project | None, config: ProjectConfig | None, *, is_listed: bool | None = None
) -> Sequence[PromotionPolicy]:
    """Return the policies of a Project: the ProjectConfig's if it has the list, else the Project's.

    `is_listed`: whether the ProjectConfig names `promotionPolicies` at all; a list that is there and empty counts
    (`names_policies` tells). None: only a list that is not empty counts.
    """
    own: Sequence[PromotionPolicy] = (
        config.spec.promotion_policies if config and config.spec else []
    )
    if is_listed if is_listed is not None else bool(own):
        return own
    return project.spec.promotion_policies if project and project.spec else []


def names_policies(config: Mapping[str, Any] | None) -> bool:
    """Whether a ProjectConfig, as a document, has `spec.promotionPolicies`, be it empty."""
    spec = (config or {}).get("spec")
    return isinstance(spec, dict) and spec.get("promotionPolicies") is not None


def policy_for(stage: Stage, policies: Iterable[PromotionPolicy]) -> PromotionPolicy | None:
    """Return the policy that decides for a Stage: the first that matches."""
    return next((policy for policy in policies if _matches(policy, stage)), None)


def place_for(stage: Stage, policies: Sequence[PromotionPolicy]) -> int | None:
    """Return the place of the policy that decides for a Stage; None if none matches."""
    found = policy_for(stage, policies)
    return None if found is None else next(n for n, each in enumerate(policies) if each is found)


def named_stage(policy: PromotionPolicy) -> str:
    """Return the one Stage that a policy names; empty if it selects by a pattern or by labels."""
    if policy.stage:
        return policy.stage
    wanted = policy.stage_selector
    if wanted is None or wanted.match_labels or wanted.match_expressions:
        return ""
    return "" if ":" in wanted.name else wanted.name


def is_enabled(stage: Stage, policies: Iterable[PromotionPolicy]) -> bool:
    """Whether the Stage takes new Freight by itself; not, where no policy matches."""
    found = policy_for(stage, policies)
    return found is not None and found.auto_promotion_enabled


def selectable(metadata: ObjectMeta) -> Stage:
    """Return a Stage of which only that is known by which policies select: what else it says may be large."""
    known = ObjectMeta(name=metadata.name, namespace=metadata.namespace, labels=metadata.labels)
    return Stage(metadata=known, spec=StageSpec(requested_freight=[]))


def matches_any(policy: PromotionPolicy, stages: Sequence[Stage]) -> bool:
    """Whether a policy matches one of the Stages there are."""
    return any(_matches(policy, stage) for stage in stages)


def selector_errors(policies: Sequence[Mapping[str, Any]], path: str) -> list[FieldError]:
    """Return what is wrong with the selectors of policies, given as documents."""
    if len(policies) > MOST:
        said = f"Too many: {len(policies)}: must have at most {MOST} items"
        return [FieldError(path, "FieldValueTooMany", said)]
    found: list[FieldError] = []
    seen: dict[str, str] = {}
    for number, policy in enumerate(policies):
        where, name = f"{path}[{number}].stage", policy.get("stage")
        if not name:
            where = f"{path}[{number}].stageSelector.name"
            given = policy.get("stageSelector") or {}
            name = given.get("name")
            found += label_selectors.selector_errors(given, f"{path}[{number}].stageSelector")
            if given.get("matchLabels") or given.get("matchExpressions"):
                name = name if name and ":" in name else None
        if not name:
            continue
        if ":" in name:
            continue  # a pattern, whose form the schema has checked
        if name in seen:
            found.append(
                FieldError(
                    where,
                    "FieldValueInvalid",
                    f'Invalid value: "{name}": {seen[name]} names this Stage already, and the first that matches decides',
                )
            )
        else:
            seen[name] = where
    return found


def _matches(policy: PromotionPolicy, stage: Stage) -> bool:
    if policy.stage:
        return policy.stage == stage.metadata.name
    wanted = policy.stage_selector
    if wanted is None:
        return False
    return selects(wanted, stage.metadata.name, stage.metadata.labels)
