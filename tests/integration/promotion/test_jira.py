"""The step `jira` against a Jira that holds each request against what Atlassian publishes: what it does, once, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import trackers
from tests.support.steps import said, told
from towpath.clients.trackers.jira.texts import as_text
from towpath.demo.jira.server import TOKEN
from towpath.demo.jira.site import DemoComment
from towpath.demo.jira.workflow import DONE, IN_PROGRESS, PREPROD, PROD, TO_DO
from towpath.promotion.doors.trackers import MARK
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.step import Errored, Failed, Succeeded, Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.trackers import JiraBench

ISSUE = {"projectKey": "SHOP", "summary": "Release 1.2.0"}


@pytest.fixture(params=["cloud", "datacenter"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JiraBench]:
    """Return a Promotion beside a Jira of either kind."""
    async with trackers.jira(tmp_path, is_cloud=request.param == "cloud") as made:
        yield made


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[JiraBench]:
    """Return a Promotion beside a Jira of the Cloud."""
    async with trackers.jira(tmp_path) as made:
        yield made


async def done(bench: JiraBench, **operation: Any) -> dict[str, Any]:
    """Run an operation that has to succeed; return what it puts out."""
    outcome = await bench.jira(**operation)
    assert isinstance(outcome, Succeeded), told(outcome)
    return outcome.output or {}


# --- what it does ------------------------------------------------------------------------------------


async def test_an_issue_is_created(bench: JiraBench) -> None:
    """With all that it is to have; the Freight keeps its key."""
    bench.site.person("ana", "ana@example.com", "Ana")
    made = await done(
        bench,
        createIssue={
            **ISSUE,
            "summary": "Release\n 1.2.0\x1b[31m",
            "description": "One {macro}\nline\n\nsee https://example.com/x.",
            "issueType": "Story",
            "assigneeEmail": "Ana@example.com",
            "labels": ["release", "web"],
            "addFixVersions": ["1.2.0"],
            "customFields": {"customfield_10010": 3, "customfield_10020": "blue"},
            "issueAlias": "ticket",
        },
    )
    assert made == {"key": "SHOP-1"}
    assert bench.metadata.kept == {"Freight/f-1": {"ticket": "SHOP-1"}}
    issue = bench.site.contents.issues["SHOP-1"]
    assert (issue.summary, issue.type, issue.assignee) == ("Release 1.2.0", "Story", "ana")
    assert (issue.labels, issue.fix_versions) == (["release", "web"], ["1.2.0"])
    assert issue.custom == {"customfield_10010": 3, "customfield_10020": "blue"}
    assert "line" in as_text(issue.description)
    assert (
        bench.secret.opened[0] == "shop/tracker by controller:promotion for tickets of Promotion p"
    )
    assert bench.disclosed.holds(f"x {TOKEN}")


async def test_an_issue_is_moved_with_its_version(bench: JiraBench) -> None:
    """In one step; the project gets the version that it lacks, and what is there already stays."""
    bench.site.issue("SHOP", "Login", labels=["old", "kept"])
    wanted = {
        "issueKey": "SHOP-1",
        "status": "released TO preprod",
        "addFixVersions": ["1.2.0"],
        "addLabels": ["new"],
        "removeLabels": ["old"],
    }
    outcome = await bench.jira(updateIssue=wanted)
    assert said(outcome) == ("Succeeded", True)
    assert (
        told(outcome)
        == 'changed issue SHOP-1; moved issue SHOP-1 from "To Do" to "Released to preprod"'
    )
    issue = bench.site.contents.issues["SHOP-1"]
    assert (issue.status, issue.fix_versions, issue.labels) == (PREPROD, ["1.2.0"], ["kept", "new"])
    before = list(issue.history)
    outcome = await bench.jira(updateIssue={"issueKey": "SHOP-1", "status": PREPROD})
    assert told(outcome) == 'issue SHOP-1 is in "Released to preprod" already'
    assert issue.history == before
    assert [each.name for each in bench.site.project("SHOP").versions] == ["1.2.0"]


async def test_a_transition_by_its_own_name(bench: JiraBench) -> None:
    """As people call it on the button."""
    bench.site.issue("SHOP", "Login")
    await done(bench, updateIssue={"issueKey": "SHOP-1", "status": "start PROGRESS"})
    assert bench.site.contents.issues["SHOP-1"].status == IN_PROGRESS
    again = await bench.jira(updateIssue={"issueKey": "SHOP-1", "status": "start progress"})
    assert said(again) == ("Succeeded", True), "after a crash it is there already"


async def test_a_comment_and_its_end(bench: JiraBench) -> None:
    """By the id that was put out."""
    bench.site.issue("SHOP", "Login")
    made = await done(
        bench, commentOnIssue={"issueKey": "SHOP-1", "body": "Released.\n\nEnjoy [~ana]!"}
    )
    [comment] = bench.site.contents.issues["SHOP-1"].comments
    assert made == {"commentID": comment.id}
    assert as_text(comment.body).replace("\\", "") == "Released.\n\nEnjoy [~ana]!"
    assert isinstance(comment.body, dict) or "\\[~ana\\]\\!" in comment.body, "nobody is mentioned"
    await done(bench, deleteComment={"issueKey": "SHOP-1", "commentID": int(comment.id)})
    assert bench.site.contents.issues["SHOP-1"].comments == []


async def test_issues_are_found(bench: JiraBench) -> None:
    """One; the first of several only where that is said; none is a failure."""
    for summary in ("Login", "Logout"):
        bench.site.issue("SHOP", summary)
    found = await done(bench, searchIssue={"jql": "project = SHOP AND summary ~ login"})
    assert found["key"] == found["issue"]["key"] == "SHOP-1"
    assert found["issue"]["fields"]["summary"] == "Login"
    several = await bench.jira(searchIssue={"jql": "project = SHOP"})
    assert isinstance(several, Failed)
    assert "SHOP-2 and SHOP-1; narrow it down" in told(several)
    first = await done(
        bench, searchIssue={"jql": "project = SHOP", "expectMultiple": True, "fields": ["labels"]}
    )
    assert first == {"key": "SHOP-2", "issue": first["issue"]}
    assert first["issue"]["fields"] == {"labels": []}
    none = await bench.jira(searchIssue={"jql": "labels = none"})
    assert isinstance(none, Failed)
    bad = await bench.jira(searchIssue={"jql": "colour = blue"})
    assert said(bad) == ("Errored", True)
    assert "Field 'colour' does not exist" in told(bad)


async def test_a_status_is_waited_for(bench: JiraBench) -> None:
    """By the key that wakes, and at the interval."""
    issue = bench.site.issue("SHOP", "Login")
    wanted = {"issueKey": "SHOP-1", "expectedStatus": "released to PROD", "pollInterval": "2m"}
    waiting = await bench.jira(waitForStatus=wanted)
    assert isinstance(waiting, Waiting)
    assert waiting.waiting_for == 'issue SHOP-1 is in "To Do", waiting for "released to PROD"'
    assert (list(waiting.wake), waiting.again_seconds) == (["ticket:127.0.0.1/SHOP-1"], 120.0)
    bench.site.move(issue, PROD, "towpath")
    assert said(await bench.jira(waitForStatus=wanted)) == ("Succeeded", True)


async def test_an_issue_is_deleted(bench: JiraBench) -> None:
    """Its sub-tasks only where that is said."""
    bench.site.issue("SHOP", "Login")
    bench.site.issue("SHOP", "Part", parent="SHOP-1", type="Sub-task")
    refused = await bench.jira(deleteIssue={"issueKey": "SHOP-1"})
    assert said(refused) == ("Errored", True)
    assert "has subtasks" in told(refused)
    await done(bench, deleteIssue={"issueKey": "SHOP-1", "deleteSubtasks": True})
    assert bench.site.contents.issues == {}


# --- once --------------------------------------------------------------------------------------------


async def test_a_crash_before_the_key_is_noted(bench: JiraBench) -> None:
    """The issue is there and carries our mark: it is found, and no second one made."""
    bench.server.faults.loses_answers = 1
    waiting = await bench.jira(createIssue=ISSUE)
    assert isinstance(waiting, Waiting)
    assert list(bench.site.contents.issues) == ["SHOP-1"]
    bench.site.issue("SHOP", "of somebody else")
    outcome = await bench.jira(createIssue=ISSUE)
    assert told(outcome) == "issue SHOP-1 was there: an earlier run of this step had created it"
    assert len(bench.site.contents.issues) == 2
    assert bench.metadata.kept == {"Freight/f-1": {"jira-issue-key": "SHOP-1"}}
    again = await bench.jira(createIssue=ISSUE)
    assert told(again) == "issue SHOP-1 was there: an earlier run of this step had created it"


async def test_an_answer_that_is_not_read(bench: JiraBench) -> None:
    """Says nothing of what was done: it is looked for before it is done again."""
    await bench.jira(searchIssue={"jql": "project = SHOP"})
    bench.server.faults.padding_bytes = 20 << 20
    assert isinstance(await bench.jira(createIssue=ISSUE), Errored)
    bench.server.faults.padding_bytes = 0
    outcome = await bench.jira(createIssue=ISSUE)
    assert told(outcome) == "issue SHOP-1 was there: an earlier run of this step had created it"
    assert list(bench.site.contents.issues) == ["SHOP-1"]


async def test_what_the_account_may_not_do(bench: JiraBench) -> None:
    """Names the account, and nothing of it is waited for."""
    await bench.jira(searchIssue={"jql": "project = SHOP"})
    bench.server.faults.status = 403
    refused = await bench.jira(createIssue=ISSUE)
    assert said(refused) == ("Errored", False)
    assert "the account of Secret shop/tracker may not do that; give it the permission" in told(
        refused
    )


async def test_a_search_that_does_not_show_it_yet(bench: JiraBench) -> None:
    """Nobody knows whether it was created, until the index has had its time."""
    bench.server.faults.loses_answers = 1
    bench.server.faults.search_lag_seconds = 10
    await bench.jira(createIssue=ISSUE)
    waiting = await bench.jira(createIssue=ISSUE)
    assert isinstance(waiting, Waiting)
    assert "so that there are not two" in told(waiting)
    await bench.clock.advance(15)
    outcome = await bench.jira(createIssue=ISSUE)
    assert said(outcome) == ("Succeeded", True)
    assert list(bench.site.contents.issues) == ["SHOP-1"]


async def test_a_crash_before_anything_was_sent(bench: JiraBench) -> None:
    """Once a search would show it, there is none, and it is created."""
    await bench.jira(searchIssue={"jql": "project = SHOP"})
    bench.server.faults.is_away = True
    assert isinstance(await bench.jira(createIssue=ISSUE), Waiting)
    assert bench.notes.kept
    bench.server.faults.is_away = False
    assert isinstance(await bench.jira(createIssue=ISSUE), Waiting)
    await bench.clock.advance(30)
    assert said(await bench.jira(createIssue=ISSUE)) == ("Succeeded", True)
    assert list(bench.site.contents.issues) == ["SHOP-1"]


async def test_what_was_refused_is_not_looked_for(bench: JiraBench) -> None:
    """It was not created: the next try begins anew."""
    refused = await bench.jira(createIssue={**ISSUE, "projectKey": "NONE"})
    assert said(refused) == ("Errored", True)
    assert (
        "creating an issue in project NONE: answered 400 (project: valid project is required)"
        in told(refused)
    )
    before = len(bench.server.requests)
    assert said(await bench.jira(createIssue=ISSUE)) == ("Succeeded", True)
    assert not any("search" in each for each in bench.server.requests[before:])


async def test_a_comment_is_made_once(bench: JiraBench) -> None:
    """Its own mark tells it from another of the same words."""
    issue = bench.site.issue("SHOP", "Login")
    comment = {"issueKey": "SHOP-1", "body": "Released"}
    bench.server.faults.loses_answers = 1
    assert isinstance(await bench.jira(commentOnIssue=comment), Waiting)
    [ours] = issue.comments
    theirs = DemoComment("9", "towpath", ours.body, bench.site.moment(), {MARK: {"step": "x/y/z"}})
    issue.comments.append(theirs)
    found = await done(bench, commentOnIssue=comment)
    assert found["commentID"] == ours.id
    issue.comments.remove(theirs)
    assert issue.comments == [ours]
    bench.notes.kept.clear()
    await done(bench, commentOnIssue=comment)
    assert len(issue.comments) == 2, "another step's comment is another one"


@pytest.mark.parametrize("operation", ["issue", "comment"])
async def test_a_deletion_that_a_crash_has_hidden(bench: JiraBench, operation: str) -> None:
    """What is gone by then is what was wanted; what was never there is not."""
    issue = bench.site.issue("SHOP", "Login")
    await done(bench, commentOnIssue={"issueKey": "SHOP-1", "body": "x"})
    gone: dict[str, Any] = {"deleteIssue": {"issueKey": "SHOP-1"}}
    if operation == "comment":
        gone = {"deleteComment": {"issueKey": "SHOP-1", "commentID": issue.comments[0].id}}
    bench.server.faults.loses_answers = 2  # what may be repeated is sent twice by the client itself
    assert isinstance(await bench.jira(**gone), Waiting)
    await done(bench, **gone)
    bench.notes.kept.clear()
    never = await bench.jira(**gone)
    assert isinstance(never, Errored)
    assert "does not exist, or the account of Secret shop/tracker may not see it" in told(never)


# --- what it says ------------------------------------------------------------------------------------


async def test_a_transition_that_is_not_offered(bench: JiraBench) -> None:
    """Says where the issue is, and what is offered from there."""
    bench.site.issue("SHOP", "Login")
    refused = await bench.jira(updateIssue={"issueKey": "SHOP-1", "status": PROD})
    assert said(refused) == ("Errored", True)
    assert told(refused).endswith(
        'issue SHOP-1 is in status "To Do", and no transition that it offers from there leads to "Released to prod"; '
        'it offers "In Progress" by Start progress, "Released to preprod" by Release to preprod'
    )
    assert bench.site.contents.issues["SHOP-1"].status == TO_DO


async def test_a_transition_that_demands_fields(bench: JiraBench) -> None:
    """Names them."""
    bench.site.issue("SHOP", "Login", status=PROD)
    refused = await bench.jira(updateIssue={"issueKey": "SHOP-1", "status": DONE})
    assert said(refused) == ("Errored", True)
    assert "resolution: Resolution is required." in told(refused)
    assert "the transition demands Resolution (resolution)" in told(refused)


async def test_fields_of_another_type(bench: JiraBench) -> None:
    """Are named with what Jira says of each."""
    bench.site.issue("SHOP", "Login")
    fields = {"customfield_10010": "many", "customfield_99999": 1}
    refused = await bench.jira(updateIssue={"issueKey": "SHOP-1", "customFields": fields})
    assert said(refused) == ("Errored", True)
    assert "customfield_10010: Operation value must be a number" in told(refused)
    assert "customfield_99999: Field 'customfield_99999' cannot be set" in told(refused)
    both = {"issueKey": "SHOP-1", "addLabels": ["a"], "customFields": {"labels": ["b"]}}
    assert "customFields sets labels" in told(await bench.jira(updateIssue=both))


async def test_an_expired_token(bench: JiraBench) -> None:
    """Says which Secret to put another into, and shows nothing of the one there is."""
    bench.site.issue("SHOP", "Login")
    bench.secret.values = {**(bench.secret.values or {}), "deployment": "cloud"}
    bench.server.faults.is_expired = True
    refused = await bench.jira(waitForStatus={"issueKey": "SHOP-1", "expectedStatus": PROD})
    assert said(refused) == ("Errored", False)
    assert "answered 401" in told(refused)
    assert (
        "a token that has expired or was revoked has to be replaced in Secret shop/tracker"
        in told(refused)
    )
    assert TOKEN not in told(refused)


async def test_a_rate_limit_is_obeyed(bench: JiraBench) -> None:
    """For as long as it says: the step is run again no sooner."""
    bench.site.issue("SHOP", "Login")
    comment = {"issueKey": "SHOP-1", "body": "x"}
    await done(bench, waitForStatus={"issueKey": "SHOP-1", "expectedStatus": TO_DO})
    bench.server.faults.limited, bench.server.faults.retry_after = 1, "75"
    waiting = await bench.jira(commentOnIssue=comment)
    assert isinstance(waiting, Waiting)
    assert waiting.again_seconds == 75.0
    before = len(bench.server.requests)
    early = await bench.jira(commentOnIssue=comment)
    assert isinstance(early, Waiting)
    assert early.again_seconds is not None
    assert early.again_seconds > 60
    assert len(bench.server.requests) == before, "nothing is sent before"
    await bench.clock.advance(75)
    await done(bench, commentOnIssue=comment)
    assert len(bench.site.contents.issues["SHOP-1"].comments) == 1


@pytest.mark.parametrize("fault", ["is_away", "status"])
async def test_a_jira_that_is_down_is_waited_for(bench: JiraBench, fault: str) -> None:
    """And the step goes on when it is back."""
    bench.site.issue("SHOP", "Login")
    setattr(bench.server.faults, fault, 503 if fault == "status" else True)
    waiting = await bench.jira(updateIssue={"issueKey": "SHOP-1", "status": PREPROD})
    assert isinstance(waiting, Waiting)
    assert waiting.again_seconds == 30.0
    setattr(bench.server.faults, fault, 0)
    await done(bench, updateIssue={"issueKey": "SHOP-1", "status": PREPROD})


async def test_answers_of_something_else(bench: JiraBench) -> None:
    """A page to sign in, and twenty megabytes: neither is a success, and neither is kept."""
    bench.site.issue("SHOP", "Login")
    wanted = {"issueKey": "SHOP-1", "expectedStatus": PROD}
    await bench.jira(waitForStatus=wanted)
    bench.server.faults.html = True
    page = await bench.jira(waitForStatus=wanted)
    assert said(page) == ("Errored", False)
    assert "answered with a page for people" in told(page)
    bench.server.faults.html = False
    bench.server.faults.padding_bytes = 20 << 20
    large = await bench.jira(waitForStatus=wanted)
    assert said(large) == ("Errored", False)
    assert "larger than 1,048,576 bytes" in told(large)


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize(
    "operation",
    [
        {"createIssue": {**ISSUE, "description": "it is open-sesame!"}},
        {"createIssue": {**ISSUE, "customFields": {"customfield_10020": "open-sesame"}}},
        {"updateIssue": {"issueKey": "SHOP-1", "addLabels": ["open-sesame"]}},
        {"commentOnIssue": {"issueKey": "SHOP-1", "body": "open-sesame"}},
    ],
)
async def test_secrets_reach_no_ticket(
    cloud: JiraBench, operation: dict[str, Any], planned: bool
) -> None:
    """Whatever field holds one."""
    cloud.site.issue("SHOP", "Login")
    cloud.disclosed.learn("open-sesame")
    refused = await cloud.jira(**operation, planned=planned)
    assert isinstance(refused, Errored)
    assert "it holds a value of a Secret" in told(refused)
    assert [each for each in cloud.server.requests if not each.startswith("GET")] == []


async def test_people_that_nobody_knows(bench: JiraBench) -> None:
    """None, and several."""
    unknown = await bench.jira(createIssue={**ISSUE, "assigneeEmail": "nobody@example.com"})
    assert "looking for the account of nobody@example.com: there is none" in told(unknown)
    assert bench.site.contents.issues == {}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (None, "there is no Secret shop/tracker; make it, with domain, username and password"),
        ({"domain": "shop.example.com"}, "Secret shop/tracker has no password"),
        ({"password": "x"}, "Secret shop/tracker has no domain"),
        ({"domain": "ftp://x.example", "password": "x"}, "domain is no address of a server"),
        (
            {"domain": "http://x.example", "password": "x"},
            "is an http address, over which no credential is sent",
        ),
        ({"domain": "https://u:p@x.example", "password": "x"}, "domain is no address of a server"),
        (
            {"domain": "x.example", "password": "x", "deployment": "moon"},
            "'moon' is neither cloud nor datacenter",
        ),
    ],
)
async def test_secrets_that_will_not_do(
    cloud: JiraBench, values: dict[str, str] | None, problem: str
) -> None:
    """Say what is missing."""
    cloud.secret.values = values
    outcome = await cloud.jira(deleteIssue={"issueKey": "SHOP-1"})
    assert problem in told(outcome)
    assert cloud.server.requests == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({}, "give exactly one of createIssue"),
        ({"createIssue": ISSUE, "deleteIssue": {"issueKey": "A-1"}}, "give exactly one of"),
        ({"updateIssue": {"issueKey": "../x"}}, "it says nothing to change"),
        ({"deleteIssue": {"issueKey": "../myself"}}, "'../myself' is no key of an issue"),
        ({"commentOnIssue": {"issueKey": "A-1"}}, "give exactly one of body and adfBody"),
        ({"createIssue": {**ISSUE, "labels": ["a b"]}}, "labels"),
        (
            {"commentOnIssue": {"issueKey": "A-1", "adfBody": {"type": "x"}}},
            "no document of the Atlassian",
        ),
        (
            {"createIssue": {**ISSUE, "description": "a", "adfDescription": {"type": "doc"}}},
            "description and adfDescription exclude each other",
        ),
    ],
)
async def test_configurations_that_are_refused(
    cloud: JiraBench, config: dict[str, Any], problem: str
) -> None:
    """Before anything is sent that changes something."""
    outcome = await cloud.jira(**config)
    assert problem in told(outcome)
    assert not any(not each.startswith("GET") for each in cloud.server.requests)


async def test_documents_of_the_cloud(bench: JiraBench) -> None:
    """Are sent as they are; a Data Center has none."""
    bench.site.issue("SHOP", "Login")
    document = {"type": "doc", "version": 1, "content": [{"type": "rule"}]}
    outcome = await bench.jira(commentOnIssue={"issueKey": "SHOP-1", "adfBody": document})
    if bench.server.is_cloud:
        assert bench.site.contents.issues["SHOP-1"].comments[0].body == document
    else:
        assert said(outcome) == ("Errored", True)
        assert "adfBody is for Jira Cloud" in told(outcome)


async def test_a_secret_that_all_may_use(cloud: JiraBench) -> None:
    """Is of the namespace that all share."""
    cloud.site.issue("SHOP", "Login")
    config = {"issueKey": "SHOP-1", "expectedStatus": TO_DO}
    shared = {"credentials": {"sharedSecretName": "tracker"}, "waitForStatus": config}
    assert said(await cloud.run("jira", shared)) == ("Succeeded", True)
    assert cloud.secret.opened[-1].startswith("kargo-shared-resources/tracker by ")


async def test_a_bearer_token(tmp_path: Path) -> None:
    """Of a Data Center, where the Secret names no user."""
    async with trackers.jira(tmp_path, is_cloud=False, username="") as bench:
        bench.site.issue("SHOP", "Login")
        await done(bench, updateIssue={"issueKey": "SHOP-1", "status": PREPROD})


async def test_a_redirect_goes_nowhere(cloud: JiraBench) -> None:
    """The credential is for this server alone, and a page to sign in is no answer."""
    cloud.site.issue("SHOP", "Login")
    wanted = {"issueKey": "SHOP-1", "expectedStatus": PROD}
    await cloud.jira(waitForStatus=wanted)
    before = len(cloud.server.requests)
    cloud.server.faults.redirect = f"{cloud.server.url}/rest/api/3/elsewhere?token=x"
    outcome = await cloud.jira(waitForStatus=wanted)
    assert said(outcome) == ("Errored", True)
    assert (
        f"it redirects to {cloud.server.url}/rest/api/3/elsewhere, which is not followed"
        in told(outcome)
    )
    assert cloud.server.requests[before:] == ["GET /rest/api/3/issue/SHOP-1"]


# --- plans -------------------------------------------------------------------------------------------


async def test_a_plan_says_what_would_be_done(bench: JiraBench) -> None:
    """And does none of it."""
    issue = bench.site.issue("SHOP", "Login")
    wanted = {"issueKey": "SHOP-1", "status": PREPROD, "addFixVersions": ["1.2.0"]}
    assert said(await bench.jira(updateIssue=wanted, planned=True)) == ("Succeeded", True)
    for operation in (
        {"createIssue": ISSUE},
        {"commentOnIssue": {"issueKey": "SHOP-1", "body": "Hello"}},
    ):
        with pytest.raises(Unanswered):
            await bench.jira(**operation, planned=True)
    await bench.jira(deleteIssue={"issueKey": "SHOP-1"}, planned=True)
    unknown = "(known after step-1)"
    with pytest.raises(Unanswered):
        await bench.jira(updateIssue={"issueKey": unknown, "status": PREPROD}, planned=True)
    name = f"Jira {bench.server.url.partition('//')[2]}"
    assert bench.planned == [
        f"change fixVersions of issue SHOP-1 of {name}",
        f"create version 1.2.0 of project SHOP of {name}",
        f'move issue SHOP-1 of {name} from "To Do" to "Released to preprod"',
        f'create an issue "Release 1.2.0" in project SHOP of {name}',
        f'comment "Hello" on issue SHOP-1 of {name}',
        f"delete issue SHOP-1 of {name}",
        f'move issue {unknown} of {name} to "Released to preprod"',
    ]
    assert [each for each in bench.server.requests if not each.startswith("GET")] == []
    assert issue.status == TO_DO
    refused = await bench.jira(updateIssue={"issueKey": "SHOP-1", "status": PROD}, planned=True)
    assert "no transition that it offers" in told(refused)
