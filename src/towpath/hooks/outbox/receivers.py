"""From what a channel says to the receiver that its messages go to."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http.urls import with_parameters
from towpath.clients.messaging.generic_http import HttpServer
from towpath.clients.messaging.mail import MailServer
from towpath.clients.messaging.ntfy import NtfyTopic
from towpath.clients.messaging.outgoing import DiscreetReceiver
from towpath.clients.messaging.pagerduty import PagerDutyService
from towpath.clients.messaging.slack import SlackChannel
from towpath.clients.messaging.slack_webhook import SlackWebhook
from towpath.clients.messaging.teams import TeamsWorkflow
from towpath.hooks.outbox import mail_writing
from towpath.hooks.outbox.answer_criteria import AnswerCriteria
from towpath.resources import durations, scheme
from towpath.resources.kinds import Ref
from towpath.resources.message_channel import MessageChannel
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from towpath.clients.http import Egress
    from towpath.clients.messaging.outgoing import MessageReceiver
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.resources.message_channel import HttpReceiver, MessageChannelSpec
    from towpath.runtime.aside import Aside
    from towpath.runtime.evaluation import Evaluations
    from towpath.store.contract import Store, Stored

ACTOR: Final = "controller:message-channel-controller"
API_KEY: Final = "apiKey"
URL: Final = "url"
ROUTING_KEY: Final = "routingKey"
_TIMEOUT_SECONDS: Final = 10.0
_LONGEST_TIMEOUT_SECONDS: Final = 60.0

_USERNAME: Final = "username"
"""The one key of a Secret whose value is none."""
Seen = tuple[object, ...]
"""Which states of a channel and its Secret something was made of."""


@dataclass(frozen=True, slots=True)
class ReceiverFactory:
    """Makes the receivers of channels."""

    store: Store
    credentials: Credentials
    egress: Egress
    evaluations: Evaluations
    clock: Clock
    aside: Aside
    trust: ssl.SSLContext | None = None
    """Who certifies mail servers; None: the authorities of the machine."""

    def secret_of(self, channel: Stored) -> Ref | None:
        """Return the Secret that a channel names; None if it names none. Raises Invalid for one elsewhere."""
        named = channel.view(MessageChannel).spec.secret_ref
        if named is None:
            return None
        home = channel.ref.namespace or SYSTEM_RESOURCES
        if named.namespace not in ("", home):
            raise errors.Invalid(
                f"{channel.ref}: spec.secretRef.namespace: a Secret of {named.namespace} is out of reach; put it into {home}"
            )
        return Ref(scheme.SECRET, home, named.name)

    async def seen(self, channel: Stored) -> Seen:
        """Return which states of a channel and of its Secret a receiver would be made of now."""
        secret = self.secret_of(channel)
        generation = channel.document["metadata"].get("generation")
        if secret is None:
            return (channel.uid, generation)
        try:
            held = await self.store.get(secret, fresh=True)
        except errors.NotFound:
            return (channel.uid, generation, None)
        return (channel.uid, generation, held.uid, held.revision)

    async def make(self, channel: Stored) -> MessageReceiver:
        """Return the receiver of a channel. Raises NotFound, BadRequest and Invalid, naming field, Secret and remedy."""
        spec = channel.view(MessageChannel).spec
        secret = self.secret_of(channel)
        values: Mapping[str, str] = {}
        where = f"Secret {secret.namespace}/{secret.name}" if secret else "no Secret"
        if secret is not None:
            found = await self.credentials.open_secret(
                secret, actor=ACTOR, reason=f"{channel.ref}: a message is sent"
            )
            if found is None:
                raise errors.NotFound(f"spec.secretRef: {where} does not exist; make it")
            values = found
        project = channel.ref.namespace
        made = self._made(spec, values, where, account=str(channel.ref), project=project)
        secrets = tuple(value for key, value in values.items() if key != _USERNAME)
        return DiscreetReceiver(made, secrets) if secrets else made

    def _made(
        self,
        spec: MessageChannelSpec,
        values: Mapping[str, str],
        where: str,
        *,
        account: str,
        project: str,
    ) -> MessageReceiver:
        def needed(key: str) -> str:
            value = values.get(key, "").strip()
            if not value:
                raise errors.BadRequest(f"spec.secretRef: {where} has no key {key}; add it")
            return value

        egress = self.egress
        if spec.slack is not None:
            return SlackChannel(
                egress,
                channel=spec.slack.channel_id,
                token=needed(API_KEY),
                account=account,
                url=spec.slack.url,
            )
        if spec.slack_webhook is not None:
            return SlackWebhook(egress, url=needed(URL), account=account)
        if spec.teams is not None:
            return TeamsWorkflow(egress, url=needed(URL), account=account)
        if spec.pager_duty is not None:
            return PagerDutyService(
                egress,
                routing_key=needed(ROUTING_KEY),
                severity=spec.pager_duty.severity,
                source=spec.pager_duty.source,
                account=account,
                url=spec.pager_duty.url,
            )
        if spec.ntfy is not None:
            return NtfyTopic(
                egress,
                url=spec.ntfy.url,
                topic=spec.ntfy.topic,
                priority=spec.ntfy.priority,
                account=account,
                token=values.get("token", "").strip(),
                username=values.get(_USERNAME, ""),
                password=values.get("password", ""),
            )
        if spec.smtp is not None:
            username = values.get(_USERNAME, "")
            return MailServer(
                egress.guard,
                write=functools.partial(mail_writing.write, self.aside),
                host=spec.smtp.host,
                port=spec.smtp.port,
                sender=spec.smtp.from_,
                to=spec.smtp.to,
                username=username,
                password=needed("password") if username else "",
                use_tls=spec.smtp.use_tls,
                insecure=spec.smtp.insecure_skip_verify,
                trust=self.trust,
            )
        if spec.http is not None:
            return self._server(spec.http, values, account, project)
        raise errors.BadRequest("spec: it names no receiver; name one, such as slack or smtp")

    def _server(
        self, http: HttpReceiver, values: Mapping[str, str], account: str, project: str
    ) -> HttpServer:
        bearer = values.get("bearerToken", "").strip()
        span = durations.span(http.timeout)
        seconds = span.total_seconds() if span is not None else _TIMEOUT_SECONDS
        criteria = AnswerCriteria(
            success=http.success_expression,
            failure=http.failure_expression,
            evaluations=self.evaluations,
            clock=self.clock,
            caller=project,  # who has many channels has no more turns
        )
        has_criteria = bool(http.success_expression or http.failure_expression)
        return HttpServer(
            self.egress,
            url=with_parameters(http.url, [(each.name, each.value) for each in http.query_params]),
            method=http.method,
            headers={each.name: each.value for each in http.headers},
            authorization=f"Bearer {bearer}" if bearer else values.get("authorization", "").strip(),
            account=account,
            seconds=min(max(seconds, 1.0), _LONGEST_TIMEOUT_SECONDS),
            insecure=http.insecure_skip_tls_verify,
            judge=criteria.judge if has_criteria else None,
        )
