"""What is wrong with an expression, and where."""

from __future__ import annotations

from towpath.errors import BadRequest


class ExpressionError(BadRequest):
    """An expression cannot be read, checked or evaluated.

    `line` and `column` count characters from 1; 0 where the place is not known.
    """

    def __init__(
        self,
        message: str,
        line: int = 0,
        column: int = 0,
        *,
        excerpt: str = "",
        bare: str = "",
    ) -> None:
        self.bare = bare or message
        """What is wrong, without the values that the message quotes."""
        self.problem = message
        self.line = line
        self.column = column
        self.excerpt = excerpt
        """The line in question with a caret under the place; empty if the place is not known."""
        placed = f"{message} (line {line}, column {column})" if line else message
        super().__init__(f"{placed}\n{excerpt}" if excerpt else placed)

    def without_values(self) -> ExpressionError:
        """Return the same error without the values that its message quotes."""
        return ExpressionError(self.bare, self.line, self.column, excerpt=self.excerpt)

    def because(self, reasons: list[str]) -> ExpressionError:
        """Return the same error with what it may come from."""
        said = "; ".join(reasons)
        return ExpressionError(
            f"{self.problem}: {said}",
            self.line,
            self.column,
            excerpt=self.excerpt,
            bare=f"{self.bare}: {said}",
        )


class WrongPattern(ExpressionError):  # noqa: N818 - what is wrong with the expression
    """A regular expression that stands in the expression cannot be read."""


def at(source: str, offset: int, message: str, *, bare: str = "") -> ExpressionError:
    """Return the error for a place in a source text. `bare`: the message without the values that it quotes."""
    before = source[:offset]
    line = before.count("\n") + 1
    start = before.rfind("\n") + 1
    end = source.find("\n", offset)
    text = source[start : end if end >= 0 else len(source)]
    column = offset - start + 1
    shown, caret = text.replace("\t", " "), column - 1
    if len(shown) > _LONGEST:
        cut = max(0, caret - _LONGEST // 2)
        shown, caret = shown[cut : cut + _LONGEST], caret - cut
    return ExpressionError(
        message, line, column, excerpt=f" | {shown}\n | {'.' * caret}^", bare=bare
    )


_LONGEST = 160
