"""Warehouse: which artifacts to watch, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from towpath.resources import value_formats
from towpath.resources.fields import (
    Duration,
    Field,
    FreeObject,
    Int64,
    Json,
    Struct,
    Text,
    Time,
)
from towpath.resources.meta import Conditions, Resource
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from towpath.resources.schema import Schema

GIT_URL: Final = (
    r"(?:^(ssh|https?)://(?:([\w.-]+)(:(.+))?@)?([\w-]+(?:\.[\w-]+)*)(?::(\d{1,5}))?(/.*)$)"
    r"|(?:^([\w.-]+)@([\w+-]+(?:\.[\w-]+)*):(/?.*))"
)
IMAGE_URL: Final = r"^(\w+([\.-]\w+)*(:[\d]+)?/)?(\w+([\.-]\w+)*)(/\w+([\.-]\w+)*)*$"
CHART_URL: Final = r"^(((https?)|(oci))://)([\w\d\.\-]+)(:[\d]+)?(/.*)*$"
BRANCH: Final = r"^[a-zA-Z0-9]([a-zA-Z0-9._\/-]*[a-zA-Z0-9_-])?$"

Regex = Annotated[str, Field(form=value_formats.PATTERN)]
PathSelector = Annotated[str, Field(form=value_formats.PATH_SELECTOR)]

_LIMIT_DOC: Final = "How many versions to keep, newest first."


class ImageSubscription(Struct):
    """Watches the tags of a container image repository."""

    repo_url: Annotated[
        str, Field("Repository, without tag or scheme.", min_length=1, pattern=IMAGE_URL)
    ]
    image_selection_strategy: Annotated[
        str,
        Field(
            "Which tags count as newer: by version, by name, by digest of one tag, or by build time.",
            enum=("Digest", "Lexical", "NewestBuild", "SemVer"),
            default="SemVer",
        ),
    ] = "SemVer"
    constraint: Annotated[str, Field("SemVer: a version range. Digest: the tag to follow.")] = ""
    semver_constraint: Annotated[str, Field("Older name of `constraint`.")] = ""
    strict_semvers: Annotated[
        bool, Field("Whether tags must have all of major, minor and patch.", default=True)
    ] = True
    allow_tags: Annotated[
        Regex, Field("Older form: one regular expression of `allowTagsRegexes`.")
    ] = ""
    allow_tags_regexes: Annotated[
        list[Regex], Field("Regular expressions; a tag must match one of them.")
    ] = []
    ignore_tags: Annotated[list[str], Field("Older form: tags to leave out, literally.")] = []
    ignore_tags_regexes: Annotated[
        list[Regex], Field("Regular expressions; a tag that matches one is left out.")
    ] = []
    platform: Annotated[str, Field("`os/arch` or `os/arch/variant` the image must exist for.")] = ""
    discovery_limit: Annotated[
        int, Field(_LIMIT_DOC, format="int32", minimum=1, maximum=100, default=20)
    ] = 20
    insecure_skip_tls_verify: Annotated[
        bool, Field("Whether to accept any certificate. Unsafe.")
    ] = False
    cache_by_tag: Annotated[
        bool,
        Field("Whether what a tag points to may be remembered: only for tags that never move."),
    ] = False


class GitSubscription(Struct):
    """Watches the commits of a branch, or the tags, of a Git repository."""

    repo_url: Annotated[str, Field("Repository URL.", min_length=1, pattern=GIT_URL)]
    commit_selection_strategy: Annotated[
        str,
        Field(
            "Which commits count as newer: by place on a branch, by version of tag, by name or time of tag.",
            enum=("Lexical", "NewestFromBranch", "NewestTag", "SemVer"),
            default="NewestFromBranch",
        ),
    ] = "NewestFromBranch"
    branch: Annotated[
        str,
        Field(
            "Branch to follow; the remote's default if empty.",
            min_length=1,
            max_length=255,
            pattern=BRANCH,
        ),
    ] = ""
    since: Annotated[Time | None, Field("Commits before this moment are left out.")] = None
    semver_constraint: Annotated[str, Field("Version range for tags.")] = ""
    strict_semvers: Annotated[
        bool, Field("Whether tags must have all of major, minor and patch.", default=True)
    ] = True
    allow_tags: Annotated[
        Regex, Field("Older form: one regular expression of `allowTagsRegexes`.")
    ] = ""
    allow_tags_regexes: Annotated[
        list[Regex], Field("Regular expressions; a tag must match one of them.")
    ] = []
    ignore_tags: Annotated[list[str], Field("Older form: tags to leave out, literally.")] = []
    ignore_tags_regexes: Annotated[
        list[Regex], Field("Regular expressions; a tag that matches one is left out.")
    ] = []
    expression_filter: Annotated[str, Field("Expression that a commit or tag must satisfy.")] = ""
    include_paths: Annotated[
        list[PathSelector], Field("Only commits that touch one of these paths count.")
    ] = []
    exclude_paths: Annotated[list[PathSelector], Field("Changes of these paths do not count.")] = []
    discovery_limit: Annotated[
        int, Field(_LIMIT_DOC, format="int32", minimum=1, maximum=100, default=20)
    ] = 20
    insecure_skip_tls_verify: Annotated[
        bool, Field("Whether to accept any certificate. Unsafe.")
    ] = False
    blobless: Annotated[bool, Field("Whether to fetch commits without their files' contents.")] = (
        False
    )


class ChartSubscription(Struct):
    """Watches the versions of a Helm chart."""

    repo_url: Annotated[
        str,
        Field(
            "Chart repository (`https://`) or chart (`oci://`).", min_length=1, pattern=CHART_URL
        ),
    ]
    name: Annotated[str, Field("Chart in the repository; not for `oci://`.")] = ""
    semver_constraint: Annotated[str, Field("Version range.")] = ""
    discovery_limit: Annotated[
        int, Field(_LIMIT_DOC, format="int32", minimum=1, maximum=100, default=20)
    ] = 20
    insecure_skip_tls_verify: Annotated[
        bool, Field("Whether to accept any certificate. Unsafe.")
    ] = False


class GenericSubscription(Struct):
    """Watches an artifact of a type that an extension knows."""

    config: Annotated[FreeObject | None, Field("What the extension needs to know.")] = None
    discovery_limit: Annotated[
        int, Field(_LIMIT_DOC, format="int32", minimum=1, maximum=100, default=20)
    ] = 20


SUBSCRIPTIONS: Final[dict[str, type[Struct]]] = {
    "chart": ChartSubscription,
    "git": GitSubscription,
    "image": ImageSubscription,
}
"""The subscription types every installation knows, by the key that names them in `spec.subscriptions[]`."""


class FreightCreationCriteria(Struct):
    """Which combinations of artifacts may become Freight."""

    expression: Annotated[
        str, Field("Expression over the artifacts; false: no Freight is made.")
    ] = ""


class WarehouseSpec(Struct):
    """What to watch, and when to make Freight of it."""

    subscriptions: Annotated[
        list[Json],
        Field(
            "The repositories to watch: each with one key for its type, and optionally a `name`.",
            min_items=1,
        ),
    ]
    interval: Annotated[
        Duration,
        Field("How often to look, if nothing calls for it earlier.", required=True, default="5m0s"),
    ] = "5m0s"
    freight_creation_policy: Annotated[
        str,
        Field(
            "Whether new artifacts become Freight by themselves.",
            enum=("Automatic", "Manual"),
            default="Automatic",
        ),
    ] = "Automatic"
    freight_creation_criteria: Annotated[
        FreightCreationCriteria | None, Field("Which combinations may become Freight.")
    ] = None
    shard: Annotated[
        str, Field("The controller that is responsible; the default one if empty.")
    ] = ""


class DiscoveredCommit(Struct):
    """A commit that was found."""

    id: Annotated[str, Field("Full SHA.", min_length=1)] = ""
    branch: Annotated[str, Field("Branch it was found on.")] = ""
    tag: Annotated[str, Field("Tag that led to it.")] = ""
    subject: Annotated[str, Field("First line of its message.")] = ""
    author: Annotated[str, Field("`Name <address>`.")] = ""
    committer: Annotated[str, Field("`Name <address>`.")] = ""
    creator_date: Annotated[Time | None, Field("When the commit or annotated tag was made.")] = None


class ObservedTag(Struct):
    """A tag and what it pointed to."""

    name: Annotated[Text, Field("The tag.")]
    id: Annotated[Text, Field("SHA it pointed to.")]


class ObservedRefs(Struct):
    """What the repository's refs were when it was last looked at."""

    branch_head: Annotated[str, Field("SHA of the branch.")] = ""
    tags: Annotated[list[ObservedTag], Field("The tags.")] = []


