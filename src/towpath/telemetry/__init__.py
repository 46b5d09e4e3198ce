"""Logs: one line an event, to standard error, as text or JSON, with context as key=value pairs.

Secret values that work under way was told are masked in every line (`masking`).
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from towpath.masking import mask_log_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS: Final = "towpath"
_about: ContextVar[dict[str, str]] = ContextVar("towpath_about", default={})  # noqa: B039 - never changed, only replaced
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(*, level: str = "INFO", form: Literal["text", "json"] = "text") -> None:
    """Send what is logged to standard error: our own from `level` up, of libraries what is a warning or worse.

    Call once, from the program's entry point.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level(level)


def set_level(level: str) -> None:
    """Log of our own what is of a level (`DEBUG`, `INFO`, `WARNING`, `ERROR`) or above."""
    logging.getLogger(_OURS).setLevel(level)


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Have every line that is logged in this context say what it is about, as `request=…` or `object=…`.

    Tasks that are begun within it, and threads of `asyncio.to_thread`, say it too.
    """
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def context(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says beside its message: what it is about, and what was given with it."""
    own = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    return {**_about.get(), **own}


class _Masked(logging.Formatter):
    """Formats a line, and masks it."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_log_line(self.line(record))

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError


class _Text(_Masked):
    def line(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        pairs = "".join(f" {key}={_quoted(value)}" for key, value in context(record).items())
        line = f"{when} {record.levelname.lower():<7} {record.name}: {record.getMessage()}{pairs}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Json(_Masked):
    def line(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **context(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def _quoted(value: object) -> str:
    text = str(value)
    return text if text and not any(c.isspace() or c in '"=' for c in text) else json.dumps(text)
