"""`json-parse`: puts out values of a JSON file."""

from __future__ import annotations

from typing import ClassVar

from towpath.documents import parsing
from towpath.promotion.parse import Parse, Reader


class JsonParse(Parse):
    """Puts out values of a JSON file."""

    name: ClassVar[str] = "json-parse"
    reader: ClassVar[Reader] = staticmethod(parsing.of_json)
