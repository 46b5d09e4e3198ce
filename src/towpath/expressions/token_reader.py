"""Reading the tokens of a text one after the other, and saying where one does not belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.expressions.failure import at
from towpath.expressions.lexer import tokens

if TYPE_CHECKING:
    from towpath.expressions.failure import ExpressionError
    from towpath.expressions.lexer import Token


class TokenReader:
    """The tokens of a source text, and which is read now. The last is of the kind `end`, and is never passed."""

    def __init__(self, source: str) -> None:
        """Raises ExpressionError for a text that has what is no token."""
        self._source = source
        self._tokens = tokens(source)
        self._position = 0

    @property
    def now(self) -> Token:
        """The token that is read now."""
        return self._tokens[self._position]

    @property
    def following(self) -> Token:
        """The token after that which is read now, which must not be the last."""
        return self._tokens[self._position + 1]

    def next(self) -> Token:
        """Return the token that is read now, and go on to the one after it."""
        token = self.now
        if token.kind != "end":
            self._position += 1
        return token

    def expect(self, kind: str, *values: str) -> Token:
        """Return the token that is read now, and go on. Raises ExpressionError for one of another kind, or of none of the values."""
        if self.now.kind != kind or (values and self.now.value not in values):
            raise self.unexpected()
        return self.next()

    def error(self, message: str, token: Token | None = None) -> ExpressionError:
        """Return an error that shows where a token stands: the one that is read now, if none is given."""
        return self.error_at((token or self.now).offset, message)

    def error_at(self, offset: int, message: str) -> ExpressionError:
        """Return an error that shows a place of the text."""
        return at(self._source, offset, message)

    def unexpected(self) -> ExpressionError:
        """Return the error for a token that does not belong where it stands."""
        if self.now.kind == "end":
            return self.error("unexpected end of expression")
        return self.error(f'unexpected token "{self.now.value[:40]}"')
