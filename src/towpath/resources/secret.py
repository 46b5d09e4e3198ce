"""Secret: values that are sealed at rest and masked on read."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources.fields import Field
from towpath.resources.meta import Resource

CREDENTIAL_TYPE: Final = "kargo.akuity.io/cred-type"
"""Label of a Secret that is the credential of repositories, or `generic`: one that all Projects share."""
CREDENTIAL_TYPES: Final = frozenset({"git", "helm", "image"})
GENERIC: Final = "generic"
"""The type of a Secret in the shared namespace that expressions of every Project may read."""
REPO_URL: Final = "repoURL"
REPO_URL_IS_REGEX: Final = "repoURLIsRegex"
USERNAME: Final = "username"
PASSWORD: Final = "password"  # noqa: S105 - a key's name
KNOWN_HOSTS: Final = "knownHosts"
"""Beside an SSH key: lines of a `known_hosts` file."""


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
