"""The stand-in for Jira: what it is asked and answers is as Atlassian publishes it, it says no as Jira does, and it has a board."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.tracker_contracts import JiraObserver
from towpath.demo.jira import jql
from towpath.demo.jira.server import TOKEN, USER, JiraServer
from towpath.demo.jira.site import DemoComment, JiraSite
from towpath.demo.jira.workflow import PREPROD, PROD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOGIN = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()


@pytest.fixture
def server() -> Iterator[JiraServer]:
    """Return a Jira of the Cloud with three issues; what it answers is held against its description."""
    observer = JiraObserver()
    made = JiraServer(observe=observer)
    site = made.site
    site.project("SHOP", "Shop")
    site.version("SHOP", "1.0")
    site.issue("SHOP", "Login page", labels=["web"])
    site.issue("SHOP", "Log out", status=PREPROD, fix_versions=["1.0"])
    site.issue("API", "Login by token", status=PROD)
    yield made
    made.close()
    assert observer.problems == [], observer.problems


def ask(
    server: JiraServer, method: str, path: str, body: Any = None, **query: Any
) -> httpx.Response:
    """Ask the API."""
    headers = {"Authorization": f"Basic {LOGIN}"}
    with httpx.Client(trust_env=False) as client:
        return client.request(
            method,
            f"{server.url}/rest/api/3{path}",
            json=body,
            params=query or None,
            headers=headers,
        )


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["API-1", "SHOP-2", "SHOP-1"]),
        ("project = shop", ["SHOP-2", "SHOP-1"]),
        ("project = SHOP AND status != 'To Do' OR key = API-1", ["API-1", "SHOP-2"]),
        ("project = SHOP AND (status != 'To Do' OR key = API-1)", ["SHOP-2"]),
        ("NOT labels = web AND text ~ login", ["API-1"]),
        ('fixVersion in ("1.0", 2.0)', ["SHOP-2"]),
        ("labels is EMPTY ORDER BY key ASC", ["API-1", "SHOP-2"]),
        ("labels is not empty", ["SHOP-1"]),
        (
            "creator = currentUser() AND created >= -5m ORDER BY created, key DESC",
            ["SHOP-1", "SHOP-2", "API-1"],
        ),
        ("created < -5m", []),
        ("summary ~ 'log in'", ["API-1", "SHOP-1"]),
        ("statusCategory = done", ["API-1"]),
    ],
)
def test_searches(query: str, keys: list[str]) -> None:
    """As people write them."""
    moments = iter(range(100))
    site = JiraSite()
    begin = site.now()
    site.now = lambda: begin.replace(microsecond=next(moments) * 1000)
    site.version("SHOP", "1.0")
    site.issue("SHOP", "Login page", labels=["web"])
    site.issue("SHOP", "Log out", status=PREPROD, fix_versions=["1.0"])
    site.issue("API", "Login by token", status=PROD)
    assert [each.key for each in jql.found(site, "towpath", query)] == keys


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("colour = blue", "Field 'colour' does not exist"),
        ("status = Nowhere", "The value 'Nowhere' does not exist for the field 'status'"),
        ("project = NONE", "The value 'NONE' does not exist for the field 'project'"),
        ("project ~ SHOP", "The operator '~' is not supported by the 'project' field"),
        ("project = SHOP SHOP", "Expecting either 'OR' or 'AND' but got 'SHOP'"),
        ("project =", "ends where something has to follow"),
        ("(key = A-1", "Expecting ')'"),
        ("key = now()", "Unable to find JQL function 'now()'"),
        ("created > yesterday", "Date value 'yesterday' is invalid"),
        ("key = *", None),
        ("!", "reserved JQL character"),
    ],
)
def test_searches_that_are_refused(server: JiraServer, query: str, problem: str | None) -> None:
    """In Jira's words."""
    answer = ask(server, "GET", "/search/jql", jql=query)
    if problem is None:
        assert answer.json()["issues"] == []
        return
    assert answer.status_code == 400
    assert problem in answer.json()["errorMessages"][0]


def test_pages_of_a_search(server: JiraServer) -> None:
    """By tokens; an issue has no fields unless they are named."""
    first = ask(server, "GET", "/search/jql", jql="project = SHOP", maxResults=1).json()
    assert (first["isLast"], first["issues"][0]["fields"]) == (False, {})
    body = {
        "jql": "project = SHOP",
        "maxResults": 1,
        "nextPageToken": first["nextPageToken"],
        "fields": ["summary"],
    }
    second = ask(server, "POST", "/search/jql", body).json()
    assert (second["isLast"], second["issues"][0]["fields"]) == (True, {"summary": "Login page"})
    assert ask(server, "GET", "/myself").json()["emailAddress"] == USER


