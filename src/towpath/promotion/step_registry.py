"""The steps there are: built-in ones and those of other packages, by entry points of the group `towpath.steps`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest
from towpath.messages import instead
from towpath.promotion import precheck, step_settings
from towpath.promotion.step import FreeForm, Step
from towpath.promotion.step_settings import StepSettings
from towpath.resources.schema import ABSENT, Schema
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from towpath.resources.fields import Struct

GROUP: Final = "towpath.steps"
_KEY_BYTES: Final = 16
_MOST_JUDGED: Final = 500
_MOST_MEANT: Final = 10
"""Of unknown fields: for so many we look what was meant."""


class InvalidConfig(Exception):  # noqa: N818 - an answer of the step, not a fault of ours
    """The configuration of a step is not what its schema asks for; the text says all that is wrong."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A step, and how its configuration is read."""

    step: Step[Any]
    settings: StepSettings = field(default_factory=StepSettings)
    """What the operator says of it."""

    @property
    def error_threshold(self) -> int:
        """Errors in a row that end it, where the manifest does not say."""
        return self.settings.error_threshold or self.step.error_threshold

    @property
    def timeout_seconds(self) -> float | None:
        """How long it may go on, where the manifest does not say; None: no limit."""
        if self.settings.timeout_seconds is None:
            return self.step.timeout_seconds
        return self.settings.timeout_seconds or None

    def problems(self, config: Any) -> list[str]:
        """Return what is wrong with a configuration, as far as is known where parts of it are still `OPEN`."""
        given = {} if config is None else config
        if not isinstance(given, dict):
            return [self._said("it must be an object")]
        if self.step.free_form:
            schema = Schema(type="object", rules=getattr(self.step.config, "RULES", ()))
        else:
            schema = schema_of(self.step.config)
        _, unknown = without_unknown(schema, given) if not self.step.free_form else (None, [])
        wrong = [
            f"{each.path}: Additional property is not allowed{each.meant if place < _MOST_MEANT else ''}"
            for place, each in enumerate(unknown)
        ]
        whole = with_defaults(schema, given)
        wrong += [str(error) for error in errors_of(schema, whole, "", ABSENT, is_open=True)]
        return [self._said(each) for each in wrong]

    def uses_files(self, config: Any) -> bool:
        """Whether a step with this configuration, as it is written, reads or writes the work directory."""
        uses = getattr(self.step, "uses_directory", True)
        if isinstance(uses, bool):
            return uses
        return not isinstance(config, dict) or any(config.get(field) for field in uses)

    def read(self, config: Any) -> Struct:
        """Return an evaluated configuration as the step's own type. Raises InvalidConfig."""
        wrong = self.problems(config)
        if wrong:
            raise InvalidConfig("\n".join(wrong))
        given = {} if config is None else config
        if self.step.free_form:
            return FreeForm(values=given)
        return view(self.step.config, with_defaults(schema_of(self.step.config), given))

    def _said(self, what: str) -> str:
        return f"invalid {self.step.name} config: {what}"


class StepRegistry:
    """Steps by the name that `uses` says."""

    def __init__(
        self, steps: Iterable[Step[Any]], settings: Mapping[str, StepSettings] | None = None
    ) -> None:
        """`settings`: what the operator says of steps, by name."""
        said = settings or {}
        self._steps: dict[str, Registered] = {}
        self._judged: dict[bytes, tuple[str, ...]] = {}
        """What is wrong with steps, by their digest; the oldest go when there are too many."""
        for step in steps:
            if step.name in self._steps:
                raise ValueError(f"two steps are named {step.name}")
            self._steps[step.name] = Registered(step, said.get(step.name, StepSettings()))

    @classmethod
    def installed(cls, settings: Mapping[str, StepSettings] | None = None) -> StepRegistry:
        """Return every step that is installed, ours and others', with what the operator says of them.

        Raises BadRequest for what is said of no step there is, or is not as the step asks for it.
        """
        said = settings or {}
        classes = [found.load() for found in sorted(entry_points(group=GROUP), key=str)]
        names = {class_.name for class_ in classes}
        for name in said:
            if name not in names:
                raise BadRequest(
                    f"steps.{name}: there is no step of this name; {instead(name, sorted(names))}"
                )
        made = (
            step_settings.made(each, each.name, said.get(each.name, StepSettings()))
            for each in classes
        )
        return cls(made, said)

    @property
    def names(self) -> frozenset[str]:
        """What `uses` may say."""
        return frozenset(self._steps)

    @property
    def kinds(self) -> Mapping[str, Registered]:
        """The steps by name."""
        return self._steps

    async def problems(
        self, steps: Sequence[Mapping[str, Any]], variables: Sequence[Mapping[str, Any]]
    ) -> Sequence[str]:
        """Return what is wrong with a Promotion of these steps, as far as is known before it begins: some more than is told.

        It is asked again and again of the same steps, and the answer stays the same while the process runs.
        """
        written = msgspec.json.encode((steps, variables))
        key = hashlib.blake2b(written, digest_size=_KEY_BYTES).digest()
        found = self._judged.get(key)
        if found is None:
            found = tuple(await precheck.problems(steps, variables, self._steps))
            self._judged[key] = found
            if len(self._judged) > _MOST_JUDGED:
                del self._judged[next(iter(self._judged))]
        return found

    def find(self, name: str) -> Registered | None:
        """Return a step by name."""
        return self._steps.get(name)

    def is_momentary(self, steps: Sequence[Mapping[str, Any]]) -> bool:
        """Whether all that these steps do is answer at once: they need no work directory."""
        found = [self.find(str(step.get("uses") or "")) for step in steps]
        return all(each is not None and each.step.momentary for each in found)

    def __iter__(self) -> Iterator[Registered]:
        return iter(self._steps.values())
