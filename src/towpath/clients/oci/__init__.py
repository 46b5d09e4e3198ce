"""Container registries, by the OCI distribution protocol."""

from towpath.clients.oci.registries import Registries, Repository

__all__ = ("Registries", "Repository")
