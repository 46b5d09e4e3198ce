"""Functions over texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.builtins.builtin import Builtin, read_int, read_list, read_text
from towpath.expressions.values import Failure, NilList
from towpath.versions.go_urls import lowered

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.builtins.builtin import CallContext

_FEW: Final = 64
"""So many different characters are quickly looked through."""


def _trim(_: CallContext, text: Any, characters: Any = None) -> str:
    if characters is None:
        return read_text(text).strip(
            " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
        )
    whole, unwanted = read_text(text), frozenset(read_text(characters))
    if len(unwanted) <= _FEW:
        return whole.strip("".join(unwanted)) if unwanted else whole
    # `strip` goes through all that it is to take away for each character of the text.
    start, end = 0, len(whole)
    while start < end and whole[start] in unwanted:
        start += 1
    while end > start and whole[end - 1] in unwanted:
        end -= 1
    return whole[start:end]


def _upper(text: str) -> str:
    """Return a text in capitals, each character one, as Go has it: `ß` stays, `ᾳ` becomes `ᾼ`."""
    if text.isascii():
        return text.upper()
    forms = ((character.upper(), character.title(), character) for character in set(text))
    single = (next(form for form in three if len(form) == 1) for three in forms)
    return text.translate(dict(zip(map(ord, set(text)), single, strict=True)))


def _split(after: bool) -> Callable[..., list[str]]:
    def split(around: CallContext, text: Any, by: Any, count: Any = -1) -> list[str]:
        whole, separator, most = read_text(text), read_text(by), read_int(count)
        if most == 0:
            return NilList()
        if not separator:
            found = list(whole)
            if 0 < most < len(found):
                found = [*found[: most - 1], "".join(found[most - 1 :])]
        else:
            found = whole.split(separator, most - 1 if most > 0 else -1)
            if after:
                found = [*(part + separator for part in found[:-1]), found[-1]]
        around.budget.grow(len(found))
        return found

    return split


def _replace(around: CallContext, text: Any, old: Any, new: Any, count: Any = -1) -> str:
    whole, before, after, most = read_text(text), read_text(old), read_text(new), read_int(count)
    times = whole.count(before) if most < 0 else min(most, whole.count(before))
    around.budget.write(len(whole) + times * len(after))
    return whole.replace(before, after, most)


def _repeat(around: CallContext, text: Any, count: Any) -> str:
    whole, times = read_text(text), read_int(count)
    if times < 0:
        raise Failure("invalid argument for repeat (expected positive integer)")
    if times > 1_000_000:
        raise Failure("memory budget exceeded")
    around.budget.grow(times)
    around.budget.write(times * len(whole))
    return whole * times


def _join(around: CallContext, items: Any, by: Any = "") -> str:
    texts = [read_text(item) for item in read_list(items)]
    separator = read_text(by)
    around.budget.write(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _index_of(last: bool) -> Callable[..., int]:
    def index(_: CallContext, text: Any, part: Any) -> int:
        whole, found = (
            read_text(text).encode("utf-8", "surrogatepass"),
            read_text(part).encode("utf-8", "surrogatepass"),
        )
        if not last:
            return whole.find(found)
        # `rfind` takes the product of both lengths where `find` takes their sum.
        place = whole[::-1].find(found[::-1])
        return place if place < 0 else len(whole) - len(found) - place

    return index


FUNCTIONS: Final[dict[str, Builtin]] = {
    "trim": Builtin(_trim, 1, 2, "string", ("string",)),
    "trimPrefix": Builtin(lambda _, s, p=" ": read_text(s).removeprefix(read_text(p)), 1, 2, "string", ("string",)),
    "trimSuffix": Builtin(lambda _, s, p=" ": read_text(s).removesuffix(read_text(p)), 1, 2, "string", ("string",)),
    "upper": Builtin(lambda _, s: _upper(read_text(s)), 1, 1, "string", ("string",)),
    "lower": Builtin(lambda _, s: lowered(read_text(s)), 1, 1, "string", ("string",)),
    "split": Builtin(_split(after=False), 2, 3, "array", ("string", "string", "int")),
    "splitAfter": Builtin(_split(after=True), 2, 3, "array", ("string", "string", "int")),
    "replace": Builtin(_replace, 3, 4, "string", ("string", "string", "string", "int")),
    "repeat": Builtin(_repeat, 2, 2, "string", ("string", "int")),
    "join": Builtin(_join, 1, 2, "string", ("array", "string")),
    "indexOf": Builtin(_index_of(last=False), 2, 2, "int", ("string",)),
    "lastIndexOf": Builtin(_index_of(last=True), 2, 2, "int", ("string",)),
    "hasPrefix": Builtin(lambda _, s, p: read_text(s).startswith(read_text(p)), 2, 2, "bool", ("string",)),
    "hasSuffix": Builtin(lambda _, s, p: read_text(s).endswith(read_text(p)), 2, 2, "bool", ("string",)),
}  # fmt: skip
