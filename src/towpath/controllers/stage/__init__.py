"""Stages: which Promotion may run, what is in them, whether it is well and verified, what comes in by itself."""

from towpath.controllers.stage.health_looks import HealthLooks
from towpath.controllers.stage.reconciler import REQUESTER, StageReconciler
from towpath.controllers.stage.sources import sources

__all__ = ("REQUESTER", "HealthLooks", "StageReconciler", "sources")
