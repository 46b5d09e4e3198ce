"""What two YAML values say together: mappings key by key, lists of Kubernetes objects item by item, all else by the later one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.documents.yaml.merge_keys import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.yaml.merge_keys import Keyed, MergeShape

_DIRECTIVE: Final = "$patch"
"""As strategic merge patches of Kubernetes have it."""


def together(before: Any, added: Any, shape: MergeShape = PLAIN) -> Any:
    """Return what two values say together; null takes a key away."""
    if not isinstance(before, dict) or not isinstance(added, dict):
        return added
    found = dict(before)
    for key, value in added.items():
        if value is None:
            found.pop(key, None)
        elif key not in found:
            found[key] = value
        else:
            keyed = shape.keyed(key)
            if keyed is not None and is_merged(found[key], value, keyed):
                found[key] = listed(found[key], value, keyed)
            else:
                found[key] = together(found[key], value, shape.inner(key))
    return found


def is_merged(before: Any, added: Any, keyed: Keyed) -> bool:
    """Whether two lists are merged item by item: each item of both can be told from the others of its list."""
    return all(isinstance(each, list) and _is_told_apart(each, keyed) for each in (before, added))


def place(item: Any, among: Sequence[Any], keyed: Keyed) -> int | None:
    """Return where the item is that another one is merged into; None if it is new."""
    wanted = keyed.identity(item)
    return next((at for at, each in enumerate(among) if keyed.identity(each) == wanted), None)


def is_removal(item: Any) -> bool:
    """Whether an item says that the one of its key goes: `$patch: delete`."""
    return isinstance(item, dict) and item.get(_DIRECTIVE) == "delete"


def _is_told_apart(items: list[Any], keyed: Keyed) -> bool:
    found = [keyed.identity(item) for item in items]
    return None not in found and len(set(found)) == len(found)


def listed(before: list[Any], added: list[Any], keyed: Keyed) -> list[Any]:
    """Return what two lists that are merged say together: new items come last, those with `$patch: delete` go."""
    found: list[Any] = list(before)
    gone = set[int]()
    for item in added:
        at = place(item, before, keyed)
        if is_removal(item):
            gone |= {at} if at is not None else set()
        elif at is None:
            found.append(item)
        else:
            found[at] = together(before[at], item, keyed.item)
    return [item for at, item in enumerate(found) if at not in gone]
