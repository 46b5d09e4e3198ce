"""Container registries, by the OCI distribution protocol (docs/explanation/registries.md)."""

from towpath.clients.oci.registries import Registries
from towpath.clients.oci.repository import ImageRepository

__all__ = ("ImageRepository", "Registries")
