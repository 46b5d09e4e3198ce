"""What the steps that set scalars in a file have in common: `yaml-update` and its like for other formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Protocol

from towpath import messages
from towpath.documents.edits import Change, Edited, Update
from towpath.documents.scalar_edit import Format, ScalarEdit
from towpath.expressions import gotext
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.promotion.step import Outcome, StepContext

_CPU_SECONDS: Final = 60.0
"""For one file: 2 MB of YAML on a single line, the slowest there is, take four."""
_MOST_SHOWN: Final = 10
_LONGEST_SHOWN: Final = 80


class WantedScalar(Protocol):
    """One item of `updates`."""

    @property
    def key(self) -> str:
        """The path of the scalar."""
        ...

    @property
    def value(self) -> Any:
        """Its new value."""
        ...


class ScalarUpdateConfig(Protocol):
    """The configuration of such a step."""

    @property
    def path(self) -> str:
        """The file, in the work directory."""
        ...

    @property
    def updates(self) -> Sequence[WantedScalar]:
        """The scalars to set."""
        ...


class CommitMessage(Struct):
    """What such a step puts out."""

    commit_message: Annotated[str, Field("Says what was set, for a commit.")] = ""


class ScalarUpdate(BaseStep):
    """Sets scalars in a file; every byte outside them stays."""

    output: ClassVar[type[Struct]] = CommitMessage
    convergent: ClassVar[bool] = True
    format: ClassVar[Format]

    async def run(self, context: StepContext, config: ScalarUpdateConfig) -> Outcome:
        """Set them. The file is written only if it changes."""
        before = await context.directory.read(config.path)
        edit = ScalarEdit(
            self.format,
            config.path,
            tuple(Update(each.key, each.value) for each in config.updates),
        )
        edited = await context.aside.run(
            edit.edited,
            before,
            weight=edit.weight(before),
            what=f"{config.path}: its edit",
            caller=context.project,
            seconds=_CPU_SECONDS,
        )
        if edited.data != before:
            await context.directory.write(config.path, edited.data, edit=edit)
        return Succeeded(
            output={"commitMessage": self.commit_message(config)},
            message=self._told(config.path, edited, before),
        )

    def as_text(self, value: Any) -> str:
        """Return a value as upstream writes it in the commit message of this step."""
        raise NotImplementedError

    def commit_message(self, config: ScalarUpdateConfig) -> str:
        """Return what was set, as upstream words it."""
        lines = [f"- {each.key}: {self.as_text(each.value)}" for each in config.updates]
        return "\n".join((f"Updated {config.path}\n", *lines))

    def _became(self, change: Change) -> str:
        before = "" if change.before is None else f"{_short(change.before)} "
        return f"{change.key} (line {change.line}): {before}→ {_short(self.as_text(change.after))}"

    def _told(self, path: str, edited: Edited, before: bytes) -> str:
        """Return what became of a file, for people."""
        if edited.data == before:
            keys = [each.key for each in edited.changes]
            said = f"{path} is as it was"
            said += f": {messages.first(keys, _MOST_SHOWN)} had that value" if keys else ""
        else:
            shown = [self._became(change) for change in edited.changes]
            said = f"{path}: {messages.first(shown, _MOST_SHOWN)}"
        if edited.doubles:
            said += f"; key {'; key '.join(edited.doubles)}: readers do not agree which of the two counts, keep one"
        return said


def number_text(value: Any) -> str:
    """Return a number, a boolean or null as upstream writes it; its numbers are floats, all of them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return gotext.text_of(value)
    try:
        return gotext.text_of(float(value))
    except OverflowError:  # more digits than Go's numbers have
        return str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
