"""Container registries, by the OCI distribution protocol (docs/explanation/registries.md)."""

from towpath.clients.oci.registries import Registries, Repository

__all__ = ("Registries", "Repository")
