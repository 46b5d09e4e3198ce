"""What one stand-in knows: projects, issues, versions, people. It is kept in a file, if one is named."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.demo.jira.workflow import RELEASES
from towpath.disk import writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.demo.jira.workflow import Workflow

TYPES: Final = ("Task", "Story", "Bug", "Sub-task")
CUSTOM: Final = {
    "customfield_10010": ("Story points", "number"),
    "customfield_10020": ("Release train", "string"),
    "customfield_10030": ("Environment", "option"),
}
"""Fields of this site by their ids: name and type."""
_FIRST_ID: Final = 10_000


class JiraPerson(msgspec.Struct):
    """Somebody with an account."""

    name: str
    email: str
    shown: str

    @property
    def account_id(self) -> str:
        """How the Cloud names them."""
        return f"5b10ac8d82e05b22cc7d{self.name}"


class DemoComment(msgspec.Struct):
    """A comment."""

    id: str
    author: str
    body: Any
    created: str
    properties: dict[str, Any] = {}


class DemoChange(msgspec.Struct):
    """A line of an issue's history."""

    at: str
    who: str
    what: str


class DemoIssue(msgspec.Struct):
    """An issue."""

    id: str
    key: str
    project: str
    type: str
    summary: str
    status: str
    creator: str
    created: str
    updated: str
    description: Any = None
    assignee: str = ""
    parent: str = ""
    labels: list[str] = []
    fix_versions: list[str] = []
    custom: dict[str, Any] = {}
    comments: list[DemoComment] = []
    properties: dict[str, Any] = {}
    history: list[DemoChange] = []


class DemoVersion(msgspec.Struct):
    """A version of a project."""

    id: str
    name: str
    is_released: bool = False


class DemoProject(msgspec.Struct):
    """A project."""

    id: str
    key: str
    name: str
    next_number: int = 1
    versions: list[DemoVersion] = []


class SiteContents(msgspec.Struct):
    """All of it, as it is kept."""

    next_id: int = _FIRST_ID
    projects: dict[str, DemoProject] = {}
    issues: dict[str, DemoIssue] = {}
    people: dict[str, JiraPerson] = {}


class JiraSite:
    """One stand-in's knowledge; `lock` is held by whoever reads or changes it."""

    def __init__(
        self,
        file: Path | None = None,
        *,
        workflow: Workflow = RELEASES,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`file`: where it is kept; `now`: its clock."""
        self.workflow = workflow
        self.lock = threading.RLock()
        self._file = file
        self.now = now or (lambda: datetime.now(UTC))
        self.contents = SiteContents()
        if file is not None and file.exists():
            self.contents = msgspec.json.decode(file.read_bytes(), type=SiteContents)
        if not self.contents.people:
            self.person("towpath", "towpath@example.com", "Towpath")

    def moment(self) -> str:
        """Return this moment as Jira writes it."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"

    def person(self, name: str, email: str, shown: str) -> JiraPerson:
        """Add somebody."""
        with self.lock:
            found = self.contents.people[name] = JiraPerson(name, email, shown)
            self.save()
            return found

    def project(self, key: str, name: str = "") -> DemoProject:
        """Return a project; make it if it is not there."""
        with self.lock:
            found = self.contents.projects.get(key)
            if found is None:
                found = DemoProject(self.new_id(), key, name or key)
                self.contents.projects[key] = found
                self.save()
            return found

    def issue(
        self, project: str, summary: str, *, creator: str = "towpath", **more: Any
    ) -> DemoIssue:
        """Create an issue; `more`: further attributes of it."""
        with self.lock:
            found = self.project(project)
            moment = self.moment()
            given: dict[str, Any] = {
                "type": TYPES[0],
                "status": self.workflow.statuses[0].name,
                **more,
            }
            issue = DemoIssue(
                id=self.new_id(),
                key=f"{project}-{found.next_number}",
                project=project,
                summary=summary,
                creator=creator,
                created=moment,
                updated=moment,
                **given,
            )
            found.next_number += 1
            self.contents.issues[issue.key] = issue
            self.told(issue, creator, "created it")
            return issue

    def find(self, key: str) -> DemoIssue | None:
        """Return an issue by its key or number."""
        found = self.contents.issues.get(key.upper())
        if found is None and key.isdigit():
            found = next((each for each in self.contents.issues.values() if each.id == key), None)
        return found

    def version(self, project: str, name: str) -> DemoVersion:
        """Make a version."""
        with self.lock:
            made = DemoVersion(self.new_id(), name)
            self.project(project).versions.append(made)
            self.save()
            return made

    def move(self, issue: DemoIssue, status: str, who: str) -> None:
        """Give an issue another status."""
        before, issue.status = issue.status, status
        self.told(issue, who, f"{before} → {status}")

    def told(self, issue: DemoIssue, who: str, what: str) -> None:
        """Write down that somebody has changed an issue, and keep all of it."""
        issue.updated = self.moment()
        issue.history.append(DemoChange(issue.updated, who, what))
        self.save()

    def new_id(self) -> str:
        """Return an id that nothing has."""
        self.contents.next_id += 1
        return str(self.contents.next_id)

    def save(self) -> None:
        """Keep it."""
        if self._file is not None:
            writing.place(self._file, msgspec.json.encode(self.contents), mode=0o600)
