"""The stand-in's API: version 3 of the Cloud, or version 2 of a Data Center."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from towpath.demo.jira import jql
from towpath.demo.jira.calls import JiraCall, JiraRefused
from towpath.demo.jira.documents import Documents
from towpath.demo.jira.issue_api import IssueApi

if TYPE_CHECKING:
    from towpath.demo.jira.faults import JiraFaults
    from towpath.demo.jira.site import JiraSite
    from towpath.demo.loopback import Request

_PREFIX: Final = re.compile(r"/rest/api/(?P<version>[23]|latest)(?P<rest>/.*)")
_MOST_ISSUES: Final = 100


class RestApi:
    """Answers requests; each answer is a status and JSON, None for none."""

    def __init__(
        self, site: JiraSite, faults: JiraFaults, tokens: dict[str, str], *, is_cloud: bool
    ) -> None:
        """`tokens`: passwords by user name; a bearer is whoever's it is."""
        self._site = site
        self._faults = faults
        self._tokens = tokens
        self._is_cloud = is_cloud
        self._issues = IssueApi(site, is_cloud=is_cloud)

    def respond(self, request: Request, base: str) -> tuple[int, Any]:
        """Answer a request; `base`: the address of the site."""
        found = _PREFIX.fullmatch(request.path)
        version = "3" if self._is_cloud else "2"
        if found is None or (
            found["version"] not in (version, "latest") and found["rest"] != "/serverInfo"
        ):
            return 404, None
        if found["version"] == "3" and not self._is_cloud:
            return 404, None
        try:
            who = self._who(request)
            docs = Documents(self._site, f"{base}/rest/api/{version}", is_cloud=self._is_cloud)
            parts = [unquote(each) for each in found["rest"].strip("/").split("/")]
            body = msgspec.json.decode(request.body) if request.body else None
            call = JiraCall(who, request.method, parts, dict(parse_qsl(request.query)), body, docs)
            with self._site.lock:
                return self._answer(call, base)
        except JiraRefused as refused:
            return refused.status, refused.document
        except msgspec.DecodeError:
            return 400, {"errorMessages": ["Unexpected character in the request."], "errors": {}}

    def _who(self, request: Request) -> str:
        headers = {name.lower(): value for name, value in request.headers.items()}
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(given).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                user, password = "", ""
            if password and self._tokens.get(user) == password:
                return self._named(user)
        if scheme.lower() == "bearer":
            for user, token in self._tokens.items():
                if given == token:
                    return self._named(user)
        raise JiraRefused(401, "Client must be authenticated to access this resource.")

    def _named(self, user: str) -> str:
        people = self._site.contents.people.values()
        return next((each.name for each in people if user in (each.name, each.email)), "towpath")

    def _answer(self, call: JiraCall, base: str) -> tuple[int, Any]:
        match call.method, call.parts:
            case "GET", ["serverInfo"]:
                return 200, {
                    "baseUrl": base,
                    "version": "1001.0.0" if self._is_cloud else "9.12.4",
                    "versionNumbers": [1001, 0, 0] if self._is_cloud else [9, 12, 4],
                    "deploymentType": "Cloud" if self._is_cloud else "Server",
                    "buildNumber": 100_290,
                    "serverTitle": "Towpath's stand-in for Jira",
                }
            case "GET", ["myself"]:
                return 200, call.docs.person_named(call.who)
            case "GET", ["user", "search"]:
                return 200, self._people(call)
            case _, ["search", *rest]:
                return self._search(call, rest)
            case _, ["project" | "version", *_]:
                return self._versions(call)
            case "POST", ["issue"]:
                return self._issues.create(call)
            case _, ["issue", key, *rest]:
                issue = self._site.find(key)
                if issue is None:
                    raise JiraRefused(
                        404, "Issue does not exist or you do not have permission to see it."
                    )
                return self._issues.answer(call, issue, rest)
        return 404, None

    def _people(self, call: JiraCall) -> list[dict[str, Any]]:
        asked = call.query.get("query" if self._is_cloud else "username", "").lower()
        return [
            call.docs.person(each)
            for each in self._site.contents.people.values()
            if asked and asked in f"{each.email} {each.shown} {each.name}".lower()
        ]

    def _search(self, call: JiraCall, rest: list[str]) -> tuple[int, Any]:
        if self._is_cloud and rest != ["jql"]:
            raise JiraRefused(
                410,
                "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.",
            )
        if not self._is_cloud and rest:
            return 404, None
        asked = call.query if call.method == "GET" else call.object()
        wanted = asked.get("fields") or ("id" if self._is_cloud else "*navigable")
        fields = wanted.split(",") if isinstance(wanted, str) else wanted
        most = min(int(asked.get("maxResults") or 50), _MOST_ISSUES)
        try:
            issues = jql.found(self._site, call.who, str(asked.get("jql") or ""))
        except jql.JqlError as error:
            raise JiraRefused(400, str(error)) from None
        if lag := self._faults.search_lag_seconds:
            since = (self._site.now() - timedelta(seconds=lag)).strftime("%Y-%m-%dT%H:%M:%S")
            issues = [each for each in issues if each.created < since]
        begin = int(asked.get("nextPageToken" if self._is_cloud else "startAt") or 0)
        page = [call.docs.issue(each, fields) for each in issues[begin : begin + most]]
        if not self._is_cloud:
            return 200, {"startAt": begin, "maxResults": most, "total": len(issues), "issues": page}
        is_last = begin + most >= len(issues)
        more = {} if is_last else {"nextPageToken": str(begin + most)}
        return 200, {"issues": page, "isLast": is_last, **more}

    def _versions(self, call: JiraCall) -> tuple[int, Any]:
        projects = self._site.contents.projects
        if call.method == "POST" and call.parts == ["version"]:
            given = call.object()
            named = str(given.get("project") or "")
            found = projects.get(named) or next(
                (each for each in projects.values() if each.id == str(given.get("projectId"))), None
            )
            name = str(given.get("name") or "")
            if found is None:
                raise JiraRefused(
                    404,
                    f"Project with key '{named}' either does not exist or you do not have permission to create versions in it.",
                )
            if any(each.name == name for each in found.versions):
                raise JiraRefused(
                    400, name="A version with this name already exists in this project."
                )
            return 201, call.docs.version(self._site.version(found.key, name), found.key)
        match call.method, call.parts:
            case "GET", ["project", key, "versions"] if key in projects:
                return 200, [call.docs.version(each, key) for each in projects[key].versions]
            case "GET", ["project", key, "versions"]:
                raise JiraRefused(404, f"No project could be found with key '{key}'.")
        return 404, None
