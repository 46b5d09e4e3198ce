"""`towpath hold`."""

from __future__ import annotations

from towpath.cli.holding import holding

command = holding(
    "hold",
    """Keep auto-promotion from replacing what is in Stages, until `towpath resume` or a Promotion of the newest Freight by hand.

\b
Examples:
  towpath hold -p sandbox-example prod --reason "release freeze"
  towpath hold -p sandbox-example prod-eu prod-us
  towpath hold -p sandbox-example prod --origin Warehouse/example-container
""",
)
