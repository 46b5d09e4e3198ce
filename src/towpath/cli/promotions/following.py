"""Tells of Promotions that were asked for: that they were made, how they go, how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.cli.options import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.cli.waiting import Deadline
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_NOT_SUCCESSFUL: Final = 2
_TIMED_OUT: Final = 3


class Report:
    """Tells of Promotions: that they were made, how they go, how they end."""

    def __init__(self, client: Client, project: str, form: str) -> None:
        self._client = client
        self._project = project
        self._form = form

    def run(self, made: list[Document], deadline: Deadline | None) -> int:
        """Tell of Promotions, to their ends if there is a deadline. Returns the exit code."""
        from towpath.cli.forms import printing
        from towpath.cli.kinds import kinds

        for promotion in made:
            self._say(f"{_printed(promotion)} created")
        code, seen = self._followed(made, deadline)
        if code != INTERRUPTED and self._form != "text":
            printing.show(kinds.named("promotions"), seen, self._form, bare=True)
        return code

    def follow(self, made: list[Document], deadline: Deadline) -> int:
        """Tell of Promotions that were told of before, to their ends. Returns the exit code."""
        return self._followed(made, deadline)[0]

    def _followed(
        self, made: list[Document], deadline: Deadline | None
    ) -> tuple[int, list[Document]]:
        from towpath.cli import exit_codes

        code = 0
        seen: list[Document] = []
        for place, promotion in enumerate(made):
            try:
                ended, found = (
                    (0, promotion) if deadline is None else self._wait(promotion, deadline)
                )
            except KeyboardInterrupt:
                return self._interrupted(made[place:]), seen
            # one that failed is certain, one that takes long is not
            ended = exit_codes.of_promotion(ended)
            code = _NOT_SUCCESSFUL if _NOT_SUCCESSFUL in (code, ended) else max(code, ended)
            seen.append(found)
        return code, seen

    def _wait(self, promotion: Document, deadline: Deadline) -> tuple[int, Document]:
        from towpath.cli import terminal, waiting
        from towpath.cli.forms import printing
        from towpath.cli.promotions import progress

        name, last = printing.name_of(promotion), promotion
        is_first = True

        def is_done(state: Document) -> bool:
            nonlocal last, is_first
            for line in progress.news(None if is_first else last, state):
                self._say(f"{name}: {line}")
            last, is_first = state, False
            return progress.has_ended(state)

        ended = waiting.until(
            lambda remaining: self._client.watch(
                "promotions", self._project, name, remaining=remaining
            ),
            is_done,
            deadline,
            _printed(promotion),
        )
        if ended is None:
            terminal.say(
                f"towpath: timed out: {name} is {progress.phase(last)} and goes on; what it waits for: "
                f"towpath explain promotion/{name} -p {self._project}",
                err=True,
            )
            return _TIMED_OUT, last
        self._say(f"{name}: {progress.verdict(ended)}")
        return (0 if progress.phase(ended) == progress.SUCCEEDED else _NOT_SUCCESSFUL), ended

    def _interrupted(self, left: Sequence[Document]) -> int:
        """Tell that what was begun goes on, and how to come back to it or to end it."""
        from towpath.cli import terminal
        from towpath.cli.forms import printing

        for promotion in left:
            name = printing.name_of(promotion)
            terminal.say(
                f"towpath: interrupted: Promotion {name} goes on; come back to it with: "
                f"towpath logs {name} -p {self._project} --follow; end it with: "
                f"towpath promote -p {self._project} --abort --name {name}",
                err=True,
            )
        return INTERRUPTED

    def _say(self, line: str) -> None:
        """Tell on standard output, or on the other one if that is for documents."""
        from towpath.cli import terminal

        if not terminal.is_quiet():
            terminal.say(line, err=self._form != "text")


def _printed(promotion: Document) -> str:
    from towpath.cli.forms import printing

    return f"promotion.kargo.akuity.io/{printing.name_of(promotion)}"
