"""The configuration of the step `jira`: one block for each thing that it can do with an issue."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from towpath.promotion.tracker_fields import JiraCredentials, PollInterval
from towpath.resources.fields import Field, FreeObject, IntOrString, Struct
from towpath.resources.schema import Rule

_OPERATIONS: Final = (
    "createIssue",
    "updateIssue",
    "deleteIssue",
    "searchIssue",
    "commentOnIssue",
    "deleteComment",
    "waitForStatus",
)
USUAL_ALIAS: Final = "jira-issue-key"

IssueKey = Annotated[str, Field("The issue's key, such as SHOP-12.", min_length=1)]
Label = Annotated[str, Field("A label, without blanks.", pattern=r"^\S+$", max_length=255)]
VersionName = Annotated[str, Field("The name of a version.", min_length=1, max_length=255)]


def _one_of(first: str, second: str) -> Rule:
    return Rule(
        expression=f"!(has(self.{first}) && has(self.{second}))",
        message=f"{first} and {second} exclude each other",
        holds=lambda each, _: not (each.get(first) is not None and each.get(second) is not None),
    )


class CreateIssue(Struct, kw_only=True):
    """An issue to create."""

    RULES: ClassVar = (_one_of("description", "adfDescription"),)

    project_key: Annotated[str, Field("The key of the project, such as SHOP.", min_length=1)]
    summary: Annotated[str, Field("One line; cut at 255 characters.", min_length=1)]
    description: Annotated[str | None, Field("Plain text; cut at 32,767 characters.")] = None
    adf_description: Annotated[
        FreeObject | None,
        Field("The description as a document of the Atlassian Document Format; Jira Cloud."),
    ] = None
    issue_type: Annotated[str | None, Field("The name of its type; Task.", min_length=1)] = None
    assignee_email: Annotated[
        str | None, Field("Address of whom it is assigned to.", min_length=1)
    ] = None
    labels: Annotated[list[Label] | None, Field("Its labels.")] = None
    add_fix_versions: Annotated[
        list[VersionName] | None,
        Field("Versions that it is fixed in; those that the project lacks are made. Ours."),
    ] = None
    custom_fields: Annotated[
        dict[str, Any] | None,
        Field("Values by the id of the field, as Jira's API takes them."),
    ] = None
    issue_alias: Annotated[
        str | None,
        Field("The key of the Freight's metadata under which the issue's is kept.", min_length=1),
    ] = None


class UpdateIssue(Struct, kw_only=True):
    """What to change of an issue."""

    RULES: ClassVar = (_one_of("description", "adfDescription"),)

    issue_key: IssueKey
    summary: Annotated[str | None, Field("A new summary.", min_length=1)] = None
    description: Annotated[str | None, Field("A new description, plain text.")] = None
    adf_description: Annotated[
        FreeObject | None,
        Field("The same as a document of the Atlassian Document Format; Jira Cloud."),
    ] = None
    issue_type: Annotated[str | None, Field("The name of another type.", min_length=1)] = None
    assignee_email: Annotated[
        str | None, Field("Address of whom it is assigned to.", min_length=1)
    ] = None
    status: Annotated[
        str | None,
        Field("The status that it is to have, by the transition that leads there.", min_length=1),
    ] = None
    add_labels: Annotated[list[Label] | None, Field("Labels that it gets.")] = None
    remove_labels: Annotated[list[Label] | None, Field("Labels that it loses.")] = None
    add_fix_versions: Annotated[
        list[VersionName] | None,
        Field(
            "Versions that it is fixed in, besides those it has; those that the project lacks are made. Ours."
        ),
    ] = None
    custom_fields: Annotated[
        dict[str, Any] | None,
        Field("Values by the id of the field, as Jira's API takes them."),
    ] = None


class DeleteIssue(Struct, kw_only=True):
    """An issue to delete."""

    issue_key: IssueKey
    delete_subtasks: Annotated[
        bool, Field("Whether its sub-tasks go, too; Jira refuses an issue that has some.")
    ] = False


class SearchIssue(Struct, kw_only=True):
    """An issue to find."""

    jql: Annotated[str, Field("A search in Jira's language.", min_length=1, max_length=4000)]
    expect_multiple: Annotated[
        bool, Field("Whether the first of several will do; else several are a failure.")
    ] = False
    fields: Annotated[
        list[str] | None, Field("Fields that are put out; those of lists if none is named.")
    ] = None
    expands: Annotated[list[str] | None, Field("What else Jira is to say of it.")] = None


class CommentOnIssue(Struct, kw_only=True):
    """A comment to make."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.body) != has(self.adfBody)",
            message="give exactly one of body and adfBody",
            holds=lambda each, _: bool(each.get("body")) != (each.get("adfBody") is not None),
        ),
    )

    issue_key: IssueKey
    body: Annotated[str | None, Field("Plain text; cut at 32,767 characters.", min_length=1)] = None
    adf_body: Annotated[
        FreeObject | None,
        Field("The comment as a document of the Atlassian Document Format; Jira Cloud."),
    ] = None


class DeleteComment(Struct, kw_only=True):
    """A comment to delete."""

    issue_key: IssueKey
    comment_id: Annotated[
        IntOrString,
        Field("The id that `commentOnIssue` put out; a template makes a number of it."),
    ]


class WaitForStatus(Struct, kw_only=True):
    """What to wait for."""

    issue_key: IssueKey
    expected_status: Annotated[
        str, Field("The name of the status; letter case does not count.", min_length=1)
    ]
    poll_interval: PollInterval = None


class JiraConfig(Struct, kw_only=True):
    """What to do at Jira: exactly one thing."""

    RULES: ClassVar = (
        Rule(
            expression=" + ".join(f"(has(self.{each}) ? 1 : 0)" for each in _OPERATIONS) + " == 1",
            message=f"give exactly one of {', '.join(_OPERATIONS)}",
            holds=lambda config, _: sum(config.get(each) is not None for each in _OPERATIONS) == 1,
        ),
    )

    credentials: Annotated[
        JiraCredentials, Field("The Secret with `domain`, `username` and `password`.")
    ]
    create_issue: Annotated[CreateIssue | None, Field("Creates an issue.")] = None
    update_issue: Annotated[UpdateIssue | None, Field("Changes an issue.")] = None
    delete_issue: Annotated[DeleteIssue | None, Field("Deletes an issue.")] = None
    search_issue: Annotated[SearchIssue | None, Field("Finds an issue.")] = None
    comment_on_issue: Annotated[CommentOnIssue | None, Field("Comments on an issue.")] = None
    delete_comment: Annotated[DeleteComment | None, Field("Deletes a comment.")] = None
    wait_for_status: Annotated[
        WaitForStatus | None, Field("Waits until an issue has a status.")
    ] = None


class JiraOutput(Struct, kw_only=True):
    """What later steps see."""

    key: Annotated[str, Field("Of `createIssue` and `searchIssue`: the issue's key.")] = ""
    issue: Annotated[
        dict[str, Any] | None, Field("Of `searchIssue`: the issue, as Jira's API has it.")
    ] = None
    comment_id: Annotated[
        str, Field("Of `commentOnIssue`: the comment's id, a text of digits.")
    ] = ""
