"""The Kubernetes API of everything that is stored, generic over the scheme.

Offered: discovery, OpenAPI, get, list, watch, create, update, patch, server-side apply, delete, the status
subresource, reviews and tokens. Not offered: exec, logs, port-forward, scale, writing CustomResourceDefinitions, and
strategic merge of custom resources (415). `docs/reference/kubernetes-api.md` describes it.
"""

from towpath.server.kube.routes import is_about, refusal, routes, unrouted

__all__ = ["is_about", "refusal", "routes", "unrouted"]
