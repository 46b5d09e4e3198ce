"""Bodies and answers of Kargo's API that are no stored objects, as its own description has them."""

from __future__ import annotations

from msgspec import field

from towpath.server.shaped import AnyObject, Freight, Metadata, Moment, Project, Promotion, Shaped
from towpath.server.wire import OneOf

# The system


class OidcConfig(Shaped):
    """Where people sign in."""

    issuer_url: str = field(name="issuerUrl")
    client_id: str
    cli_client_id: str = ""
    scopes: list[str] = []


class PublicConfig(Shaped):
    """What whoever has no token may know."""

    admin_account_enabled: bool
    skip_auth: bool
    oidc_config: OidcConfig | None = None


class AdminLoginResponse(Shaped):
    """What the administrator's password is exchanged for."""

    id_token: str


class Shard(Shaped):
    """Where people see Applications."""

    url: str
    namespace: str


class ServerConfig(Shaped):
    """How the server is set up."""

    argocd_shards: dict[str, Shard]
    secret_management_enabled: bool
    system_resources_namespace: str
    shared_resources_namespace: str
    kargo_namespace: str
    has_analysis_run_logs_url_template: bool


class ShownHeartbeat(Shaped):
    """Whether the controllers of a shard live."""

    controller: str
    status: str
    timestamp: Moment


class Heartbeats(Shaped):
    """The same by shard; the empty name stands for what names none."""

    heartbeats: dict[str, ShownHeartbeat]
    default_controller: str


class ServerVersion(Shaped):
    """What runs."""

    version: str
    build_date: str
    git_commit: str
    git_tree_dirty: bool
    go_version: str
    compiler: str
    platform: str


# Manifests


class ResourceResult(Shaped):
    """What became of one document: one of the four, or an error."""

    created_resource_manifest: AnyObject = {}
    updated_resource_manifest: AnyObject = {}
    deleted_resource_manifest: AnyObject = {}
    error: str = ""
    unchanged: bool = False
    """Ours: the object is what was asked for already."""
    warnings: list[str] = []
    """Ours."""


class ResourceResults(Shaped):
    """What became of each document."""

    results: list[ResourceResult]


# Projects and their parts


class Projects(Shaped):
    """A page of Projects."""

    items: list[Project]
    total: int


class ImageStages(Shaped):
    """Which Stages have a tag, at which place of their history."""

    stages: dict[str, int]


class ImageTags(Shaped):
    """The tags of an image."""

    tags: dict[str, ImageStages]


class FreightGroup(Shaped):
    """Freight that has something in common."""

    items: list[Freight]


class FreightGroups(Shaped):
    """Freight by what it has in common; under the empty name where nothing was asked for."""

    groups: dict[str, FreightGroup]
    resource_version: str = ""


class ShownLink(Shaped):
    """A link, ready to be followed."""

    title: str
    url: str
    description: str = ""


class Links(Shaped):
    """Links of an object, and what was wrong with those that are missing."""

    links: list[ShownLink]
    errors: list[str] = []


class Promote(Shaped):
    """What is to be promoted: one of the three."""

    freight: str = ""
    freight_alias: str = ""
    origin: str = ""


class PromoteDownstream(Shaped):
    """What is to be promoted: one of the two."""

    freight: str = ""
    freight_alias: str = ""


class Promoted(Shaped):
    """The Promotions that were made, and what failed of others."""

    promotions: list[Promotion]
    errors: str = ""


# Config maps and credentials


class NewConfigMap(Shaped):
    """A new ConfigMap."""

    name: str
    data: dict[str, str]
    description: str = ""
    replicate: bool = False


class WholeConfigMap(Shaped):
    """What a ConfigMap is to hold from now on."""

    data: dict[str, str]
    description: str = ""
    replicate: bool = False


class Changes(Shaped):
    """What is to be changed of a ConfigMap or a generic credential."""

    data: dict[str, str] = {}
    description: str | None = None
    remove_keys: list[str] = []


class NewGenericCredentials(NewConfigMap):
    """A new generic credential."""

    type: str = ""


class NewRepoCredentials(Shaped):
    """A new credential of a repository."""

    name: str
    type: str
    repo_url: str
    username: str
    password: str
    repo_url_is_regex: bool = False
    description: str = ""


class WholeRepoCredentials(Shaped):
    """What a credential is to be from now on."""

    type: str
    repo_url: str
    username: str
    password: str
    repo_url_is_regex: bool = False
    description: str = ""


class RepoCredentialsChanges(Shaped):
    """What is to be changed of a credential."""

    type: str = ""
    repo_url: str = ""
    username: str = ""
    password: str = ""
    repo_url_is_regex: bool = False
    description: str | None = None


# Roles


class Claim(Shaped):
    """What must be said of a person."""

    name: str
    values: list[str]


class Claims(Shaped):
    """Claims of a person."""

    claims: list[Claim] = []


class RoleRule(Shaped):
    """Verbs on one resource."""

    verbs: list[str]
    api_groups: list[str] = []
    resources: list[str] = []
    resource_names: list[str] = []
    non_resource_urls: list[str] = field(default_factory=list, name="nonResourceURLs")


class KargoRole(Shaped):
    """Whom claims are mapped to, and what they may do."""

    metadata: Metadata
    claims: list[Claim] = []
    rules: list[RoleRule] = []
    kargo_managed: bool = False
    api_version: str = ""
    kind: str = ""


class RoleResources(Shaped):
    """The same as the objects that it is made of (`as-resources=true`)."""

    metadata: Metadata
    service_account: AnyObject
    roles: list[AnyObject] = []
    cluster_roles: list[AnyObject] = []
    role_bindings: list[AnyObject] = []


class ResourceDetails(Shaped):
    """What may be done to a resource."""

    resource_type: str
    verbs: list[str]
    resource_name: str = ""


class Grant(Shaped):
    """To a role: people, by their claims, or rights to a resource."""

    role: str
    user_claims: Claims | None = None
    resource_details: ResourceDetails | None = None


class NewApiToken(Shaped):
    """A new token of a role's ServiceAccount."""

    name: str
    description: str = ""
    """Ours."""
    expires_at: str = ""
    """Ours: when it ends (RFC 3339); empty: when it is deleted."""


ROLE = OneOf((KargoRole, RoleResources))
"""A role, in either form."""
ROLES = OneOf((list[KargoRole], list[RoleResources]))
MANIFEST = str
IMAGES = dict[str, ImageTags]
