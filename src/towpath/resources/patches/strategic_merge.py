"""Kubernetes' strategic merge: a merge patch that knows which lists are maps and which are sets.

Lists with merge keys are merged item by item, lists of the kind `set` value by value, others are replaced. Directives
say more: `$patch` (`replace`, `delete`, `merge`), `$deleteFromPrimitiveList/FIELD`, `$setElementOrder/FIELD`,
`$retainKeys`. Only core kinds are patched this way: custom resources have no merge keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from towpath.resources.schema import Schema

_PATCH: Final = "$patch"
_RETAIN: Final = "$retainKeys"
_DELETE_FROM: Final = "$deleteFromPrimitiveList/"
_ORDER: Final = "$setElementOrder/"
_MERGE_KEYS: Final = {"imagePullSecrets": "name"}
"""Lists whose merge key is none of the keys they have for server-side apply (`patchMergeKey` in Kubernetes' types)."""


def apply(schema: Schema, document: dict[str, Any], patch: Any) -> dict[str, Any]:
    """Return a document of a schema with a patch merged in.

    Raises BadRequest for a patch that is no object, names an unknown directive, or an item without its merge key.
    """
    if not isinstance(patch, dict):
        raise BadRequest("a strategic merge patch is an object")
    merged = _object(schema, document, patch, "")
    return {} if merged is None else merged


def _object(
    schema: Schema | None, live: Any, patch: dict[str, Any], where: str
) -> dict[str, Any] | None:
    """Return an object with a patch merged in; None when the patch deletes it."""
    directive = patch.get(_PATCH)
    match directive:
        case "delete":
            return None
        case "replace":
            replaced: dict[str, Any] = _plain(patch, where)
            return replaced
        case None | "merge":
            pass
        case _:
            raise BadRequest(
                f"{where or 'the patch'}: {_PATCH} is {directive!r}; it is one of replace, delete, merge"
            )
    merged = dict(live) if isinstance(live, dict) else {}
    merged = _retained(merged, patch, where)
    for key, value in patch.items():
        if key in (_PATCH, _RETAIN) or key.startswith(_ORDER):
            continue
        if key.startswith(_DELETE_FROM):
            _take_away(merged, key.removeprefix(_DELETE_FROM), value, where)
            continue
        if key.startswith("$"):
            raise BadRequest(f"{where or 'the patch'}: {key} is no directive")
        path = f"{where}.{key}" if where else key
        found = _value(_field(schema, key), key, merged.get(key), value, path)
        if found is None or found == []:
            merged.pop(key, None)
        else:
            merged[key] = found
    return _ordered(schema, merged, patch, where)


def _value(schema: Schema | None, key: str, live: Any, patch: Any, where: str) -> Any:
    """Return a value with a patch merged in; None when it is to go."""
    if isinstance(patch, dict):
        if schema is not None and schema.map_type == "atomic":
            return _plain(patch, where)
        return _object(schema, live, patch, where)
    if isinstance(patch, list):
        merge_key = _merge_key(schema, key)
        if merge_key:
            return _items(schema, merge_key, live, patch, where)
        if schema is not None and schema.list_type == "set":
            return _union(live if isinstance(live, list) else [], patch)
    return _plain(patch, where)


def _items(
    schema: Schema | None, merge_key: str, live: Any, patch: list[Any], where: str
) -> list[Any]:
    """Return a list with the items of a patch merged into those of the same key."""
    before = list(live) if isinstance(live, list) else []
    if {_PATCH: "replace"} in patch:
        return [_plain(item, where) for item in patch if item != {_PATCH: "replace"}]
    items = schema.items if schema is not None else None
    merged = list(before)
    for item in patch:
        if not isinstance(item, dict) or merge_key not in item:
            raise BadRequest(f"{where}: each item of the patch needs {merge_key}, its merge key")
        place = _place(merged, merge_key, item[merge_key])
        found = _object(items, {} if place is None else merged[place], item, where)
        if place is None and found is not None:
            merged.append(found)
        elif place is not None and found is None:
            del merged[place]
        elif place is not None:
            merged[place] = found
    return _in_order(merged, before, [item[merge_key] for item in patch], merge_key)


def _place(items: list[Any], merge_key: str, key: Any) -> int | None:
    """Return where the item of a key is; None if there is none."""
    for number, item in enumerate(items):
        if _key(item, merge_key) == key:
            return number
    return None


def _key(item: Any, merge_key: str) -> Any:
    """Return what identifies an item of a list: the value of its merge key, or the item itself."""
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def _union(live: list[Any], patch: list[Any]) -> list[Any]:
    merged = [*live, *(value for value in patch if value not in live)]
    return _in_order(merged, live, patch, "")


def _in_order(merged: list[Any], live: list[Any], named: list[Any], merge_key: str) -> list[Any]:
    """Return merged items as Kubernetes orders them.

    Those that the patch names (their keys) have its order. The others have theirs, and come before a named one only
    where they came before it already.
    """
    before = [_key(item, merge_key) for item in live]
    patched = sorted(
        (item for item in merged if _key(item, merge_key) in named),
        key=lambda item: named.index(_key(item, merge_key)),
    )
    others = [item for item in merged if _key(item, merge_key) not in named]
    found = []
    while others and patched:
        ahead, following = _key(others[0], merge_key), _key(patched[0], merge_key)
        comes_first = following in before and before.index(ahead) < before.index(following)
        found.append((others if comes_first else patched).pop(0))
    return [*found, *others, *patched]


def _take_away(merged: dict[str, Any], field: str, values: Any, where: str) -> None:
    if not isinstance(values, list):
        raise BadRequest(f"{where or 'the patch'}: {_DELETE_FROM}{field} must be a list")
    live = merged.get(field)
    if isinstance(live, list):
        merged[field] = [value for value in live if value not in values]
        if not merged[field]:
            del merged[field]


def _retained(merged: dict[str, Any], patch: dict[str, Any], where: str) -> dict[str, Any]:
    """Return only the keys that `$retainKeys` names, if it is there."""
    keys = patch.get(_RETAIN)
    if keys is None:
        return merged
    if not isinstance(keys, list):
        raise BadRequest(f"{where or 'the patch'}: {_RETAIN} must be a list of keys")
    return {key: value for key, value in merged.items() if key in keys}


def _ordered(
    schema: Schema | None, merged: dict[str, Any], patch: dict[str, Any], where: str
) -> dict[str, Any]:
    """Return the object with its lists in the order that `$setElementOrder` asks for."""
    for directive, order in patch.items():
        if not directive.startswith(_ORDER):
            continue
        field = directive.removeprefix(_ORDER)
        if not isinstance(order, list):
            raise BadRequest(f"{where or 'the patch'}: {directive} must be a list")
        found = merged.get(field)
        if isinstance(found, list):
            merge_key = _merge_key(_field(schema, field), field)
            named = [_key(item, merge_key) for item in order]
            merged[field] = _in_order(found, found, named, merge_key)
    return merged


def _field(schema: Schema | None, key: str) -> Schema | None:
    return None if schema is None else schema.properties.get(key, schema.values)


def _merge_key(schema: Schema | None, key: str) -> str:
    """Return the key by which the items of a list are told apart, empty if they are not."""
    if schema is None or schema.type != "array":
        return ""
    if schema.list_type == "map":
        return schema.list_map_keys[0]
    return _MERGE_KEYS.get(key, "")


def _plain(value: Any, where: str) -> Any:
    """Return a value that is taken as it is, its nulls and directives left out. Raises BadRequest for unknown ones."""
    if isinstance(value, dict):
        known = (_PATCH, _RETAIN)
        unknown = [
            key
            for key in value
            if key.startswith("$")
            and key not in known
            and not key.startswith((_ORDER, _DELETE_FROM))
        ]
        if unknown:
            raise BadRequest(f"{where or 'the patch'}: {unknown[0]} is no directive")
        return {
            key: _plain(item, where)
            for key, item in value.items()
            if item is not None and not key.startswith("$")
        }
    if isinstance(value, list):
        return [_plain(item, where) for item in value]
    return value