class GitDiscoveryResult(Struct):
    """Commits of one subscription, newest first."""

    repo_url: Annotated[str, Field("Repository URL.", min_length=1, pattern=GIT_URL)]
    subscription_name: Annotated[str, Field("Name of the subscription, if it has one.")] = ""
    commits: Annotated[list[DiscoveredCommit], Field("Newest first.")] = []
    observed_refs: Annotated[
        ObservedRefs | None, Field("Refs seen, to notice changes cheaply.")
    ] = None


class DiscoveredImageReference(Struct):
    """A tag of an image that was found."""

    tag: Annotated[str, Field("The tag.", min_length=1, max_length=128, pattern=r"^[\w.\-\_]+$")]
    digest: Annotated[
        str, Field("Digest it pointed to.", min_length=1, pattern=r"^[a-z0-9]+:[a-f0-9]+$")
    ]
    annotations: Annotated[dict[str, str], Field("OCI annotations of the image.")] = {}
    created_at: Annotated[Time | None, Field("When the image was built.")] = None


class ImageDiscoveryResult(Struct):
    """Image references of one subscription, newest first."""

    repo_url: Annotated[Text, Field("Repository.")]
    platform: Annotated[str, Field("Platform asked for.")] = ""
    subscription_name: Annotated[str, Field("Name of the subscription, if it has one.")] = ""
    references: Annotated[list[DiscoveredImageReference], Field("Newest first.")] = []


