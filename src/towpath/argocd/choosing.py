"""Which connection serves a Stage: the one its shard names, else the one its annotation names, else the default. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import Forbidden, NotFound
from towpath.messages import instead
from towpath.resources.annotations import ARGOCD_CONNECTION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.argocd.definition import Definition


def rivals(there: Sequence[Definition], of: Definition) -> dict[str, str]:
    """Return the other connections that are the default as one is, by name: for which Project, or which pattern of Projects."""
    others = (each for each in there if each.is_default and each.name != of.name)
    found = {each.name: of.shared(each) for each in others} if of.is_default else {}
    return {name: shared for name, shared in sorted(found.items()) if shared}


def choose(
    there: Sequence[Definition], project: str, *, shard: str = "", wanted: str = ""
) -> Definition:
    """Return the connection of a Stage.

    `shard`: Kargo's `spec.shard`; one that no connection is named by says nothing. `wanted`: what the Stage's annotation names. Where nothing is
    named the default serves, or the only one that serves the Project. Raises NotFound where there is none, and Forbidden
    where the one that is named does not serve the Project.
    """
    by_name: Mapping[str, Definition] = {each.name: each for each in there}
    named = by_name.get(shard) if shard else None
    how = f"spec.shard {shard!r}"
    if named is None and wanted:
        named, how = by_name.get(wanted), f"annotation {ARGOCD_CONNECTION}"
        if named is None:
            raise NotFound(
                f"{how}: there is no Argo CD connection {wanted!r}; {instead(wanted, sorted(by_name))}"
            )
    if named is not None:
        if not named.serves(project):
            raise Forbidden(
                f"{how}: Argo CD connection {named.name} does not serve Project {project}: add the Project to its list of "
                "projects, or name another connection"
            )
        return named
    serving = sorted((each for each in there if each.serves(project)), key=lambda each: each.name)
    defaults = [each for each in serving if each.is_default]
    if len(defaults or serving) == 1:
        return (defaults or serving)[0]
    if not there:
        raise NotFound(
            "no Argo CD is connected: define a connection in the configuration (argocd.connections) or apply an "
            "ArgoCDConnection"
        )
    if not serving:
        raise NotFound(
            f"no Argo CD connection serves Project {project}: add it to the projects of one of {', '.join(sorted(by_name))}"
        )
    several = ", ".join(each.name for each in defaults or serving)
    what = "are the default" if defaults else "serve it and none is the default"
    raise NotFound(
        f"which Argo CD Project {project} means cannot be told: {several} {what}; make one the default, or name one by the "
        f"annotation {ARGOCD_CONNECTION} of the Stage"
    )
