"""Issues, comments, versions and people as the API has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.demo.jira.site import CUSTOM, TYPES

if TYPE_CHECKING:
    from collections.abc import Collection

    from towpath.demo.jira.site import DemoComment, DemoIssue, DemoVersion, JiraPerson, JiraSite

_COMMENTS_SHOWN: Final = 50


class Documents:
    """What a site knows, as one version of the API has it. `base`: where that API is."""

    def __init__(self, site: JiraSite, base: str, *, is_cloud: bool) -> None:
        self._site = site
        self.base = base
        self._is_cloud = is_cloud

    def issue(self, issue: DemoIssue, fields: Collection[str]) -> dict[str, Any]:
        """Return an issue with some of its fields; `*all` and `*navigable` are all of them."""
        whole = self._fields(issue)
        if not set(fields) & {"*all", "*navigable"}:
            whole = {name: each for name, each in whole.items() if name in fields}
        return {
            "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
            "id": issue.id,
            "self": f"{self.base}/issue/{issue.id}",
            "key": issue.key,
            "fields": whole,
        }

    def _fields(self, issue: DemoIssue) -> dict[str, Any]:
        site = self._site
        project = site.contents.projects[issue.project]
        comments = [self.comment(each) for each in issue.comments[-_COMMENTS_SHOWN:]]
        return {
            "summary": issue.summary,
            "description": issue.description,
            "status": site.workflow.document(issue.status, self.base),
            "issuetype": {
                "self": f"{self.base}/issuetype/{1 + TYPES.index(issue.type)}",
                "id": str(10_001 + TYPES.index(issue.type)),
                "name": issue.type,
                "subtask": issue.type == TYPES[-1],
            },
            "project": {
                "self": f"{self.base}/project/{project.id}",
                "id": project.id,
                "key": project.key,
                "name": project.name,
            },
            "labels": list(issue.labels),
            "fixVersions": [
                self.version(each, issue.project)
                for each in project.versions
                if each.name in issue.fix_versions
            ],
            "assignee": self.person_named(issue.assignee) if issue.assignee else None,
            "creator": self.person_named(issue.creator),
            "reporter": self.person_named(issue.creator),
            "created": issue.created,
            "updated": issue.updated,
            "comment": {
                "comments": comments,
                "maxResults": len(comments),
                "startAt": 0,
                "total": len(issue.comments),
            },
            **{name: issue.custom.get(name) for name in CUSTOM},
        }

    def comment(self, comment: DemoComment, *, with_properties: bool = False) -> dict[str, Any]:
        """Return a comment."""
        person = self.person_named(comment.author)
        found = {
            "self": f"{self.base}/comment/{comment.id}",
            "id": comment.id,
            "author": person,
            "body": comment.body,
            "updateAuthor": person,
            "created": comment.created,
            "updated": comment.created,
        }
        if with_properties:
            found["properties"] = [
                {"key": key, "value": value} for key, value in comment.properties.items()
            ]
        return found

    def version(self, version: DemoVersion, project: str) -> dict[str, Any]:
        """Return a version."""
        return {
            "self": f"{self.base}/version/{version.id}",
            "id": version.id,
            "name": version.name,
            "archived": False,
            "released": version.is_released,
            "projectId": int(self._site.contents.projects[project].id),
        }

    def person(self, person: JiraPerson) -> dict[str, Any]:
        """Return somebody; the Cloud names them by an id."""
        found: dict[str, Any] = {
            "self": f"{self.base}/user?name={person.name}",
            "displayName": person.shown,
            "active": True,
            "timeZone": "Etc/UTC",
            "emailAddress": person.email,
        }
        if self._is_cloud:
            return {**found, "accountId": person.account_id, "accountType": "atlassian"}
        return {**found, "name": person.name, "key": f"JIRAUSER{person.name}"}

    def person_named(self, name: str) -> dict[str, Any]:
        """Return somebody by their name."""
        return self.person(self._site.contents.people[name])
