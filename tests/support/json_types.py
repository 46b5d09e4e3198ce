"""The types of JSON Schema, as Python has their values. A boolean is an integer to Python: whoever asks has to see to that."""

from __future__ import annotations

from typing import Final

JSON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
