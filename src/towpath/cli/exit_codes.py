"""Whether commands end with our own codes or with those of Kargo's command line."""

from __future__ import annotations

from typing import Final

import click

from towpath.cli.environment import environment

_NOT_SUCCESSFUL: Final = 2
_TIMED_OUT: Final = 3


def are_kargos() -> bool:
    """Whether `--kargo-exit-codes` or `TOWPATH_KARGO_EXIT_CODES` asks for them."""
    context = click.get_current_context(silent=True)
    given = context is not None and context.find_root().params.get("kargo_exit_codes")
    return bool(given) or environment().kargo_exit_codes


def of_promotion(code: int) -> int:
    """Return the code for how a Promotion ended: Kargo's says 0 for any end, and knows 1 besides."""
    if not are_kargos():
        return code
    return {_NOT_SUCCESSFUL: 0, _TIMED_OUT: 1}.get(code, code)
