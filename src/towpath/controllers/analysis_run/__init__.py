"""AnalysisRuns: has their measurements taken when they are due, and says what they come to."""

from towpath.controllers.analysis_run.reconciler import ACTOR, REQUESTER, AnalysisRunReconciler
from towpath.controllers.analysis_run.sources import sources

__all__ = ("ACTOR", "REQUESTER", "AnalysisRunReconciler", "sources")
