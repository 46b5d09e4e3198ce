"""Which Secret serves a repository, and why the others do not. Values are never told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from starlette.responses import JSONResponse

from towpath.credentials import explaining, lookup
from towpath.errors import BadRequest
from towpath.resources import scheme
from towpath.resources.secret import CREDENTIAL_TYPES
from towpath.resources.shared_namespaces import SHARED
from towpath.rules.rbac import Attributes
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import credential_shapes
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.credentials.explaining import JudgedSecret
    from towpath.credentials.lookup import Type
    from towpath.server.services import Services

_LONGEST: Final = 2_000
_MOST_TOLD: Final = 500
"""Secrets that an answer lists, the one that serves first; all are looked at, and how many are left out is said."""


async def _explain(request: Request, services: Services) -> Response:
    """Answer with what becomes of each Secret that could be the credential of a repository."""
    project = await requests.project(request, services.store)
    url, type_ = request.query_params.get("url", ""), request.query_params.get("type", "")
    if not url or len(url) > _LONGEST:
        raise BadRequest(
            f"url: it must be the address of a repository, of at most {_LONGEST:,} characters"
        )
    if type_ not in CREDENTIAL_TYPES:
        raise BadRequest(
            f"type: {type_[:50]!r} must be one of {', '.join(sorted(CREDENTIAL_TYPES))}"
        )
    wanted = cast("Type", type_)
    user = caller.of(request).user
    shared = Attributes(scheme.SECRET.group, scheme.SECRET.plural, SHARED)
    sees_shared = (await services.authorizer.allowed(user, "list", shared)).allowed
    secrets = await services.credentials.facts(
        project, actor=user.name, reason="to explain which Secret serves a repository"
    )
    judged = explaining.judge(
        secrets, wanted, url, project=project, is_sent=services.credentials.is_sent_to(url)
    )
    serving = next((each for each in judged if each.serves), None)
    visible = [
        each for each in judged if sees_shared or each.secret.namespace != SHARED or each.serves
    ]
    answer: dict[str, Any] = {
        "url": url,
        "type": type_,
        "comparedAs": lookup.normalized(wanted, url),
        "serves": serving and _item(serving, sees_shared=sees_shared),
        "secrets": [_item(each, sees_shared=sees_shared) for each in visible[:_MOST_TOLD]],
        "leftOut": len(visible[_MOST_TOLD:]),
    }
    identity = explaining.judge_identity(judged, services.credentials.clouds, wanted, url)
    if identity is not None:
        answer["identity"] = {
            "cloud": identity.cloud,
            "serves": identity.serves,
            "reason": identity.reason,
        }
    return JSONResponse(answer)


def _item(judged: JudgedSecret, *, sees_shared: bool) -> dict[str, Any]:
    """Return what is told of a Secret; names of shared ones only to those who may list them."""
    secret = judged.secret
    is_told = sees_shared or secret.namespace != SHARED
    return {
        "namespace": secret.namespace,
        "name": secret.name if is_told else "",
        "serves": judged.serves,
        "reason": judged.reason,
    }


_QUERY: Final = (
    Parameter("url", "Address of the repository.", required=True),
    Parameter("type", "What it is.", required=True, words=tuple(sorted(CREDENTIAL_TYPES))),
)
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/credentials/explain",
        _explain,
        Right("list", scheme.SECRET),
        also="names of shared Secrets: `list` secrets in their namespace",
        query=_QUERY,
        answers=Reply(credential_shapes.ServingCredentials),
    ),
)
