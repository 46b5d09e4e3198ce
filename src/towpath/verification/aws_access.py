"""Whose AWS requests are: the contract of what looks credentials up for a measurement."""

from __future__ import annotations

from typing import Protocol

from towpath.clients.clouds.aws.keys import AwsCredentials

__all__ = ["AwsCredentials", "MeasuringAws", "NoAws"]


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
