"""Options that say where roles, tokens, config maps and credentials are kept: in a Project, for all, for the system."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import needed, with_project
from towpath.errors import BadRequest
from towpath.resources.shared_namespaces import SHARED, SYSTEM_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.kinds.kinds import NamedKind
    from towpath.sdk.kept import KeptPlace


def with_place(*others: str) -> Callable[[Any], Any]:
    """Return what gives a command --project, and --shared and --system if named; it gets `place`, which says where.

    `place()` raises BadRequest where two are given, or no Project is named.
    """

    def decorated(command: Any) -> Any:
        @with_project
        @functools.wraps(command)
        def wrapped(*args: Any, project: str | None, **rest: Any) -> Any:
            shared, system = rest.pop("shared", False), rest.pop("system", False)
            return command(
                *args, place=lambda: placed(project, shared=shared, system=system), **rest
            )

        made = wrapped
        if "system" in others:
            made = click.option("--system", is_flag=True, help="Those of the system.")(made)
        if "shared" in others:
            made = click.option("--shared", is_flag=True, help="Those of all Projects.")(made)
        return made

    return decorated


def placed(project: str | None, *, shared: bool, system: bool) -> KeptPlace:
    """Return the place that options say. Raises BadRequest where they say two, or none."""
    from towpath.sdk.kept import KeptPlace, Where

    context = click.get_current_context()
    named = context.get_parameter_source("project") is click.core.ParameterSource.COMMANDLINE
    if shared + system + named > 1:
        raise BadRequest("--project, --shared and --system exclude one another; give one of them")
    if shared or (not system and project == SHARED):
        return KeptPlace(Where.SHARED)
    if system or project == SYSTEM_RESOURCES:
        return KeptPlace(Where.SYSTEM)
    return KeptPlace(Where.PROJECT, needed(project))


def of_kind(kind: NamedKind, project: str | None, *, shared: bool, system: bool) -> KeptPlace:
    """Return the place for a kind. Raises BadRequest as `placed`, and where the kind is not kept there."""
    for word, is_given in (("shared", shared), ("system", system)):
        if is_given and word not in kind.places:
            raise BadRequest(f"--{word}: there are no {kind.usual or kind.plural} of that kind")
    return placed(project, shared=shared, system=system)
