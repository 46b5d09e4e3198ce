"""The kinds of Argo Rollouts that verifications are described by."""

from __future__ import annotations

from typing import Final

from towpath.resources import (
    analysis_run,
    analysis_template,
)
from towpath.resources.kinds import Kind, PrinterColumn
from towpath.resources.scheme.groups import ARGO
from towpath.resources.scheme.rows import columns, indexes

ANALYSIS_TEMPLATE: Final = Kind(
    group=ARGO,
    version="v1alpha1",
    name="AnalysisTemplate",
    plural="analysistemplates",
    namespaced=True,
    type=analysis_template.AnalysisTemplate,
    short_names=("at",),
    generation=True,
)
CLUSTER_ANALYSIS_TEMPLATE: Final = Kind(
    group=ARGO,
    version="v1alpha1",
    name="ClusterAnalysisTemplate",
    plural="clusteranalysistemplates",
    namespaced=False,
    type=analysis_template.ClusterAnalysisTemplate,
    short_names=("cat",),
    generation=True,
)
ANALYSIS_RUN: Final = Kind(
    group=ARGO,
    version="v1alpha1",
    name="AnalysisRun",
    plural="analysisruns",
    namespaced=True,
    type=analysis_run.AnalysisRun,
    short_names=("ar",),
    columns=(
        *columns(Status=".status.phase"),
        PrinterColumn("Metrics", ".status.runSummary.count", type="integer"),
        PrinterColumn("Failed", ".status.runSummary.failed", type="integer"),
        *columns(Message=".status.message"),
    ),
    indexes=indexes("status.phase"),
    status=True,
    generation=True,
)
