"""A canary in a Secret: values that are hard to mask, and the search for them and their forms in whatever can be read."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from pathlib import Path

TOKEN: Final = "s3cr3tCANARYvalue91"
NASTY: Final = "q7&x \"p<w>'CANARY\\9 é%+=z"
KEY: Final = (
    "-----BEGIN KEY-----\nCANARYlineOfKey0123456789\nCANARYotherLine/9876543\n-----END KEY-----"
)
DOTTED: Final = "CANARYdotted.part4711x/slash.Zebra88y"
PIN: Final = 918273645
VALUES: Final = {
    "token": TOKEN,
    "nasty": NASTY,
    "key": KEY,
    "dotted": DOTTED,
    "pin": str(PIN),
    "json": json.dumps({"inner": "CANARYinJSON5566"}),
    "pattern": "[CANARYpattern7788",
}
E: Final = '${{ secret("vault").token }}'
N: Final = '${{ secret("vault").nasty }}'
D: Final = '${{ secret("vault").dotted }}'


def needles() -> dict[bytes, str]:
    """Return what must not be found anywhere, and what it is part of: every value, encodings of it, pieces."""
    found = {}
    texts = [TOKEN, NASTY, DOTTED, str(PIN), "CANARYinJSON5566", *KEY.split("\n")[1:3]]
    for text in texts:
        forms = {text, text.upper(), text.lower(), text[::-1], quote(text), quote_plus(text)}
        forms |= {json.dumps(text)[1:-1], repr(text)[1:-1], text.replace("A", "4")}
        for before in ("", "a", "ab"):
            encoded = base64.b64encode((before + text).encode()).decode()
            forms.add(encoded[4:-4])
        for form in forms:
            step = max(1, len(form) - 8)
            for start in range(0, step, 5):
                piece = form[start : start + 9]
                if len(piece) == 9 or piece == form:
                    found[piece.encode()] = text
    return found


def searched(name: str, content: bytes, needles: dict[bytes, str]) -> list[tuple[str, bytes]]:
    """Return where in some content these are, with what is around them."""
    return [(name, _around(content, needle)) for needle in needles if needle in content]


def _around(content: bytes, needle: bytes) -> bytes:
    at = content.find(needle)
    return content[max(0, at - 60) : at + len(needle) + 30]


def files(folder: Path, needles: dict[bytes, str]) -> list[tuple[str, bytes]]:
    """Search every file below a folder, and what the files are called, but for the branches that Git was told to make."""
    found = []
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if "/refs/remotes/origin/" not in name:
            found += searched("name of a file", name.encode(), needles)
        if path.is_file() and not path.is_symlink():
            found += searched(name, path.read_bytes(), needles)
    return found
