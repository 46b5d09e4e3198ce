"""What a message is as a mail: whom it goes to, and the text with its headers.

Whoever writes messages decides what stands in the headers, and the library that writes those takes more than the square of their
length: they are bounded, and what may take long is not written by the event loop.
"""

from __future__ import annotations

import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.clients.messaging.outgoing import REPEAT_HEADER, Unfit, marked
from towpath.resources.message import LONGEST_RECIPIENT, LONGEST_SUBJECT, MOST_RECIPIENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.messaging.outgoing import Outgoing

_SUBJECT: Final = "Message from Towpath"
_DOMAIN: Final = "towpath.invalid"
"""Of ids: they name no machine."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
"""An address and nothing else, which is written in no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMail:
    """What a mail is to be made of, bounded."""

    message: Outgoing
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    is_html: bool

    @property
    def weight(self) -> int:
        """How much work it is to write it, as `Aside` counts."""
        named = (self.sender, *self.recipients)
        headers = sum(len(each) if _PLAIN.fullmatch(each) else len(each) ** 2 for each in named)
        return headers + len(self.subject) + len(self.text) // 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as it is sent."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    """Addresses alone."""
    content: bytes
    is_international: bool
    """Whether an address has letters beyond ASCII, which the server has to know."""


def asked(message: Outgoing, *, sender: str, to: Sequence[str]) -> AskedMail:
    """Return what a mail is to be made of; `to`: whom it goes to where the message does not say. Raises Unfit."""
    body = dict(message.body) if message.body is not None else {}
    recipients = _recipients(body.get("to")) or list(message.to) or list(to)
    if not recipients:
        raise Unfit("to: nobody is named: name somebody in the message, or in spec.smtp.to")
    if len(recipients) > MOST_RECIPIENTS:
        raise Unfit(f"to: {len(recipients):,} are named; a mail goes to {MOST_RECIPIENTS} at most")
    if any(len(each) > LONGEST_RECIPIENT for each in recipients):
        raise Unfit(f"to: one is longer than {LONGEST_RECIPIENT} characters")
    text = str(body.get("body") or "") if message.body is not None else message.text
    if message.body is not None and not text:
        raise Unfit("body: an encoded message for mail has one; there is none")
    subject = str(body.get("subject") or message.subject or _SUBJECT)
    if len(subject) > LONGEST_SUBJECT:
        raise Unfit(f"subject: it is longer than {LONGEST_SUBJECT} characters")
    return AskedMail(
        message=message,
        sender=sender,
        recipients=tuple(recipients),
        subject=subject,
        text=text,
        is_html=bool(body.get("html", message.is_html)),
    )


def written(given: AskedMail) -> Mail | str:
    """Return the mail, or why there can be none: the first recipient is its To, the others are its Cc."""
    message = given.message
    mail = EmailMessage()
    try:
        mail["From"], mail["To"] = given.sender, given.recipients[0]
        if given.recipients[1:]:
            mail["Cc"] = ", ".join(given.recipients[1:])
        mail["Subject"] = given.subject
        mail["Date"] = format_datetime(message.now)
        mail["Message-ID"] = f"<{message.id}@{_DOMAIN}>"
        if message.grouping:
            # Mail programs show what refers to one mail as one conversation.
            root = hashlib.sha256(f"{message.project}/{message.grouping}".encode()).hexdigest()
            mail["References"] = f"<{root[:32]}@{_DOMAIN}>"
        if message.is_repeat:
            mail[REPEAT_HEADER] = "true"
        if given.is_html:
            end = f"<p>{marked('', message)}</p>" if message.is_repeat else ""
            mail.set_content(f"{given.text}{end}\n", subtype="html")
        else:
            mail.set_content(f"{marked(given.text, message)}\n")
        sender, *recipients = (_address(each) for each in (given.sender, *given.recipients))
        is_international = not all(each.isascii() for each in (sender, *recipients))
        policy = email.policy.SMTP.clone(cte_type="7bit", utf8=is_international)
        content = mail.as_bytes(policy=policy)
    except (ValueError, IndexError, AttributeError, RecursionError) as error:
        return f"it cannot be written as a mail: {messages.foreign(str(error))}"
    return Mail(
        id=str(mail["Message-ID"]),
        sender=sender,
        recipients=tuple(recipients),
        content=content,
        is_international=is_international,
    )


def _address(named: str) -> str:
    """Return the address of somebody who may be named beside it."""
    return parseaddr(named)[1] or named


def _recipients(given: object) -> list[str]:
    if isinstance(given, str):
        return [each.strip() for each in given.split(",") if each.strip()]
    if isinstance(given, list):
        return [str(each) for each in given if each]
    return []
