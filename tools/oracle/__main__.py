"""Runs every transcript against both servers, compares the answers and says what differs. Exit code 1: something does."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.oracle import compare, kinds, runner, servers, transcript
from tools.oracle.normalise import normalised

if TYPE_CHECKING:
    from tools.oracle.servers import Server
    from tools.oracle.transcript import Transcript

Answers = dict[str, dict[str, dict[str, Any]]]
"""By transcript and step."""


def main(arguments: list[str] | None = None) -> int:
    """Compare. Returns 0 when every difference is an accepted one and every accepted one occurs."""
    parser = argparse.ArgumentParser(prog="python -m tools.oracle", description=__doc__)
    parser.add_argument("transcripts", nargs="*", help="names of transcripts; all if none is given")
    parser.add_argument("--save", type=Path, help="folder for the answers as they came, as JSON")
    chosen = parser.parse_args(arguments)
    transcripts = [
        each
        for each in transcript.load_all()
        if not chosen.transcripts or each.name in chosen.transcripts
    ]
    try:
        with servers.api_server() as server:
            real = asyncio.run(_answers(transcripts, server, chosen.save))
            refused = dict(server.refused)
        with servers.towpath() as server:
            ours = asyncio.run(_answers(transcripts, server, chosen.save))
    except servers.NotReadyError as error:
        print(f"oracle: {error}", file=sys.stderr)
        return 1
    found = [
        difference
        for name in real
        for difference in compare.differences(name, real[name], ours[name])
    ]
    acceptances = compare.accepted()
    if chosen.transcripts:  # of the others nothing is known, so nothing about them is stale
        acceptances = [each for each in acceptances if any(each.covers(one) for one in found)]
    else:
        found += [
            compare.Difference(f"crds/{name}", "refused", reason, compare.ABSENT)
            for name, reason in refused.items()
        ]
    steps = sum(map(len, real.values())) + len(list(kinds.definitions()))
    verdict = compare.judged(steps, found, acceptances)
    print(verdict.text())
    return 0 if verdict.is_good else 1


async def _answers(transcripts: list[Transcript], server: Server, save: Path | None) -> Answers:
    found = {}
    for each in transcripts:
        answers = await runner.run(each, server)
        found[each.name] = normalised(answers)
        if save is not None:
            folder = save / server.name
            folder.mkdir(parents=True, exist_ok=True)
            told = [{"step": answer.step, **answer.document()} for answer in answers]
            (folder / f"{each.name}.json").write_text(json.dumps(told, indent=1), "utf-8")
    return found


if __name__ == "__main__":
    sys.exit(main())
