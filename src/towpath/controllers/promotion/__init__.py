"""Promotions: runs the steps of those whose turn it is, and ends them."""

from towpath.controllers.promotion.reconciler import REQUESTER, PromotionReconciler
from towpath.controllers.promotion.sources import sources

__all__ = ("REQUESTER", "PromotionReconciler", "sources")