def test_what_jira_does_not_take(server: JiraServer) -> None:
    """Each field with a reason."""
    fields = {
        "project": {"key": "SHOP"},
        "issuetype": {"name": "Epic"},
        "summary": "two\nlines",
        "description": "no document",
        "labels": ["a b"],
        "fixVersions": [{"name": "9"}],
        "assignee": {"accountId": "nobody"},
        "customfield_10030": "prod",
    }
    answer = ask(server, "POST", "/issue", {"fields": fields})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(fields) - {"project"}
    assert (
        ask(server, "POST", "/issue", {"fields": {"project": {"key": "SHOP"}}}).status_code == 400
    )
    assert ask(server, "GET", "/issue/SHOP-9").status_code == 404
    assert (
        ask(server, "POST", "/issue/SHOP-1/transitions", {"transition": {"id": "31"}}).status_code
        == 400
    )
    assert ask(server, "POST", "/version", {"name": "1.0", "project": "SHOP"}).status_code == 400


def test_properties(server: JiraServer) -> None:
    """Are new, replaced, and gone."""
    where = "/issue/SHOP-1/properties/x"
    assert [ask(server, "PUT", where, {"a": each}).status_code for each in (1, 2)] == [201, 200]
    assert ask(server, "GET", where).json() == {"key": "x", "value": {"a": 2}}
    assert ask(server, "DELETE", where).status_code == 204
    assert ask(server, "GET", where).status_code == 404


def test_nobody_gets_in_without_a_token(server: JiraServer) -> None:
    """As Jira has it."""
    assert httpx.get(f"{server.url}/rest/api/3/myself", trust_env=False).status_code == 401


def test_it_is_kept(tmp_path: Path) -> None:
    """Across a restart, numbers too."""
    file = tmp_path / "jira.json"
    JiraSite(file).issue("SHOP", "Login")
    again = JiraSite(file)
    assert again.contents.issues["SHOP-1"].summary == "Login"
    assert again.issue("SHOP", "Logout").key == "SHOP-2"


# --- the board ---------------------------------------------------------------------------------------


def look(server: JiraServer, path: str) -> httpx.Response:
    """Look, as a browser does."""
    return httpx.get(f"{server.url}{path}", trust_env=False)


def test_the_board(server: JiraServer) -> None:
    """A column for each status with how many there are, a card for each issue with version and newest comment."""
    issue = server.site.contents.issues["SHOP-2"]
    issue.comments.append(DemoComment("1", "towpath", "It is <b>there</b>", server.site.moment()))
    page = look(server, "/board/SHOP")
    assert page.status_code == 200
    for status in server.site.workflow.statuses:
        count = sum(
            each.status == status.name
            for each in server.site.contents.issues.values()
            if each.project == "SHOP"
        )
        assert f"{status.name} <span>{count}</span>" in page.text
    assert '<a class="key" href="/browse/SHOP-2">SHOP-2</a><p>Log out</p>' in page.text
    assert '<span class="tag version">1.0</span>' in page.text
    assert "It is &lt;b&gt;there&lt;/b&gt;" in page.text
    assert "API-1" not in page.text
    assert look(server, "/").text.count('href="/board/') == 2


def test_nothing_of_the_board_comes_from_elsewhere(server: JiraServer) -> None:
    """And nothing that somebody wrote acts."""
    server.site.issue("SHOP", '<img src="https://x.example/y" onerror=alert(1)>')
    for path in ("/board/SHOP", "/browse/SHOP-3", "/browse/NONE-1", "/nowhere", "/board/x"):
        page = look(server, path)
        assert "<img" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "https://" not in page.text.replace("&quot;https://x.example/y&quot;", "")


def test_an_issue_tells_its_history(server: JiraServer) -> None:
    """The newest first."""
    issue = server.site.contents.issues["SHOP-1"]
    server.site.move(issue, PREPROD, "towpath")
    page = look(server, "/browse/SHOP-1").text
    assert page.index("To Do → Released to preprod") < page.index("created it")
    assert look(server, "/browse/SHOP-99").status_code == 404
