"""Where the examples are that the demo applies."""

from __future__ import annotations

from pathlib import Path

from towpath.errors import NotFound


def example(name: str) -> Path:
    """Return the folder of an example's manifests. Raises NotFound where they were not installed."""
    here = Path(__file__).resolve()
    for found in (here.parent / "examples" / name, here.parents[3] / "examples" / name):
        if found.is_dir():
            return found
    raise NotFound(
        f"the manifests of the example {name} are not installed with this copy of Towpath"
    )
