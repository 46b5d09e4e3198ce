"""Keys of AWS."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCredentials:
    """A key, and the region that requests go to. `repr` shows no secret."""

    key_id: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    """Of a key that is valid for a while."""
    region: str = ""
