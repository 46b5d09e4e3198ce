"""What values must read as beyond what a CRD's schema says: durations, counts, patterns.

The CRDs leave these open as Kargo's do; here a value that could not be read later is refused on write, with the right
form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.patterns import PatternError, selector
from towpath.resources import durations
from towpath.resources.schema import Form

if TYPE_CHECKING:
    from collections.abc import Callable

_AUTHORITY_END: Final = re.compile(r"[/?#]")


def _wrong_duration(text: str) -> str:
    """As Go reads durations."""
    try:
        durations.parse(text)
    except durations.TooLong as error:
        return f"{error}; at most 2562047h (292 years) can be meant"
    except ValueError as error:
        return f"{error}; write {durations.RIGHT_FORM}"
    return ""


def _wrong_time_limit(text: str) -> str:
    wrong = _wrong_duration(text)
    if not wrong and durations.parse(text) < 0:
        return f"less than no time; write {durations.RIGHT_FORM}, or 0s for no limit"
    return wrong


def _wrong_positive_duration(text: str) -> str:
    """What is empty or holds an argument is read later."""
    wrong = _wrong_optional_duration(text)
    if wrong or not text or "{{" in text:
        return wrong
    return "" if durations.parse(text) > 0 else f"no time at all; write {durations.RIGHT_FORM}"


def _wrong_web_address(text: str) -> str:
    """What holds an argument is read later; whether the address may be reached is judged when it is asked."""
    if "{{" in text:
        return ""
    scheme, _, rest = text.partition("://")
    host = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    if scheme.lower() not in ("http", "https") or not host or not text.isprintable() or " " in text:
        return "write an address such as https://shop.example.com/healthz"
    return "" if "@" not in host else "leave user and password out; send a header in their place"


def _wrong_optional_duration(text: str) -> str:
    """What is empty or holds an argument is read later."""
    return "" if not text or "{{" in text else _wrong_time_limit(text)


def _wrong_count(value: float) -> str:
    return "" if value >= 0 else "a count from 0 up is wanted"


def _wrong_pattern(text: str) -> str:
    try:
        patterns.compile(text)
    except PatternError as error:
        return f"this is no regular expression (RE2): {error}"
    return ""


def _wrong_path_selector(text: str) -> str:
    try:
        selector.path(text)
    except PatternError as error:
        return f"this selects no paths: {error}"
    return ""


def _wrong_name_selector(text: str) -> str:
    try:
        selector.name(text)
    except PatternError as error:
        return f"this selects no names: {error}"
    return ""


def _form(name: str, wrong: Any, weight: Callable[[str], int] | None = None) -> Form:
    return Form(name, wrong, weight)


DURATION: Final = _form("duration", _wrong_duration)
TIME_LIMIT: Final = _form("time limit", _wrong_time_limit)
"""A duration from 0 up; 0 stands for no limit."""
MEASURED_DURATION: Final = _form("duration, or {{args.NAME}}", _wrong_optional_duration)
POSITIVE_DURATION: Final = _form("time above 0, or {{args.NAME}}", _wrong_positive_duration)
WEB_ADDRESS: Final = _form("web address", _wrong_web_address)
COUNT: Final = _form("count", _wrong_count)
PATTERN: Final = _form("regular expression", _wrong_pattern, patterns.weight)
PATH_SELECTOR: Final = _form("selector of paths", _wrong_path_selector, selector.weight)
NAME_SELECTOR: Final = _form("selector of names", _wrong_name_selector, selector.weight)
