"""Options of the credentials of a repository, as Kargo's command line has them."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Any]

_TYPES: Final = ("git", "helm", "image")
_LARGEST: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCredentials:
    """What options give of the credentials of a repository; None: not that."""

    type: str | None
    repo_url: str | None
    regex: bool
    username: str | None
    typed_password: str | None
    password_stdin: bool
    description: str | None

    def password(self, *, asks: bool) -> str | None:
        """Return the password. Raises BadRequest as `password_of`."""
        return password_of(self.typed_password, from_stdin=self.password_stdin, asks=asks)


def with_credentials(command: Command) -> Command:
    """Give a command --git, --helm, --image and --type, and what a repository has; it gets `given`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        type_: str | None,
        repo_url: str | None,
        regex: bool,
        username: str | None,
        password: str | None,
        password_stdin: bool,
        description: str | None,
        **rest: Any,
    ) -> Any:
        given = GivenCredentials(
            type=type_of(type_, {each: rest.pop(each) for each in _TYPES}),
            repo_url=repo_url,
            regex=regex,
            username=username,
            typed_password=password,
            password_stdin=password_stdin,
            description=description,
        )
        return command(*args, given=given, **rest)

    made: Command = wrapped
    for option in (
        click.option("--description", metavar="TEXT", help="What it is for."),
        click.option(
            "--password-stdin", is_flag=True, help="Read the password or token from standard input."
        ),
        click.option(
            "--password",
            metavar="TEXT",
            help="The password or token; others on this machine can see it there: leave it out and be asked, or use --password-stdin.",
        ),
        click.option("--username", metavar="NAME", help="User name."),
        click.option("--regex", is_flag=True, help="--repo-url is a regular expression (RE2)."),
        click.option("--repo-url", metavar="URL", help="The repository, as manifests write it."),
        click.option("--type", "type_", type=click.Choice(_TYPES), help="What is at the address."),
        *(
            click.option(f"--{each}", each, is_flag=True, help=f"The same as --type {each}.")
            for each in reversed(_TYPES)
        ),
    ):
        made = option(made)
    return made


def type_of(type_: str | None, given: dict[str, bool]) -> str | None:
    """Return the type that options say, None if none does. Raises BadRequest for two."""
    said = [*([type_] if type_ else []), *(each for each in _TYPES if given.get(each))]
    if len(set(said)) > 1:
        raise BadRequest("give one of --git, --helm, --image and --type")
    return said[0] if said else None


def password_of(password: str | None, *, from_stdin: bool, asks: bool) -> str | None:
    """Return the password: given, piped in, or asked for where there is a terminal; None if it is not to be asked for.

    Raises BadRequest where nobody can be asked, and for an empty one.
    """
    if password is not None and from_stdin:
        raise BadRequest("give one of --password and --password-stdin")
    if from_stdin:
        content = sys.stdin.buffer.read(_LARGEST + 1)
        try:
            password = content.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise BadRequest("--password-stdin: it is not text in UTF-8") from None
        if len(content) > _LARGEST:
            raise BadRequest(f"--password-stdin: it has more than {_LARGEST:,} bytes")
    elif password is None and asks:
        if not sys.stdin.isatty():
            raise BadRequest(
                "there is no terminal to ask for the password; give --password-stdin and pipe it in"
            )
        password = str(click.prompt("Repository password", hide_input=True, err=True))
    if password == "":
        raise BadRequest("the password is empty")
    return password
