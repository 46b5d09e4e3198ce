"""`towpath resume`."""

from __future__ import annotations

from towpath.cli.moves.holding import holding

command = holding(
    "resume",
    """End holds: auto-promotion goes on in Stages. Nothing is promoted by this itself.

\b
Examples:
  towpath resume -p sandbox-example prod
  towpath resume -p sandbox-example prod-eu prod-us
  towpath resume -p sandbox-example prod --origin Warehouse/example-container
  towpath resume -p sandbox-example --all
""",
)
