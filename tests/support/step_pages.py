"""The pages of the steps, block by block."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[2] / "docs/reference/steps"
_BLOCK = re.compile(
    r"^(?P<line>[^\n`]*(?:`[^`\n]*`[^\n`]*)*)\n+^```(?P<language>\w*)\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)


def blocks(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield the line before each block of a page, its language and its text."""
    for found in _BLOCK.finditer((FOLDER / page).read_text("utf-8")):
        yield found["line"].strip(), found["language"], textwrap.dedent(found["text"])
