"""Mail by SMTP: to an address that the guard has agreed to, encrypted unless the channel says otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.clients.http.guard import RefusedAddress, Unresolvable
from towpath.clients.messaging import mail_text
from towpath.clients.messaging.outgoing import (
    SECONDS,
    MessageRefused,
    ReceiverAway,
    SenderRefused,
    Taken,
    Unfit,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    import aiosmtplib

    from towpath.clients.http.guard import Guard
    from towpath.clients.messaging.mail_text import AskedMail, Mail
    from towpath.clients.messaging.outgoing import DeliveryAnswer, Outgoing

IMPLICIT_TLS: Final = 465
"""The port on which the connection is encrypted from the start; on others STARTTLS does it."""
_FAREWELL_SECONDS: Final = 1.0


class MailServer:
    """A server that takes mail."""

    takes_key: Final = False
    """Many servers know a repeat by its Message-ID, but none has to."""

    def __init__(
        self,
        guard: Guard,
        *,
        write: Callable[[AskedMail], Awaitable[Mail]],
        host: str,
        port: int,
        sender: str,
        to: Sequence[str],
        username: str = "",
        password: str = "",
        use_tls: bool = True,
        insecure: bool = False,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """`write` has a mail written, wherever that may take its time; it raises Unfit.

        `trust`: who certifies servers; None: the authorities of the machine.
        """
        self.shown = f"mail server {host}:{port}"
        self._guard = guard
        self._write = write
        self._host, self._port = host, port
        self._sender, self._to = sender, to
        self._username, self._password = username, password
        self._use_tls, self._insecure, self._trust = use_tls, insecure, trust
        self._seconds = seconds

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a mail."""
        import aiosmtplib

        try:
            mail = await self._write(mail_text.asked(message, sender=self._sender, to=self._to))
        except Unfit as error:
            return MessageRefused(why=error.why)
        if self._username and not self._use_tls:
            return SenderRefused(
                why=f"{self.shown}: the password is not sent over a connection that is not encrypted: set spec.smtp.useTLS"
            )
        is_sending = False
        try:
            async with asyncio.timeout(self._seconds):
                async with self._connected() as client:
                    if self._username:
                        await client.login(self._username, self._password)
                    is_sending = True
                    if mail.is_international:
                        await _needs_smtputf8(client)
                    refused, _ = await client.sendmail(
                        mail.sender,
                        mail.recipients,
                        mail.content,
                        mail_options=["SMTPUTF8"] if mail.is_international else (),
                    )
                    with contextlib.suppress(OSError, aiosmtplib.SMTPException):
                        await client.quit(timeout=_FAREWELL_SECONDS)
        except RefusedAddress as error:
            return SenderRefused(why=f"{self.shown}: {error}")
        except Unresolvable as error:
            return ReceiverAway(why=f"{self.shown}: {error}")
        except TimeoutError:
            why = f"{self.shown}: no answer within {self._seconds:g} s"
            return ReceiverAway(why=why, may_have_arrived=is_sending)
        except (OSError, aiosmtplib.SMTPException) as error:
            return self._problem(error, is_sending=is_sending)
        if refused:
            named = "; ".join(
                f"{who}: {messages.foreign(str(why.message), most_bytes=100)}"
                for who, why in list(refused.items())[:3]
            )
            return Taken(note=f"not taken for {len(refused)} of {len(mail.recipients)}: {named}")
        return Taken(receipt=mail.id)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Yield a client that is connected and encrypted."""
        import aiosmtplib

        channel = await self._dialled()
        is_implicit = self._use_tls and self._port == IMPLICIT_TLS
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=None,
            sock=channel,
            use_tls=is_implicit,
            start_tls=False,
            tls_context=self._context() if is_implicit else None,
            timeout=self._seconds,
            local_hostname="towpath",
        )
        try:
            await client.connect()
            if self._use_tls and not is_implicit:
                await client.ehlo()
                if not client.supports_extension("starttls"):
                    raise aiosmtplib.SMTPNotSupported("it offers no STARTTLS")
                await client.starttls(server_hostname=self._host, tls_context=self._context())
            yield client
        finally:
            way = client.transport
            client.close()
            if isinstance(way, asyncio.WriteTransport):
                way.abort()  # whoever has said all does not wait for the other side's farewell
            channel.close()

    async def _dialled(self) -> socket.socket:
        """Return a socket to the first address that answers; the guard agrees to each of them."""
        failure: OSError = OSError("there is no address")
        for address in await self._guard.addresses(self._host, self._port):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            channel = socket.socket(family, socket.SOCK_STREAM)
            channel.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(channel, (address, self._port))
            except OSError as error:
                channel.close()
                failure = error
            except BaseException:
                channel.close()
                raise
            else:
                return channel
        raise failure

    def _context(self) -> ssl.SSLContext:
        if not self._insecure:
            return self._trust or ssl.create_default_context()
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def _problem(self, error: Exception, *, is_sending: bool) -> DeliveryAnswer:
        import aiosmtplib

        cause = error.__cause__ or error
        if isinstance(cause, ssl.SSLError) or isinstance(error, ssl.SSLError):
            said = (
                getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or str(cause)
            )
            return SenderRefused(
                why=f"{self.shown}: TLS: {messages.foreign(str(said))}: check host and port, and who certifies the server"
            )
        said = messages.foreign(getattr(error, "message", "") or str(error), most_bytes=300)
        why = f"{self.shown}: {said}"
        match error:
            case aiosmtplib.SMTPAuthenticationError(code=code) if code >= 500:
                return SenderRefused(why=f"{why}: check username and password of the Secret")
            case aiosmtplib.SMTPNotSupported():
                return SenderRefused(why=f"{why}: check port and useTLS, and the Secret")
            case aiosmtplib.SMTPSenderRefused(code=code) if code >= 500:
                return SenderRefused(why=f"{why}: check spec.smtp.from")
            case aiosmtplib.SMTPRecipientsRefused():
                return _of_recipients(self.shown, error.recipients)
            case aiosmtplib.SMTPDataError(code=code) if code >= 500:
                return MessageRefused(why=why)
            case aiosmtplib.SMTPResponseException():
                return ReceiverAway(why=why)
        return ReceiverAway(why=why, may_have_arrived=is_sending)


async def _needs_smtputf8(client: aiosmtplib.SMTP) -> None:
    """Return if a server takes addresses beyond ASCII. Raises SMTPNotSupported."""
    import aiosmtplib

    await client.ehlo()
    if not client.supports_extension("smtputf8"):
        raise aiosmtplib.SMTPNotSupported("it offers no SMTPUTF8 for an address beyond ASCII")


def _of_recipients(
    shown: str, refused: Sequence[aiosmtplib.SMTPRecipientRefused]
) -> DeliveryAnswer:
    named = "; ".join(
        f"{each.recipient}: {messages.foreign(str(each.message), most_bytes=100)}"
        for each in refused[:3]
    )
    why = f"{shown}: no recipient is taken: {named}"
    if any(each.code < 500 for each in refused):
        return ReceiverAway(why=why)
    return MessageRefused(why=why)
