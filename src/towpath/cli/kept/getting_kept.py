"""What `towpath get` shows of roles, tokens, config maps and credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.cli.kinds.columns import at, made
from towpath.cli.kinds.named_kind import NamedKind

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.sdk.kept import KeptThings


def _names(key: str) -> Any:
    def named(document: Document) -> str:
        found = document.get(key)
        items = found if isinstance(found, list) else [found]
        return ", ".join(at("metadata", "name")(each) for each in items if isinstance(each, dict))

    return named


RESOURCES: Final = NamedKind(
    "RoleResources",
    "roles",
    ("role",),
    (
        made("SERVICE ACCOUNT", _names("serviceAccount")),
        made("ROLES", _names("roles")),
        made("CLUSTER ROLES", _names("clusterRoles")),
        made("ROLE BINDINGS", _names("roleBindings")),
    ),
    group="rbac.kargo.akuity.io",
)
"""A role as the objects that make it."""


def found(
    kept: KeptThings, names: tuple[str, ...], *, role: str | None, as_resources: bool
) -> tuple[list[Document], int]:
    """Return those that are named, or all, and how many are missing, which is said."""
    from towpath.cli import terminal
    from towpath.errors import NotFound

    query: Any = {"as-resources": "true"} if as_resources else {}
    if not names:
        return kept.all({**query, "role": role}), 0
    documents, missing = [], 0
    for name in names:
        try:
            documents.append(kept.get(name, query))
        except NotFound as error:
            missing += 1
            terminal.say(f"towpath: {error}", err=True)
    return documents, missing
