"""`make oracle`: comparison with a real Kubernetes API server.

The subject of the comparison is the Kubernetes API of the embedded server. This version does not serve it,
so there is nothing to compare, and the target fails rather than look like a comparison that passed.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Say that there is no subject. Returns exit code 1."""
    print(
        "oracle: this version does not serve the Kubernetes API, so there is nothing to compare with a "
        "real API server; nothing was checked",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
