r"""Keys such as `image.tags.0` or `annotations.example\.com/version`: paths into a document."""

from __future__ import annotations

from towpath.errors import BadRequest


def split(key: str) -> list[str]:
    r"""Return the parts of a key. Raises BadRequest for an empty part, a stray colon or an unknown escape.

    `.` separates; `\.` and `\:` are the characters themselves; colons may stand before a part, to say that a number
    is the name of a key, and are dropped.
    """
    text = key.strip()
    parts: list[str] = []
    part: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        match character:
            case ".":
                parts.append(_whole(part, key))
                part = []
            case ":" if not part:
                continue
            case ":":
                raise BadRequest(f"key {key!r}: write \\: for a colon within a part")
            case "\\":
                if position == len(text):
                    break  # a backslash at the end stands for nothing
                if text[position] not in ".:":
                    raise BadRequest(
                        f"key {key!r}: \\{text[position]} means nothing; only \\. and \\: do"
                    )
                part.append(text[position])
                position += 1
            case _:
                part.append(character)
    parts.append(_whole(part, key))
    return parts


def _whole(part: list[str], key: str) -> str:
    if not part:
        raise BadRequest(f"key {key!r} has an empty part: write names separated by single dots")
    return "".join(part)
