"""The lines that a node of YAML is written on."""

from __future__ import annotations

from typing import Any

import yaml


def content_end(node: Any) -> int:
    """Return where what a node says ends: libyaml lets a collection go on to what comes after it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    return content_end(last[1] if isinstance(node, yaml.MappingNode) else last)


def line_end(text: str, position: int) -> int:
    """Return where the line ends that a position is in, its line end included; a beginning of a line is such an end."""
    if position and text[position - 1] == "\n":
        return position
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def line_start(text: str, position: int) -> int:
    """Return where the line begins that a position is in."""
    return text.rfind("\n", 0, position) + 1


def newline(text: str) -> str:
    """Return how lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"


def dash(text: str, item: Any) -> int | None:
    """Return where the dash of a block list's item is; None if its line has anything before or between."""
    at = text.rfind("-", 0, item.start_mark.index)
    if at < 0 or text[line_start(text, at) : at].strip(" "):
        return None
    return None if text[at + 1 : item.start_mark.index].strip(" ") else at


def moved(text: str, by: int, end: str) -> str:
    """Return lines moved to the right, or to the left by as many blanks as they have; each ends with `end`."""
    found = [
        (" " * by + line if by >= 0 else line.removeprefix(" " * -by)) if line.strip() else ""
        for line in text.splitlines()
    ]
    return "".join(f"{line}{end}" for line in found)
