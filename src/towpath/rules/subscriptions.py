"""What a Warehouse may subscribe to, beyond the schema of each subscription."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import FieldError
from towpath.patterns import Effort
from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of
from towpath.resources.validation import wording
from towpath.resources.validation.structure import errors_of
from towpath.resources.warehouse import (
    GenericSubscription,
    subscription_schema,
    subscription_type,
)
from towpath.rules.extension_configs import config_errors
from towpath.rules.written_patterns import expression_errors
from towpath.versions.semver import VersionError, parse_range
from towpath.versions.urls import normalize_chart, normalize_git, normalize_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.schema import Schema

MOST: Final = 500
"""Subscriptions of one Warehouse: each is a question to some server at every look, and all make one Freight."""
_PATH: Final = "spec.subscriptions"
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def subscription_errors(
    subscriptions: Sequence[Any], known_types: Mapping[str, Schema | None]
) -> list[FieldError]:
    """Return what is wrong with subscriptions.

    `known_types`: the type keys this installation knows, with how the `config` of an extension's looks, if it says.
    """
    if len(subscriptions) > MOST:
        return [wording.too_many(_PATH, len(subscriptions), MOST)]
    found: list[FieldError] = []
    names: dict[str, int] = {}
    targets: dict[tuple[str, ...], int] = {}
    effort = Effort()
    for number, item in enumerate(subscriptions):
        if len(found) > wording.MOST_ERRORS:
            break
        path = f"{_PATH}[{number}]"
        type_ = subscription_type(item)
        if type_ is None:
            found.append(
                _invalid(
                    path, "", "a subscription has exactly one key for its type, and may have a name"
                )
            )
            continue
        if type_ not in known_types:
            known = ", ".join(sorted(known_types))
            found.append(
                FieldError(
                    f"{path}.{type_}",
                    "FieldValueNotSupported",
                    f'Unsupported value: "{type_}": supported types of subscriptions: {known}',
                )
            )
            continue
        subscription = item[type_]
        schema = subscription_schema(type_)
        is_extension = schema is None
        wrong = errors_of(
            schema or schema_of(GenericSubscription),
            subscription,
            f"{path}.{type_}",
            ABSENT,
            effort,
        )
        found += wrong
        if wrong:
            continue
        if is_extension and not item.get("name"):
            found.append(
                FieldError(
                    f"{path}.name",
                    "FieldValueRequired",
                    f"Required value: a subscription of type {type_} is told from others by its name",
                )
            )
            continue
        name = item.get("name")
        if name is not None:
            if not isinstance(name, str) or not _LABEL.fullmatch(name):
                found.append(
                    _invalid(
                        f"{path}.name",
                        name,
                        "it must be a DNS-1123 label: a-z, 0-9 and '-', at most 63",
                    )
                )
            elif name in names:
                found.append(
                    _duplicate(f"{path}.name", name, f"{_PATH}[{names[name]}] has this name")
                )
            else:
                names[name] = number
        config_schema = known_types[type_]
        if is_extension and config_schema is not None:
            config = subscription.get("config") or {}
            found += config_errors(config_schema, config, f"{path}.{type_}.config", effort)
        found += _version_errors(type_, subscription, f"{path}.{type_}")
        found += _chart_name_errors(type_, subscription, f"{path}.{type_}.name")
        found += expression_errors(
            f"{path}.{type_}.expressionFilter", subscription.get("expressionFilter"), effort
        )
        target = _target(type_, subscription)
        if target is None:
            continue
        if target in targets:
            found.append(
                _duplicate(
                    f"{path}.{type_}.repoURL",
                    str(subscription.get("repoURL")),
                    f"{_PATH}[{targets[target]}] subscribes to it already",
                )
            )
        targets.setdefault(target, number)
    return found


def subscription_warnings(subscriptions: Sequence[Any]) -> list[str]:
    """Return what a writer of subscriptions should know though nothing is wrong."""
    return [
        f"{_PATH}[{number}].image.constraint: imageSelectionStrategy Digest follows the tag that it names; without "
        "one nothing can be found. Name the tag"
        for number, item in enumerate(subscriptions)
        if isinstance(item, dict)
        and isinstance(image := item.get("image"), dict)
        and image.get("imageSelectionStrategy") == "Digest"
        and not (image.get("constraint") or image.get("semverConstraint"))
    ]


def _version_errors(type_: str, subscription: Mapping[str, Any], path: str) -> list[FieldError]:
    found = []
    if type_ == "image":
        strategy = subscription.get("imageSelectionStrategy") or "SemVer"
        fields: tuple[str, ...] = ("constraint", "semverConstraint") if strategy == "SemVer" else ()
    else:
        fields = ("semverConstraint",)
    for field in fields:
        text = subscription.get(field)
        if not text:
            continue
        try:
            parse_range(str(text))
        except VersionError as error:
            found.append(_invalid(f"{path}.{field}", text, str(error)))
    return found


def _chart_name_errors(type_: str, subscription: Mapping[str, Any], path: str) -> list[FieldError]:
    """Return whether a chart is named twice, or not at all."""
    if type_ != "chart":
        return []
    url, name = str(subscription.get("repoURL")), subscription.get("name")
    if url.startswith("oci://"):
        why = "the address of a chart in a registry ends with its name; it must be empty"
        return [_invalid(path, name, why)] if name else []
    if name:
        return []
    why = f"a repository has many charts; name the one of {url}"
    return [FieldError(path, "FieldValueRequired", f"Required value: {why}")]


def _target(type_: str, subscription: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return what a subscription is about, to compare by; None for types that are not compared."""
    url = str(subscription.get("repoURL") or "")
    match type_:
        case "git":
            return (type_, normalize_git(url))
        case "image":
            return (type_, normalize_image(url))
        case "chart":
            name = str(subscription.get("name") or "")
            is_repository = url.lower().startswith(("http://", "https://"))
            return (type_, normalize_chart(url), name if is_repository else "")
    return None


def _invalid(path: str, value: Any, why: str) -> FieldError:
    return FieldError(path, "FieldValueInvalid", f'Invalid value: "{value}": {why}')


def _duplicate(path: str, value: str, why: str) -> FieldError:
    return FieldError(path, "FieldValueDuplicate", f'Duplicate value: "{value}": {why}')
