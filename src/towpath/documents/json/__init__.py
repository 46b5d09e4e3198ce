"""Edits of JSON texts that leave every byte alone but those of the values that change; comments may be in them."""

from towpath.documents.json.edit import update

__all__ = ("update",)
