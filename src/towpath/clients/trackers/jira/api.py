"""The API of one Jira, as far as promotions need it: issues, transitions, comments, properties, versions, people, search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.clients.trackers.asking import RefusedFieldsError, part
from towpath.clients.trackers.jira import texts, transitions
from towpath.resources.document import documents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.trackers.asking import TrackerRequests
    from towpath.clients.trackers.jira.transitions import Transition

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}-[0-9]{1,18}|[0-9]{1,18}", re.ASCII)
_CREATED: Final = "-created"
_NEWEST: Final = 20
_MOST_CANDIDATES: Final = 50


class JiraApi:
    """One Jira, in the name of one account. What each operation raises says `TrackerRequests.ask`."""

    def __init__(self, requests: TrackerRequests, *, is_cloud: bool) -> None:
        self.requests = requests
        self.is_cloud = is_cloud
        self._prefix = "/rest/api/3" if is_cloud else "/rest/api/2"

    @property
    def name(self) -> str:
        """As messages name it."""
        return self.requests.access.name

    def rich(self, text: str) -> Any:
        """Return plain text as this Jira keeps descriptions and comments."""
        return texts.document(text) if self.is_cloud else texts.wiki(text)

    def rich_document(self, document: Mapping[str, Any], field: str) -> Any:
        """Return a document of the Atlassian Document Format. Raises BadRequest where it is none, or Jira has no such."""
        if not self.is_cloud:
            raise errors.BadRequest(
                f"{self.name}: {field} is for Jira Cloud; a Data Center keeps plain text, so give that"
            )
        if document.get("type") != "doc" or not isinstance(document.get("content"), list):
            raise errors.BadRequest(
                f'{self.name}: {field} is no document of the Atlassian Document Format; it begins with {{"type": "doc", '
                '"version": 1, "content": […]}'
            )
        return {"version": 1, **document}

    async def issue(self, key: str, fields: Sequence[str]) -> dict[str, Any]:
        """Return an issue with some of its fields."""
        found = await self._get(_issue(key), f"issue {key}", {"fields": ",".join(fields)})
        return self._object(found, f"issue {key}")

    async def create(self, fields: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
        """Create an issue with properties of its own; return its key."""
        project = fields.get("project")
        named = project.get("key") if isinstance(project, dict) else ""
        what = f"creating an issue in project {named}"
        body = {"fields": fields, "properties": _properties(properties)}
        found = self._object(await self._send("POST", "/issue", what, body), what)
        return str(found.get("key") or found.get("id") or "")

    async def edit(self, key: str, fields: Mapping[str, Any], update: Mapping[str, Any]) -> None:
        """Change fields: those of `fields` are set, those of `update` changed by operations."""
        body = {name: each for name, each in (("fields", fields), ("update", update)) if each}
        await self._send("PUT", _issue(key), f"changing issue {key}", body)

    async def delete(self, key: str, *, with_subtasks: bool) -> None:
        """Delete an issue."""
        query = {"deleteSubtasks": "true" if with_subtasks else "false"}
        await self._ask("DELETE", _issue(key), f"deleting issue {key}", query)

    async def status(self, key: str) -> str:
        """Return the name of an issue's status."""
        fields = (await self.issue(key, ["status"])).get("fields")
        status = fields.get("status") if isinstance(fields, dict) else None
        return str(status.get("name") or "") if isinstance(status, dict) else ""

    async def transitions(self, key: str) -> list[Transition]:
        """Return what may be done with an issue where it is."""
        where = f"{_issue(key)}/transitions"
        return transitions.read(await self._get(where, f"transitions of issue {key}"))

    async def required(self, key: str, transition: Transition) -> tuple[str, ...]:
        """Return the fields that a transition demands, `NAME (ID)`."""
        query = {"expand": "transitions.fields", "transitionId": transition.id}
        where = f"{_issue(key)}/transitions"
        found = transitions.read(await self._get(where, f"transitions of issue {key}", query))
        return next((each.required for each in found if each.id == transition.id), ())

    async def move(self, key: str, transition: Transition) -> None:
        """Do a transition. Raises RefusedFieldsError, which names the fields that it demands."""
        body = {"transition": {"id": transition.id}}
        where, what = f"{_issue(key)}/transitions", f"moving issue {key} to {transition.to!r}"
        try:
            await self._send("POST", where, what, body)
        except RefusedFieldsError as error:
            required = await self.required(key, transition)
            if not required:
                raise
            said = f"{error.message}; the transition demands {', '.join(required)}: set them before, or let it demand nothing"
            raise RefusedFieldsError(said, error.fields) from error

    async def search(
        self, jql: str, *, fields: Sequence[str] = (), expands: Sequence[str] = (), most: int
    ) -> list[dict[str, Any]]:
        """Return the first issues that a search finds; `fields` of none means all that are shown in lists."""
        query = {
            "jql": jql,
            "maxResults": str(most),
            "fields": ",".join(fields) or "*navigable",
            **({"expand": ",".join(expands)} if expands else {}),
        }
        where = "/search/jql" if self.is_cloud else "/search"
        found = self._object(await self._get(where, "searching for issues", query), "searching")
        listed = found.get("issues")
        return [
            each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict)
        ]

    async def created_with(
        self, project: str, minutes: int, name: str, value: Mapping[str, Any]
    ) -> str:
        """Return the key of an issue that this account has created since, with that property; empty if there is none.

        `minutes`: how long ago at most; at most fifty issues are looked at, the newest first.
        """
        jql = (
            f'project = "{_quotable(project)}" AND creator = currentUser() AND created >= "-{minutes}m" '
            "ORDER BY created DESC"
        )
        found = await self.search(jql, fields=["created"], most=_MOST_CANDIDATES)
        for each in found:
            key = str(each.get("key") or "")
            if key and await self.property(key, name) == value:
                return key
        return ""

    async def property(self, key: str, name: str) -> Any:
        """Return the value of a property of an issue; None if it has none."""
        where = f"{_issue(key)}/properties/{part(name)}"
        try:
            found = await self._get(where, f"property {name} of issue {key}")
        except errors.NotFound:
            return None
        return found.get("value") if isinstance(found, dict) else None

    async def comment(self, key: str, body: Any, properties: Mapping[str, Any]) -> str:
        """Comment on an issue; return the comment's id."""
        what = f"commenting on issue {key}"
        sent = {"body": body, "properties": _properties(properties)}
        found = self._object(await self._send("POST", f"{_issue(key)}/comment", what, sent), what)
        return str(found.get("id") or "")

    async def commented_with(self, key: str, name: str, value: Mapping[str, Any]) -> str:
        """Return the id of the comment that has a property, among the newest twenty; empty if there is none."""
        query = {"orderBy": _CREATED, "maxResults": str(_NEWEST), "expand": "properties"}
        found = await self._get(f"{_issue(key)}/comment", f"comments of issue {key}", query)
        listed = found.get("comments") if isinstance(found, dict) else None
        for each in listed if isinstance(listed, list) else ():
            held = each.get("properties") if isinstance(each, dict) else None
            if isinstance(held, list) and {"key": name, "value": value} in held:
                return str(each.get("id") or "")
        return ""

    async def look_for_comment(self, key: str, id_: str) -> None:
        """Raise NotFound where there is no such comment."""
        await self._get(f"{_issue(key)}/comment/{part(id_)}", f"comment {id_} of issue {key}")

    async def delete_comment(self, key: str, id_: str) -> None:
        """Delete a comment."""
        where = f"{_issue(key)}/comment/{part(id_)}"
        await self._ask("DELETE", where, f"deleting comment {id_} of issue {key}")

    async def versions(self, project: str) -> list[str]:
        """Return the names of a project's versions."""
        found = await self._get(f"/project/{part(project)}/versions", f"versions of {project}")
        return [str(each.get("name") or "") for each in documents(found)]

    async def create_version(self, project: str, name: str) -> None:
        """Make a version; one of that name that is there already will do."""
        what = f"making version {name} of project {project}"
        try:
            await self._send("POST", "/version", what, {"name": name, "project": project})
        except RefusedFieldsError as error:
            if "name" not in error.fields or name not in await self.versions(project):
                raise

    async def person(self, email: str) -> dict[str, str]:
        """Return how an issue names somebody by the address of their e-mail. Raises NotFound, Conflict where there are several."""
        what = f"looking for the account of {email}"
        query = {"query" if self.is_cloud else "username": email, "maxResults": "10"}
        found = await self._get("/user/search", what, query)
        people = [
            each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict)
        ]
        exact = [each for each in people if str(each.get("emailAddress")).lower() == email.lower()]
        # Most people of the Cloud hide their address; then what is found by it is meant.
        fitting = exact or [each for each in people if not each.get("emailAddress")]
        id_ = "accountId" if self.is_cloud else "name"
        named = [str(each[id_]) for each in fitting if each.get(id_)]
        if not named:
            raise errors.NotFound(
                f"{self.name}: {what}: there is none that the account of {self.requests.access.source} may see"
            )
        if len(named) > 1:
            raise errors.Conflict(f"{self.name}: {what}: {len(named)} accounts fit; name one")
        return {id_: named[0]}

    async def _get(self, where: str, what: str, query: Mapping[str, str] | None = None) -> Any:
        return await self._ask("GET", where, what, query)

    async def _ask(
        self, method: str, where: str, what: str, query: Mapping[str, str] | None = None
    ) -> Any:
        return await self.requests.ask(method, f"{self._prefix}{where}", what, query=query)

    async def _send(self, method: str, where: str, what: str, body: Mapping[str, Any]) -> Any:
        return await self.requests.ask(method, f"{self._prefix}{where}", what, body=body)

    def _object(self, found: Any, what: str) -> dict[str, Any]:
        if not isinstance(found, dict):
            raise errors.Unsupported(
                f"{self.name}: {what}: answered with what is no object; check the address"
            )
        return found


def is_key(text: str) -> bool:
    """Whether a text can be the key or number of an issue."""
    return _KEY.fullmatch(text) is not None


def _issue(key: str) -> str:
    if not is_key(key):
        shown = messages.cut(messages.plain(key), 100)
        raise errors.BadRequest(f"{shown!r} is no key of an issue; one is such as SHOP-12")
    return f"/issue/{key}"


def _properties(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in given.items()]


def _quotable(text: str) -> str:
    """Return a text as it stands between quotes in JQL."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
