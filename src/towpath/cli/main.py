"""`towpath`: the group of commands. Each lives in a module of its own that is imported when it is called."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any, Final

import click

from towpath import __version__
from towpath.cli import terminal
from towpath.cli.arguments import read
from towpath.cli.options import INTERRUPTED
from towpath.errors import TowpathError

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "admin": ("instance.admin", "Set the administrator's password, end all sign-ins."),
    "analysis": ("verification.analysis", "Try AnalysisTemplates out."),
    "apply": ("manifests.apply", "Create or change the objects of manifests."),
    "approve": ("moves.approve", "Approve Freight for a Stage."),
    "backup": ("instance.backup", "Write a checked copy of the database to a file."),
    "compare": ("history.compare", "Say what was released between two Freight or Stages."),
    "completion": ("completion.completion", "Print what completes words in a shell."),
    "config": ("servers.config", "See and choose servers and Projects."),
    "create": ("objects.create", "Create objects, roles, tokens, credentials."),
    "creds": ("kept.creds", "Say which Secret serves a repository."),
    "dashboard": ("servers.dashboard", "Open the server in a browser."),
    "delete": ("objects.delete", "Delete objects."),
    "demo": ("instance.demo", "Run a complete example on this machine."),
    "doctor": ("instance.doctor", "Say what is ill, and what to do."),
    "eval": ("eval", "Evaluate an expression."),
    "explain": ("why.explain", "Say why something does not move."),
    "export": ("instance.export", "Take a Project out, to another instance."),
    "get": ("objects.get", "Show objects."),
    "grant": ("kept.grant", "Give a role to users, or rights to a role."),
    "history": ("history.history", "Show what was in a Stage, and when."),
    "hold": ("moves.hold", "Keep auto-promotion from Stages."),
    "inbox": ("board.inbox", "Show what waits for you."),
    "import": ("instance.import_", "Take a Project in, from another instance or from Kargo."),
    "kubeconfig": ("servers.kubeconfig", "Print a kubeconfig, for kubectl."),
    "login": ("servers.login", "Sign in to a server."),
    "logout": ("servers.logout", "Forget a server and its token."),
    "logs": ("promotions.logs", "Show what the steps of a Promotion did."),
    "message": ("message", "Send messages by channels, and try channels out."),
    "move": ("moves.move", "Move Freight to many Stages, or back."),
    "pipeline": ("board.pipeline", "Show what is where, and what may move."),
    "plan": ("promotions.plan", "Show what a promotion would do."),
    "promote": ("promotions.promote", "Promote Freight to a Stage."),
    "quarantine": ("moves.quarantine", "Keep Freight from being promoted anywhere."),
    "refresh": ("objects.refresh", "Look at a Stage, Warehouse or configuration now."),
    "restore": ("instance.restore", "Put a backup in the place of the database."),
    "resume": ("moves.resume", "End holds."),
    "retry": ("promotions.retry", "Try a Promotion again, from the step that failed."),
    "revoke": ("kept.revoke", "Take a role from users, or rights from a role."),
    "rollback": ("moves.rollback", "Go back to what was in a Stage before."),
    "rotate-key": ("instance.rotate_key", "Seal all Secrets under a new key."),
    "search": ("board.search", "Find Projects, Stages, Freight and people."),
    "tokens": ("servers.tokens", "Make, see and delete tokens of your own."),
    "up": ("instance.up", "Run Towpath."),
    "update": ("objects.update", "Change aliases, config maps, credentials."),
    "verify": ("verification.verify", "Verify what is in a Stage again."),
    "version": ("servers.version", "Print the versions of program and server."),
    "wait": ("objects.wait", "Wait until something is so."),
    "webhooks": ("webhooks", "Show what webhooks came, and try some out."),
    "why": ("why.why", "Say in sentences why nothing comes."),
}
"""Module below `towpath.cli` and one-line help of every command, by name: the module has a `command`."""

_VERBS: Final = {
    "abort": "promote --abort",
    "credentials": "create credentials",
    "credential": "creds explain",
    "describe": "get KIND NAME -o yaml",
    "list": "get",
    "log": "logs",
    "ls": "get",
    "rm": "delete",
    "run": "up",
    "edit": "apply -f",
    "restart": "retry",
    "set": "update",
    "whoami": "config current-context",
    "serve": "up",
    "server": "up",
    "show": "get",
    "start": "up",
    "status": "get stages",
    "reverify": "verify",
    "board": "pipeline",
    "find": "search",
    "undo": "rollback",
}
"""What people say who know other programs."""
_USAGE: Final = 1
_OPTIONS_OF_WORDS: Final = ("filename", "stage")
"""What a word is that a command takes no words for."""


def load(name: str) -> click.Command:
    """Import a command of `COMMANDS`."""
    command: click.Command = importlib.import_module(f"towpath.cli.{COMMANDS[name][0]}").command
    return command


class _Commands(click.Group):
    """A group that imports a command when it is called, and lists them without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of the help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command by name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        return load(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that arguments begin with. Raises UsageError, with what may be meant, for none."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command {terminal.visible(word)!r}.{_meant(word)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


def _meant(word: str) -> str:
    """Return which command may be meant by a word that is none, empty if none is like it."""
    from towpath import messages
    from towpath.cli.kinds import kinds

    verb = _VERBS.get(word.lower())
    if verb:
        return f" Did you mean 'towpath {verb}'?"
    if kinds.is_word(word):
        return f" Did you mean 'towpath get {word.lower()}'?"
    alike = messages.alike_in_any_case(word, sorted(COMMANDS))
    named = " or ".join(f"'towpath {each}'" for each in alike)
    return f" Did you mean {named}?" if alike else ""


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 succeeded, 1 usage or server, 2 promotion not successful, 3 timed out, 130 interrupted.",
)
@click.version_option(__version__, message="towpath %(version)s")
@click.option(
    "--quiet", "-q", is_flag=True, help="Say nothing of what was done, only what went wrong."
)
@click.option(
    "--kargo-exit-codes",
    is_flag=True,
    help="End with the codes of Kargo's: 0 for a Promotion that did not succeed, else 1. TOWPATH_KARGO_EXIT_CODES=true.",
)
def towpath(quiet: bool, kargo_exit_codes: bool) -> None:
    """Move releases through environments in Git, and see why one does not move.

    \b
    Examples:
      towpath demo                           see it work: Git server, registry and all
      towpath up --data ./towpath-data       run it, data in ./towpath-data
      towpath apply -f pipeline.yaml         describe environments and how releases reach them
      towpath promote -p shop --stage prod --freight-alias fearless-fox --wait
      towpath pipeline -p shop               see what is where, and what may move
      towpath why -p shop prod               ask why nothing moves
    """


