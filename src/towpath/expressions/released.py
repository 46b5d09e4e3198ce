"""`commitsBetween`, `issuesBetween` and `releaseNotes`: how they are called; `rules/released` has what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.expressions.static_types import ANY, STRING, Signature, array_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURES: Final[Mapping[str, Signature]] = {
    "commitsBetween": Signature(0, 1, (STRING,), array_of(ANY)),
    "issuesBetween": Signature(1, 1, (STRING,), array_of(STRING)),
    "releaseNotes": Signature(0, 1, (STRING,), STRING),
}
