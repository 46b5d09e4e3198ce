"""One's own views of the web UI: saved under a name, listed, deleted.

A view is an address: it shows nobody anything that they may not see, and nothing is asked about it but who calls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response

from towpath.admission import requester
from towpath.errors import BadRequest, Forbidden, NotFound
from towpath.resources import moments
from towpath.server import item_fields, list_pages, requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import view_shapes
from towpath.server.stamps import stamped
from towpath.server.wire import GONE, Body, Reply
from towpath.store.views import SavedView

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services

_PATH = "/towpath/v1/me/views"
_MOST_OF_ONE: Final = 50
_LONGEST_NAME: Final = 60
_BOARD: Final = "board"
_SCREENS: Final = ("overview", _BOARD, "history")
_PROJECT: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_KEY: Final = re.compile(r"[a-z][A-Za-z]{0,23}")
_MOST_KEYS: Final = 12
_LONGEST_VALUE: Final = 300


async def _list(request: Request, services: Services) -> Response:
    """Answer with the caller's views, by name."""
    held = await services.store.views.of(_owner(request))
    found, cursor = list_pages.page(
        request, held, key=lambda each: each.name, named=lambda each: each.name
    )
    page = stamped(services, list_pages.answer([_told(each) for each in found], cursor))
    return JSONResponse(item_fields.chosen(request, page, view_shapes.View))


async def _save(request: Request, services: Services) -> Response:
    """Keep a view in the place of the caller's former one of that name. Raises BadRequest, Forbidden for one too many."""
    name = _name(request)
    asked = await requests.json_object(request)
    screen, now = _screen(asked), services.clock.now()
    view = SavedView(
        name=name,
        screen=screen,
        project=_project(asked, screen),
        search=_search(asked),
        saved=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )
    if not await services.store.views.put(_owner(request), view, most=_MOST_OF_ONE):
        raise Forbidden(f"you have {_MOST_OF_ONE} views, and nobody may have more: delete some")
    return JSONResponse(_told(view))


async def _delete(request: Request, services: Services) -> Response:
    """Delete one of the caller's views. Raises NotFound, for those of others as well."""
    if not await services.store.views.remove(_owner(request), str(request.path_params["name"])):
        raise NotFound("you have no view of that name")
    return Response(status_code=204)


def _owner(request: Request) -> str:
    return requester.of(caller.identity(request).user).actor


def _name(request: Request) -> str:
    """Return the name that a view is to have. A path cannot have every one: slashes part it, and dots lead upwards."""
    name = str(request.path_params["name"])
    is_text = name.isprintable() and name == name.strip() and not name.startswith(".")
    if not is_text or "\\" in name or len(name) > _LONGEST_NAME:
        raise BadRequest(
            f"name: {name[:70]!r} is not one of at most {_LONGEST_NAME} characters that can be seen, without slashes, a "
            "dot in front, and spaces around it"
        )
    return name


def _screen(asked: dict[str, Any]) -> str:
    screen = requests.text_of(asked, "screen")
    if screen not in _SCREENS:
        raise BadRequest(f"screen: {screen[:50]!r} is none of {', '.join(_SCREENS)}")
    return screen


def _project(asked: dict[str, Any], screen: str) -> str:
    project = requests.text_of(asked, "project")
    if screen != _BOARD and project:
        raise BadRequest(f"project: {screen} is of no single Project; leave it out")
    if screen == _BOARD and not _PROJECT.fullmatch(project):
        raise BadRequest(
            f"project: {project[:70]!r} is no name of a Project; say whose board it is"
        )
    return project


def _search(asked: dict[str, Any]) -> dict[str, str]:
    found = requests.texts_of(asked, "search")
    if len(found) > _MOST_KEYS:
        raise BadRequest(f"search: {len(found)} values are more than {_MOST_KEYS}")
    for key, value in found.items():
        if not _KEY.fullmatch(key):
            raise BadRequest(f"search: {key[:50]!r} is not a name of at most 24 letters")
        if len(value) > _LONGEST_VALUE:
            raise BadRequest(
                f"search[{key}]: {len(value)} characters are more than {_LONGEST_VALUE}"
            )
        if not value.isprintable():
            raise BadRequest(f"search[{key}]: {value[:50]!r} has characters that cannot be seen")
    return found


def _told(view: SavedView) -> dict[str, Any]:
    return {
        "name": view.name,
        "screen": view.screen,
        "project": view.project,
        "search": dict(view.search),
        "saved": moments.written(view.saved),
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        _PATH,
        _list,
        Who.AUTHENTICATED,
        query=(*list_pages.QUERY, item_fields.FIELDS),
        answers=item_fields.reply(view_shapes.Views),
    ),
    Endpoint(
        "PUT",
        f"{_PATH}/{{name}}",
        _save,
        Who.AUTHENTICATED,
        takes=Body(view_shapes.WantedView),
        answers=Reply(view_shapes.View),
    ),
    Endpoint("DELETE", f"{_PATH}/{{name}}", _delete, Who.AUTHENTICATED, answers=GONE),
)
