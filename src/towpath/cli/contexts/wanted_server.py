"""What the options of a command say of the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedServer:
    """The server that options ask for, as far as they do."""

    server: str | None = None
    context: str | None = None
    token_file: Path | None = None
    insecure: bool = False


def wanted() -> WantedServer:
    """Return what the options of the command that runs say."""
    context = click.get_current_context(silent=True)
    found = context.params if context is not None else {}
    return WantedServer(
        server=found.get("server"),
        context=found.get("context"),
        token_file=found.get("token_file"),
        insecure=bool(found.get("insecure")),
    )
