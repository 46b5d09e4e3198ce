"""Argo CD, by either of its APIs: the Kubernetes API that holds its Applications, or its own."""

from towpath.clients.argocd.contract import ApplicationEvent, ArgoCD, EventKind

__all__ = ("ApplicationEvent", "ArgoCD", "EventKind")
