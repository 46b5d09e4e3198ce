"""Warnings about promotion policies that match no Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import messages
from towpath.rules import policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.project_config import PromotionPolicy
    from towpath.resources.stage import Stage

PATH = "spec.promotionPolicies"


def of_policies(found: Sequence[PromotionPolicy], stages: Sequence[Stage]) -> list[str]:
    """Return which policies decide for none of the Stages there are."""
    names = sorted(stage.metadata.name for stage in stages)
    said = []
    for place, policy in enumerate(found):
        if policies.matches_any(policy, stages):
            continue
        selector = policy.stage_selector
        name = policy.stage or (selector.name if selector else "")
        is_plain = bool(name) and ":" not in name and name not in names
        field = "stage" if policy.stage else f"stageSelector{'.name' if is_plain else ''}"
        what = f'"{name}" matches' if is_plain else "it matches"
        none = "the Project has none yet"
        instead = messages.instead(name if is_plain else "", names, none=none)
        said.append(f"{PATH}[{place}].{field}: {what} no Stage of the Project; {instead}")
    return said
