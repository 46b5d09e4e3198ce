"""`towpath eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from towpath.errors import BadRequest
from towpath.local import trial


@click.command("eval")
@click.argument("expression", required=False)
@click.option(
    "--env",
    "environment",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="YAML or JSON file with the variables.",
)
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read lines {"expr": …, "env": …} or {"template": …, "env": …}; answer each with one line.',
)
def command(expression: str | None, environment: Path | None, jsonl: bool) -> int | None:
    """Evaluate EXPRESSION and print its value as JSON; a text with ${{ }} in it is taken as a template.

    Without EXPRESSION it is a console: each line is evaluated, names are completed with Tab.

    \b
    Examples:
      towpath eval '1 + 2'
      towpath eval 'v${{ 1 + 2 }}'
      towpath eval 'vars.image + ":" + vars.tag' --env vars.yaml
      echo '{"template": "${{ a }}-x", "env": {"a": 1}}' | towpath eval --jsonl
    """
    if jsonl:
        if expression is not None or environment is not None:
            raise BadRequest(
                "eval: --jsonl takes its expressions and variables from standard input"
            )
        return _answer_lines()
    env = trial.read_environment(environment) if environment is not None else {}
    if expression is not None:
        click.echo(trial.evaluate_typed(expression, env))
        return None
    return _console(env)


def _answer_lines() -> int:
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        sys.stdout.write(trial.evaluate_line(text) + "\n")
        sys.stdout.flush()
    return 0


def _console(env: dict[str, Any]) -> int:
    """Read and evaluate lines until the input ends."""
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        _with_completion(env)
        click.echo("Expressions, one a line; Ctrl-D ends.")
    while True:
        try:
            line = input("> " if is_terminal else "")
        except EOFError:
            return 0
        except KeyboardInterrupt:
            click.echo()
            continue
        if not line.strip():
            continue
        try:
            click.echo(trial.evaluate_typed(line, env))
        except BadRequest as error:
            click.echo(error.message, err=True)


def _with_completion(env: dict[str, Any]) -> None:
    try:
        import readline
    except ImportError:  # a Python without it: the console works, without history
        return
    names = trial.names(env)

    def complete(text: str, state: int) -> str | None:
        found = [name for name in names if name.startswith(text)]
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n+-*/%^<>=!?:;,|()[]{}'\"")
    readline.parse_and_bind("tab: complete")
