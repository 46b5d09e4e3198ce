"""What a door says that does nothing and would need an answer: nobody knows it before the Promotion runs."""

from __future__ import annotations


class Unanswered(Exception):  # noqa: N818 - no error: what comes next is not known yet
    """The rest of a step depends on an answer from outside; the text says what was not asked."""
