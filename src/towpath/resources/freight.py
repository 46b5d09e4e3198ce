"""Freight: versions of artifacts that travel together, and the references that others keep of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from towpath.resources.fields import Field, GoDuration, Json, Struct, Time
from towpath.resources.meta import Resource
from towpath.resources.warehouse import ArtifactReference

if TYPE_CHECKING:
    from collections.abc import Iterable


class FreightOrigin(Struct):
    """Where Freight comes from."""

    kind: Annotated[str, Field("Kind of source.", enum=("Warehouse",))]
    name: Annotated[str, Field("Name of the source.")]

    @property
    def key(self) -> str:
        """The origin in one word, `Warehouse/<name>`, as maps and annotations have it."""
        return f"{self.kind}/{self.name}"

    @classmethod
    def of_key(cls, key: str) -> FreightOrigin:
        """Return the origin of a key. Raises ValueError for what is no key of a Warehouse."""
        kind, slash, name = key.partition("/")
        if kind != "Warehouse" or not slash or not name or "/" in name:
            raise ValueError(f"{key!r} is not an origin: it must read Warehouse/NAME")
        return cls(kind=kind, name=name)


class GitCommit(Struct):
    """A commit of Freight."""

    repo_url: Annotated[str, Field("Repository URL.")] = ""
    id: Annotated[str, Field("Full SHA.")] = ""
    branch: Annotated[str, Field("Branch it was found on.")] = ""
    tag: Annotated[str, Field("Tag that led to it.")] = ""
    message: Annotated[str, Field("First line of its message.")] = ""
    author: Annotated[str, Field("`Name <address>`.")] = ""
    committer: Annotated[str, Field("`Name <address>`.")] = ""
    subscription_name: Annotated[str, Field("Name of the subscription it came from.")] = ""


class Image(Struct):
    """A container image of Freight."""

    repo_url: Annotated[str, Field("Repository.")] = ""
    tag: Annotated[str, Field("Tag.")] = ""
    digest: Annotated[str, Field("Digest.")] = ""
    annotations: Annotated[dict[str, str], Field("OCI annotations.")] = {}
    subscription_name: Annotated[str, Field("Name of the subscription it came from.")] = ""


class Chart(Struct):
    """A Helm chart of Freight."""

    repo_url: Annotated[str, Field("Repository or chart URL.")] = ""
    name: Annotated[str, Field("Chart in the repository.")] = ""
    version: Annotated[str, Field("Version.")] = ""
    subscription_name: Annotated[str, Field("Name of the subscription it came from.")] = ""


class FreightReference(Struct):
    """A Freight as others keep it, complete enough to outlive it."""

    name: Annotated[str, Field("Name of the Freight.")] = ""
    origin: Annotated[FreightOrigin | None, Field("Where it came from.")] = None
    commits: Annotated[list[GitCommit], Field("Commits.")] = []
    images: Annotated[list[Image], Field("Images.")] = []
    charts: Annotated[list[Chart], Field("Charts.")] = []
    artifacts: Annotated[list[ArtifactReference], Field("Other artifacts.")] = []


class CurrentStage(Struct):
    """That the Freight is in a Stage now."""

    since: Annotated[Time | None, Field("Since when.")] = None


class VerifiedStage(Struct):
    """That the Freight was verified in a Stage."""

    verified_at: Annotated[Time | None, Field("When it was first verified.")] = None
    longest_soak: Annotated[
        GoDuration,
        Field("The longest time it stayed in the Stage in one go, of the stays that ended."),
    ] = ""


class ApprovedStage(Struct):
    """That the Freight was approved for a Stage by hand."""

    approved_at: Annotated[Time | None, Field("When it was approved.")] = None


class FreightStatus(Struct):
    """Where the Freight is and was, by Stage."""

    currently_in: Annotated[dict[str, CurrentStage], Field("Stages that hold it now.")] = {}
    verified_in: Annotated[dict[str, VerifiedStage], Field("Stages it was verified in.")] = {}
    approved_for: Annotated[dict[str, ApprovedStage], Field("Stages it was approved for.")] = {}
    metadata: Annotated[dict[str, Json], Field("What promotion steps noted about it.")] = {}


class Freight(Resource, kw_only=True):
    """Versions of artifacts that travel from Stage to Stage together."""

    origin: Annotated[FreightOrigin, Field("Where it came from.")]
    alias: Annotated[str, Field("A name for people, unique in the Project.")] = ""
    discovered_at: Annotated[Time | None, Field("When its newest artifact was found.")] = None
    commits: Annotated[list[GitCommit], Field("Commits.")] = []
    images: Annotated[list[Image], Field("Images.")] = []
    charts: Annotated[list[Chart], Field("Charts.")] = []
    artifacts: Annotated[list[ArtifactReference], Field("Other artifacts.")] = []
    status: Annotated[FreightStatus | None, Field("Where it is and was.")] = None


def collection_id(names: Iterable[str]) -> str:
    """Return the id of a collection of Freight: SHA-1 of the sorted names, joined by commas."""
    joined = ",".join(sorted(names))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()
