"""Edits of YAML texts that leave every byte alone but those of the scalars that change."""

from towpath.documents.yaml.edit import Change, Edited, Update, update

__all__ = ("Change", "Edited", "Update", "update")
