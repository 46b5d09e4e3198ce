"""Warnings about promotion policies that match no Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import messages
from towpath.rules import policies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.project_config import PromotionPolicy
    from towpath.resources.stage import Stage

PATH = "spec.promotionPolicies"
_MOST_TOLD = 100
"""Policies of which something is said."""


def of_policies(found: Sequence[PromotionPolicy], stages: Sequence[Stage]) -> Iterator[list[str]]:
    """Yield which policies decide for none of the Stages there are: a part for each that was looked at.

    Of a thousand policies and Stages each pair is looked at: others have a turn between the parts.
    """
    names = sorted(stage.metadata.name for stage in stages)
    told = 0
    for place, policy in enumerate(found):
        if policies.matches_any(policy, stages):
            yield []
            continue
        told += 1
        if told > _MOST_TOLD:
            yield [f"{PATH}: more of them match no Stage of the Project"]
            return
        selector = policy.stage_selector
        name = policy.stage or (selector.name if selector else "")
        is_plain = bool(name) and ":" not in name and name not in names
        field = "stage" if policy.stage else f"stageSelector{'.name' if is_plain else ''}"
        what = f'"{name}" matches' if is_plain else "it matches"
        none = "the Project has none yet"
        instead = messages.instead(name if is_plain else "", names, none=none)
        yield [f"{PATH}[{place}].{field}: {what} no Stage of the Project; {instead}"]
