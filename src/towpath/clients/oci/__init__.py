"""Container registries, by the OCI distribution protocol (docs/explanation/registries.md)."""

from towpath.clients.oci.registries import ImageRepository, Registries

__all__ = ("ImageRepository", "Registries")
