"""`python -m benchmarks [NAME ...]`: run the named benchmarks, or all; each writes its results page.

Every other module of this package with a `main()` is a benchmark.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks

_NOT_BENCHMARKS = {
    "__main__",
    "applications",
    "hostile",
    "promoting",
    "report",
    "population",
    "servers",
    "telling",
}


def main(wanted: list[str]) -> int:
    """Run the benchmarks named, in order. Returns the exit code."""
    known = [
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in _NOT_BENCHMARKS
    ]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(
            f"benchmarks: no {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr
        )
        return 1
    for name in wanted or known:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
