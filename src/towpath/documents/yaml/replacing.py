"""What may be written in the place of a scalar: several forms, the one that changes least comes first.

Which of them is right depends on what stands around the place, and there is no end of what may stand there. So each
form is tried, and what it made of the text is read back (`proof`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.documents.yaml import rendering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.documents.yaml.scalars import ScalarPlace

_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:[ \t]+|\r?\n|(?<=[ \t\n])#[^\n]*)*)+")
_PROPERTY: Final = re.compile(r"#[^\n]*|([&!][^\s,\[\]{}]*)[ \t]*")
_CORE_TAGS: Final = ("!!", "!<tag:yaml.org,2002:")
_HEADER: Final = re.compile(r"[|>]([-+0-9]*)([^\r\n]*)(?:\r?\n|\Z)")
_BLANKS: Final = re.compile(r"(?:[ \t]*\r?\n)*(?:[ \t]*\Z)?")


@dataclass(frozen=True, slots=True)
class Replacement:
    """A piece of a text and what is written in its place."""

    start: int
    end: int
    text: str


def replacements(text: str, place: ScalarPlace, value: Any) -> Iterator[Replacement]:
    """Yield what may take the place of a scalar, in the line ends of the text.

    Raises BadRequest for a value that is no scalar.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    for each in _forms(text, place, value):
        yield Replacement(each.start, each.end, each.text.replace("\n", newline))


def _forms(text: str, place: ScalarPlace, value: Any) -> Iterator[Replacement]:
    start, kept, scalar = _properties(text, place)
    if place.style in ("|", ">"):
        yield from _over_block(text, place, start, kept, scalar, value)
        return
    written = [rendering.rendered(value, style=place.style, in_flow=place.in_flow)]
    if isinstance(value, str):
        written.append(rendering.quoted(value))
    for each in dict.fromkeys(written):
        yield from _over_line(text, place, start, kept, each)


def _properties(text: str, place: ScalarPlace) -> tuple[int, str, int]:
    """Return from where a text is written anew, what begins it, and where the scalar proper stands.

    Anchors stay, tags of the application's own and comments too. A tag of YAML's own goes: what `!!str` said, the new
    scalar says by itself.
    """
    found = _PROPERTIES.match(text, place.start, place.end)
    if found is None:
        return place.start, "", place.start
    kept = _PROPERTY.sub(lambda each: "" if _is_core_tag(each[1]) else each[0], found[0])
    if kept == found[0]:
        return found.end(), "", found.end()
    if not kept.strip():
        kept = ""
    elif not kept[-1].isspace():
        kept = f"{kept} "
    return place.start, kept, found.end()


def _is_core_tag(text: str | None) -> bool:
    return text is not None and (text == "!" or text.startswith(_CORE_TAGS))


def _over_line(
    text: str, place: ScalarPlace, start: int, kept: str, written: str
) -> Iterator[Replacement]:
    """Yield what takes the place of a plain or quoted scalar."""
    end = place.end
    whole = kept + written
    before = text[start - 1] if start else ""
    if before and not before.isspace() and before not in "[{,":
        whole = f" {whole}"
    if start == end and text[end : end + 1] == "#":
        whole = f"{whole} "
    yield Replacement(start, end, whole)
    # A plain scalar swallows lines of blanks that nothing else may be followed by: tabs, above all.
    blanks = _BLANKS.match(text, end)
    if blanks is not None and "\n" in blanks[0] and "\t" in blanks[0]:
        yield Replacement(start, blanks.end(), whole + "\n" * blanks[0].count("\n"))
    if place.start == end:
        # A key without a colon: `{beta, alpha: x}`, and `? web` on a line of its own.
        yield Replacement(start, end, f": {whole.strip()}")
        line = text.rfind("\n", 0, end) + 1
        pair = f"{' ' * place.parent_indent}: {whole.strip()}"
        if line and not text[line:end].strip():
            yield Replacement(line, line, f"{pair}\n")
        yield Replacement(end, end, f"\n{pair}")


def _over_block(
    text: str, place: ScalarPlace, start: int, kept: str, scalar: int, value: Any
) -> Iterator[Replacement]:
    """Yield what takes the place of a block scalar. `scalar`: where its header begins."""
    header = _HEADER.match(text, scalar, place.end)
    if header is None:
        return
    comment = header[2].rstrip()
    end, blank_lines = _body_end(text, header.end(), place.end)
    has_line_end = text[end - 1 : end] == "\n"
    if isinstance(value, str) and "\n" in value and rendering.fits_block(value):
        indent = _indent(text, header, place)
        indicators, lines = rendering.block(value, indent)
        explicit = re.search(r"[0-9]", header[1])
        if explicit:
            indicators = f"{indicators[0]}{explicit[0]}{indicators[1:]}"
        body = f"{kept}{indicators}{comment}\n{lines}"
        # Empty lines after it stay, unless they would become a part of it.
        yield Replacement(start, end, body if indicators.endswith("+") else body + blank_lines)
        yield Replacement(start, end, body)
    for written in dict.fromkeys(
        (
            rendering.rendered(value, style=None, in_flow=False),
            rendering.rendered(value, style='"', in_flow=False),
        )
    ):
        line_end = "\n" if has_line_end else ""
        yield Replacement(start, end, f"{kept}{written}{comment}{line_end}{blank_lines}")


def _indent(text: str, header: re.Match[str], place: ScalarPlace) -> int:
    """Return the columns before the lines of a block."""
    explicit = re.search(r"[0-9]", header[1])
    if explicit:
        return place.parent_indent + int(explicit[0])
    first = re.compile(r"^( *)(?=[^ \r\n])", re.MULTILINE).search(text, header.end(), place.end)
    return len(first[1]) if first else place.parent_indent + 2


def _body_end(text: str, start: int, end: int) -> tuple[int, str]:
    """Return where a block ends with the blank lines after it, and those lines without the blanks in them."""
    last = end
    while last > start and text[last - 1] in " \t\r\n":
        last -= 1
    blanks = text[last:end].count("\n")
    return end, "\n" * (blanks - 1 if last > start else blanks)
