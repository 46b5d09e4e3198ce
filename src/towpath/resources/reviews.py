"""Reviews: what is asked about identity and access. They are answered and not kept, and so are no part of the scheme."""

from __future__ import annotations

from typing import Annotated, Final

from towpath.resources.fields import Field, Int64, Struct, Time
from towpath.resources.kinds import Kind
from towpath.resources.meta import Resource
from towpath.resources.role import PolicyRule

AUTHORIZATION: Final = "authorization.k8s.io"
AUTHENTICATION: Final = "authentication.k8s.io"

Extra = Annotated[dict[str, list[str]], Field("What else is known of the user.")]
Groups = Annotated[list[str], Field("The groups the user is in.", list_type="atomic")]


class ResourceAttributes(Struct):
    """Something to be done to a resource."""

    namespace: Annotated[str, Field("The namespace; empty: all of them, or none.")] = ""
    verb: Annotated[str, Field("What is to be done, such as `get`; `*`: everything.")] = ""
    group: Annotated[str, Field("The API group; `*`: all.")] = ""
    version: Annotated[str, Field("The API version. It does not matter.")] = ""
    resource: Annotated[str, Field("The resource, such as `stages`; `*`: all.")] = ""
    subresource: Annotated[str, Field("The part of the object, such as `status`.")] = ""
    name: Annotated[str, Field("The object's name; empty: all.")] = ""


class NonResourceAttributes(Struct):
    """Something to be done to a path that is no resource."""

    path: Annotated[str, Field("The path, such as `/healthz`.")] = ""
    verb: Annotated[str, Field("What is to be done, such as `get`.")] = ""


class SelfSubjectAccessReviewSpec(Struct):
    """What the caller may want to do: exactly one of the two is to be said."""

    resource_attributes: Annotated[ResourceAttributes | None, Field("To a resource.")] = None
    non_resource_attributes: Annotated[NonResourceAttributes | None, Field("To a path.")] = None


class SubjectAccessReviewSpec(SelfSubjectAccessReviewSpec):
    """What a user may want to do: exactly one resource or path is to be said, and a user or a group."""

    user: Annotated[str, Field("The user's name.")] = ""
    groups: Groups = []
    extra: Extra = {}
    uid: Annotated[str, Field("The user's uid.")] = ""


class SubjectAccessReviewStatus(Struct):
    """The decision."""

    allowed: Annotated[bool, Field("Whether it may be done.")]
    denied: Annotated[bool, Field("Whether somebody forbade it.")] = False
    reason: Annotated[str, Field("Why.")] = ""
    evaluation_error: Annotated[str, Field("What went wrong in deciding.")] = ""


_Decision = Annotated[SubjectAccessReviewStatus | None, Field("The decision.")]


class SelfSubjectAccessReview(Resource, kw_only=True):
    """Asks whether the caller may do something."""

    spec: Annotated[SelfSubjectAccessReviewSpec, Field("What is to be done.")]
    status: _Decision = None


class SubjectAccessReview(Resource, kw_only=True):
    """Asks whether a user may do something."""

    spec: Annotated[SubjectAccessReviewSpec, Field("What is to be done, and by whom.")]
    status: _Decision = None


class LocalSubjectAccessReview(Resource, kw_only=True):
    """Asks whether a user may do something in the namespace of the review."""

    spec: Annotated[SubjectAccessReviewSpec, Field("What is to be done, and by whom.")]
    status: _Decision = None


class SelfSubjectRulesReviewSpec(Struct):
    """Where the rules are to hold."""

    namespace: Annotated[str, Field("The namespace.")] = ""


class SubjectRulesReviewStatus(Struct):
    """All that may be done."""

    resource_rules: Annotated[list[PolicyRule], Field("To resources.", list_type="atomic")]
    non_resource_rules: Annotated[list[PolicyRule], Field("To paths.", list_type="atomic")]
    incomplete: Annotated[bool, Field("Whether there may be more.")]
    evaluation_error: Annotated[str, Field("What went wrong in finding the rules.")] = ""


class SelfSubjectRulesReview(Resource, kw_only=True):
    """Asks for all that the caller may do in a namespace."""

    spec: Annotated[SelfSubjectRulesReviewSpec, Field("Where.")]
    status: Annotated[SubjectRulesReviewStatus | None, Field("All that may be done.")] = None


class UserInfo(Struct):
    """Who somebody is."""

    username: Annotated[str, Field("The user's name.")] = ""
    uid: Annotated[str, Field("The user's uid.")] = ""
    groups: Groups = []
    extra: Extra = {}


class SelfSubjectReviewStatus(Struct):
    """Who the caller is."""

    user_info: Annotated[UserInfo | None, Field("The caller.")] = None


class SelfSubjectReview(Resource):
    """Asks who the caller is."""

    status: Annotated[SelfSubjectReviewStatus | None, Field("Who the caller is.")] = None


class TokenReviewSpec(Struct):
    """A token, and for whom it should be."""

    token: Annotated[str, Field("The token.", secret=True)] = ""
    audiences: Annotated[
        list[str], Field("Whom the token should be for; this server if empty.", list_type="atomic")
    ] = []


class TokenReviewStatus(Struct):
    """Whose a token is."""

    authenticated: Annotated[bool, Field("Whether the token counts.")] = False
    user: Annotated[UserInfo | None, Field("Whose it is.")] = None
    audiences: Annotated[list[str], Field("Whom it is for.", list_type="atomic")] = []
    error: Annotated[str, Field("Why it does not count.")] = ""


class TokenReview(Resource, kw_only=True):
    """Asks whose a token is."""

    spec: Annotated[TokenReviewSpec, Field("The token.", secret=True)]
    status: Annotated[TokenReviewStatus | None, Field("Whose it is.")] = None


class TokenRequestSpec(Struct):
    """Which token is wanted."""

    audiences: Annotated[
        list[str], Field("Whom the token is for; this server if empty.", list_type="atomic")
    ] = []
    expiration_seconds: Annotated[
        Int64 | None, Field("Seconds for which it counts, 600 at least; 3600 if absent.")
    ] = None


class TokenRequestStatus(Struct):
    """The token."""

    token: Annotated[str, Field("The token.", secret=True)]
    expiration_timestamp: Annotated[Time, Field("Until when it counts.")]


class TokenRequest(Resource, kw_only=True):
    """Asks for a token of a ServiceAccount."""

    spec: Annotated[TokenRequestSpec, Field("Which token is wanted.")]
    status: Annotated[TokenRequestStatus | None, Field("The token.", secret=True)] = None


def _kind(group: str, type_: type[Resource], *, namespaced: bool = False) -> Kind:
    name = type_.__name__
    return Kind(
        group=group,
        version="v1",
        name=name,
        plural=f"{name.lower()}s",
        namespaced=namespaced,
        type=type_,
    )


REVIEWS: Final = (
    _kind(AUTHENTICATION, SelfSubjectReview),
    _kind(AUTHENTICATION, TokenReview),
    _kind(AUTHORIZATION, LocalSubjectAccessReview, namespaced=True),
    _kind(AUTHORIZATION, SelfSubjectAccessReview),
    _kind(AUTHORIZATION, SelfSubjectRulesReview),
    _kind(AUTHORIZATION, SubjectAccessReview),
)
"""Every review."""

TOKEN_REQUEST: Final = _kind(AUTHENTICATION, TokenRequest, namespaced=True)
"""Asked at the subresource `token` of ServiceAccounts."""
