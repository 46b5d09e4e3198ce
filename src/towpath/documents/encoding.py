"""Files as text: UTF-8, with a byte order mark that is kept where it was. Pure."""

from __future__ import annotations

from typing import Final

from towpath.errors import BadRequest

BOM: Final = "\ufeff"


def decoded(data: bytes, source: str) -> tuple[str, str]:
    """Return the byte order mark of a file, empty if it has none, and the text after it.

    Raises BadRequest naming `source` and the place of what is no UTF-8.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"{source}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    return (BOM, text[1:]) if text.startswith(BOM) else ("", text)
