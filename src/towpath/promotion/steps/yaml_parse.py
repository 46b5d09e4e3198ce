"""`yaml-parse`: puts out values of a YAML file."""

from __future__ import annotations

from typing import ClassVar

from towpath.documents import parsing
from towpath.promotion.parse import Parse, Reader


class YamlParse(Parse):
    """Puts out values of a YAML file."""

    name: ClassVar[str] = "yaml-parse"
    reader: ClassVar[Reader] = staticmethod(parsing.of_yaml)
