"""`toml-parse`: puts out values of a TOML file."""

from __future__ import annotations

from typing import Any, ClassVar

from towpath.documents import parsing
from towpath.expressions import gotime
from towpath.promotion.parse import Parse, Reader


def read(data: bytes, source: str) -> Any:
    """Return what a TOML file says, moments as expressions know them."""
    return parsing.of_toml(data, source, gotime.now_of)


class TomlParse(Parse):
    """Puts out values of a TOML file."""

    name: ClassVar[str] = "toml-parse"
    reader: ClassVar[Reader] = staticmethod(read)
