"""`towpath hold`."""

from __future__ import annotations

from towpath.cli.moves.holding import holding

command = holding(
    "hold",
    """Keep auto-promotion from replacing what is in Stages, until `towpath resume` or a Promotion of the newest Freight by hand, or the time that --until says.

\b
Examples:
  towpath hold -p sandbox-example prod --reason "release freeze"
  towpath hold -p sandbox-example prod --until 4h --reason "incident 4711"
  towpath hold -p sandbox-example prod-eu prod-us --until 2026-01-31T18:00:00Z
  towpath hold -p sandbox-example prod --origin Warehouse/example-container
  towpath hold -p sandbox-example --all --reason "incident 4711"
""",
)
