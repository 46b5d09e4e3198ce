"""Edits of YAML texts that leave every byte alone but those of the scalars that change."""

from towpath.documents.edits import Change, Edited, Update
from towpath.documents.yaml.edit import update

__all__ = ("Change", "Edited", "Update", "update")
