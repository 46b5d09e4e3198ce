"""Mail against a real server of SMTP in this process."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from towpath.app import certificates
from towpath.clients.http.guard import Guard
from towpath.clients.messaging import mail_text
from towpath.clients.messaging.mail import MailServer
from towpath.clients.messaging.outgoing import (
    MAY_BE_REPEAT,
    REPEAT_HEADER,
    MessageRefused,
    Outgoing,
    ReceiverAway,
    SenderRefused,
    Taken,
    Unfit,
)
from towpath.clock import settle
from towpath.runtime.aside import LIGHT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from email.message import EmailMessage
    from pathlib import Path

    from towpath.clients.messaging.mail_text import AskedMail, Mail

    Serve = Callable[..., Awaitable[tuple["Mailbox", int]]]

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PASSWORD = "hunter2-hunter2"


class Mailbox:
    """What the server was sent, and what it answers instead of taking it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.was_encrypted: list[bool] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Any, envelope: Any, to: str, _o: Any
    ) -> str:
        """Take a recipient, or not."""
        del server
        if answer := self.answers.get(to):
            return answer
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Take a mail, or not."""
        if answer := self.answers.get("DATA"):
            return answer
        self.was_encrypted.append(session.ssl is not None)
        self.recipients += envelope.rcpt_tos
        read = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(read)
        return "250 OK"


@pytest.fixture
def files(tmp_path: Path) -> certificates.Files:
    """A certificate of localhost, and who signed it."""
    return certificates.prepare(tmp_path, ["localhost", "127.0.0.1"], now=datetime.now(UTC))


@pytest_asyncio.fixture
async def serve(files: certificates.Files) -> AsyncIterator[Serve]:
    """Start servers."""
    running: list[asyncio.Server] = []

    async def started(*, starttls: bool = True, **more: Any) -> tuple[Mailbox, int]:
        box = Mailbox()
        if starttls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(files.certificate, files.key)
            more["tls_context"] = context
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(box, hostname="localhost", loop=loop, **more), "127.0.0.1", 0
        )
        running.append(server)
        return box, int(server.sockets[0].getsockname()[1])

    yield started
    for server in running:
        server.close()
        await server.wait_closed()
    await settle()


@pytest.fixture
def trusted(files: certificates.Files) -> ssl.SSLContext:
    """Who certifies the server."""
    return ssl.create_default_context(cafile=str(files.authority))


def mailer(port: int, **more: Any) -> MailServer:
    """Return a client of a server, which the operator has opened."""
    given: dict[str, Any] = {
        "host": "localhost",
        "port": port,
        "sender": "towpath@example.com",
        "to": ["a@example.com", "b@example.com"],
        "seconds": 10.0,
        "write": written,
    }
    guard = more.pop("guard", None) or Guard(allow=[f"localhost:{port}"])
    return MailServer(guard, **given | more)


async def written(asked: AskedMail) -> Mail:
    """Write a mail right here."""
    found = mail_text.written(asked)
    if isinstance(found, str):
        raise Unfit(found)
    return found


def message(text: str = "deployed", **more: Any) -> Outgoing:
    """Return a message."""
    given: dict[str, Any] = {"id": "m-1", "text": text, "project": "shop", "now": NOW}
    return Outgoing(**given | more)


async def test_a_mail_arrives_encrypted(serve: Serve, trusted: ssl.SSLContext) -> None:
    """The first is its To, the others are its Cc."""
    box, port = await serve()
    answer = await mailer(port, trust=trusted).deliver(message("größer\n", subject="Prod: 1.2"))
    assert isinstance(answer, Taken), answer
    (mail,) = box.mails
    assert box.was_encrypted == [True]
    assert box.recipients == ["a@example.com", "b@example.com"]
    assert (mail["To"], mail["Cc"]) == ("a@example.com", "b@example.com")
    assert mail["Subject"] == "Prod: 1.2"
    assert mail.get_content().strip() == "größer"
    assert answer.receipt == mail["Message-ID"] == "<m-1@towpath.invalid>"


async def test_a_stranger_is_not_sent_mail(serve: Serve) -> None:
    """A certificate that nobody of ours has signed."""
    box, port = await serve()
    answer = await mailer(port).deliver(message())
    assert isinstance(answer, SenderRefused), answer
    assert "TLS" in answer.why
    assert box.mails == []


async def test_whoever_wants_it_may_trust_anybody(
    serve: Serve,
) -> None:
    """`insecureSkipVerify`."""
    box, port = await serve()
    assert isinstance(await mailer(port, insecure=True).deliver(message()), Taken)
    assert box.was_encrypted == [True]


async def test_a_server_without_encryption_is_not_used(
    serve: Serve,
) -> None:
    """It would be read on the way; without `useTLS` it is sent."""
    box, port = await serve(starttls=False)
    answer = await mailer(port).deliver(message())
    assert isinstance(answer, SenderRefused), answer
    assert box.mails == []
    assert isinstance(await mailer(port, use_tls=False).deliver(message()), Taken)
    assert box.was_encrypted == [False]


async def test_a_password_goes_by_no_open_way(serve: Serve) -> None:
    """It is not even tried."""
    box, port = await serve(starttls=False)
    made = mailer(port, use_tls=False, username="u", password=PASSWORD)
    answer = await made.deliver(message())
    assert isinstance(answer, SenderRefused), answer
    assert "useTLS" in answer.why
    assert box.mails == []


@pytest.mark.parametrize("right", [True, False])
async def test_who_sends(right: bool, serve: Serve, trusted: ssl.SSLContext) -> None:
    """User and password are checked by the server, which is told nothing before it is encrypted."""

    def login(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    box, port = await serve(authenticator=login, auth_required=True)
    password = PASSWORD if right else "wrong-wrong-wrong"
    made = mailer(port, trust=trusted, username="u", password=password)
    answer = await made.deliver(message())
    if right:
        assert isinstance(answer, Taken), answer
        return
    assert isinstance(answer, SenderRefused), answer
    assert "username and password of the Secret" in answer.why
    assert password not in answer.why
    assert box.mails == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("450 greylisted, try again", ReceiverAway),
        ("550 no such user", MessageRefused),
    ],
)
async def test_recipients_that_are_not_taken(
    answer: str, kind: type, serve: Serve, trusted: ssl.SSLContext
) -> None:
    """For a while, or for ever; one of several is told of."""
    box, port = await serve()
    made = mailer(port, trust=trusted)
    box.answers["a@example.com"] = answer
    partly = await made.deliver(message())
    assert isinstance(partly, Taken), partly
    assert "a@example.com" in partly.note
    box.answers["b@example.com"] = answer
    assert isinstance(await made.deliver(message()), kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("452 disk full", ReceiverAway), ("554 spam", MessageRefused)],
)
async def test_mails_that_are_not_taken(
    answer: str, kind: type, serve: Serve, trusted: ssl.SSLContext
) -> None:
    """The server has seen it and says so: nothing arrived."""
    box, port = await serve()
    box.answers["DATA"] = answer
    found = await mailer(port, trust=trusted).deliver(message())
    assert isinstance(found, kind), found
    assert not getattr(found, "may_have_arrived", False)


async def test_the_guard_is_asked(serve: Serve) -> None:
    """An address that nobody opened is not dialled."""
    _box, port = await serve()
    answer = await mailer(port, guard=Guard()).deliver(message())
    assert isinstance(answer, SenderRefused), answer
    assert "egress.allow" in answer.why


async def test_where_nobody_listens() -> None:
    """Nothing arrived."""
    answer = await mailer(1).deliver(message())
    assert isinstance(answer, ReceiverAway), answer
    assert not answer.may_have_arrived


async def test_a_repeat_and_a_group(serve: Serve, trusted: ssl.SSLContext) -> None:
    """A repeat has the id of the first and says so; mails of one key are one conversation."""
    box, port = await serve()
    made = mailer(port, trust=trusted)
    await made.deliver(message(grouping="prod"))
    await made.deliver(message(grouping="prod", is_repeat=True))
    first, second = box.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["References"] == second["References"]
    assert (first[REPEAT_HEADER], second[REPEAT_HEADER]) == (None, "true")
    assert MAY_BE_REPEAT in second.get_content()
    assert MAY_BE_REPEAT not in first.get_content()


@pytest.mark.parametrize(
    "odd",
    [
        {"subject": "a\r\nBcc: x@example.com"},
        {"to": ["a@example.com\r\nBcc: x@example.com"]},
        {"body": {"subject": "no body"}},
        {"body": {"body": "x", "to": [], "subject": "a\nb"}},
    ],
)
async def test_no_header_can_be_smuggled_in(
    odd: dict[str, Any], serve: Serve, trusted: ssl.SSLContext
) -> None:
    """What is no mail is refused, and not sent."""
    box, port = await serve()
    answer = await mailer(port, trust=trusted).deliver(message(**odd))
    assert isinstance(answer, MessageRefused), answer
    assert box.mails == []


async def test_an_encoded_mail_carries_everything(serve: Serve, trusted: ssl.SSLContext) -> None:
    """Subject, body, whom it goes to, and that it is HTML."""
    box, port = await serve()
    body = {"subject": "s", "body": "<b>x</b>", "to": ["c@example.com"], "html": True}
    await mailer(port, trust=trusted).deliver(message("{}", body=body))
    (mail,) = box.mails
    assert box.recipients == ["c@example.com"]
    assert mail.get_content_type() == "text/html"
    assert mail["Subject"] == "s"


@pytest.mark.parametrize(
    "body",
    [
        {"to": ["a:" * 10_000]},
        {"to": ["a@example.com"] * 101},
        {"to": ",".join(["a@example.com"] * 101)},
        {"subject": "=?utf-8?q?=C3=A9?= " * 100},
        {"to": ["(" * 300]},
    ],
)
async def test_a_header_that_takes_long_is_not_written(body: dict[str, Any], serve: Serve) -> None:
    """Who it goes to and what it is about are bounded; a nesting that is too deep is none of our faults."""
    box, port = await serve()
    given = message("{}", body={"body": "x", **body})
    answer = await mailer(port, insecure=True).deliver(given)
    assert isinstance(answer, MessageRefused), answer
    assert box.mails == []


def test_what_takes_long_weighs_much() -> None:
    """Names that have to be encoded, word by word, are not written by the event loop; a hundred addresses are."""

    def weight(*to: str) -> int:
        return mail_text.asked(message(to=to), sender="a@example.com", to=()).weight

    assert weight(*[f"{'x' * 40}{place}@example.com" for place in range(100)]) <= LIGHT
    assert weight("Größe <a@example.com>") <= LIGHT
    assert weight("é " * 150 + "<a@example.com>") > LIGHT
    assert weight(*["é " * 20 + "<a@example.com>"] * 100) > LIGHT


async def test_a_name_beside_an_address_needs_nothing_of_the_server(serve: Serve) -> None:
    """The address goes to the server, the name stands in the header."""
    box, port = await serve()
    answer = await mailer(port, insecure=True, to=["Größe <a@example.com>"]).deliver(message())
    assert isinstance(answer, Taken), answer
    assert box.recipients == ["a@example.com"]
    assert box.mails[0]["To"] == "Größe <a@example.com>"


@pytest.mark.parametrize("is_known", [True, False])
async def test_an_address_beyond_ascii(is_known: bool, serve: Serve) -> None:
    """The server has to know of them."""
    box, port = await serve(starttls=False, enable_SMTPUTF8=is_known)
    made = mailer(port, use_tls=False, to=["größe@example.com"])
    answer = await made.deliver(message())
    assert box.recipients == (["größe@example.com"] if is_known else [])
    assert isinstance(answer, Taken if is_known else SenderRefused), answer
