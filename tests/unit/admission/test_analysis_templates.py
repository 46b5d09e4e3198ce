"""A template that can never be measured is stored, and whoever writes it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.analysis import metric
from tests.support.pipeline import PROJECT, USER, project_document, running

if TYPE_CHECKING:
    from pathlib import Path


def _template(kind: str, **fields: Any) -> dict[str, Any]:
    metadata = {"name": "smoke"}
    if kind == "AnalysisTemplate":
        metadata["namespace"] = PROJECT
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": {"metrics": [metric(**fields)]},
    }


async def test_templates_of_both_kinds(tmp_path: Path) -> None:
    """A warning, not a refusal: Argo Rollouts takes it as well."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        for kind in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
            doubtful = await world.writer.create(_template(kind, count=3), USER)
            assert doubtful.warnings == (
                "spec.metrics[0]: interval must be specified when count > 1",
            )
            fine = _template(kind, count=3, interval="1m")
            fine["metadata"]["name"] = "fine"
            assert (await world.writer.create(fine, USER)).warnings == ()
