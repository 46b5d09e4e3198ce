"""Secret: values that are sealed at rest and masked on read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from towpath.resources import booleans
from towpath.resources.fields import Field
from towpath.resources.meta import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

CREDENTIAL_TYPES: Final = frozenset({"git", "helm", "image"})
GENERIC: Final = "generic"
"""The type of a Secret in the shared namespace that expressions of every Project may read."""
ARGOCD: Final = "argocd"
"""The type of a Secret by which an ArgoCDConnection reaches its installation."""
REPO_URL: Final = "repoURL"
REPO_URL_IS_REGEX: Final = "repoURLIsRegex"
USERNAME: Final = "username"
PASSWORD: Final = "password"  # noqa: S105 - a key's name
KNOWN_HOSTS: Final = "knownHosts"
"""Beside an SSH key: lines of a `known_hosts` file."""


def is_pattern(values: Mapping[str, Any]) -> bool:
    """Whether a credential names its repositories by a regular expression."""
    return booleans.is_set(values, REPO_URL_IS_REGEX)


class Secret(Resource):
    """Values that are sealed at rest and masked on read, such as credentials."""

    type: Annotated[str, Field("What the values are; `Opaque` if absent.")] = ""
    data: Annotated[
        dict[str, Annotated[str, Field(format="byte", secret=True)]],
        Field("The values, in base64.", secret=True),
    ] = {}
    string_data: Annotated[
        dict[str, Annotated[str, Field(secret=True)]],
        Field("The values as text, on writing; moved into `data`.", secret=True),
    ] = {}
    immutable: Annotated[bool, Field("Whether the values are fixed.")] = False
