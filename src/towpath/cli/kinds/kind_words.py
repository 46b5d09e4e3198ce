"""A group whose commands are kinds: they go by all words of their kind, and another word is answered with what there is."""

from __future__ import annotations

import click

from towpath.errors import BadRequest


class WordedGroup(click.Group):
    """What is done to a kind, each a command by the kind's usual word."""

    instead = ""
    """What to do about a kind that is not there."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that arguments begin with. Raises BadRequest for another kind."""
        word = args[0].lower()
        if word.startswith("-") or (ctx.resilient_parsing and self._named(word) is None):
            return super().resolve_command(ctx, args)
        found = self._named(word)
        if found is None:
            raise BadRequest(self._wrong(args[0]))
        return super().resolve_command(ctx, [found, *args[1:]])

    def _named(self, word: str) -> str | None:
        if word in self.commands:
            return word
        from towpath.cli.kinds import kinds

        if not kinds.is_word(word):
            return None
        kind = kinds.named(word)
        words = (kind.plural, *kind.words)
        return next((each for each in self.commands if each in words), None)

    def _wrong(self, word: str) -> str:
        from towpath import messages
        from towpath.cli import terminal

        alike = messages.alike_in_any_case(word, list(self.commands))
        meant = f" did you mean {' or '.join(alike)}?" if alike else ""
        there = f"there are: {', '.join(self.commands)}"
        return f"{self.name} {terminal.visible(word)}:{meant} {there}{self.instead}"
