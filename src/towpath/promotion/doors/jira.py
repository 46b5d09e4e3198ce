"""The door to Jira that acts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.http import urls
from towpath.clients.trackers.asking import RefusedFieldsError
from towpath.clients.trackers.jira import texts, transitions
from towpath.promotion.doors import marking
from towpath.promotion.doors.marking import Making
from towpath.promotion.doors.trackers import MARK
from towpath.promotion.effects.classes import EffectClass
from towpath.promotion.effects.jira import CreatedIssue, JiraDoor, MovedIssue, SeenStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.trackers.jira.api import JiraApi
    from towpath.clients.trackers.jira.transitions import Transition
    from towpath.clock import Clock
    from towpath.promotion.doors.trackers import ProjectTrackers
    from towpath.promotion.effects.accounts import TrackerAccount
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.promotion.effects.jira import IssueComment, IssueFields

_ISSUE: Final = "jira-issue"
_COMMENT: Final = "jira-comment"
_MOVE: Final = "jira-move"
_GONE: Final = "jira-gone"
_VERSIONS: Final = "fixVersions"
_USUAL_TYPE: Final = "Task"


class ConnectedJira(JiraDoor):
    """Jira for one step of one Promotion."""

    def __init__(
        self, trackers: ProjectTrackers, *, mark: str, journal: EffectNotes, clock: Clock
    ) -> None:
        """`mark`: what is the step's alone, `PROJECT/PROMOTION/STEP`."""
        self._trackers = trackers
        self._mark = {"step": mark}
        self._journal = journal
        self._clock = clock

    async def create(
        self, account: TrackerAccount, project: str, fields: IssueFields
    ) -> CreatedIssue:
        """Create an issue, or find the one that carries our mark."""
        api = await self._trackers.jira(account)
        self._trackers.refuse_secrets("createIssue", dataclasses.asdict(fields))

        async def make() -> dict[str, Any]:
            wanted = await whole_fields(api, project, fields)
            properties = {MARK: self._mark}
            try:
                return {"key": await api.create(wanted, properties)}
            except RefusedFieldsError as error:
                if not await _has_made_versions(api, project, fields, error):
                    raise
                return {"key": await api.create(wanted, properties)}

        async def look(minutes: int) -> dict[str, Any] | None:
            key = await api.created_with(project, minutes, MARK, self._mark)
            return {"key": key} if key else None

        making = Making(self._journal, self._clock, _ISSUE, "issue", settles=True)
        found, was_there = await making.once(make, look)
        return CreatedIssue(found["key"], was_there)

    async def change(self, account: TrackerAccount, key: str, fields: IssueFields) -> None:
        """Give an issue what it is to have."""
        api = await self._trackers.jira(account)
        self._trackers.refuse_secrets("updateIssue", dataclasses.asdict(fields))
        wanted, update = await edited_fields(api, fields)
        if not wanted and not update:
            return
        try:
            await api.edit(key, wanted, update)
        except RefusedFieldsError as error:
            if not await _has_made_versions(api, project_of(key), fields, error):
                raise
            await api.edit(key, wanted, update)

    async def move(self, account: TrackerAccount, key: str, status: str) -> MovedIssue:
        """Get an issue into a status."""
        api = await self._trackers.jira(account)
        before = await api.status(key)
        noted = self._journal.noted(_MOVE) or {}
        if transitions.is_same(before, status) or noted.get("to") == before:
            return MovedIssue(before, before)
        transition = await offered(api, key, before, status)
        note = {"key": key, "to": transition.to}
        await self._journal.note(_MOVE, note, effect=EffectClass.CONVERGENT)
        await api.move(key, transition)
        return MovedIssue(before, transition.to)

    async def delete(self, account: TrackerAccount, key: str, *, with_subtasks: bool) -> None:
        """Delete an issue."""
        api = await self._trackers.jira(account)
        await marking.gone(
            self._journal,
            _GONE,
            key,
            lambda: api.status(key),
            lambda: api.delete(key, with_subtasks=with_subtasks),
        )

    async def search(
        self,
        account: TrackerAccount,
        jql: str,
        *,
        fields: Sequence[str] = (),
        expands: Sequence[str] = (),
        most: int = 2,
    ) -> Sequence[Mapping[str, Any]]:
        """Return the first issues that a search finds."""
        api = await self._trackers.jira(account)
        return await api.search(jql, fields=fields, expands=expands, most=most)

    async def comment(self, account: TrackerAccount, key: str, comment: IssueComment) -> str:
        """Comment on an issue, or find the comment that carries our mark."""
        api = await self._trackers.jira(account)
        self._trackers.refuse_secrets("commentOnIssue", [comment.text, comment.adf])
        body = comment_body(api, comment)

        async def make() -> dict[str, Any]:
            return {"id": await api.comment(key, body, {MARK: self._mark})}

        async def look(_minutes: int) -> dict[str, Any] | None:
            id_ = await api.commented_with(key, MARK, self._mark)
            return {"id": id_} if id_ else None

        making = Making(self._journal, self._clock, _COMMENT, "comment")
        found, _ = await making.once(make, look)
        return str(found["id"])

    async def delete_comment(self, account: TrackerAccount, key: str, comment: str) -> None:
        """Delete a comment."""
        api = await self._trackers.jira(account)
        what = f"{key}/{comment}"
        await marking.gone(
            self._journal,
            _GONE,
            what,
            lambda: api.look_for_comment(key, comment),
            lambda: api.delete_comment(key, comment),
        )

    async def status(self, account: TrackerAccount, key: str, wanted: str) -> SeenStatus:
        """Return the status of an issue."""
        api = await self._trackers.jira(account)
        found = await api.status(key)
        host = urls.split(api.requests.access.base).host
        return SeenStatus(found, transitions.is_same(found, wanted), host)


