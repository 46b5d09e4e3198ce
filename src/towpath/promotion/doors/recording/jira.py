"""The door to Jira that changes nothing: what would be done is recorded, and issues are read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from towpath.clients.trackers.jira import texts, transitions
from towpath.clients.trackers.jira.api import is_key
from towpath.promotion.doors.jira import comment_body, edited_fields, offered, project_of
from towpath.promotion.effects.jira import CreatedIssue, JiraDoor, MovedIssue, SeenStatus
from towpath.promotion.effects.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.doors.trackers import ProjectTrackers
    from towpath.promotion.effects.accounts import TrackerAccount
    from towpath.promotion.effects.jira import IssueComment, IssueFields


class RecordedJira(JiraDoor):
    """Jira for one step of a plan."""

    def __init__(
        self, recorder: Recorder, step: str, trackers: ProjectTrackers, reading: JiraDoor
    ) -> None:
        """`reading`: the door that acts, of which only what reads is used."""
        self._recorder = recorder
        self._step = step
        self._trackers = trackers
        self._reading = reading

    async def create(
        self, account: TrackerAccount, project: str, fields: IssueFields
    ) -> CreatedIssue:
        """Record which issue would be created."""
        api = await self._trackers.jira(account)
        self._trackers.refuse_secrets("createIssue", dataclasses.asdict(fields))
        await edited_fields(api, fields)
        said = texts.summary(fields.summary or "")
        self._note("create", f'an issue "{said}" in project {project} of {api.name}')
        raise Unanswered("no issue is created while it is planned")

    async def change(self, account: TrackerAccount, key: str, fields: IssueFields) -> None:
        """Record which fields would be changed, and which versions made."""
        api = await self._trackers.jira(account)
        self._trackers.refuse_secrets("updateIssue", dataclasses.asdict(fields))
        wanted, update = await edited_fields(api, fields)
        names = [*wanted, *update]
        if not names:
            return
        self._note("change", f"{', '.join(names)} of issue {key} of {api.name}")
        if not is_key(key):
            raise Unanswered(f"which issue {key} is, is not known while it is planned")
        await self._reading.status(account, key, "")  # that it is there
        if fields.add_fix_versions:
            there = set(await api.versions(project_of(key)))
            for each in fields.add_fix_versions:
                if each not in there:
                    self._note(
                        "create", f"version {each} of project {project_of(key)} of {api.name}"
                    )

    async def move(self, account: TrackerAccount, key: str, status: str) -> MovedIssue:
        """Record which transition would be done, if it is offered now."""
        api = await self._trackers.jira(account)
        if not is_key(key):
            self._note("move", f'issue {key} of {api.name} to "{status}"')
            raise Unanswered(f"which issue {key} is, is not known while it is planned")
        before = await api.status(key)
        if transitions.is_same(before, status):
            return MovedIssue(before, before)
        transition = await offered(api, key, before, status)
        self._note("move", f'issue {key} of {api.name} from "{before}" to "{transition.to}"')
        return MovedIssue(before, transition.to)

    async def delete(self, account: TrackerAccount, key: str, *, with_subtasks: bool) -> None:
        """Record it."""
        api = await self._trackers.jira(account)
        self._note("delete", f"issue {key} of {api.name}" + (" and its sub-tasks" * with_subtasks))

    async def search(
        self,
        account: TrackerAccount,
        jql: str,
        *,
        fields: Sequence[str] = (),
        expands: Sequence[str] = (),
        most: int = 2,
    ) -> Sequence[Mapping[str, Any]]:
        """Search."""
        return await self._reading.search(account, jql, fields=fields, expands=expands, most=most)

    async def comment(self, account: TrackerAccount, key: str, comment: IssueComment) -> str:
        """Record that there would be a comment."""
        api = await self._trackers.jira(account)
        self._trackers.refuse_secrets("commentOnIssue", [comment.text, comment.adf])
        said = texts.summary(texts.as_text(comment_body(api, comment)))
        self._note("comment", f'"{said}" on issue {key} of {api.name}')
        raise Unanswered("nothing is commented on while it is planned")

    async def delete_comment(self, account: TrackerAccount, key: str, comment: str) -> None:
        """Record it."""
        api = await self._trackers.jira(account)
        self._note("delete_comment", f"comment {comment} of issue {key} of {api.name}")

    async def status(self, account: TrackerAccount, key: str, wanted: str) -> SeenStatus:
        """Read it."""
        return await self._reading.status(account, key, wanted)

    def _note(self, operation: str, what: str) -> None:
        self._recorder.call(self._step, "jira", operation, what)
