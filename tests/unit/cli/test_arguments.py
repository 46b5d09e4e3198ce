"""What people write for kubectl and Kargo's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.cli import arguments, main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["get", "stages", "-o=yaml", "-p=shop"], ["get", "stages", "-o", "yaml", "-p", "shop"]),
        (["get", "stages", "-o=jsonpath={.a==1}"], ["get", "stages", "-o", "jsonpath={.a==1}"]),
        (["promote", "--wait=true", "--abort=FALSE"], ["promote", "--wait"]),
        (["config", "view", "--raw=true"], ["config", "view", "--raw"]),
        (["get", "--alias=true"], ["get", "--alias=true"]),  # takes a value
        (["nope", "--wait=true"], ["nope", "--wait=true"]),
        (["eval", "--", "-o=x", "--wait=true"], ["eval", "--", "-o=x", "--wait=true"]),
        (["help", "create", "token"], ["create", "token", "--help"]),
        (["help"], ["--help"]),
        ([], []),
    ],
)
def test_arguments_in_our_form(given: list[str], read: list[str]) -> None:
    """Only what has a meaning is changed."""
    found = arguments.read(given, lambda name: main.load(name) if name in main.COMMANDS else None)
    assert found == read


def test_help_of_a_command(call: Callable[..., Told]) -> None:
    """As a command."""
    assert "towpath create token" in call("help", "create", "token").out
