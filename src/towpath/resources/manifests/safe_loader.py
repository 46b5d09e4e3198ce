"""The loader for YAML whose values are asked for and no places in it: safe, and in C where there is one."""

from __future__ import annotations

from typing import Any, Final

import yaml

SAFE_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
