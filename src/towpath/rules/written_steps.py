"""What can be known of steps before any of them runs: their kinds, configurations, and how expressions are written.

One rule for two readers: a Promotion does not begin while anything of this is wrong, and who writes a Stage or a task is
warned of the same. What an expression will come to is not known; all around it is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from towpath import expressions, messages, patterns
from towpath.expressions import ExpressionError
from towpath.expressions.registered import ALWAYS, IN_STEPS, IN_VARIABLES
from towpath.patterns import Effort
from towpath.resources.schema import OPEN
from towpath.rules import step_outcomes
from towpath.rules.inflation import TASK_SEPARATOR
from towpath.rules.retyped_texts import retyped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from towpath.expressions.names_read import Path

_LONGEST: Final = 8 << 10
"""Characters of one text with expressions; what is beyond these bounds shows when it is evaluated."""
_MOST_OF_STEP: Final = 8 << 10
_MOST: Final = 64 << 10
NAMES: Final = ("ctx", "outputs", "stepMetas", "target", "task", "vars")
"""What expressions of Promotions see, besides functions."""
_LET: Final = re.compile(r"\blet\s+([\w$]+)")
_LONGEST_TAG: Final = 64
"""Characters of a variable's value that may be meant as a tag or a version."""
_SHOWN: Final = 12
"""Steps that are listed where none of the name is there."""


class StepKind(Protocol):
    """A kind of step, as far as its configuration goes."""

    def problems(self, config: Any) -> list[str]:
        """Return what is wrong with a configuration, of which parts may be `OPEN`."""
        ...

    def uses_files(self, config: Any) -> bool:
        """Whether a step with this configuration, as it is written, reads or writes the work directory."""
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a step, whatever happens."""

    number: int
    """Place of the step, from 0."""
    field: str
    """Path in the step: `uses`, `config.path`, `vars[0].value`."""
    said: str
    is_certain: bool = True
    """Whether the step cannot run so, whatever happens; else it depends on which part of an expression is reached."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that expressions can read from; None where they are not known."""

    outputs: Collection[str] | None = None
    """Aliases of the steps that have run."""
    own: str = ""
    """The alias of the step itself, which can read what it gave out when it ran before."""
    later: Collection[str] = ()
    """Aliases of those that come after."""
    inner: Collection[str] | None = None
    """Aliases of the steps of the same task that have run: `task.outputs`."""
    variables: Collection[str] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    """Short values of variables that hold no expression, by name."""

    def with_variables(self, variables: Iterable[Mapping[str, Any]] | None) -> Names:
        """Return them with further variables, where variables are known."""
        if self.variables is None:
            return self
        more, texts = set[str](), dict(self.texts)
        for each in variables or ():
            name, text = str(each.get("name") or ""), str(each.get("value") or "")
            more.add(name)
            texts.pop(name, None)
            if len(text) <= _LONGEST_TAG and "${" not in text:
                texts[name] = text
        return replace(self, variables={*self.variables, *more}, texts=texts)


@dataclass(slots=True)
class Allowance:
    """How much of the expressions of one document is still looked at."""

    characters: int = _MOST
    effort: Effort = field(default_factory=Effort)
    with_names: bool = False
    """Whether names that nothing has are told, too."""
    suggestions: int = 10
    """For how many more names it is told what may be meant: each is compared with all that there are."""

    def instead(
        self,
        wanted: str,
        there: Iterable[str],
        *,
        first: Iterable[str] = (),
        none: str = "there is none",
    ) -> str:
        """Return `; ` and what may be meant by a name that nothing has; nothing once enough was suggested.

        `first`: of what there is, what is named before the rest.
        """
        if self.suggestions <= 0:
            return ""
        self.suggestions -= 1
        return f"; {messages.instead(wanted, [*first, *sorted(there)], none=none)}"


def step_problems(
    number: int,
    step: Mapping[str, Any],
    kinds: Mapping[str, StepKind],
    allowance: Allowance,
    names: Names | None = None,
) -> list[Problem]:
    """Return what is wrong with one step that names its kind in `uses`, as far as can be known.

    `names`: what its expressions can read from; of these is told, as of other names, where the allowance says so.
    """
    reader = _Reader(allowance, names)
    found = [(f"vars[{place}].value", said) for place, said in reader.variables(step.get("vars"))]
    if condition := step.get("if"):
        found += [("if", said) for said in reader.condition(str(condition))]
    config = reader.opened(step.get("config"), "config")
    found += reader.said
    uses = str(step.get("uses") or "")
    kind = kinds.get(uses)
    if kind is None:
        found.insert(0, ("uses", no_such_step(uses, kinds)))
    elif config is not OPEN:
        found += [("config", said) for said in kind.problems(config)]
    try:
        step_outcomes.patience(step.get("retry") or {}, timeout_seconds=None, error_threshold=1)
    except (ValueError, TypeError, ArithmeticError) as error:
        found.append(("retry", str(error)))
    return [
        *(Problem(number, path, said) for path, said in found),
        *(Problem(number, path, said, is_certain=False) for path, said in reader.doubtful),
    ]


def variable_problems(
    variables: Sequence[Mapping[str, Any]] | None, allowance: Allowance, names: Names | None = None
) -> list[tuple[int, str]]:
    """Return what is wrong with the texts of variables, with the place of each.

    `names`: what the first can read from; those after it can read it, too.
    """
    reader = _Reader(allowance, names)
    found = list(reader.variables(variables))
    return found + [(int(path[5 : path.index("]")]), said) for path, said in reader.doubtful]


