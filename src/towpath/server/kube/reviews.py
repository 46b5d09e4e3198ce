"""Reviews: asking the server who one is and what one may do; nothing is stored.

`kubectl auth can-i`, `auth can-i --list` and `auth whoami` ask for oneself; the others ask for somebody else.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from towpath.errors import BadRequest, Invalid, Unauthenticated
from towpath.resources.reviews import AUTHENTICATION, AUTHORIZATION
from towpath.resources.structs import to_document
from towpath.resources.validation import wording
from towpath.rules.rbac import Attributes, User
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.auth.account_tokens import AUDIENCE
from towpath.server.kube import accept, bodies, paths

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from towpath.server.services import Services

    Document = dict[str, Any]
    Handler = Callable[[Request, Services], Awaitable[Response]]

_MOST_RULES: Final = 5_000
"""Of one answer; what is left out is said, by the field that Kubernetes has for it."""
_TURN: Final = 200
"""Rules that are written out before others get the loop."""


async def _own_access(request: Request, services: Services) -> Response:
    """Answer whether the caller may do something."""
    review = await _review(request, services, "SelfSubjectAccessReview", AUTHORIZATION)
    return await _decided(services, review, caller.of(request).user)


async def _access(request: Request, services: Services) -> Response:
    """Answer whether a named user may do something."""
    review = await _review(request, services, "SubjectAccessReview", AUTHORIZATION)
    return await _decided(services, review, _user(review))


async def _local_access(request: Request, services: Services) -> Response:
    """Answer whether a named user may do something in the namespace of the path."""
    review = await _review(request, services, "LocalSubjectAccessReview", AUTHORIZATION)
    namespace = paths.parse(request.scope["path"]).namespace
    asked = review["spec"].get("resourceAttributes") or {}
    if review["spec"].get("nonResourceAttributes") or asked.get("namespace") != namespace:
        wrong = wording.invalid(
            "spec.resourceAttributes.namespace",
            asked.get("namespace", ""),
            f"must match metadata.namespace, which is {namespace}",
        )
        raise Invalid.of(f"LocalSubjectAccessReview.{AUTHORIZATION}", "", [wrong])
    return await _decided(services, review, _user(review))


async def _own_rules(request: Request, services: Services) -> Response:
    """Answer with all that the caller may do in a namespace."""
    review = await _review(request, services, "SelfSubjectRulesReview", AUTHORIZATION)
    namespace = _text(review["spec"], "namespace")
    if not namespace:
        raise BadRequest("no namespace on request")
    user, is_cut = caller.of(request).user, False
    if user.is_master:
        resources = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
        others = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]
    else:
        held, rules = await services.authorizer.rules_for(user, namespace), []
        is_cut = len(held) > _MOST_RULES
        for number, rule in enumerate(held[:_MOST_RULES], 1):
            rules.append(to_document(rule))
            if number % _TURN == 0:
                await asyncio.sleep(0)
        resources = [rule for rule in rules if not rule.get("nonResourceURLs")]
        others = [rule for rule in rules if rule.get("nonResourceURLs")]
    status = {"resourceRules": resources, "nonResourceRules": others, "incomplete": is_cut}
    return _answer({**review, "status": status})


async def _self(request: Request, services: Services) -> Response:
    """Answer who the caller is."""
    review = await _review(request, services, "SelfSubjectReview", AUTHENTICATION)
    review.pop("spec", None)
    return _answer({**review, "status": {"userInfo": _told(caller.of(request).user)}})


async def _token(request: Request, services: Services) -> Response:
    """Answer whose a token is."""
    review = await _review(request, services, "TokenReview", AUTHENTICATION)
    token, audiences = _text(review["spec"], "token"), review["spec"].get("audiences") or [AUDIENCE]
    if not token:
        wrong = wording.required("spec.token", "token is required for authentication")
        raise Invalid.of(f"TokenReview.{AUTHENTICATION}", "", [wrong])
    if not isinstance(audiences, list) or not all(isinstance(each, str) for each in audiences):
        raise BadRequest("spec.audiences: a list of texts is wanted")
    try:
        user = await services.accounts.user(token, audiences)
    except Unauthenticated as error:
        status: Document = {"user": {}, "error": error.message}
    else:
        status = {"authenticated": True, "user": _told(user), "audiences": audiences}
    spec = {**review["spec"], "token": ""}  # it is a secret, and the caller has it
    return _answer({**review, "spec": spec, "status": status})


REVIEWS: Final[Mapping[tuple[str, str, str], Handler]] = {
    (AUTHORIZATION, "v1", "selfsubjectaccessreviews"): _own_access,
    (AUTHORIZATION, "v1", "subjectaccessreviews"): _access,
    (AUTHORIZATION, "v1", "localsubjectaccessreviews"): _local_access,
    (AUTHORIZATION, "v1", "selfsubjectrulesreviews"): _own_rules,
    (AUTHENTICATION, "v1", "selfsubjectreviews"): _self,
    (AUTHENTICATION, "v1", "tokenreviews"): _token,
}
"""What answers, by group, version and resource."""


async def _review(request: Request, services: Services, kind: str, group: str) -> Document:
    """Return a review that has a spec. Raises BadRequest for another object."""
    found = await bodies.document(request, services, largest=requests.SMALL_BODY) or {}
    api_version = f"{group}/v1"
    if found.get("apiVersion") not in (None, api_version) or found.get("kind") not in (None, kind):
        raise BadRequest(
            f"the object is a {found.get('kind')} of {found.get('apiVersion')}; a {kind} of {api_version} is wanted"
        )
    spec = found.get("spec") or {}
    if not isinstance(spec, dict):
        raise BadRequest("spec: it must be an object")
    metadata: Document = {"creationTimestamp": None}
    namespace = paths.parse(request.scope["path"]).namespace
    if namespace:
        metadata["namespace"] = namespace
    return {"kind": kind, "apiVersion": api_version, "metadata": metadata, "spec": spec}


async def _decided(services: Services, review: Document, user: User) -> Response:
    """Answer a review with the decision. Raises Invalid unless it asks about a resource or a path, and not both."""
    spec = review["spec"]
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if bool(asked) == bool(path):
        wrong = wording.invalid(
            "spec.resourceAttributes",
            asked,
            "exactly one of nonResourceAttributes or resourceAttributes must be specified",
        )
        raise Invalid.of(f"{review['kind']}.{AUTHORIZATION}", "", [wrong])
    about = asked or path
    if not isinstance(about, dict):
        raise BadRequest("spec: resourceAttributes and nonResourceAttributes are objects")
    verb = _text(about, "verb")
    resource: Attributes | str = _text(about, "path")
    if asked:
        words = ("group", "resource", "namespace", "name", "subresource")
        resource = Attributes(*(_text(about, word) for word in words))
    decision = await services.authorizer.allowed(user, verb, resource)
    status: Document = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return _answer({**review, "status": status})


def _user(review: Document) -> User:
    """Return the user whom a review asks about. Raises Invalid when it names nobody."""
    spec = review["spec"]
    name, groups = _text(spec, "user"), spec.get("groups") or []
    if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
        raise BadRequest("spec.groups: a list of texts is wanted")
    if not name and not groups:
        wrong = wording.invalid("spec.user", "", "at least one of user or group must be specified")
        raise Invalid.of(f"{review['kind']}.{AUTHORIZATION}", "", [wrong])
    return User(name, tuple(groups), _text(spec, "uid"))


def _text(document: Document, key: str) -> str:
    found = document.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadRequest(f"{key}: it must be a string")
    return found


def _told(user: User) -> Document:
    told: Document = {"username": user.name}
    if user.uid:
        told["uid"] = user.uid
    if user.groups:
        told["groups"] = list(user.groups)
    if user.extra:
        told["extra"] = {key: list(values) for key, values in user.extra.items()}
    return told


def _answer(document: Document) -> Response:
    return Response(json.dumps(document).encode(), status_code=201, media_type=accept.JSON)
