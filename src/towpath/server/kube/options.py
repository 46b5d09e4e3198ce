"""The options of requests, which stand in the query (ListOptions, CreateOptions, PatchOptions, …)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from towpath.errors import BadRequest, FieldError, Invalid
from towpath.resources import scheme
from towpath.resources.validation import FieldValidation, wording
from towpath.server import requests
from towpath.server.kube import selectors
from towpath.store.contract import Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.resources.kinds import Kind
    from towpath.store.contract import FieldTerm

_LONGEST_MANAGER: Final = 128
_OPTIONS: Final = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}
_MATCHES: Final = ("Exact", "NotOlderThan")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """How a create, update or patch is to be done."""

    manager: str
    """The field manager."""
    is_dry_run: bool = False
    validation: FieldValidation = FieldValidation.WARN
    force: bool = False
    """Server-side apply takes fields that others own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """What is listed or watched, and how."""

    query: Query
    limit: int | None = None
    cursor: str | None = None
    revision: int | None = None
    """None: not said."""
    match: Literal["", "Exact", "NotOlderThan"] = ""
    is_watch: bool = False
    bookmarks: bool = False
    initial_events: bool | None = None
    timeout_seconds: int | None = None

    @property
    def is_selective(self) -> bool:
        """Whether only some objects of the namespace are wanted."""
        return bool(self.query.labels or self.query.fields)


def of_write(request: Request) -> WriteOptions:
    """Return the options of a write. Raises BadRequest, Invalid."""
    parameters, options = request.query_params, _OPTIONS.get(request.method, "CreateOptions")
    return WriteOptions(
        manager=_manager(request, options),
        is_dry_run=dry_run(parameters.getlist("dryRun"), options),
        validation=_validation(parameters.get("fieldValidation", "")),
        force=requests.flag(request, "force"),
    )


def of_patch(request: Request, *, is_apply: bool) -> WriteOptions:
    """Return the options of a patch: an apply needs a field manager, and `force` belongs to it alone.

    Raises BadRequest, Invalid.
    """
    wrong = []
    if is_apply and not request.query_params.get("fieldManager"):
        wrong.append(wording.required("fieldManager", "is required for apply patch"))
    if not is_apply and "force" in request.query_params:
        wrong.append(wording.forbidden("force", "may not be specified for non-apply patch"))
    if wrong:
        raise Invalid.of("PatchOptions.meta.k8s.io", "", wrong)
    return of_write(request)


def of_list(request: Request, kind: Kind, namespace: str, name: str = "") -> ListOptions:
    """Return the options of a list or watch. `name`: only that object. Raises BadRequest."""
    parameters = request.query_params
    fields = _known(kind, selectors.fields(parameters.get("fieldSelector", "")))
    if name:
        fields = (*fields, *selectors.fields(f"metadata.name={name}"))
    match = parameters.get("resourceVersionMatch", "")
    revision = requests.number(request, "resourceVersion")
    is_watch = requests.flag(request, "watch")
    initial_events = (
        requests.flag(request, "sendInitialEvents") if "sendInitialEvents" in parameters else None
    )
    cursor = parameters.get("continue") or None
    if is_watch:
        wrong = _wrong_with_watch(match, initial_events)
    else:
        wrong = _wrong_with_list(match, revision, cursor, initial_events)
    if wrong:
        raise Invalid.of("ListOptions.meta.k8s.io", "", wrong)
    if cursor and revision:
        raise BadRequest("specifying resource version is not allowed when using continue")
    limit = requests.number(request, "limit")
    return ListOptions(
        query=Query(
            kind=kind,
            namespace=namespace or None,
            labels=selectors.labels(parameters.get("labelSelector", "")),
            fields=fields,
        ),
        limit=limit or None,
        cursor=cursor,
        revision=revision,
        match=match,  # type: ignore[arg-type]  # it was looked at above
        is_watch=is_watch,
        bookmarks=requests.flag(request, "allowWatchBookmarks"),
        initial_events=initial_events,
        timeout_seconds=requests.number(request, "timeoutSeconds"),
    )


def _known(kind: Kind, terms: tuple[FieldTerm, ...]) -> tuple[FieldTerm, ...]:
    """Return terms by the paths of fields: of Events, `source` selects by the component."""
    if kind is not scheme.EVENT:
        return terms
    return tuple(
        replace(term, path="source.component") if term.path == "source" else term for term in terms
    )


def _wrong_with_list(
    match: str, revision: int | None, cursor: str | None, initial_events: bool | None
) -> list[FieldError]:
    """Return which options of a list exclude one another."""
    found = []
    if match and match not in _MATCHES:
        found.append(wording.unsupported("resourceVersionMatch", match, _MATCHES))
    elif match and revision is None:
        said = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        found.append(wording.forbidden("resourceVersionMatch", said))
    elif match == "Exact" and revision == 0:
        said = 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
        found.append(wording.forbidden("resourceVersionMatch", said))
    if match and cursor:
        said = "resourceVersionMatch is forbidden when continue is provided"
        found.append(wording.forbidden("resourceVersionMatch", said))
    if initial_events is not None:
        said = "sendInitialEvents is forbidden for list"
        found.append(wording.forbidden("sendInitialEvents", said))
    return found


def _wrong_with_watch(match: str, initial_events: bool | None) -> list[FieldError]:
    """Return which options of a watch exclude one another."""
    if match and initial_events is None:
        said = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        return [wording.forbidden("resourceVersionMatch", said)]
    if initial_events and match != "NotOlderThan":
        said = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        return [wording.forbidden("resourceVersionMatch", said)]
    return []


def dry_run(given: list[str], options: str) -> bool:
    """Whether `dryRun` asks for a dry run. `options`: the name of the options, for messages. Raises Invalid for another value."""
    unknown = [value for value in given if value not in ("", "All")]
    if unknown:
        wrong = wording.unsupported("dryRun", unknown[0], ("All",))
        raise Invalid.of(f"{options}.meta.k8s.io", "", [wrong])
    return "All" in given


def _manager(request: Request, options: str) -> str:
    """Return the field manager: who the request says it is, else what its user agent is called."""
    given = request.query_params.get("fieldManager", "")
    wrong = []
    if len(given) > _LONGEST_MANAGER:
        wrong.append(wording.too_long("fieldManager", _LONGEST_MANAGER))
    if not given.isprintable():
        wrong.append(
            wording.invalid("fieldManager", given, "should only contain printable characters")
        )
    if wrong:
        raise Invalid.of(f"{options}.meta.k8s.io", "", wrong)
    if given:
        return given
    agent = request.headers.get("user-agent", "").partition("/")[0]
    return "".join(filter(str.isprintable, agent))[:_LONGEST_MANAGER] or "unknown"


def _validation(given: str) -> FieldValidation:
    try:
        return FieldValidation(given) if given else FieldValidation.WARN
    except ValueError:
        raise BadRequest(
            f"fieldValidation: Unsupported value: {given!r}: supported values: Ignore, Strict, Warn"
        ) from None
