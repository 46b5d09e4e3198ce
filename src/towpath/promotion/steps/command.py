"""`command`: runs a program that the operator allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import msgspec

from towpath import messages
from towpath.errors import BadRequest
from towpath.promotion.step import BaseStep, Errored, Failed, Succeeded
from towpath.resources import durations, sizes
from towpath.resources.fields import Field, Json, Struct, Text

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, Output, StepContext

_SAID_NO: Final = 1
_DEEPEST: Final = 100
_CPU_SECONDS: Final = 20.0


class CommandConfig(Struct, kw_only=True):
    """Which program, with what."""

    name: Annotated[
        Text, Field("Which of the programs that the operator allows, by the name it has there.")
    ]
    args: Annotated[list[str], Field("Arguments, after those that the operator gives it.")] = []  # noqa: RUF012 - msgspec copies it
    input: Annotated[Json, Field("Any value; the program reads it on its standard input.")] = None
    working_directory: Annotated[
        str, Field("The folder of the work directory that it runs in.", min_length=1)
    ] = "."
    timeout: Annotated[
        str, Field("How long it may run, such as `30s`; as long as the operator allows if empty.")
    ] = ""


class Command(BaseStep):
    """Runs a program."""

    name: ClassVar[str] = "command"
    config: ClassVar[type[Struct]] = CommandConfig

    async def run(self, context: StepContext, config: CommandConfig) -> Outcome:
        """Run it; its exit code says what it came to, its standard output what it puts out."""
        allowed = context.directory.allowed.get(config.name)
        if allowed is None:
            return Errored(
                message=_not_allowed(config.name, list(context.directory.allowed)), final=True
            )
        try:
            seconds = _seconds(config.timeout, allowed.seconds)
        except BadRequest as error:
            return Errored(message=error.message, final=True)
        done = await context.directory.run_allowed(
            config.name,
            config.args,
            cwd=config.working_directory,
            stdin=_document(context, config.input),
            seconds=seconds,
        )
        said = _tail(done.stderr)
        if done.code == 0:
            output = await context.aside.run(
                read_output,
                done.stdout,
                config.name,
                weight=len(done.stdout),
                what=f"{config.name}: reading what it put out",
                caller=context.project,
                seconds=_CPU_SECONDS,
            )
            return Succeeded(output=output, message=said)
        if done.code == _SAID_NO:
            return Failed(message=f"{config.name} said no: {said or 'and not why'}")
        how = (
            f"was ended by signal {done.killed_by}"
            if done.killed_by
            else f"ended with exit code {done.code}"
        )
        return Errored(message=f"{config.name} {how}" + (f": {said}" if said else ""))


def read_output(stdout: bytes, name: str) -> Output | None:
    """Return what a program put out, None for nothing. Of much, this is done in a process of its own.

    Raises BadRequest for what is no JSON object; what was put out is not in the message.
    """
    if not stdout.strip():
        return None
    try:
        found = msgspec.json.decode(stdout)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(
            f"{name} put out no JSON: {error}; on its standard output it writes one JSON object or nothing, messages go to "
            "standard error"
        ) from error
    except RecursionError as error:
        raise BadRequest(f"{name} put out JSON that is nested too deep to be read") from error
    if not isinstance(found, dict):
        raise BadRequest(
            f"{name} put out JSON that is no object; write an object whose keys are the names of the outputs"
        )
    if sizes.is_deeper(found, _DEEPEST):
        raise BadRequest(f"{name} put out JSON that is nested more than {_DEEPEST} levels deep")
    return found


def _document(context: StepContext, given: Any) -> bytes:
    """Return what the program reads: one JSON document."""
    return json.dumps(
        {
            "project": context.project,
            "stage": context.stage,
            "promotion": context.promotion,
            "freight": list(context.freight),
            "input": given,
        }
    ).encode()


def _seconds(wanted: str, most: float) -> float:
    """Return how long it may run. Raises BadRequest for what is no time, or more than the operator allows."""
    if not wanted:
        return most
    try:
        found = durations.parse(wanted) / durations.SECOND
    except ValueError as error:
        raise BadRequest(f"config.timeout: {error}; write {durations.RIGHT_FORM}") from error
    if not 0 < found <= most:
        raise BadRequest(
            f"config.timeout: {wanted} is not between no time and the {most:g} s that the operator allows"
        )
    return found


def _not_allowed(name: str, there: list[str]) -> str:
    shown = messages.cut(name, messages.FOREIGN_BYTES)
    if not there:
        return (
            f'config.name: "{shown}" is not allowed, as no program is; the operator allows programs by `commands` in the '
            "server's configuration file"
        )
    return (
        f'config.name: the operator allows no program "{shown}" (`commands` in the server\'s configuration file); '
        f"{messages.instead(name, sorted(there))}"
    )


def _tail(said: str) -> str:
    """Return the end of what a program said. The mark of the cut has a secret found that it went through."""
    plain = messages.plain(said).strip()
    end = plain.encode()[-messages.FOREIGN_BYTES :].decode("utf-8", "ignore")
    return end if len(end) == len(plain) else f"{messages.CUT}{end}"
