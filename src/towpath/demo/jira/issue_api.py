"""The part of the stand-in's API that is about one issue: fields, transitions, comments, properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.demo.jira.calls import JiraRefused
from towpath.demo.jira.edits import Edit
from towpath.demo.jira.site import DemoComment

if TYPE_CHECKING:
    from towpath.demo.jira.calls import JiraCall
    from towpath.demo.jira.site import DemoIssue, JiraSite


class IssueApi:
    """Answers what is asked about issues."""

    def __init__(self, site: JiraSite, *, is_cloud: bool) -> None:
        self._site = site
        self._is_cloud = is_cloud

    def create(self, call: JiraCall) -> tuple[int, Any]:
        """Create one."""
        given = call.object()
        fields = given.get("fields") or {}
        named = fields.get("project") or {}
        project = self._site.contents.projects.get(str(named.get("key")))
        if project is None:
            raise JiraRefused(400, project="valid project is required")
        edit = self._edited(project.key, given, None)
        for name, said in (
            ("summary", "You must specify a summary of the issue."),
            ("type", "Specify an issue type"),
        ):
            if name not in edit.values:
                edit.errors.setdefault({"type": "issuetype"}.get(name, name), said)
        if edit.errors:
            raise JiraRefused(400, **edit.errors)
        issue = self._site.issue(project.key, edit.values.pop("summary"), creator=call.who)
        edit.apply(issue)
        issue.properties.update(
            {each["key"]: each["value"] for each in given.get("properties") or ()}
        )
        self._site.save()
        base = call.docs.base
        return 201, {"id": issue.id, "key": issue.key, "self": f"{base}/issue/{issue.id}"}

    def _edited(self, project: str, given: dict[str, Any], issue: DemoIssue | None) -> Edit:
        edit = Edit(self._site, project, is_cloud=self._is_cloud)
        edit.set(given.get("fields") or {})
        edit.update(given.get("update") or {}, issue)
        return edit

    def answer(self, call: JiraCall, issue: DemoIssue, rest: list[str]) -> tuple[int, Any]:
        """Answer what is asked about one."""
        match call.method, rest:
            case "GET", []:
                return 200, call.docs.issue(issue, (call.query.get("fields") or "*all").split(","))
            case "PUT", []:
                edit = self._edited(issue.project, call.object(), issue)
                if edit.errors:
                    raise JiraRefused(400, **edit.errors)
                edit.apply(issue)
                self._site.told(
                    issue, call.who, f"changed {', '.join([*edit.values, *edit.custom])}"
                )
                return 204, None
            case "DELETE", []:
                return self._delete(call, issue)
            case _, ["transitions"]:
                return self._transitions(call, issue)
            case _, ["comment", *more]:
                return self._comments(call, issue, more)
            case _, ["properties", name]:
                return self._properties(call, issue, name)
        return 404, None

    def _delete(self, call: JiraCall, issue: DemoIssue) -> tuple[int, Any]:
        issues = self._site.contents.issues
        below = [each.key for each in issues.values() if each.parent == issue.key]
        if below and call.query.get("deleteSubtasks") != "true":
            raise JiraRefused(
                400,
                f"The issue '{issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.",
            )
        for key in (*below, issue.key):
            del issues[key]
        self._site.save()
        return 204, None

    def _transitions(self, call: JiraCall, issue: DemoIssue) -> tuple[int, Any]:
        offered = self._site.workflow.offered(issue.status)
        if call.method == "GET":
            wanted = call.query.get("transitionId")
            shown = [
                {
                    "id": each.id,
                    "name": each.name,
                    "to": self._site.workflow.document(each.to, call.docs.base),
                    "hasScreen": bool(each.required),
                    "isGlobal": not each.come_from,
                    "isInitial": False,
                    "isAvailable": True,
                    **(
                        {"fields": {name: _required(name) for name in each.required}}
                        if "transitions.fields" in call.query.get("expand", "")
                        else {}
                    ),
                }
                for each in offered
                if wanted in (None, each.id)
            ]
            return 200, {"expand": "transitions", "transitions": shown}
        given = call.object()
        id_ = str((given.get("transition") or {}).get("id"))
        chosen = next((each for each in offered if each.id == id_), None)
        if chosen is None:
            raise JiraRefused(
                400,
                f"It seems that you have tried to perform a workflow operation ({id_}) that is not valid for the current state of this issue.",
            )
        missing = [each for each in chosen.required if each not in (given.get("fields") or {})]
        if missing:
            raise JiraRefused(
                400, **{each: f"{each.capitalize()} is required." for each in missing}
            )
        self._site.move(issue, chosen.to, call.who)
        return 204, None

    def _comments(self, call: JiraCall, issue: DemoIssue, more: list[str]) -> tuple[int, Any]:
        if call.method == "POST" and not more:
            given = call.object()
            edit = Edit(self._site, issue.project, is_cloud=self._is_cloud)
            body = given.get("body")
            if not body or edit.text_problem(body):
                raise JiraRefused(
                    400, comment=edit.text_problem(body) or "Comment body can not be empty!"
                )
            properties = {each["key"]: each["value"] for each in given.get("properties") or ()}
            made = DemoComment(self._site.new_id(), call.who, body, self._site.moment(), properties)
            issue.comments.append(made)
            self._site.told(issue, call.who, "commented")
            return 201, call.docs.comment(made)
        if not more:
            begin, most = (
                int(call.query.get("startAt") or 0),
                int(call.query.get("maxResults") or 50),
            )
            listed = (
                issue.comments[::-1] if call.query.get("orderBy") == "-created" else issue.comments
            )
            with_properties = "properties" in call.query.get("expand", "")
            return 200, {
                "startAt": begin,
                "maxResults": most,
                "total": len(listed),
                "comments": [
                    call.docs.comment(each, with_properties=with_properties)
                    for each in listed[begin : begin + most]
                ],
            }
        found = next((each for each in issue.comments if each.id == more[0]), None)
        if found is None:
            raise JiraRefused(404, f"Can not find a comment for the id: {more[0]}.")
        if call.method == "DELETE":
            issue.comments.remove(found)
            self._site.told(issue, call.who, "deleted a comment")
            return 204, None
        return 200, call.docs.comment(found)

    def _properties(self, call: JiraCall, issue: DemoIssue, name: str) -> tuple[int, Any]:
        is_known = name in issue.properties
        match call.method:
            case "PUT":
                issue.properties[name] = call.body
                self._site.save()
                return (200 if is_known else 201), {}
            case "GET" if is_known:
                return 200, {"key": name, "value": issue.properties[name]}
            case "DELETE" if is_known:
                del issue.properties[name]
                self._site.save()
                return 204, None
        raise JiraRefused(404, f"The property {name} does not exist.")


def _required(name: str) -> dict[str, Any]:
    return {
        "required": True,
        "schema": {"type": name, "system": name},
        "name": name.capitalize(),
        "key": name,
        "hasDefaultValue": False,
        "operations": ["set"],
    }
