"""The functions of semantic versions: `semverDiff` and `semverParse`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.static_types import ANY, BOOL, INT, STRING, Signature, Type
from towpath.expressions.values import Failure, Function, Record, shown
from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE: Final = "github.com/Masterminds/semver/v3.Version"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Failure(f"cannot use {shown(value)} as a version: it must be a string")
    return value


def _parsed(value: Any) -> Record:
    try:
        return record(semver.parse(_text(value)))
    except semver.VersionError as error:
        raise Failure("error parsing semantic version: it is none") from error


def record(version: semver.Version) -> Record:
    """Return a version as a value of expressions."""

    def other(value: Any) -> semver.Version:
        if not isinstance(value, Record) or value.type != _TYPE:
            raise Failure("a version is wanted here: semverParse(text)")
        return semver.parse(value.text or "")

    return Record(
        _TYPE,
        {},
        text=str(version),
        methods={
            "Major": lambda: version.major,
            "Minor": lambda: version.minor,
            "Patch": lambda: version.patch,
            "Prerelease": lambda: version.prerelease,
            "Metadata": lambda: version.metadata,
            "Original": lambda: version.original,
            "String": lambda: str(version),
            "IncMajor": lambda: record(version.incremented("major")),
            "IncMinor": lambda: record(version.incremented("minor")),
            "IncPatch": lambda: record(version.incremented("patch")),
            "LessThan": lambda value: version < other(value),
            "LessThanEqual": lambda value: version <= other(value),
            "GreaterThan": lambda value: version > other(value),
            "GreaterThanEqual": lambda value: version >= other(value),
            "Equal": lambda value: version == other(value),
            "Compare": lambda value: version.compare(other(value)),
        },
    )


_VERSION: Final[Type] = Type(
    "record",
    name=_TYPE,
    methods={
        **dict.fromkeys(("Major", "Minor", "Patch", "Compare"), INT),
        **dict.fromkeys(("Prerelease", "Metadata", "Original", "String"), STRING),
        **dict.fromkeys(
            ("LessThan", "LessThanEqual", "GreaterThan", "GreaterThanEqual", "Equal"), BOOL
        ),
        **dict.fromkeys(("IncMajor", "IncMinor", "IncPatch"), ANY),
    },
)

VERSIONS: Final[Mapping[str, Function]] = {
    "semverDiff": Function(
        "semverDiff", lambda one, other: semver.difference(_text(one), _text(other))
    ),
    "semverParse": Function("semverParse", _parsed),
}
SIGNATURES: Final[Mapping[str, Signature]] = {
    "semverDiff": Signature(2, 2, (STRING, STRING), STRING),
    "semverParse": Signature(1, 1, (STRING,), _VERSION),
}
