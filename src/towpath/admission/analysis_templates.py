"""Admission of AnalysisTemplates: nothing of them is refused beyond their schema, and what can never run is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules
from towpath.admission.warnings import MOST
from towpath.resources.analysis_template import AnalysisTemplateSpec
from towpath.resources.structs import view
from towpath.rules.analysis import templates

if TYPE_CHECKING:
    from towpath.store.contract import Document


class AnalysisTemplateRules(KindRules):
    """Of AnalysisTemplate and ClusterAnalysisTemplate."""

    async def warnings(self, document: Document) -> list[str]:
        """Return why runs of a template would come to nothing."""
        said = list[str]()
        for each in templates.doubts(view(AnalysisTemplateSpec, document["spec"])):
            if each != templates.TURN:
                said.append(each)
            if len(said) > MOST:
                break
            await asyncio.sleep(0)
        return said
