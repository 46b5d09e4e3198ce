"""What the expressions of a Promotion see: `ctx`, `vars`, `outputs`, Kargo's functions.

Variables are evaluated in order, each seeing those before it. Objects that functions ask for are loaded once
for each attempt of a step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import expressions
from towpath.expressions import (
    ExpressionError,
    Function,
    Need,
    data,
    earlier_steps,
    freight,
    names_read,
)
from towpath.expressions.registered import IN_STEPS, IN_VARIABLES
from towpath.expressions.values import Unknown
from towpath.promotion import absences
from towpath.promotion.disclosed import Disclosed
from towpath.resources.shared_namespaces import SHARED
from towpath.rules.released import functions as released
from towpath.runtime.evaluation import Evaluations

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from towpath.expressions import Library, Program, Template

_SEPARATOR: Final = "::"
_OF_STEPS: Final = expressions.library(IN_STEPS)
_OF_VARIABLES: Final = expressions.library(IN_VARIABLES)
_MADE: Final = frozenset({"vars", "outputs", "task", "stepMetas"})
"""What of the environment was evaluated before, and may have been made of secret values."""

Load = "Callable[[Need], Awaitable[Any]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a Promotion before any of its steps has run."""

    project: str
    stage: str
    promotion: str
    actor: str
    is_rollback: bool
    freight_name: str
    freight_alias: str
    origin_name: str
    variables: Sequence[Mapping[str, Any]]
    """`spec.vars[]`."""
    requests: Sequence[Mapping[str, Any]]
    references: Sequence[Mapping[str, Any]]
    ui_base_url: str = ""
    hook: str = ""
    """The hook whose run it is; empty for a Promotion."""
    event: Mapping[str, Any] | None = None
    """What happened, for the run of a hook."""


