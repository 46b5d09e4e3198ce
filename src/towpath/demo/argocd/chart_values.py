"""The values of a Helm source, in the order in which Helm takes them: the chart's own, files, `values`, parameters."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import yaml

from towpath.clients.helm import set_values
from towpath.demo.argocd.source_error import SourceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from towpath.demo.argocd.keys import Document


async def files(helm: Document, read: Callable[[str], Awaitable[bytes | None]]) -> list[bytes]:
    """Return the contents of the values files, and what stands in the source itself. `read`: by the name given there.

    Raises SourceError for a file that is not there.
    """
    found = []
    for name in helm.get("valueFiles") or ():
        content = await read(name)
        if content is not None:
            found.append(content)
        elif not helm.get("ignoreMissingValueFiles"):
            raise SourceError(f"Error: open {name}: no such file or directory")
    if helm.get("valuesObject"):
        found.append(yaml.safe_dump(helm["valuesObject"]).encode())
    elif helm.get("values"):
        found.append(str(helm["values"]).encode())
    return found


def parameters(helm: Document) -> list[tuple[str, str, bool]]:
    """Return what is set one by one: key, value, and whether the value is a text whatever it looks like."""
    return [
        (str(each.get("name", "")), str(each.get("value", "")), bool(each.get("forceString")))
        for each in helm.get("parameters") or ()
    ]


def merged(contents: Sequence[bytes], given: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """Return all values together. Raises SourceError."""
    found: dict[str, Any] = {}
    try:
        for content in contents:
            found = set_values.merged(found, yaml.safe_load(content) or {})
        for key, value, is_text in given:
            set_values.put(found, f"{key}={value}", literal=is_text)
    except (yaml.YAMLError, set_values.SetValueError, AttributeError, TypeError) as error:
        raise SourceError(f"Error: values: {error}") from error
    return found


def place(name: str, folder: str) -> tuple[str, str]:
    """Return where a values file lies: the name of the source that lends it (empty: its own), and the path in that."""
    if name.startswith("$"):
        reference, _, path = name[1:].partition("/")
        return reference, path
    if name.startswith("/"):
        return "", name.lstrip("/")
    return "", posixpath.normpath(posixpath.join(folder, name))
