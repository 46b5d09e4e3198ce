"""Has mails written: those that take long in a process of their own, with a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.messaging import mail_text
from towpath.clients.messaging.outgoing import Unfit

if TYPE_CHECKING:
    from towpath.clients.messaging.mail_text import AskedMail, Mail
    from towpath.runtime.aside import Aside


async def write(aside: Aside, asked: AskedMail) -> Mail:
    """Return the mail. Raises Unfit for what cannot be one, or takes too long, and Unavailable when nobody could write it."""
    try:
        found = await aside.run(
            mail_text.written,
            asked,
            weight=asked.weight,
            what="writing the mail",
            caller=asked.message.project,
        )
    except (errors.Timeout, errors.TooLarge) as error:
        raise Unfit(f"it cannot be written as a mail: {error.message}") from error
    if isinstance(found, str):
        raise Unfit(found)
    return found
