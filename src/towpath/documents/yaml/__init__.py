"""Edits of YAML texts that leave every byte alone but those of the scalars that change."""

from towpath.documents.yaml.edit import Update, update

__all__ = ("Update", "update")
