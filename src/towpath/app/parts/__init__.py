"""The parts of a running Towpath that are made of others, or have to be closed; `composition` lists them in order.

A part that has to be closed is an asynchronous context manager: it has started when it is entered and is closed when it
is left. What a part needs are the parameters of the function that makes it, what it provides is what that yields.
"""

from towpath.app.parts.analysis import analysis_runs
from towpath.app.parts.argocd import argocd
from towpath.app.parts.controllers import controllers
from towpath.app.parts.hooks import dispatching, hook_runs
from towpath.app.parts.identities import identities
from towpath.app.parts.jobs import jobs
from towpath.app.parts.messages import messages
from towpath.app.parts.planning import planning
from towpath.app.parts.promotions import promotions
from towpath.app.parts.repositories import repositories
from towpath.app.parts.running import managing, watching
from towpath.app.parts.stage_health import health_looks
from towpath.app.parts.webhooks import webhooks

__all__ = [
    "analysis_runs",
    "argocd",
    "controllers",
    "dispatching",
    "health_looks",
    "hook_runs",
    "identities",
    "jobs",
    "managing",
    "messages",
    "planning",
    "promotions",
    "repositories",
    "watching",
    "webhooks",
]
