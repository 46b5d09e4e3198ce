"""What names, label keys and label values may look like, in an API server's words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_PART: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

# Python's own, which is several times as quick with names: no way to match these is tried twice, so they are linear, too.
_LABEL_RE: Final = re.compile(_LABEL)
_SUBDOMAIN_RE: Final = re.compile(_SUBDOMAIN)
_PART_RE: Final = re.compile(_PART)
_VALUE_RE: Final = re.compile(f"({_PART})?")
_SHORT: Final = 317
"""As long as a right key may be. What is longer is not remembered."""
_REMEMBERED: Final = 2_048
"""Keys that are asked about again and again: those of labels, annotations and finalizers."""


def wrong_with_label(name: str) -> list[str]:
    """Return what is wrong with an RFC 1123 label, such as the name of a Namespace."""
    found = []
    if len(name) > 63:
        found.append("must be no more than 63 bytes")
    if not _LABEL_RE.fullmatch(name):
        found.append(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
            "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
            f"validation is '{_LABEL}')"
        )
    return found


def wrong_with_subdomain(name: str) -> list[str]:
    """Return what is wrong with an RFC 1123 subdomain, such as the name of most objects."""
    found = []
    if len(name) > 253:
        found.append("must be no more than 253 bytes")
    if not _SUBDOMAIN_RE.fullmatch(name):
        found.append(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
            f"validation is '{_SUBDOMAIN}')"
        )
    return found


def wrong_with_path_segment(name: str) -> list[str]:
    """Return what is wrong with a name that only has to fit into a path, such as that of a Role."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{character}'" for character in "/%" if character in name]


def wrong_with_qualified(name: str) -> list[str]:
    """Return what is wrong with a label key: an optional prefix (a subdomain), a slash, and a name."""
    return list(_remembered(name)) if len(name) <= _SHORT else _wrong_with_key(name)


@lru_cache(_REMEMBERED)
def _remembered(name: str) -> tuple[str, ...]:
    return tuple(_wrong_with_key(name))


def _wrong_with_key(name: str) -> list[str]:
    prefix, slash, part = name.rpartition("/")
    found = []
    if "/" in prefix:
        return [
            (
                "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and "
                "end with an alphanumeric character, with an optional DNS subdomain prefix and '/' (e.g. "
                "'example.com/MyName')"
            )
        ]
    if slash:
        found += [f"prefix part {wrong}" for wrong in _wrong_with_prefix(prefix)]
    if not part:
        found.append("name part must be non-empty")
    elif len(part) > 63:
        found.append("name part must be no more than 63 bytes")
    if not _PART_RE.fullmatch(part):
        found.append(
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
            "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
            f"validation is '{_PART}')"
        )
    return found


def wrong_with_label_value(value: str) -> list[str]:
    """Return what is wrong with the value of a label."""
    found = []
    if len(value) > 63:
        found.append("must be no more than 63 bytes")
    if not _VALUE_RE.fullmatch(value):
        found.append(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
            "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
            f"'12345', regex used for validation is '({_PART})?')"
        )
    return found


def _wrong_with_prefix(prefix: str) -> list[str]:
    return wrong_with_subdomain(prefix) if prefix else ["must be non-empty"]