@dataclass(slots=True)
class StepScope:
    """Evaluates what belongs to one attempt of one step."""

    facts: Facts
    alias: str
    outputs: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]
    """`status.stepExecutionMetadata[]`, as documents."""
    load: Callable[[Need], Awaitable[Any]]
    now: datetime
    disclosed: Disclosed = field(default_factory=Disclosed)
    """Learns whatever is made of secret values."""
    evaluations: Evaluations = field(default_factory=Evaluations)
    known: dict[Need, Any] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    """What values that came to nothing looked at and is not there, with what there is."""
    _missed: list[str] = field(default_factory=list)
    """The same of artifacts, for the value at hand."""

    async def condition(self, text: str, variables: Sequence[Mapping[str, Any]]) -> bool | Unknown:
        """Return whether a step's `if` holds; Unknown in a plan. Raises ExpressionError, also for what is not boolean."""
        env = await self._environment(variables)
        value = await self._value(text, env, self._functions(is_step=True), _OF_STEPS)
        if not isinstance(value, bool | Unknown):
            raise ExpressionError(
                f"expression must evaluate to a boolean, got {_kind(value)}: write it as ${{{{ … }}}}"
            )
        return value

    async def config(self, config: Any, variables: Sequence[Mapping[str, Any]]) -> Any:
        """Return a step's configuration with every text in it expanded; keys never are.

        Raises ExpressionError that says which field.
        """
        env = await self._environment(variables)
        functions = self._functions(is_step=True)
        return await self._expanded(config, "config", env, functions)

    async def arguments(self, values: Any, where: str) -> Any:
        """Return arguments of a verification with every text in them expanded, as variables are: no step has run.

        `where`: what they are called in messages. Raises ExpressionError that says which of them.
        """
        env = await self._environment(())
        functions = self._functions(is_step=False)
        return await self._expanded(values, where, env, functions, _OF_VARIABLES)

    async def _environment(self, variables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the environment of a step: the Promotion's variables, then the step's own."""
        facts = self.facts
        env: dict[str, Any] = {
            "ctx": {
                "uiBaseUrl": facts.ui_base_url,
                "project": facts.project,
                "stage": facts.stage,
                "promotion": facts.promotion,
                "targetFreight": {
                    "name": facts.freight_name,
                    "alias": facts.freight_alias,
                    "origin": {"name": facts.origin_name},
                },
                "meta": {
                    "promotion": {"actor": facts.actor, "rollback": facts.is_rollback},
                    "step": {"alias": self.alias},
                },
            }
        }
        if facts.event is not None:
            promotion = facts.event.get("promotion", "")
            env["ctx"] |= {"hook": facts.hook, "event": facts.event, "promotion": promotion}
        env["vars"] = await self._variables({}, facts.variables, env)
        env["outputs"] = dict(self.outputs)
        env["stepMetas"] = {step.get("alias", ""): _go_names(step) for step in self.steps}
        if self.alias.count(_SEPARATOR) == 1:
            prefix = self.alias.partition(_SEPARATOR)[0] + _SEPARATOR
            inner = {
                alias.removeprefix(prefix): output
                for alias, output in self.outputs.items()
                if alias.startswith(prefix)
            }
            env["task"] = {"outputs": inner}
        env["vars"] = await self._variables(env["vars"], variables, env)
        return env

    async def _variables(
        self, known: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]], env: dict[str, Any]
    ) -> dict[str, Any]:
        found = dict(known)
        functions = self._functions(is_step=False)
        for variable in wanted:
            name = str(variable.get("name", ""))
            try:
                found[name] = await self._value(
                    str(variable.get("value", "")), {**env, "vars": found}, functions, _OF_VARIABLES
                )
            except ExpressionError as error:
                raise ExpressionError(f"variable {name!r}: {error.message}") from error
        return found

    def _functions(self, *, is_step: bool) -> dict[str, Function]:
        facts = self.facts
        scope = freight.FreightScope(
            project=facts.project, requests=facts.requests, references=facts.references
        )
        functions = {
            **freight.Finder(scope, self._missed).functions(),
            **data.functions(facts.project, SHARED),
            **released.functions(
                facts.project, facts.stage, facts.promotion, facts.references, facts.event
            ),
        }
        if is_step:
            functions |= earlier_steps.functions(self.alias, self.steps)
        return functions

    async def _expanded(
        self,
        value: Any,
        where: str,
        env: dict[str, Any],
        functions: dict[str, Function],
        types: Library = _OF_STEPS,
    ) -> Any:
        if isinstance(value, str):
            try:
                return _as_read(await self._value(value, env, functions, types))
            except ExpressionError as error:
                raise ExpressionError(f"{where}: {error.message}") from error
        if isinstance(value, list):
            return [
                await self._expanded(item, f"{where}[{number}]", env, functions, types)
                for number, item in enumerate(value)
            ]
        if isinstance(value, dict):
            return {
                key: await self._expanded(item, f"{where}.{key}", env, functions, types)
                for key, item in value.items()
            }
        return value

    async def _value(
        self, text: str, env: dict[str, Any], functions: dict[str, Function], types: Library
    ) -> Any:
        if "${" not in text:
            return text
        template = await self.evaluations.template(text, types, caller=self.facts.project)
        results: dict[int, Any] | None = None
        if self.disclosed or any(name in text for name in data.OPENS_SECRETS):
            results = {}
        self._missed.clear()
        try:
            value = await self.evaluations.evaluate(
                template,
                env,
                functions,
                load=self.load,
                known=self.known,
                now=self.now,
                results=results,
                caller=self.facts.project,
            )
        except ExpressionError as error:
            if results is not None and self._reads_secrets(template, env):
                raise error.without_values() from None
            absent = self._absent(template, env)
            if absent:
                raise error.because(absent) from None
            raise
        if results:
            self._learn(template, env, results, value)
        if value is None:
            self.absent += self._absent(template, env)
        return value

    def _absent(self, template: Template, env: Mapping[str, Any]) -> list[str]:
        """Return what a template looked at that is not there."""
        looked = absences.absent(template.reads, env)
        return list(dict.fromkeys((*looked, *self._missed)))

    def _learn(
        self, template: Template, env: Mapping[str, Any], results: Mapping[int, Any], value: Any
    ) -> None:
        """Take what expressions that read secret values have made of them as secret, too."""
        made = [
            result
            for number, result in results.items()
            if (program := template.parts[number].program) and self._reads_secrets(program, env)
        ]
        for result in made:
            self.disclosed.learn_result(result)
        if made and not isinstance(value, str):  # what looked like JSON became what it says
            self.disclosed.learn_result(value)

    def _is_secret(self, path: names_read.Path, env: Mapping[str, Any]) -> bool:
        if path and path[0] in data.OPENS_SECRETS:
            return True
        is_made = not path or path[0] in _MADE
        return is_made and self.disclosed.holds(names_read.at(env, path))

    def _reads_secrets(self, program: Program | Template, env: Mapping[str, Any]) -> bool:
        return any(self._is_secret(path, env) for path in program.reads)


def _as_read(value: Any) -> Any:
    """Return a result as upstream's decoder reads it back: 42.0 is the integer 42."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, float) and value.is_integer() and math.fabs(value) < 1e21:
        return int(value)
    if isinstance(value, list):
        return [_as_read(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_read(item) for key, item in value.items()}
    return value


def _go_names(step: Mapping[str, Any]) -> dict[str, Any]:
    return {key[:1].upper() + key[1:]: value for key, value in step.items()}


def _kind(value: Any) -> str:
    match value:
        case str():
            return "string"
        case int() | float():
            return "number"
        case None:
            return "nothing"
        case _:
            return type(value).__name__
