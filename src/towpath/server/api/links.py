"""Links of Stages and Freight, as ClusterConfig and ProjectConfig have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

from towpath import expressions
from towpath.errors import NotFound
from towpath.expressions import ExpressionError
from towpath.resources import cluster_config, scheme
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.kinds import Ref
from towpath.resources.project_config import ProjectConfig
from towpath.server import requests, rights
from towpath.server.api import shapes
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import Reply
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.resources.configuration import Link
    from towpath.server.services import Services

_MOST: Final = 100
"""Links of one object: a page shows a handful."""
_LONGEST: Final = 4096
"""Characters of an address."""
_SCHEMES: Final = ("http", "https")
_LIBRARY: Final = expressions.library(None)


async def _of_stage(request: Request, services: Services) -> Response:
    stored = await requests.named(request, services.store, scheme.STAGE)
    defined = await _defined(services, stored.ref.namespace, "stage_links")
    return await _answer(services, defined, stored.ref.namespace, {"stage": stored.document})


async def _of_freight(request: Request, services: Services) -> Response:
    project, name = await requests.project(request, services.store), request.path_params["name"]
    stored = await requests.freight(services.store, project, str(name))
    if stored.ref.name != name:  # a right to one Freight is no right to what is called like it
        await rights.ask(request, services, "get", scheme.FREIGHT, project, stored.ref.name)
    defined = await _defined(services, project, "freight_links")
    return await _answer(services, defined, project, {"freight": stored.document})


async def _defined(services: Services, project: str, field: str) -> list[Link]:
    """Return the links that are defined for everything, then those of the Project.

    Whoever may see an object may see its links, without a right to the configurations.
    """
    found: list[Link] = []
    for ref, type_ in (
        (Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME), ClusterConfig),
        (Ref(scheme.PROJECT_CONFIG, project, project), ProjectConfig),
    ):
        try:
            stored = await services.store.get(ref)
        except NotFound:
            continue
        config: Any = view(stored, type_, purpose="its links are not shown")
        if config is not None and config.spec is not None:
            found += getattr(config.spec, field)
    return found


async def _answer(
    services: Services, defined: list[Link], project: str, env: dict[str, Any]
) -> Response:
    """Answer with the links that are to be shown; one that cannot be made is told of and the others stay."""
    links, wrong = [], []
    for link in defined[:_MOST]:
        try:
            if link.if_ and not await _is_shown(services, link.if_, project, env):
                continue
            shown = {"title": link.title, "url": await _address(services, link.url, project, env)}
        except ExpressionError as error:
            wrong.append(f"{link.title}: {error.message}")
            continue
        links.append(shown | ({"description": link.description} if link.description else {}))
    if len(defined) > _MOST:
        wrong.append(f"{len(defined) - _MOST} links are left out: at most {_MOST} are shown")
    return JSONResponse({"links": links} | ({"errors": wrong} if wrong else {}))


async def _is_shown(services: Services, text: str, project: str, env: dict[str, Any]) -> bool:
    """Whether a condition holds; it may be written bare or as a template. Raises ExpressionError."""
    whole = text if "${" in text else f"${{{{ {text} }}}}"
    value = await _value(services, whole, project, env)
    if not isinstance(value, bool):
        raise ExpressionError("if: the expression must be true or false")
    return value


async def _address(services: Services, text: str, project: str, env: dict[str, Any]) -> str:
    """Return where a link leads. Raises ExpressionError, also for what a page must not lead to, such as a script."""
    value = await _value(services, text, project, env)
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ExpressionError(f"url: it must be a text of at most {_LONGEST:,} characters")
    try:
        parts = urlsplit(value)
        leads = value.isprintable() and parts.scheme.lower() in _SCHEMES and bool(parts.hostname)
    except ValueError:
        leads = False
    if not leads:
        raise ExpressionError("url: it must be an address with http:// or https:// and a host")
    return value


async def _value(services: Services, text: str, project: str, env: dict[str, Any]) -> Any:
    template = await services.evaluations.template(text, _LIBRARY, caller=project)
    return await services.evaluations.evaluate(template, env, load=_nothing, caller=project)


async def _nothing(_: object) -> None:
    """Links look nothing up."""


_BASE: Final = "/v1beta1/projects/{project}"
ENDPOINTS = (
    Endpoint(
        "GET",
        f"{_BASE}/stages/{{name}}/links",
        _of_stage,
        Right("get", scheme.STAGE),
        answers=Reply(shapes.Links),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/freight/{{name}}/links",
        _of_freight,
        Right("get", scheme.FREIGHT),
        answers=Reply(shapes.Links),
    ),
)
