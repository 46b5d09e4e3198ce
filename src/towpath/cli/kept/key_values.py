"""Values that options give as `KEY=VALUE`: keys of config maps and Secrets, claims of users."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.disk import reading
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Command = Callable[..., Any]

_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class GivenValues:
    """What options give of values."""

    pairs: tuple[str, ...]
    """`KEY=VALUE`."""
    files: tuple[str, ...]
    """`KEY=FILE`."""

    def read(self) -> dict[str, str]:
        """Return them by their keys. Raises BadRequest as `read`."""
        return read(self.pairs, self.files)


def with_values(command: Command) -> Command:
    """Give a command --set and --set-file; it gets `values`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any, values: tuple[str, ...], value_files: tuple[str, ...], **rest: Any
    ) -> Any:
        return command(*args, values=GivenValues(values, value_files), **rest)

    given = click.option(
        "--set",
        "values",
        multiple=True,
        metavar="KEY=VALUE",
        help="A value; may be given several times. Others on this machine can see it: --set-file is for secrets.",
    )
    files = click.option(
        "--set-file",
        "value_files",
        multiple=True,
        metavar="KEY=FILE",
        help="A value that is in a file, or - for standard input; may be given several times.",
    )
    return given(files(wrapped))


def read(values: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """Return keys and values. Raises BadRequest for what is no pair, a key that is there twice, and a file that cannot be read."""
    found: dict[str, str] = {}
    for option, texts in (("--set", values), ("--set-file", files)):
        for text in texts:
            key, equals, value = text.partition("=")
            if not key or not equals:
                shown = text if option == "--set-file" else key
                raise BadRequest(
                    f"{option} {shown}: it must read KEY={'FILE' if files and option != '--set' else 'VALUE'}"
                )
            if key in found:
                raise BadRequest(f"{option} {key}: the key is given twice")
            found[key] = value if option == "--set" else _of_file(key, value)
    return found


def claims(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return claims as the API has them, of `NAME=VALUE[,VALUE]…` or `NAME=VALUE,NAME=VALUE`. Raises BadRequest."""
    found: list[dict[str, Any]] = []
    for text in texts:
        begun = False
        for piece in text.split(","):
            name, equals, value = piece.partition("=")
            if equals and name and value:
                found.append({"name": name, "values": [value]})
                begun = True
            elif begun and piece and not equals:
                found[-1]["values"].append(piece)
            else:
                raise BadRequest(
                    f"--claim {text}: it must read NAME=VALUE, such as email=ann@example.com"
                )
    merged: dict[str, list[str]] = {}
    for each in found:
        known = merged.setdefault(each["name"], [])
        known += [value for value in each["values"] if value not in known]
    return [{"name": name, "values": values} for name, values in merged.items()]


def words(texts: Sequence[str]) -> list[str]:
    """Return words that may be given several times, or with commas between them."""
    return [word for text in texts for word in text.split(",") if word]


def _of_file(key: str, name: str) -> str:
    import sys

    try:
        if name == "-":
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            content = reading.read(Path(name), _LARGEST)
        if len(content) > _LARGEST:
            raise BadRequest(f"--set-file {key}: it has more than {_LARGEST:,} bytes")
        return content.decode()
    except OSError as error:
        raise BadRequest(f"--set-file {key}={name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadRequest(f"--set-file {key}={name}: it is not text in UTF-8") from None
