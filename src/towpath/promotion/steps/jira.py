"""`jira`: creates, changes, finds and comments on issues, and waits until one has a status."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from towpath import errors
from towpath.promotion.effects.jira import IssueComment, IssueFields
from towpath.promotion.effects.objects import NotedKind
from towpath.promotion.jira_fields import USUAL_ALIAS, JiraConfig, JiraOutput
from towpath.promotion.step import BaseStep, Failed, Succeeded, Waiting
from towpath.promotion.tracker_fields import answered, host_found, poll_seconds
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from towpath.promotion.effects.accounts import TrackerAccount
    from towpath.promotion.jira_fields import (
        CommentOnIssue,
        CreateIssue,
        SearchIssue,
        UpdateIssue,
        WaitForStatus,
    )
    from towpath.promotion.step import Outcome, StepContext
    from towpath.resources.fields import Struct


class JiraStep(BaseStep):
    """Does one thing with one issue of Jira."""

    name: ClassVar[str] = "jira"
    config: ClassVar[type[Struct]] = JiraConfig
    output: ClassVar[type[Struct]] = JiraOutput
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: JiraConfig) -> Outcome:
        """Do it. While Jira is away, or wants to be left alone, it is waited for."""
        try:
            return await _done(context, config, config.credentials.account())
        except errors.TowpathError as error:
            return answered(error, context.former)


async def _done(context: StepContext, config: JiraConfig, account: TrackerAccount) -> Outcome:
    door = context.effects.jira
    if config.create_issue is not None:
        return await _create(context, account, config.create_issue)
    if config.update_issue is not None:
        return await _update(context, account, config.update_issue)
    if (gone := config.delete_issue) is not None:
        await door.delete(account, gone.issue_key, with_subtasks=gone.delete_subtasks)
        return Succeeded(message=f"deleted issue {gone.issue_key}")
    if config.search_issue is not None:
        return await _search(context, account, config.search_issue)
    if config.comment_on_issue is not None:
        return await _comment(context, account, config.comment_on_issue)
    if (comment := config.delete_comment) is not None:
        await door.delete_comment(account, comment.issue_key, str(comment.comment_id))
        return Succeeded(
            message=f"deleted comment {comment.comment_id} of issue {comment.issue_key}"
        )
    if config.wait_for_status is not None:
        return await _wait(context, account, config.wait_for_status)
    raise AssertionError("the schema asks for one of them")


async def _create(context: StepContext, account: TrackerAccount, wanted: CreateIssue) -> Outcome:
    fields = IssueFields(
        summary=wanted.summary,
        description=wanted.description,
        adf=wanted.adf_description,
        issue_type=wanted.issue_type,
        assignee_email=wanted.assignee_email,
        add_labels=wanted.labels or (),
        add_fix_versions=wanted.add_fix_versions or (),
        custom_fields=wanted.custom_fields or {},
    )
    made = await context.effects.jira.create(account, wanted.project_key, fields)
    alias = wanted.issue_alias or USUAL_ALIAS
    await context.effects.objects.set_metadata(
        NotedKind.FREIGHT, context.target_freight, {alias: made.key}
    )
    told = f"created issue {made.key}"
    if made.is_found:
        told = f"issue {made.key} was there: an earlier run of this step had created it"
    return Succeeded(output={"key": made.key}, message=told)


async def _update(context: StepContext, account: TrackerAccount, wanted: UpdateIssue) -> Outcome:
    """Change fields first: a transition may have conditions about them."""
    fields = IssueFields(
        summary=wanted.summary,
        description=wanted.description,
        adf=wanted.adf_description,
        issue_type=wanted.issue_type,
        assignee_email=wanted.assignee_email,
        add_labels=wanted.add_labels or (),
        remove_labels=wanted.remove_labels or (),
        add_fix_versions=wanted.add_fix_versions or (),
        custom_fields=wanted.custom_fields or {},
    )
    told = []
    if fields != IssueFields():
        await context.effects.jira.change(account, wanted.issue_key, fields)
        told.append(f"changed issue {wanted.issue_key}")
    if wanted.status is not None:
        moved = await context.effects.jira.move(account, wanted.issue_key, wanted.status)
        told.append(
            f'moved issue {wanted.issue_key} from "{moved.before}" to "{moved.after}"'
            if moved.is_moved
            else f'issue {wanted.issue_key} is in "{moved.after}" already'
        )
    if not told:
        return Failed(
            message="config.updateIssue: it says nothing to change; name a status or a field"
        )
    return Succeeded(message="; ".join(told))


async def _search(context: StepContext, account: TrackerAccount, wanted: SearchIssue) -> Outcome:
    found = await context.effects.jira.search(
        account,
        wanted.jql,
        fields=wanted.fields or (),
        expands=wanted.expands or (),
        most=1 if wanted.expect_multiple else 2,
    )
    if not found:
        return Failed(message=f"no issue that the account may see is found by {wanted.jql!r}")
    if len(found) > 1:
        keys = " and ".join(str(each.get("key")) for each in found)
        return Failed(
            message=f"several issues are found by {wanted.jql!r}, such as {keys}; narrow it down, or say expectMultiple: true"
        )
    issue = dict(found[0])
    key = str(issue.get("key") or "")
    return Succeeded(output={"key": key, "issue": issue}, message=f"found issue {key}")


async def _comment(
    context: StepContext, account: TrackerAccount, wanted: CommentOnIssue
) -> Outcome:
    comment = IssueComment(wanted.body, wanted.adf_body)
    id_ = await context.effects.jira.comment(account, wanted.issue_key, comment)
    return Succeeded(output={"commentID": id_}, message=f"commented on issue {wanted.issue_key}")


async def _wait(context: StepContext, account: TrackerAccount, wanted: WaitForStatus) -> Outcome:
    again = poll_seconds(wanted.poll_interval)
    seen = await context.effects.jira.status(account, wanted.issue_key, wanted.expected_status)
    said = f'issue {wanted.issue_key} is in "{seen.status}"'
    if seen.is_wanted:
        return Succeeded(message=said)
    return Waiting(
        waiting_for=f'{said}, waiting for "{wanted.expected_status}"',
        wake=[wake_keys.ticket(seen.host, wanted.issue_key)],
        again_seconds=again,
        output=host_found(context.former),
    )
