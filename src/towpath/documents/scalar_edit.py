"""An edit of scalars as a value: what a step did to a file, so that it can be done again to another version of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.documents import hcl, json, toml, yaml

if TYPE_CHECKING:
    from towpath.documents.edits import Edited, Update

_UPDATE: Final = 32
"""What it costs to look for a key, in bytes of the file."""


class Format(enum.StrEnum):
    """The formats whose scalars can be set."""

    YAML = "yaml"
    JSON = "json"
    TOML = "toml"
    HCL = "hcl"


@dataclass(frozen=True, slots=True)
class ScalarEdit:
    """Scalars to set in one file.

    Setting them again changes nothing more. Whoever does an edit again on a file that others have changed as well first
    makes sure that the edit is all that was done: applied to the version it was made on, it gives the version that came
    of it, to the byte.
    """

    format: Format
    path: str
    """Names the file, in errors."""
    updates: tuple[Update, ...]

    def weight(self, data: bytes) -> int:
        """Return how much work it is on a version of the file: that, and what is written into it."""
        return len(data) + sum(
            len(each.key) + len(str(each.value)) + _UPDATE for each in self.updates
        )

    def apply(self, data: bytes) -> bytes:
        """Return a version of the file with the scalars set. Raises BadRequest as `edited` does."""
        return self.edited(data).data

    def edited(self, data: bytes) -> Edited:
        """Return a version of the file with the scalars set, and what became of each.

        Raises BadRequest for what cannot be read, for a key that leads nowhere, and for an edit that does not read back.
        """
        match self.format:
            case Format.YAML:
                return yaml.update(data, self.updates, source=self.path)
            case Format.JSON:
                return json.update(data, self.updates, source=self.path)
            case Format.TOML:
                return toml.update(data, self.updates, source=self.path)
            case Format.HCL:
                return hcl.update(data, self.updates, source=self.path)