def main() -> None:
    """Run the command line and exit with its documented code; errors are one line on standard error."""
    _have_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that has not every letter
    sys.exit(run(sys.argv[1:]))


def _have_streams() -> None:
    """Put nothing in the place of standard streams that whoever started us has closed, as `>&-` does."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - until the process ends; pathlib is slow to import


def run(arguments: list[str]) -> int:
    """Run the command line. Returns the exit code."""
    try:
        given = read(arguments, lambda name: load(name) if name in COMMANDS else None)
        result: Any = towpath.main(given, prog_name="towpath", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("towpath: interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.UsageError) and (meant := _option_for(error)):
            click.echo(f"Did you mean '{meant}'?", err=True)
        return _USAGE
    except TowpathError as error:
        terminal.say(f"towpath: {error}", err=True)
        return _USAGE
    except KeyboardInterrupt:
        click.echo("towpath: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        _leave_pipe()
        return _USAGE
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        terminal.say(f"towpath: {named}{error.strerror or error}", err=True)
        return _USAGE
    return result if isinstance(result, int) else 0


def _option_for(error: click.UsageError) -> str:
    """Return what was meant by a word without its option, as in `promote prod`; empty if that is not known."""
    if error.ctx is None or not error.message.startswith("Got unexpected extra argument"):
        return ""
    words = error.message.partition("(")[2].rpartition(")")[0]
    for option in error.ctx.command.params:
        if isinstance(option, click.Option) and option.name in _OPTIONS_OF_WORDS:
            return f"{error.ctx.command_path} {option.opts[-1]} {words}"
    return ""


def _leave_pipe() -> None:
    """Have nothing more written where nobody reads on, not even what lies in the buffer at the end of the process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
