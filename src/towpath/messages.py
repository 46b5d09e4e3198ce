"""Texts for people: without what a terminal or browser would act on, and no longer than anybody reads.

`plain` is for every message that is made, `foreign` for what somebody else's server or program said.
"""

from __future__ import annotations

import difflib
import heapq
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

FOREIGN_BYTES: Final = 2 << 10
"""Of what a foreign server or program said."""
MESSAGE_BYTES: Final = 16 << 10
"""Of a message of a step."""
CUT: Final = "…"
_COMPARED_CHARS: Final = 100
_MOST_COMPARED: Final = 200
_MOST_PAIRS: Final = 5_000
"""Of characters, that one search compares: a few milliseconds, whatever the names are."""
_ALIKE: Final = 0.6
"""From which ratio on names are like one another, as `difflib` has it where nobody says."""
_NEAR: Final = 0.15
"""How much less like it than the likest a name may be and still be told: beside what is meant others only distract."""
_ALIKE_SHOWN: Final = 3
_LISTED: Final = 5
_LONGEST_NAME: Final = 200
_SHORT_ID: Final = 7
_READ_CHARS: Final = 64 << 10
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]?"  # colours and cursor movements
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]{0,16}[0-~]?"
)
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: control characters, marks of direction and of nothing, lone surrogates, separators of lines."""
_MARKUP: Final = re.compile(
    r"<!doctype|<html|<head|<body|</[a-z][a-z0-9]{0,15}>|<br ?/?>", re.IGNORECASE
)
_UNSEEN: Final = re.compile(r"<(script|style|head)\b[^<>]{0,4096}>|<!--", re.IGNORECASE)
"""Where something begins in a page that nobody sees."""
_TAG: Final = re.compile(r"</?[a-zA-Z!][^<>]{0,4096}>")


def plain(text: str) -> str:
    """Return a text without escape sequences of terminals and without characters that nobody sees; lines stay."""
    if text.isprintable() or all(line.isprintable() for line in text.split("\n")):
        return text
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(
        character
        for character in text
        if character == "\n" or unicodedata.category(character) not in _INVISIBLE
    )


def foreign(text: str | bytes, *, most_bytes: int = FOREIGN_BYTES) -> str:
    """Return what a foreign server or program said: plain, a page of HTML as its text, cut at `most_bytes`."""
    if isinstance(text, bytes):
        text = text[: 4 * _READ_CHARS].decode("utf-8", "replace")
    text = text[:_READ_CHARS]
    if _MARKUP.search(text):
        text = " ".join(_TAG.sub(" ", _seen(text)).split())
    return cut(plain(text).strip(), most_bytes)


def alike(wanted: str, there: Sequence[str]) -> list[str]:
    """Return up to three of some names that are about equally, and most, like one, of those that can be compared quickly.

    Others decide how long and how many the names are, and which letters they are made of. What a comparison costs at most
    grows with the product of two lengths, and faster for names that are made for it: so all are ranked by the letters that
    they share, which costs their length, and only the first of them are compared.
    """
    if len(wanted) > _COMPARED_CHARS:
        return []
    matcher = difflib.SequenceMatcher(b=wanted)
    ranked = []
    for each in there[:_MOST_COMPARED]:
        if len(each) <= _COMPARED_CHARS:
            matcher.set_seq1(each)
            if matcher.real_quick_ratio() >= _ALIKE and (most := matcher.quick_ratio()) >= _ALIKE:
                ranked.append((most, each))
    ranked.sort(reverse=True)
    found: list[tuple[float, str]] = []
    room = _MOST_PAIRS
    for most, each in ranked:
        room -= len(wanted) * len(each)
        if room < 0 or len([known for known, _ in found if known > most]) >= _ALIKE_SHOWN:
            break
        matcher.set_seq1(each)
        if (ratio := matcher.ratio()) >= _ALIKE:
            found.append((ratio, each))
    best = max((ratio for ratio, _ in found), default=0.0)
    near = [each for each in found if each[0] >= best - _NEAR]
    return [each for _, each in heapq.nlargest(_ALIKE_SHOWN, near)]


def instead(wanted: str, there: Sequence[str], *, none: str = "there is none") -> str:
    """Return what somebody may have meant who named what does not exist, as the rest of a sentence.

    What is most like it, whatever the letter case; else the first few of what there is.
    """
    meant = alike_in_any_case(wanted, there)
    if meant:
        return f"did you mean {' or '.join(map(_quoted, meant))}?"
    if not there:
        return none
    listed = first(list(map(_quoted, there)), _LISTED)
    return f"there {'is' if len(there) == 1 else 'are'} {listed}"


def first(names: Sequence[str], most: int, *, of: int | None = None) -> str:
    """Return the first few of some names, and how many more there are: `a, b and 3 more`.

    `of`: how many there are, where `names` has the first of them only.
    """
    count = len(names) if of is None else of
    more = f" and {count - most:,} more" if count > most else ""
    return ", ".join(names[:most]) + more


def statements(said: Sequence[str], most: int) -> str:
    """Return the first few of some statements, and how many more there are: `a; b; and 3 more`."""
    more = f"; and {len(said) - most} more" if len(said) > most else ""
    return "; ".join(said[:most]) + more


def most_alike(
    wanted: str, there: Sequence[str], most: int, *, none: str, by_name: bool = False
) -> str:
    """Return a few of what there is, those most like what was wanted first, and how many more there are.

    The rest in the order given, or `by_name`. Names are cut at 200 bytes: others decide how long they are. `none` is
    returned of nothing.
    """
    if not there:
        return none
    rest = heapq.nsmallest(most, there) if by_name else there[:most]
    shown = list(dict.fromkeys([*alike(wanted, there), *rest]))[:most]
    more = len(there) - len(shown)
    return ", ".join(cut(each, _LONGEST_NAME) for each in shown) + (
        f" and {more:,} more" if more > 0 else ""
    )


def alike_in_any_case(wanted: str, there: Sequence[str]) -> list[str]:
    """Return what `alike` finds when letter case does not count; one that is the same then stands alone."""
    by_lower = {each.lower(): each for each in reversed(there[:_MOST_COMPARED])}
    same = by_lower.get(wanted.lower())
    if same is not None:
        return [same]
    return [by_lower[each] for each in alike(wanted.lower(), list(by_lower))]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _seen(text: str) -> str:
    """Return a page without its scripts, styles, head and comments; each costs what it is long, closed or not."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    pieces, position, at = list[str](), 0, 0
    unclosed = set[str]()
    while begin := _UNSEEN.search(text, at):
        at = begin.end()
        ends = f"</{begin[1].lower()}" if begin[1] else "-->"
        if ends in unclosed:
            continue
        end = lowered.find(ends, at)
        close = lowered.find(">", end) if end >= 0 else -1
        if close < 0:
            unclosed.add(ends)
            continue
        pieces += [text[position : begin.start()], " "]
        position = at = close + 1
    return "".join((*pieces, text[position:]))


def short_id(name: str) -> str:
    """Return the beginning of a commit's SHA or of another long identifier, as people call it."""
    return name[:_SHORT_ID]


def cut(text: str, most_bytes: int) -> str:
    """Return a text of at most so many bytes of UTF-8, cut between words where that costs little."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return text
    kept = encoded[: most_bytes - len(CUT.encode())].decode("utf-8", "ignore")
    word = max(kept.rfind(" "), kept.rfind("\n"))
    return (kept[:word] if word > len(kept) - 256 and word > 0 else kept) + CUT
