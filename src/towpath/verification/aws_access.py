"""Whose AWS requests are: the contract of what looks credentials up for a measurement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCredentials:
    """A key, and the region that requests go to."""

    key_id: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    """Of a key that is valid for a while."""
    region: str = ""


class MeasuringAws(Protocol):
    """AWS credentials for one measurement."""

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """Return those of a profile, or of the server; with `role` (an ARN) those of the role that they may take.

        Raises Unavailable, which says where they were looked for, and Forbidden where AWS refuses the role.
        """
        ...


class NoAws:
    """Has none."""

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """Raise Unavailable."""
        from towpath.errors import Unavailable

        del region, profile, role
        raise Unavailable("this server has no AWS credentials")
