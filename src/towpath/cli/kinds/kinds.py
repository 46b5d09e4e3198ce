"""The kinds that commands name, found by the words people write."""

from __future__ import annotations

from typing import Final

from towpath import messages
from towpath.cli.kinds.columns import at, condition
from towpath.cli.kinds.kind_table import API_VERSION, KINDS
from towpath.cli.kinds.named_kind import GROUP, NamedKind
from towpath.errors import BadRequest

__all__ = [
    "API_VERSION",
    "GROUP",
    "KINDS",
    "NamedKind",
    "at",
    "condition",
    "named",
    "split",
    "usual",
]

_BY_WORD: Final = {kind.printed: kind for kind in KINDS} | {
    word: kind for kind in KINDS for word in (kind.plural, *kind.words)
}
del _BY_WORD["config"]  # the path's word for ProjectConfig says nothing by itself


def usual(kind: NamedKind) -> str:
    """Return the word by which messages and help name a kind: `stages`, `projectconfig`."""
    return kind.usual or (kind.words[0] if kind.is_single else kind.plural)


def named(word: str) -> NamedKind:
    """Return the kind that a word names. Raises BadRequest, with the words there are, for none."""
    found = _BY_WORD.get(word.lower())
    if found is None:
        alike = messages.alike_in_any_case(word, list(_BY_WORD))
        meant = list(dict.fromkeys(usual(_BY_WORD[each]) for each in alike))
        hint = f"did you mean {' or '.join(meant)}? There are" if meant else "there are"
        raise BadRequest(f"{word!r} is no kind; {hint}: {', '.join(map(usual, KINDS))}")
    return found


def is_word(word: str) -> bool:
    """Whether a word names a kind."""
    return word.lower() in _BY_WORD


def split(word: str, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return kind and names of `KIND NAME…` or of `KIND/NAME`, which is how objects are printed."""
    kind, slash, name = word.partition("/")
    return (kind, (name, *names)) if slash and name else (word, names)


def bare(name: str | None, kind: str) -> str | None:
    """Return the name of an object of a kind that is named as `NAME` or, as objects are printed, as `KIND/NAME`."""
    if name is None or "/" not in name:
        return name
    word, _, rest = name.partition("/")
    found = _BY_WORD.get(word.lower())
    if found is None or found.name != kind or not rest:
        raise BadRequest(f"{name!r}: it must be the name of a {kind}, or {kind.lower()}/NAME")
    return rest


def asked(word: str, names: tuple[str, ...]) -> list[tuple[NamedKind, tuple[str, ...]]]:
    """Return what `KIND[,KIND]… NAME…` or `KIND/NAME KIND/NAME…` asks for: names by kind, in order.

    Raises BadRequest for kinds that do not exist, and for a mixture of both ways.
    """
    if "/" not in word:
        kinds = [named(each) for each in word.split(",") if each]
        if not kinds:
            raise BadRequest(f"{word!r} names no kind; there are: {', '.join(map(usual, KINDS))}")
        mixed = [name for name in names if "/" in name]
        if mixed:
            raise BadRequest(
                f"{mixed[0]!r} beside the kind {word!r}: write KIND NAME NAME, or KIND/NAME KIND/NAME"
            )
        return [(kind, names) for kind in kinds]
    found: dict[str, tuple[str, ...]] = {}
    for each in (word, *names):
        kind, slash, name = each.partition("/")
        if not slash:
            # `stage.kargo.akuity.io/prod test` goes on with the kind that was named before
            kind, name = next(reversed(found)), each
        if not name:
            raise BadRequest(f"{each!r}: a name is missing behind the slash")
        usual_name = usual(named(kind))
        found[usual_name] = (*found.get(usual_name, ()), name)
    return [(named(kind), several) for kind, several in found.items()]
