"""A document: an object as it is written down."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
"""A JSON object, by its wire names. Whoever passes one in or gets one out owns it from then on."""