def project_of(key: str) -> str:
    """Return the key of the project that an issue is of; empty of an issue's number."""
    return key.rpartition("-")[0].upper()


def comment_body(api: JiraApi, comment: IssueComment) -> Any:
    """Return a comment as Jira keeps it."""
    if comment.adf is not None:
        return api.rich_document(comment.adf, "adfBody")
    return api.rich(comment.text or "")


async def offered(api: JiraApi, key: str, before: str, status: str) -> Transition:
    """Return the transition that leads an issue to a status. Raises Conflict, with what is offered instead."""
    there = await api.transitions(key)
    found = transitions.chosen(there, status)
    if found is None:
        raise errors.Conflict(
            f'{api.name}: issue {key} is in status "{before}", and no transition that it offers from there leads to '
            f'"{status}"; it offers {transitions.listed(there)}'
        )
    return found


async def whole_fields(api: JiraApi, project: str, fields: IssueFields) -> dict[str, Any]:
    """Return the fields of an issue that is to be created. Raises as looking for its assignee does."""
    found, update = await edited_fields(api, fields)
    found |= {name: [each["add"] for each in said] for name, said in update.items()}
    return {"project": {"key": project}, "issuetype": {"name": _USUAL_TYPE}, **found}


async def edited_fields(
    api: JiraApi, fields: IssueFields
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Return what is set of an issue, and what is changed by operations, as Jira's API takes both.

    A field cannot be in both: Raises BadRequest where `custom_fields` sets what is changed by operations.
    """
    found = dict(fields.custom_fields)
    if fields.summary is not None:
        found["summary"] = texts.summary(fields.summary)
    if fields.adf is not None:
        found["description"] = api.rich_document(fields.adf, "adfDescription")
    elif fields.description is not None:
        found["description"] = api.rich(fields.description)
    if fields.issue_type is not None:
        found["issuetype"] = {"name": fields.issue_type}
    if fields.assignee_email is not None:
        found["assignee"] = await api.person(fields.assignee_email)
    update: dict[str, list[dict[str, Any]]] = {}
    labels = [{"add": each} for each in fields.add_labels]
    labels += [{"remove": each} for each in fields.remove_labels]
    if labels:
        update["labels"] = labels
    if fields.add_fix_versions:
        update[_VERSIONS] = [{"add": {"name": each}} for each in fields.add_fix_versions]
    for name in update:
        if name in found:
            raise errors.BadRequest(
                f"customFields sets {name}, and another field of the step changes it; do it by one of them"
            )
    return found, update


async def _has_made_versions(
    api: JiraApi, project: str, fields: IssueFields, error: RefusedFieldsError
) -> bool:
    """Make the versions that a project lacks, where Jira refused for that reason; return whether any was made."""
    if _VERSIONS not in error.fields or not fields.add_fix_versions:
        return False
    there = set(await api.versions(project))
    missing = [each for each in fields.add_fix_versions if each not in there]
    for each in missing:
        await api.create_version(project, each)
    return bool(missing)
