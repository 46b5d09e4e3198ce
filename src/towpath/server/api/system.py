"""What the server says of itself."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from towpath import __version__
from towpath.admission.namespaces import SYSTEM
from towpath.resources import moments
from towpath.server.api import shapes
from towpath.server.endpoint import Endpoint, Who
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services


async def _public(_: Request, services: Services) -> Response:
    """Answer how one may sign in."""
    access = services.access
    told: dict[str, Any] = {"adminAccountEnabled": access.account.is_enabled, "skipAuth": False}
    if access.oidc is not None:
        terms = access.oidc.terms
        told["oidcConfig"] = {
            "issuerUrl": terms.issuer,
            "clientId": terms.client_id,
            "cliClientId": terms.cli_client_id or terms.client_id,
            "scopes": list(terms.scopes),
        }
    return JSONResponse(told)


async def _config(_: Request, services: Services) -> Response:
    own, shared, system = SYSTEM
    return JSONResponse(
        {
            "argocdShards": _shards(services),
            "secretManagementEnabled": True,
            "systemResourcesNamespace": system,
            "sharedResourcesNamespace": shared,
            "kargoNamespace": own,
            "hasAnalysisRunLogsUrlTemplate": True,
        }
    )


def _shards(services: Services) -> dict[str, dict[str, str]]:
    """Return where people see Applications, by shard, which is a connection's name; the empty one stands for the default."""
    connections = [each.definition for each in services.argocd.every() if each.definition.url]
    shards = {each.name: {"url": each.url, "namespace": each.namespace} for each in connections}
    defaults = [each for each in connections if each.is_default] or connections
    if len(defaults) == 1:
        shards[""] = shards[defaults[0].name]
    return shards


async def _heartbeats(_: Request, services: Services) -> Response:
    """Answer that the controllers live, or not: those of this process, which work for every shard.

    Kargo's has one entry for each shard, and the one without a name for what names none; its UI takes what has no entry
    for dead. Shards are named by connections to Argo CD, so each of those has one.
    """
    said = {
        "status": "Dead" if services.ill() else "Alive",
        "timestamp": moments.whole_seconds(services.clock.now()),
    }
    names = {"", *(each.definition.name for each in services.argocd.every())}
    found = {name: {"controller": name, **said} for name in sorted(names)}
    return JSONResponse({"heartbeats": found, "defaultController": ""})


async def _version(_: Request, __: Services) -> Response:
    return JSONResponse(
        {
            "version": f"v{__version__}",
            "buildDate": "",
            "gitCommit": "",
            "gitTreeDirty": False,
            "goVersion": "",
            "compiler": f"{platform.python_implementation()} {platform.python_version()}",
            "platform": f"{platform.system().lower()}/{platform.machine()}",
        }
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1beta1/system/public-server-config",
        _public,
        Who.ANYBODY,
        answers=Reply(shapes.PublicConfig),
    ),
    Endpoint(
        "GET",
        "/v1beta1/system/server-config",
        _config,
        Who.AUTHENTICATED,
        answers=Reply(shapes.ServerConfig),
    ),
    Endpoint(
        "GET",
        "/v1beta1/system/controller-heartbeats",
        _heartbeats,
        Who.AUTHENTICATED,
        answers=Reply(shapes.Heartbeats),
    ),
    Endpoint(
        "GET",
        "/v1beta1/system/server-version",
        _version,
        Who.AUTHENTICATED,
        answers=Reply(shapes.ServerVersion),
    ),
)