class ChartDiscoveryResult(Struct):
    """Chart versions of one subscription, newest first."""

    repo_url: Annotated[Text, Field("Repository or chart URL.")]
    name: Annotated[str, Field("Chart in the repository.")] = ""
    semver_constraint: Annotated[str, Field("Version range asked for.")] = ""
    subscription_name: Annotated[str, Field("Name of the subscription, if it has one.")] = ""
    versions: Annotated[list[str], Field("Newest first.")] = []


class ArtifactReference(Struct, kw_only=True):
    """A version of an artifact of an extension's type."""

    artifact_type: Annotated[str, Field("Type of artifact.", min_length=1)] = ""
    subscription_name: Annotated[Text, Field("Name of the subscription it came from.")]
    version: Annotated[Text, Field("The version.")]
    metadata: Annotated[Json, Field("What the extension tells about it.")] = None


class DiscoveryResult(Struct):
    """Versions of one subscription of an extension's type, newest first."""

    name: Annotated[Text, Field("Name of the subscription.")]
    artifact_references: Annotated[list[ArtifactReference], Field("Newest first.")] = []


class DiscoveredArtifacts(Struct):
    """What the last discovery found."""

    discovered_at: Annotated[Time | None, Field("When the discovery took place.")] = None
    git: Annotated[list[GitDiscoveryResult], Field("Commits.")] = []
    images: Annotated[list[ImageDiscoveryResult], Field("Image references.")] = []
    charts: Annotated[list[ChartDiscoveryResult], Field("Chart versions.")] = []
    results: Annotated[list[DiscoveryResult], Field("Artifacts of extensions' types.")] = []


class WarehouseStatus(Struct):
    """What was found, and how discovery fares."""

    conditions: Conditions = []
    last_handled_refresh: Annotated[str, Field("The last refresh request that was honoured.")] = ""
    observed_generation: Annotated[Int64, Field("The generation the status is about.")] = 0
    last_freight_id: Annotated[
        str, Field("Name of the Freight that was made last (or existed already).")
    ] = ""
    discovered_artifacts: Annotated[DiscoveredArtifacts | None, Field("What was found last.")] = (
        None
    )


class Warehouse(Resource, kw_only=True):
    """A source of Freight: repositories to watch for new versions of artifacts."""

    spec: Annotated[WarehouseSpec, Field("What to watch.")]
    status: Annotated[WarehouseStatus | None, Field("What was found.")] = None


def subscription_type(item: Any) -> str | None:
    """Return the type key of an item of `spec.subscriptions`: the one key that is not `name`.

    None if there is none, or several, or it does not hold an object.
    """
    if not isinstance(item, dict):
        return None
    keys = [key for key in item if key != "name"]
    return keys[0] if len(keys) == 1 and isinstance(item[keys[0]], dict) else None


def subscription_schema(type_key: str) -> Schema | None:
    """Return the schema of what a type key of `spec.subscriptions[]` holds.

    None for a type that not every installation knows. Where an extension has registered one, it holds a
    `GenericSubscription`, whose `config` is the extension's to check.
    """
    type_ = SUBSCRIPTIONS.get(type_key)
    return None if type_ is None else schema_of(type_)
