"""A small part of JQL: `project = SHOP AND status in ("To Do", Done) OR text ~ login ORDER BY created DESC`."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.clients.trackers.jira.texts import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.jira.site import DemoIssue, JiraSite

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<quoted>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<mark>!=|!~|>=|<=|[=~<>(),])|(?P<word>[^\s=~<>!(),\"']+))"
)
_ALIASES: Final = {
    "issue": "key",
    "issuekey": "key",
    "id": "key",
    "type": "issuetype",
    "label": "labels",
}
_TEXTS: Final = ("text", "summary", "description", "comment")
_FIELDS: Final = frozenset(
    {"key", "project", "status", "statuscategory", "labels", "fixversion", "assignee", "creator",
     "reporter", "created", "updated", "issuetype", *_TEXTS}
)  # fmt: skip
_UNITS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_RELATIVE: Final = re.compile(r"-([0-9]+)([mhdw])")


class JqlError(ValueError):
    """The query cannot be read; the text is what Jira answers."""


@dataclass
class _Reader:
    site: JiraSite
    who: str
    tokens: list[tuple[str, str]]
    at: int = 0

    def peek(self) -> str:
        """Return the next token in small letters; empty at the end."""
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return "" if kind == "quoted" else text.lower()

    def take(self) -> str:
        """Return the next token."""
        if self.at >= len(self.tokens):
            raise JqlError("Error in the JQL Query: The query ends where something has to follow.")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def takes(self, *words: str) -> bool:
        """Take some words, if they come next."""
        ahead = [
            text.lower()
            for kind, text in self.tokens[self.at : self.at + len(words)]
            if kind != "quoted"
        ]
        if ahead != list(words):
            return False
        self.at += len(words)
        return True

    def any(self) -> Callable[[DemoIssue], bool]:
        """Read terms parted by OR."""
        terms = [self.all()]
        while self.takes("or"):
            terms.append(self.all())
        return lambda issue: any(each(issue) for each in terms)

    def all(self) -> Callable[[DemoIssue], bool]:
        """Read terms parted by AND."""
        terms = [self.one()]
        while self.takes("and"):
            terms.append(self.one())
        return lambda issue: all(each(issue) for each in terms)

    def one(self) -> Callable[[DemoIssue], bool]:
        """Read a term."""
        if self.takes("not"):
            inner = self.one()
            return lambda issue: not inner(issue)
        if self.takes("("):
            inner = self.any()
            if not self.takes(")"):
                raise JqlError("Error in the JQL Query: Expecting ')'.")
            return inner
        named = self.take()
        field = _ALIASES.get(named.lower(), named.lower())
        if field not in _FIELDS:
            raise JqlError(
                f"Field '{named}' does not exist or you do not have permission to view it."
            )
        return self._compared(field)

    def _compared(self, field: str) -> Callable[[DemoIssue], bool]:
        if self.takes("is"):
            is_not = self.takes("not")
            if self.take().lower() not in ("empty", "null"):
                raise JqlError("Error in the JQL Query: 'is' is followed by EMPTY.")
            return lambda issue: bool(self._held(issue, field)) is is_not
        if self.takes("not", "in"):
            values = self._listed(field)
            return lambda issue: not set(self._held(issue, field)) & values
        if self.takes("in"):
            values = self._listed(field)
            return lambda issue: bool(set(self._held(issue, field)) & values)
        operator = self.take()
        value = self._value(field)
        match operator:
            case "=":
                return lambda issue: value in self._held(issue, field)
            case "!=":
                return lambda issue: value not in self._held(issue, field)
            case "~" | "!~" if field in _TEXTS:
                words = value.strip('"').split()
                return lambda issue: (
                    all(any(word in text for text in self._held(issue, field)) for word in words)
                    is (operator == "~")
                )
            case ">=" | "<=" | ">" | "<" if field in ("created", "updated"):
                bound = self._moment(value)
                return lambda issue: _ordered(operator, _read(getattr(issue, field)), bound)
        raise JqlError(f"The operator '{operator}' is not supported by the '{field}' field.")

    def _listed(self, field: str) -> set[str]:
        if not self.takes("("):
            raise JqlError("Error in the JQL Query: Expecting '('.")
        found = {self._value(field)}
        while self.takes(","):
            found.add(self._value(field))
        if not self.takes(")"):
            raise JqlError("Error in the JQL Query: Expecting ')'.")
        return found

    def _value(self, field: str) -> str:
        """Return a value in small letters. Raises JqlError for one that a field cannot have."""
        text = self.take()
        if self.takes("(", ")"):
            if text.lower() != "currentuser":
                raise JqlError(f"Unable to find JQL function '{text}()'.")
            return self.who.lower()
        contents = self.site.contents
        known = {
            "project": lambda: {
                name.lower()
                for each in contents.projects.values()
                for name in (each.key, each.name)
            },
            "status": lambda: {each.name.lower() for each in self.site.workflow.statuses},
        }.get(field)
        if known is not None and text.lower() not in known():
            raise JqlError(f"The value '{text}' does not exist for the field '{field}'.")
        return text.lower()

    def _held(self, issue: DemoIssue, field: str) -> list[str]:
        comments = [as_text(each.body) for each in issue.comments]
        held: list[Any]
        match field:
            case "key":
                held = [issue.key, issue.id]
            case "project":
                held = [issue.project, self.site.contents.projects[issue.project].name]
            case "status":
                held = [issue.status]
            case "statuscategory":
                held = [self.site.workflow.status(issue.status).category]
            case "labels":
                held = issue.labels
            case "fixversion":
                held = issue.fix_versions
            case "creator" | "reporter":
                held = [issue.creator]
            case "issuetype":
                held = [issue.type]
            case "summary":
                held = [issue.summary]
            case "description":
                held = [as_text(issue.description)]
            case "comment":
                held = comments
            case "text":
                held = [issue.summary, as_text(issue.description), *comments]
            case _:
                held = [getattr(issue, field)] if getattr(issue, field) else []
        return [str(each).lower() for each in held]

    def _moment(self, text: str) -> datetime:
        if found := _RELATIVE.fullmatch(text):
            return self.site.now() - timedelta(seconds=int(found[1]) * _UNITS[found[2]])
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise JqlError(f"Date value '{text}' is invalid.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def found(site: JiraSite, who: str, query: str) -> list[DemoIssue]:
    """Return the issues that a query finds, in its order. Raises JqlError."""
    reader = _Reader(site, who, _tokens(query))
    predicate: Callable[[DemoIssue], bool] = lambda _: True  # noqa: E731 - a query of nothing but an order
    if reader.peek() not in ("", "order"):
        predicate = reader.any()
    order: list[tuple[str, bool]] = []
    if reader.takes("order", "by"):
        order = _order(reader)
    if reader.at < len(reader.tokens):
        raise JqlError(
            f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{reader.take()}'."
        )
    issues = [each for each in site.contents.issues.values() if predicate(each)]
    issues.sort(key=lambda each: int(each.id), reverse=True)
    for field, is_down in reversed(order):
        issues.sort(key=functools.partial(_sorting, field), reverse=is_down)
    return issues


def _order(reader: _Reader) -> list[tuple[str, bool]]:
    order = []
    while True:
        field = _ALIASES.get(reader.peek(), reader.peek())
        reader.take()
        is_down = reader.takes("desc")
        if not is_down:
            reader.takes("asc")
        order.append((field, is_down))
        if not reader.takes(","):
            return order


def _sorting(field: str, issue: DemoIssue) -> Any:
    if field == "key":
        return issue.project, int(issue.key.rpartition("-")[2])
    return str(getattr(issue, field, "") or "")


def _tokens(query: str) -> list[tuple[str, str]]:
    tokens, at = list[tuple[str, str]](), 0
    while query[at:].strip():
        found = _TOKEN.match(query, at)
        if found is None:
            raise JqlError(
                f"Error in the JQL Query: The character '{query[at:].strip()[0]}' is a reserved JQL character."
            )
        kind = str(found.lastgroup)
        text = found[kind]
        if kind == "quoted":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        tokens.append((kind, text))
        at = found.end()
    return tokens


def _ordered(operator: str, one: datetime, other: datetime) -> bool:
    match operator:
        case ">=":
            return one >= other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case _:
            return one < other


def _read(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f%z")