def no_such_step(uses: str, kinds: Mapping[str, StepKind]) -> str:
    """Return what to say of a step that is not there: what was meant, perhaps, and what there is."""
    if not uses:
        return "it names no step"
    there = sorted(kinds)
    said = f"there is no step {messages.cut(uses, 100)!r} here"
    if not there:
        return f"{said}; no step is installed"
    meant = messages.alike_in_any_case(uses, there)
    hint = f"did you mean {' or '.join(meant)}? There are" if meant else "there are"
    return f"{said}; {hint} {messages.first(there, _SHOWN)}"


def expression_problem(error: ExpressionError) -> str:
    """Return what is wrong with an expression on one line."""
    if not error.line:
        return error.problem
    return f"{error.problem} (line {error.line}, column {error.column})"


def _unknown_names(
    text: str, paths: Iterable[Path], types: Mapping[str, Any], allowance: Allowance
) -> Iterator[str]:
    """Yield what to say of the names that an expression begins from and that nothing has: they are nil."""
    own = set(_LET.findall(text))
    for name in sorted({path[0] for path in paths if path} - own):
        if name in NAMES or name in types or name in ALWAYS:
            continue
        instead = allowance.instead(name, {*types, *ALWAYS}, first=NAMES)
        yield f'an expression names "{name}", which nothing here has: it is nil{instead}'


def _unknown_fields(
    text: str, paths: Iterable[Path], names: Names, allowance: Allowance
) -> Iterator[str]:
    """Yield what to say of outputs that no step before it makes, and of variables that nobody has: they are nil."""
    own = set(_LET.findall(text))
    for path in sorted(paths):
        match path:
            case [root, *_] if root in own:
                continue
            case ["outputs", alias, *_] if names.outputs is not None:
                if alias.partition(TASK_SEPARATOR)[0] not in (*names.outputs, names.own):
                    read = f"outputs.{alias}"
                    yield _no_such_output(read, alias, names.outputs, names.later, allowance)
            case ["task", "outputs", alias, *_] if names.inner is not None:
                if alias not in (*names.inner, names.own):
                    read = f"task.outputs.{alias}"
                    yield _no_such_output(read, alias, names.inner, names.later, allowance)
            case ["vars", name, *_] if names.variables is not None:
                if name not in names.variables:
                    there = allowance.instead(name, names.variables)
                    yield f"an expression reads vars.{name}, and there is no such variable: it is nil{there}"


def _no_such_output(
    read: str, alias: str, there: Collection[str], later: Collection[str], allowance: Allowance
) -> str:
    if alias in later:
        return f"an expression reads {read}, and that step has not run by then: it is nil"
    instead = allowance.instead(alias, there, none="no step comes before it")
    return f'an expression reads {read}, and no step before it is "{alias}": it is nil{instead}'


class _Reader:
    """Reads the texts of one step."""

    def __init__(self, allowance: Allowance, names: Names | None = None) -> None:
        self._allowance = allowance
        self._names = names or Names()
        self._left = _MOST_OF_STEP
        self.said: list[tuple[str, str]] = []
        """What is wrong with texts of the configuration, with their paths."""
        self.doubtful: list[tuple[str, str]] = []
        """Names in expressions that nothing has, with the paths of the texts."""

    def variables(self, variables: Any) -> Iterator[tuple[int, str]]:
        """Yield what is wrong with variables, with the place of each."""
        for place, variable in enumerate(variables or ()):
            text = str(variable.get("value") or "")
            said = self.wrong(text, IN_VARIABLES, f"vars[{place}].value")
            self._names = self._names.with_variables([variable])
            if said:
                yield place, said

    def condition(self, text: str) -> Iterator[str]:
        """Yield what is wrong with an `if`."""
        if "${" not in text:
            yield (
                f"it must be an expression that is true or false, and is the text {messages.cut(text, 60)!r}: "
                "write it as ${{ … }}"
            )
        elif said := self.wrong(text, IN_STEPS, "if"):
            yield said

    def opened(self, value: Any, path: str) -> Any:
        """Return a value with `OPEN` where an expression stands; keys never hold any."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, list):
            return [self.opened(item, f"{path}[{place}]") for place, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self.opened(item, f"{path}.{key}") for key, item in value.items()}
        return value

    def _text(self, text: str, path: str) -> Any:
        if "${" not in text:
            return text
        said = self.wrong(text, IN_STEPS, path)
        if said:
            self.said.append((path, said))
        return OPEN

    def wrong(self, text: str, types: Mapping[str, Any], path: str) -> str:
        """Return what is wrong with the expressions of a text; empty if nothing is, or if it is more than is read."""
        if "${" not in text or not self._may_read(len(text)):
            return ""
        before = patterns.spent()
        try:
            read = expressions.template(text, types)
        except ExpressionError as error:
            return expression_problem(error)
        finally:
            self._allowance.effort.add(patterns.spent() - before)
        if self._allowance.with_names:
            allowance = self._allowance
            for said in _unknown_names(text, read.reads, types, allowance):
                self.doubtful.append((path, said))
            for said in _unknown_fields(text, read.reads, self._names, allowance):
                self.doubtful.append((path, said))
            if said := retyped(read, self._names.texts):
                self.doubtful.append((path, said))
        return ""

    def _may_read(self, length: int) -> bool:
        allowance = self._allowance
        if length > min(_LONGEST, self._left, allowance.characters) or allowance.effort.is_spent:
            return False
        self._left -= length
        allowance.characters -= length
        return True
