"""Runs of hooks: carries out their steps, and tries those again that failed."""

from towpath.controllers.hook_run.reconciler import REQUESTER, HookRunReconciler
from towpath.controllers.hook_run.sources import sources

__all__ = ("REQUESTER", "HookRunReconciler", "sources")
