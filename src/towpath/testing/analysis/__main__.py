"""`python -m towpath.testing.analysis`: questions on standard input, answers on standard output, a line each, at once."""

from __future__ import annotations

import sys

from towpath.testing.analysis.bench import AnalysisBench


def main() -> None:
    """Answer until there are no more questions; with `--explain`, also why."""
    bench = AnalysisBench(explains="--explain" in sys.argv[1:])
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.write(f"{bench.answer(line.decode('utf-8', 'replace'))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
