"""`serviceaccounts/NAME/token`: a token for a ServiceAccount (`kubectl create token`, TokenRequest)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from towpath.errors import BadRequest, Invalid
from towpath.resources import moments, scheme
from towpath.resources.reviews import AUTHENTICATION
from towpath.resources.validation import wording
from towpath.server import requests
from towpath.server.auth.account_tokens import AUDIENCE
from towpath.server.kube import accept, bodies

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.kube.paths import ResourcePath
    from towpath.server.services import Services

SUBRESOURCE: Final = "token"
_DEFAULT_SECONDS: Final = 3600
_SHORTEST, _LONGEST = 600, 1 << 32
_KIND: Final = "TokenRequest"


def is_about(target: ResourcePath) -> bool:
    """Whether a request is about the token of a ServiceAccount."""
    return (target.group, target.resource, target.subresource) == (
        "",
        scheme.SERVICE_ACCOUNT.plural,
        SUBRESOURCE,
    )


async def create(request: Request, services: Services, target: ResourcePath) -> Response:
    """Answer with a new token. Raises NotFound, Invalid, BadRequest."""
    asked = await bodies.document(request, services, largest=requests.SMALL_BODY) or {}
    if asked.get("kind") not in (None, _KIND):
        raise BadRequest(f"the object is a {asked.get('kind')}; a {_KIND} is wanted")
    spec = asked.get("spec") or {}
    if not isinstance(spec, dict):
        raise BadRequest("spec: it must be an object")
    audiences, seconds = _checked(spec)
    ref = target.ref
    stored = await services.store.get(
        type(ref)(scheme.SERVICE_ACCOUNT, ref.namespace, ref.name), fresh=True
    )
    issued = services.accounts.issue(stored.ref, stored.uid, audiences=audiences, seconds=seconds)
    document = {
        "kind": _KIND,
        "apiVersion": f"{AUTHENTICATION}/v1",
        "metadata": {
            "name": ref.name,
            "namespace": ref.namespace,
            "creationTimestamp": moments.whole_seconds(services.clock.now()),
        },
        "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": None},
        "status": {
            "token": issued.token,
            "expirationTimestamp": moments.whole_seconds(issued.expires),
        },
    }
    return Response(json.dumps(document).encode(), status_code=201, media_type=accept.JSON)


def _checked(spec: dict[str, Any]) -> tuple[list[str], int]:
    """Return audiences and seconds. Raises Invalid, BadRequest."""
    audiences = spec.get("audiences") or [AUDIENCE]
    seconds = spec.get("expirationSeconds")
    seconds = _DEFAULT_SECONDS if seconds is None else seconds
    if not isinstance(audiences, list) or not all(isinstance(each, str) for each in audiences):
        raise BadRequest("spec.audiences: a list of texts is wanted")
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise BadRequest("spec.expirationSeconds: a whole number is wanted")
    wrong = []
    if seconds < _SHORTEST:
        said = "may not specify a duration less than 10 minutes"
        wrong.append(wording.invalid("spec.expirationSeconds", seconds, said))
    if seconds > _LONGEST:
        said = "may not specify a duration larger than 2^32 seconds"
        wrong.append(wording.invalid("spec.expirationSeconds", seconds, said))
    if spec.get("boundObjectRef"):
        said = "tokens are bound to their ServiceAccount and to nothing else here; leave it out"
        wrong.append(wording.invalid("spec.boundObjectRef", spec["boundObjectRef"], said))
    if wrong:
        raise Invalid.of(f"{_KIND}.{AUTHENTICATION}", "", wrong)
    return audiences, seconds
