"""`yaml-update`: sets scalars in a YAML file; every byte outside them stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath.documents.yaml import Edited, Update, update
from towpath.expressions import gotext
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources import booleans
from towpath.resources.fields import Field, Json, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_CPU_SECONDS: Final = 60.0
"""For one file: 2 MB on a single line, the slowest there is, take four."""
_UPDATE: Final = 32
"""What it costs to look for a key, in bytes of YAML."""
_MOST_SHOWN: Final = 10
_LONGEST_SHOWN: Final = 80


class YamlUpdateItem(Struct, kw_only=True):
    """One scalar to set."""

    RULES: ClassVar = (
        Rule(
            expression="!(type(self.value) in [list, map])",
            message="value: it must be a scalar, not an object or a list; set each of its scalars by a key of its own",
            holds=lambda item, _: not isinstance(item.get("value"), dict | list),
        ),
    )

    key: Annotated[
        str, Field("Path of the scalar, such as `image.tag` or `list.0.name`.", min_length=1)
    ]
    value: Annotated[
        Json, Field("Its new value: a string, a number, a boolean or null.", required=True)
    ] = None


class YamlUpdateConfig(Struct, kw_only=True):
    """What to set in which file."""

    path: Annotated[str, Field("The file, in the work directory.", min_length=1)]
    updates: Annotated[list[YamlUpdateItem], Field("The scalars to set.", min_items=1)]


class CommitMessage(Struct):
    """What the step puts out."""

    commit_message: Annotated[str, Field("Says what was set, for a commit.")] = ""


class YamlUpdate(BaseStep):
    """Sets scalars in a YAML file."""

    name: ClassVar[str] = "yaml-update"
    config: ClassVar[type[Struct]] = YamlUpdateConfig
    output: ClassVar[type[Struct]] = CommitMessage
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: YamlUpdateConfig) -> Outcome:
        """Set them. The file is written only if it changes."""
        before = await context.directory.read(config.path)
        wanted = [Update(each.key, each.value) for each in config.updates]
        edited = await context.aside.run(
            edit,
            before,
            wanted,
            config.path,
            weight=_weight(before, wanted),
            what=f"{config.path}: its edit",
            caller=context.project,
            seconds=_CPU_SECONDS,
        )
        if edited.data != before:
            await context.directory.write(config.path, edited.data)
        return Succeeded(
            output={"commitMessage": commit_message(config)}, message=told(config.path, edited)
        )


def edit(before: bytes, wanted: list[Update], path: str) -> Edited:
    """Return an edited file. Large ones are edited in a process of their own, so this is a function of a module."""
    return update(before, wanted, source=path)


def _weight(before: bytes, wanted: list[Update]) -> int:
    """Return how large an edit is: the file, and what is written into it."""
    return len(before) + sum(len(each.key) + len(str(each.value)) + _UPDATE for each in wanted)


def told(path: str, edited: Edited) -> str:
    """Return what became of a file, for people."""
    shown = [
        f"{change.key} (line {change.line}): {_short(change.before)} → {_short(as_go(change.after))}"
        for change in edited.changes[:_MOST_SHOWN]
    ]
    more = len(edited.changes) - len(shown)
    if more > 0:
        shown.append(f"and {more} more")
    said = f"{path}: {', '.join(shown)}"
    if edited.doubles:
        said += f"; key {'; key '.join(edited.doubles)}: readers do not agree which of the two counts, keep one"
    return said


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def commit_message(config: YamlUpdateConfig) -> str:
    """Return what was set, as upstream words it."""
    lines = [f"- {each.key}: {as_go(each.value)}" for each in config.updates]
    return "\n".join((f"Updated {config.path}\n", *lines))


def as_go(value: Any) -> str:
    """Return a value as upstream writes it: strings in quotes only where they look like something else."""
    match value:
        case bool() | None:
            return gotext.text_of(value)
        case int() | float():
            try:
                return gotext.text_of(float(value))
            except OverflowError:  # more digits than Go's numbers have
                return str(value)
        case str() if _looks_otherwise(value):
            return gotext.quoted(value)
        case str():
            return value
        case _:
            return gotext.text_of(value)


def _looks_otherwise(text: str) -> bool:
    """Whether Go would read a string as a number, a boolean or JSON."""
    if booleans.parse(text) is not None or gotext.parse_float(text) is not None:
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
