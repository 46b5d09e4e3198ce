"""What `towpath wait --for` waits for, and whether an object is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath.cli.forms import jsonpath_template
from towpath.cli.kinds import kinds
from towpath.cli.promotions import progress
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document

_SUCCESSFUL: Final = "Successful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A state of an object."""

    text: str
    """As the option had it."""
    kind: str
    """condition, phase, freight, verified, delete or jsonpath."""
    name: str = ""
    value: str = ""

    @property
    def is_deletion(self) -> bool:
        """Whether it is that the object is gone."""
        return self.kind == "delete"

    def is_reached(self, document: Document) -> bool:
        """Whether an object is in the state."""
        match self.kind:
            case "condition":
                found = kinds.condition(document, self.name) or {}
                return str(found.get("status") or "").lower() == self.value.lower()
            case "phase":
                return kinds.at("status", "phase")(document) == self.value
            case "freight":
                return self.name in _held(document)
            case "verified":
                return bool(_held(document)) and _verdict(document) == _SUCCESSFUL
            case "jsonpath":
                text = jsonpath_template.text(jsonpath_template.parse(self.name), document)
                return text == self.value if self.value else text != ""
            case _:
                return False

    def is_lost(self, document: Document) -> bool:
        """Whether it cannot come to the state any more: a Promotion ended in another phase."""
        return (
            self.kind == "phase"
            and kinds.at("spec", "stage")(document) != ""
            and progress.has_ended(document)
        )

    def state(self, document: Document) -> str:
        """Return in what state an object is instead."""
        match self.kind:
            case "condition":
                found = kinds.condition(document, self.name)
                if found is None:
                    return f"it has no condition {self.name}"
                said = found.get("message") or found.get("reason") or ""
                return f"{self.name} is {found.get('status')}" + (f": {said}" if said else "")
            case "phase":
                said = kinds.at("status", "message")(document)
                return f"it is {progress.phase(document)}" + (f": {said}" if said else "")
            case "freight":
                return f"it holds {', '.join(_held(document)) or 'nothing'}"
            case "verified":
                return f"the verification is {_verdict(document) or 'not begun'}"
            case "delete":
                return "it is still there"
            case _:
                return "the path finds something else"


def goal(text: str) -> Goal:
    """Return what the option says. Raises BadRequest, with what can be waited for."""
    word, _, rest = text.partition("=")
    match word.lower():
        case "delete" | "verified" if not rest:
            return Goal(text=text, kind=word.lower())
        case "condition" if rest:
            name, _, value = rest.partition("=")
            return Goal(text=text, kind="condition", name=name, value=value or "True")
        case "phase" if rest:
            return Goal(text=text, kind="phase", value=rest)
        case "freight" if rest:
            return Goal(text=text, kind="freight", name=rest)
        case "jsonpath" if rest:
            path, value = _path_and_value(rest)
            jsonpath_template.parse(path)
            return Goal(text=text, kind="jsonpath", name=path, value=value)
        case _:
            raise BadRequest(
                f"--for {text}: it must be one of condition=TYPE[=STATUS], phase=PHASE, freight=NAME|ALIAS, verified, delete, "
                "jsonpath=PATH[=VALUE]"
            )


def resolved(wanted: Goal, freight: Callable[[str], str]) -> Goal:
    """Return a goal that names Freight by its name."""
    if wanted.kind != "freight":
        return wanted
    return replace(wanted, name=freight(wanted.name))


def _path_and_value(text: str) -> tuple[str, str]:
    if not text.startswith("{"):
        path, _, value = text.partition("=")
        return "{" + ("" if path.startswith(".") else ".") + path + "}", value
    closing = text.rfind("}")
    path, rest = text[: closing + 1], text[closing + 1 :]
    return path, rest.removeprefix("=")


def _held(document: Document) -> list[str]:
    newest = _newest(document)
    items = newest.get("items")
    found = items.values() if isinstance(items, dict) else ()
    return [str(each.get("name") or "") for each in found if isinstance(each, dict)]


def _verdict(document: Document) -> str:
    runs = _newest(document).get("verificationHistory")
    first = runs[0] if isinstance(runs, list) and runs else None
    return str(first.get("phase") or "") if isinstance(first, dict) else ""


def _newest(document: Document) -> dict[str, Any]:
    status = document.get("status")
    history = status.get("freightHistory") if isinstance(status, dict) else None
    first = history[0] if isinstance(history, list) and history else None
    return first if isinstance(first, dict) else {}
