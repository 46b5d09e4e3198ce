"""Jira as steps see it: issues, found and changed in the name of an account that a Secret holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.effects.accounts import TrackerAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFields:
    """What an issue is to have; None: as it is."""

    summary: str | None = None
    description: str | None = None
    """Plain text."""
    adf: Mapping[str, Any] | None = None
    """The description as a document of the Atlassian Document Format; it is this or `description`."""
    issue_type: str | None = None
    assignee_email: str | None = None
    add_labels: Sequence[str] = ()
    remove_labels: Sequence[str] = ()
    add_fix_versions: Sequence[str] = ()
    """Names; versions that the project lacks are made."""
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    """Values by the id of the field, as Jira's API takes them."""


@dataclass(frozen=True, slots=True)
class CreatedIssue:
    """An issue that there is now."""

    key: str
    is_found: bool
    """Whether a former run of the step, which did not come to its end, has created it."""


@dataclass(frozen=True, slots=True)
class MovedIssue:
    """Which status an issue had and has."""

    before: str
    after: str

    @property
    def is_moved(self) -> bool:
        """Whether there was anything to do."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class IssueComment:
    """A comment to make: plain text, or a document of the Atlassian Document Format."""

    text: str | None = None
    adf: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SeenStatus:
    """The status of an issue, and the host of the Jira that said so."""

    status: str
    is_wanted: bool
    host: str


class JiraDoor(Protocol):
    """Jira for one step.

    Each operation raises NotFound for a Secret, issue or project that is not there or not to be seen, BadRequest for what Jira
    does not take, with the fields it names, Unauthenticated, Forbidden; and Unavailable, Timeout and TooManyRequests, which
    pass.
    """

    @effect(EffectClass.PROBED)
    async def create(
        self, account: TrackerAccount, project: str, fields: IssueFields
    ) -> CreatedIssue:
        """Create an issue of a project. After a crash one that carries our mark is looked for first."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def change(self, account: TrackerAccount, key: str, fields: IssueFields) -> None:
        """Give an issue what it is to have."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def move(self, account: TrackerAccount, key: str, status: str) -> MovedIssue:
        """Get an issue into a status by the transition that leads there; one that is there already stays.

        Raises Conflict where no transition that Jira offers leads there, with those that it offers.
        """
        ...

    @effect(EffectClass.PROBED)
    async def delete(self, account: TrackerAccount, key: str, *, with_subtasks: bool) -> None:
        """Delete an issue; one that a former run of this step has deleted may be gone."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def search(
        self,
        account: TrackerAccount,
        jql: str,
        *,
        fields: Sequence[str] = (),
        expands: Sequence[str] = (),
        most: int = 2,
    ) -> Sequence[Mapping[str, Any]]:
        """Return the first issues that a search finds, as Jira's API has them."""
        ...

    @effect(EffectClass.PROBED)
    async def comment(self, account: TrackerAccount, key: str, comment: IssueComment) -> str:
        """Comment on an issue; return the comment's id. After a crash one that carries our mark is looked for first."""
        ...

    @effect(EffectClass.PROBED)
    async def delete_comment(self, account: TrackerAccount, key: str, comment: str) -> None:
        """Delete a comment by its id; one that a former run of this step has deleted may be gone."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def status(self, account: TrackerAccount, key: str, wanted: str) -> SeenStatus:
        """Return the status of an issue, and whether it is the one that is wanted."""
        ...
