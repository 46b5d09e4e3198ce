"""Edits of HCL texts, as Terraform's, that leave every byte alone but those of the scalars that change."""

from towpath.documents.hcl.edit import update
from towpath.documents.hcl.literals import rendered

__all__ = ("rendered", "update")
