"""Edits of TOML texts that leave every byte alone but those of the scalars that change."""

from towpath.documents.toml.edit import update
from towpath.documents.toml.rendering import rendered

__all__ = ("rendered", "update")
