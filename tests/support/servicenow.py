"""A stand-in for ServiceNow: the Table API and the Change Management API, with what it is known for.

All values are texts. A term of a query that it cannot read is left out, so that it matches more than it says.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.loopback import Answer, Request

USER, PASSWORD, KEY = "robot", "hunter2-hunter2", "now-api-key-0123456789"
TEMPLATE = "ab" * 16
_TABLE = re.compile(r"/api/now/table/(?P<table>[a-z0-9_]+)(/(?P<id>[0-9a-f]+))?")
_CHANGE = re.compile(
    r"/api/sn_chg_rest/change/(?P<type>standard|emergency|normal)(/(?P<id>[0-9a-f]+))?"
)
_JSON = {"Content-Type": "application/json"}
_TERM = re.compile(
    r"(?P<field>[a-z][a-z0-9_.]*)(?P<operator>!=|>=|<=|=|>|<|LIKE|STARTSWITH|IN|ISEMPTY)(?P<value>.*)"
)


@dataclass
class SnowFaults:
    """What goes wrong on demand."""

    is_away: bool = False
    limited: int = 0
    retry_after: str = "45"
    loses_answers: int = 0
    status: int = 0
    html: bool = False
    padding_bytes: int = 0


@dataclass
class SnowInstance:
    """One instance, on a port of loopback until it is closed."""

    observe: Callable[[Request, int, Any], None] | None = None
    fields: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "change_request": (
                "number", "short_description", "description", "state", "approval", "type",
                "correlation_id", "correlation_display", "assignment_group",
            ),
            "u_release": ("number", "u_version", "state"),
        }
    )  # fmt: skip
    """Fields of the tables that there are."""
    records: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    """By table and sys_id."""
    faults: SnowFaults = field(default_factory=SnowFaults)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = 30_000
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._http.url

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def secret(self, name: str, namespace: str) -> dict[str, Any]:
        """Return the Secret for it, as a manifest."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "stringData": {
                "instanceURL": self.url, "username": USER, "password": PASSWORD, "apiToken": KEY,
            },
        }  # fmt: skip

    def make(self, table: str, **values: str) -> dict[str, str]:
        """Make a record; values of fields that the table does not have are dropped, as it does."""
        self._numbers += 1
        prefix = "CHG" if table == "change_request" else "REL"
        known = dict.fromkeys(self.fields[table], "")
        made = {
            "sys_id": f"ab{self._numbers:030x}", **known, "state": "-5", "number": f"{prefix}{self._numbers:07}",
            **{name: value for name, value in values.items() if name in known},
        }  # fmt: skip
        self.records.setdefault(table, {})[made["sys_id"]] = made
        return made

    def _respond(self, request: Request) -> Answer:
        self.requests.append(f"{request.method} {request.path}")
        faults = self.faults
        if faults.is_away:
            raise ConnectionAbortedError
        if faults.limited > 0:
            faults.limited -= 1
            headers = {**_JSON, "Retry-After": faults.retry_after}
            return 429, headers, json.dumps(_problem("Rate limit exceeded")).encode()
        if faults.status or faults.html:
            return (
                faults.status or 200,
                {"Content-Type": "text/html"},
                b"<html>Instance is hibernating</html>",
            )
        status, document = self._answer(request)
        if self.observe is not None:
            self.observe(request, status, document)
        if faults.loses_answers > 0 and request.method != "GET":
            faults.loses_answers -= 1
            raise ConnectionAbortedError
        body = b"" if document is None else json.dumps(document).encode()
        return status, _JSON, body + b" " * faults.padding_bytes

    def _answer(self, request: Request) -> tuple[int, Any]:
        if not _is_known(request):
            return 401, _problem("User Not Authenticated", "Required to provide Auth information")
        body = json.loads(request.body) if request.body else {}
        if any(not isinstance(each, str) for each in body.values()):
            return 400, _problem("Exception while reading request", "every value is a text")
        if found := _CHANGE.fullmatch(request.path):
            return self._change(request, found["type"], found["id"], body)
        found = _TABLE.fullmatch(request.path)
        if found is None or found["table"] not in self.fields:
            return 400, _problem("Invalid table", None)
        table, id_ = found["table"], found["id"]
        if request.method == "GET" and id_ is None:
            query = {name: each[0] for name, each in parse_qs(request.query).items()}
            limit = int(query.get("sysparm_limit", "10000"))
            return 200, {"result": self.found(table, query.get("sysparm_query", ""))[:limit]}
        if request.method == "POST":
            return 201, {"result": self.make(table, **body)}
        return self._one(request, table, id_, body)

    def _one(
        self, request: Request, table: str, id_: str | None, body: dict[str, str]
    ) -> tuple[int, Any]:
        held = self.records.get(table, {})
        if id_ not in held:
            detail = "Record doesn't exist or ACL restricts the record retrieval"
            return 404, _problem("No Record found", detail)
        match request.method:
            case "DELETE":
                del held[id_]
                return 204, None
            case "PATCH":
                held[id_].update({name: each for name, each in body.items() if name in held[id_]})
        return 200, {"result": held[id_]}

    def _change(
        self, request: Request, type_: str, id_: str | None, body: dict[str, str]
    ) -> tuple[int, Any]:
        table = "change_request"
        if request.method == "POST":
            if type_ == "standard" and id_ != TEMPLATE:
                return 400, _problem("Template not found", None)
            return 200, {"result": _both(self.make(table, **body, type=type_))}
        held = self.records.get(table, {}).get(id_ or "", {})
        status, document = self._one(
            request, table, id_ if held.get("type") == type_ else None, body
        )
        if document is not None and "result" in document:
            document = {"result": _both(document["result"])}
        return status, document

    def found(self, table: str, query: str) -> list[dict[str, str]]:
        """Return the records that a query matches."""
        records = list(self.records.get(table, {}).values())
        alternatives = query.split("^NQ")
        return [
            each
            for each in records
            if any(self._matches(table, each, alternative) for alternative in alternatives)
        ]

    def _matches(self, table: str, record: dict[str, str], query: str) -> bool:
        groups: list[list[str]] = []
        for term in filter(None, query.split("^")):
            if term.startswith("OR") and not term.startswith("ORDERBY") and groups:
                groups[-1].append(term[2:])
            elif not term.startswith("ORDERBY"):
                groups.append([term])
        return all(any(self._holds(table, record, term) for term in group) for group in groups)

    def _holds(self, table: str, record: dict[str, str], term: str) -> bool:
        found = _TERM.fullmatch(term)
        if found is None or found["field"] not in (*self.fields[table], "sys_id"):
            return True  # left out
        held, value = record[found["field"]].lower(), found["value"].lower()
        match found["operator"]:
            case "=":
                return held == value
            case "!=":
                return held != value
            case "LIKE":
                return value in held
            case "STARTSWITH":
                return held.startswith(value)
            case "IN":
                return held in value.split(",")
            case "ISEMPTY":
                return not held
            case operator:
                return _compared(operator, float(held or 0), float(value or 0))


def _compared(operator: str, one: float, other: float) -> bool:
    return {">": one > other, "<": one < other, ">=": one >= other, "<=": one <= other}[operator]


def _is_known(request: Request) -> bool:
    headers = {name.lower(): value for name, value in request.headers.items()}
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return (
        headers.get("authorization") in (f"Basic {login}", f"Bearer {KEY}")
        or headers.get("x-sn-apikey") == KEY
    )


def _both(record: dict[str, str]) -> dict[str, Any]:
    return {name: {"value": each, "display_value": each} for name, each in record.items()}


def _problem(message: str, detail: str | None = "") -> dict[str, Any]:
    return {"error": {"message": message, "detail": detail}, "status": "failure"}
