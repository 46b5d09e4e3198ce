"""Which transition of an issue leads to a status. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition that Jira offers."""

    id: str
    name: str
    to: str
    """The name of the status that it leads to."""
    required: tuple[str, ...] = ()
    """Fields that it demands, `NAME (ID)`, where that was asked for."""


def read(document: Any) -> list[Transition]:
    """Return the transitions of an answer; what is none is passed over."""
    listed = document.get("transitions") if isinstance(document, dict) else None
    return [
        _one(each)
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and each.get("id") and each.get("isAvailable") is not False
    ]


def chosen(offered: Sequence[Transition], wanted: str) -> Transition | None:
    """Return the one that leads to a status of a name, else the one that has it itself; letter case does not count."""
    name = _folded(wanted)
    for each in offered:
        if _folded(each.to) == name:
            return each
    return next((each for each in offered if _folded(each.name) == name), None)


def is_same(status: str, wanted: str) -> bool:
    """Whether two names of a status are one."""
    return _folded(status) == _folded(wanted)


def listed(offered: Sequence[Transition]) -> str:
    """Return what is offered, for people."""
    said = [
        f'"{_shown(each.to)}"' + (f" by {_shown(each.name)}" if each.name != each.to else "")
        for each in offered
    ]
    return messages.first(said, _LISTED) if said else "none"


def _one(document: dict[str, Any]) -> Transition:
    to, fields = document.get("to"), document.get("fields")
    required = [
        f"{_shown(str(field.get('name') or id_))} ({_shown(str(id_))})"
        for id_, field in (fields.items() if isinstance(fields, dict) else ())
        if isinstance(field, dict) and field.get("required") and not field.get("hasDefaultValue")
    ]
    return Transition(
        id=str(document["id"]),
        name=str(document.get("name") or ""),
        to=str((to if isinstance(to, dict) else {}).get("name") or ""),
        required=tuple(required[:_LISTED]),
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _shown(name: str) -> str:
    return messages.cut(messages.plain(name), 100)
