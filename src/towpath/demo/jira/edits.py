"""Which values the fields of an issue take: what Jira says of those that they do not take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.demo.jira.site import CUSTOM, TYPES

if TYPE_CHECKING:
    from towpath.demo.jira.site import DemoIssue, JiraSite

_LONGEST_SUMMARY = 255
_LONGEST_TEXT = 32_767


class Edit:
    """Fields of one request, checked: `values` for attributes of an issue, `errors` by field."""

    def __init__(self, site: JiraSite, project: str, *, is_cloud: bool) -> None:
        self._site = site
        self._project = project
        self._is_cloud = is_cloud
        self.values: dict[str, Any] = {}
        self.custom: dict[str, Any] = {}
        self.errors: dict[str, str] = {}

    def set(self, fields: dict[str, Any]) -> None:
        """Take `fields` of a request."""
        for name, value in fields.items():
            if name == "project":
                continue
            problem = self._set(name, value)
            if problem:
                self.errors[name] = problem

    def update(self, update: dict[str, Any], issue: DemoIssue | None) -> None:
        """Take `update` of a request: operations on labels and versions."""
        for name, operations in update.items():
            attribute = {"labels": "labels", "fixVersions": "fix_versions"}.get(name)
            if attribute is None:
                self.errors[name] = (
                    f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
                )
                continue
            held = list(getattr(issue, attribute)) if issue is not None else []
            for each in operations:
                for verb, value in each.items():
                    named = value.get("name") if isinstance(value, dict) else value
                    held = [known for known in held if known != named]
                    held += [named] if verb == "add" else []
            given = held if name == "labels" else [{"name": each} for each in held]
            problem = self._set(name, given)
            if problem:
                self.errors[name] = problem

    def apply(self, issue: DemoIssue) -> None:
        """Change an issue."""
        for name, value in self.values.items():
            setattr(issue, name, value)
        issue.custom.update(self.custom)

    def _set(self, name: str, value: Any) -> str:
        """Take a value; return what is wrong with it, empty if nothing is."""
        match name:
            case "summary":
                if not isinstance(value, str) or not value.strip():
                    return "You must specify a summary of the issue."
                if "\n" in value:
                    return "The summary is invalid because it contains newline characters."
                if len(value) > _LONGEST_SUMMARY:
                    return "Summary can't exceed 255 characters."
                self.values["summary"] = value
            case "description":
                if problem := self.text_problem(value):
                    return problem
                self.values["description"] = value
            case "issuetype":
                named = value.get("name") if isinstance(value, dict) else None
                if named not in TYPES:
                    return "Specify a valid issue type"
                self.values["type"] = named
            case "labels":
                if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                    return "Operation value must be an array of strings"
                for each in value:
                    if " " in each:
                        return f"The label '{each}' contains spaces which is invalid."
                self.values["labels"] = list(dict.fromkeys(value))
            case "fixVersions":
                known = {each.name for each in self._site.project(self._project).versions}
                names = [each.get("name") if isinstance(each, dict) else None for each in value]
                for each in names:
                    if each not in known:
                        return f"Version name '{each}' is not valid"
                self.values["fix_versions"] = list(dict.fromkeys(names))
            case "assignee":
                return self._assign(value)
            case _:
                return self._custom(name, value)
        return ""

    def _assign(self, value: Any) -> str:
        given = value if isinstance(value, dict) else {}
        for each in self._site.contents.people.values():
            if given.get("accountId" if self._is_cloud else "name") == (
                each.account_id if self._is_cloud else each.name
            ):
                self.values["assignee"] = each.name
                return ""
        return "Specify a valid user for assignee"

    def _custom(self, name: str, value: Any) -> str:
        if name not in CUSTOM:
            return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        match CUSTOM[name][1], value:
            case ("number", int() | float()) if not isinstance(value, bool):
                self.custom[name] = value
            case ("string", str()):
                self.custom[name] = value
            case ("option", {"value": str()}):
                self.custom[name] = {"value": value["value"]}
            case ("number", _):
                return "Operation value must be a number"
            case ("string", _):
                return "Operation value must be a string"
            case _:
                return "Specify a valid 'id' or 'name' for Environment"
        return ""

    def text_problem(self, value: Any) -> str:
        """Return what is wrong with a description or comment, empty if nothing is."""
        if value is None:
            return ""
        if not self._is_cloud:
            if not isinstance(value, str):
                return "Operation value must be a string"
            return (
                "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
                if len(value) > _LONGEST_TEXT
                else ""
            )
        is_document = (
            isinstance(value, dict)
            and value.get("type") == "doc"
            and value.get("version") == 1
            and isinstance(value.get("content"), list)
        )
        return (
            ""
            if is_document
            else "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        )
