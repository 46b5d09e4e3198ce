"""Accounts at trackers, as steps name them: by the Secret that holds the credential."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerAccount:
    """A Secret with the address of a tracker and a credential for it."""

    secret: str
    is_shared: bool = False
    """Whether it is one of all Projects, and not of the Promotion's own."""
    kind: str = ""
    """What the credential is, where the manifest says so: `basic` or `api-token`."""
