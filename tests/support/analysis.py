"""Runs of measurements for tests: specs from JSON, and the passes of a run one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.analysis_run import AnalysisRunSpec
from towpath.resources.analysis_template import AnalysisTemplateSpec, Metric
from towpath.resources.structs import view

if TYPE_CHECKING:
    from collections.abc import Mapping

WEB = {"web": {"url": "https://shop.example/healthz"}}


def metric(name: str = "m", **fields: Any) -> dict[str, Any]:
    """Return a metric as JSON, by names of the wire."""
    return {"name": name, "provider": WEB, **fields}


def metric_of(**fields: Any) -> Metric:
    """Return a metric."""
    return view(Metric, metric(**fields))


def run_spec(*metrics: Mapping[str, Any], **fields: Any) -> AnalysisRunSpec:
    """Return the spec of a run."""
    return view(AnalysisRunSpec, {"metrics": list(metrics) or [metric()], **fields})


def template_spec(*metrics: Mapping[str, Any], **fields: Any) -> AnalysisTemplateSpec:
    """Return the spec of a template."""
    return view(AnalysisTemplateSpec, {"metrics": list(metrics), **fields})
