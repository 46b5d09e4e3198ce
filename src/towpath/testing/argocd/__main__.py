"""`python -m towpath.testing.argocd`: questions on standard input, answers on standard output, a line each, at once."""

from __future__ import annotations

import asyncio
import sys

from towpath.testing.argocd.bench import Bench


async def main() -> None:
    """Answer until there are no more questions; with `--explain`, also why."""
    bench = Bench(explains="--explain" in sys.argv[1:])
    for line in sys.stdin.buffer:
        if line.strip():
            answer = await bench.answer(line.decode("utf-8", "replace"))
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
