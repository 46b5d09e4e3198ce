"""The one way out by HTTP: time-outs, retries, limits per host, and a guard over the addresses."""

from towpath.clients.http.egress import Egress, Response

__all__ = ("Egress", "Response")
