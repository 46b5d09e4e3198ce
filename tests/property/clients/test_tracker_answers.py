"""Whatever a tracker answers, an operation ends in a value or in an error of ours that shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.clients.http.egress import Response
from towpath.clients.trackers.asking import TrackerAccess, TrackerRequests
from towpath.clients.trackers.jira import problems as jira_problems
from towpath.clients.trackers.jira.api import JiraApi
from towpath.clients.trackers.jira.transitions import Transition
from towpath.clients.trackers.servicenow import problems as snow_problems
from towpath.clients.trackers.servicenow.api import ServiceNowApi
from towpath.clock import VirtualClock
from towpath.errors import TowpathError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECRET = "hunter2-hunter2"
ID = "ab" * 16
WORDS = st.sampled_from(
    ["id", "key", "fields", "status", "name", "issues", "transitions", "to", "comments", "properties", "value", "errors",
     "errorMessages", "result", "error", "message", "detail", "sys_id", "number", "state", "emailAddress", "accountId"]
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "x", ID, f"it is {SECRET}", "\x1b[31m"])
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
BODIES = DOCUMENTS.map(msgspec.json.encode) | st.sampled_from(
    [b"", b"  ", b"{", b"<html>x", b"\xff\xfe", b"[" * 3000, b'{"a": ' * 2000]
)
STATUSES = st.sampled_from(
    [200, 201, 204, 302, 400, 401, 403, 404, 409, 410, 413, 418, 429, 500, 503]
)


class _Answering:
    """An egress whose server answers one thing."""

    def __init__(self, status: int, body: bytes) -> None:
        self._response = Response(
            status, {"retry-after": "x", "location": f"http://x/{SECRET}"}, body, ""
        )

    async def request(self, *_: Any, **__: Any) -> Response:
        return self._response


def _requests(status: int, body: bytes, problem: Any) -> TrackerRequests:
    access = TrackerAccess(
        name="T x",
        base="https://x",
        headers={},
        secrets=(SECRET,),
        source="Secret shop/t",
        key="domain",
    )
    egress: Any = _Answering(status, body)
    return TrackerRequests(access, egress=egress, clock=VirtualClock(), problem=problem)


JIRA: dict[str, Callable[[JiraApi], Awaitable[Any]]] = {
    "issue": lambda api: api.issue("A-1", ["status"]),
    "create": lambda api: api.create({"project": {"key": "A"}}, {"p": 1}),
    "edit": lambda api: api.edit("A-1", {"summary": "x"}, {}),
    "delete": lambda api: api.delete("A-1", with_subtasks=True),
    "status": lambda api: api.status("A-1"),
    "transitions": lambda api: api.transitions("A-1"),
    "move": lambda api: api.move("A-1", Transition("1", "a", "b")),
    "search": lambda api: api.search("x", most=2),
    "created": lambda api: api.created_with("A", 5, "p", {}),
    "comment": lambda api: api.comment("A-1", "x", {}),
    "commented": lambda api: api.commented_with("A-1", "p", {}),
    "versions": lambda api: api.versions("A"),
    "version": lambda api: api.create_version("A", "1"),
    "person": lambda api: api.person("a@example.com"),
}
SNOW: dict[str, Callable[[ServiceNowApi], Awaitable[Any]]] = {
    "create": lambda api: api.create("t", {"a": "b"}),
    "update": lambda api: api.update("t", ID, {"a": "b"}, change_type="normal"),
    "delete": lambda api: api.delete("t", ID),
    "find": lambda api: api.find("t", "a=b"),
    "fulfils": lambda api: api.fulfils("t", ID, "state=1"),
}


async def _ends(running: Awaitable[Any]) -> None:
    try:
        await running
    except TowpathError as error:
        said = error.message
    else:
        return
    assert SECRET not in said
    assert len(said) < 10_000
    assert said.startswith("T x: ")


@pytest.mark.parametrize("operation", JIRA)
@given(status=STATUSES, body=BODIES, is_cloud=st.booleans())
async def test_jira(operation: str, status: int, body: bytes, is_cloud: bool) -> None:
    """Of both kinds."""
    api = JiraApi(_requests(status, body, jira_problems.read), is_cloud=is_cloud)
    await _ends(JIRA[operation](api))


@pytest.mark.parametrize("operation", SNOW)
@given(status=STATUSES, body=BODIES)
async def test_servicenow(operation: str, status: int, body: bytes) -> None:
    """By either API."""
    await _ends(SNOW[operation](ServiceNowApi(_requests(status, body, snow_problems.read))))
