"""Who made a commit, as git writes it: `Name <email> seconds zone`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from datetime import datetime

# What git itself leaves out of names, and what it trims from their ends (ident.c).
_LEFT_OUT: Final = str.maketrans("", "", "<>\n\0")
_TRIMMED: Final = "".join(map(chr, range(33))) + ".,:;<>\"\\'"


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an email address."""

    name: str
    email: str

    @property
    def is_named(self) -> bool:
        """Whether git finds a name in it."""
        return bool(self._trimmed(self.name))

    @staticmethod
    def _trimmed(text: str) -> str:
        return text.translate(_LEFT_OUT).strip(_TRIMMED)

    def at(self, when: datetime) -> str:
        """Return git's form for the moment `when` (aware). Raises BadRequest if the name is empty, as git does."""
        name = self._trimmed(self.name)
        if not name:
            raise errors.BadRequest(
                f"author name {self.name!r} is empty once git has trimmed it; give a name"
            )
        email = self._trimmed(self.email)
        return f"{name} <{email}> {int(when.timestamp())} {when.strftime('%z') or '+0000'}"
