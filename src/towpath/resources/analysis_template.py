"""AnalysisTemplate and ClusterAnalysisTemplate: what to measure.

The kinds are those of Argo Rollouts. Numbers may be written as text, because `{{args.x}}` can stand for them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from towpath.resources import value_formats
from towpath.resources.fields import Field, FreeObject, IntOrString, Json, Struct, Text
from towpath.resources.meta import Resource

MeasuredDuration = Annotated[str, Field(form=value_formats.MEASURED_DURATION)]
"""A span of time as Go reads it; `{{args.NAME}}` may stand for it or for a part of it."""


class SecretKeyReference(Struct):
    """One key of a Secret."""

    name: Annotated[str, Field("Name of the Secret.")]
    key: Annotated[str, Field("Key in it.")]


class FieldReference(Struct):
    """A field of the object that runs the analysis."""

    field_path: Annotated[str, Field("Path of the field.")]


class ValueFrom(Struct):
    """Where an argument's value comes from."""

    secret_key_ref: Annotated[SecretKeyReference | None, Field("A key of a Secret.")] = None
    field_ref: Annotated[
        FieldReference | None,
        Field("A field of the running object, which does not exist outside of a rollout."),
    ] = None


class Argument(Struct):
    """A value that metrics refer to as `{{args.<name>}}`."""

    name: Annotated[Text, Field("Its name.")]
    value: Annotated[
        str | None, Field("Its value; where it is absent, whoever runs the analysis must give one.")
    ] = None
    value_from: Annotated[ValueFrom | None, Field("Where its value comes from.")] = None


class DryRun(Struct):
    """Metrics that are measured, but do not count."""

    metric_name: Annotated[
        str,
        Field(
            "Regular expression that the names of the metrics match.", form=value_formats.PATTERN
        ),
    ]


class MeasurementRetention(Struct):
    """How many measurements of a metric the status keeps."""

    metric_name: Annotated[
        str,
        Field(
            "Regular expression that the names of the metrics match.", form=value_formats.PATTERN
        ),
    ]
    limit: Annotated[int, Field("How many measurements.", format="int32")]


class TemplateReference(Struct):
    """Names another template, whose metrics and arguments are added."""

    template_name: Annotated[str, Field("Its name.")] = ""
    cluster_scope: Annotated[bool, Field("Whether it is a ClusterAnalysisTemplate.")] = False


class Header(Struct):
    """An HTTP header."""

    key: Annotated[str, Field("Its name.")]
    value: Annotated[str, Field("Its value.")]


class Sigv4(Struct):
    """AWS request signing."""

    region: Annotated[str, Field("Region.")] = ""
    profile: Annotated[str, Field("Profile.")] = ""
    role_arn: Annotated[str, Field("Role to assume.")] = ""


class OAuth2(Struct):
    """OAuth 2 client credentials."""

    token_url: Annotated[str, Field("Address that issues tokens.")] = msgspec.field(
        default="", name="tokenUrl"
    )
    client_id: Annotated[str, Field("Client id.")] = msgspec.field(default="", name="clientId")
    client_secret: Annotated[str, Field("Client secret.", secret=True)] = ""
    scopes: Annotated[list[str], Field("Scopes asked for.")] = []


class Authentication(Struct):
    """How a provider is told who asks."""

    sigv4: Annotated[Sigv4 | None, Field("AWS request signing.")] = None
    oauth2: Annotated[OAuth2 | None, Field("OAuth 2 client credentials.")] = None
    basic_auth: Annotated[FreeObject | None, Field("User name and password.", secret=True)] = None


class PrometheusRange(Struct):
    """A range query."""

    start: Annotated[str, Field("Expression for the first moment.")] = ""
    end: Annotated[str, Field("Expression for the last moment.")] = ""
    step: Annotated[MeasuredDuration, Field("Time between points.")] = ""


class PrometheusMetric(Struct):
    """A PromQL query."""

    address: Annotated[str, Field("Address of the server.")] = ""
    query: Annotated[str, Field("The query.")] = ""
    timeout: Annotated[IntOrString | None, Field("Deadline in seconds; 30 if absent.")] = None
    insecure: Annotated[bool, Field("Whether to accept any certificate. Unsafe.")] = False
    headers: Annotated[list[Header], Field("Headers to send.")] = []
    authentication: Annotated[
        Authentication | None, Field("How requests authenticate themselves.")
    ] = None
    range_query: Annotated[
        PrometheusRange | None, Field("Query a range of time in place of a moment.")
    ] = None


class WebMetric(Struct):
    """An HTTP request."""

    url: Annotated[Text, Field("Address.")]
    method: Annotated[str, Field("Method; GET if absent.", enum=("GET", "POST", "PUT"))] = ""
    headers: Annotated[list[Header], Field("Headers to send.")] = []
    body: Annotated[str, Field("Body, as text.")] = ""
    json_body: Annotated[Json, Field("Body, as JSON.")] = None
    timeout_seconds: Annotated[IntOrString | None, Field("Deadline in seconds; 10 if absent.")] = (
        None
    )
    json_path: Annotated[str, Field("JSONPath of the result; the whole body if absent.")] = ""
    insecure: Annotated[bool, Field("Whether to accept any certificate. Unsafe.")] = False
    authentication: Annotated[
        Authentication | None, Field("How requests authenticate themselves.")
    ] = None


class JobMetric(Struct):
    """A Kubernetes Job that succeeds or fails."""

    metadata: Annotated[FreeObject | None, Field("Labels and annotations for the Job.")] = None
    spec: Annotated[FreeObject | None, Field("A batch/v1 JobSpec.")] = None


class DatadogSecret(Struct):
    """Names the Secret with Datadog's keys."""

    name: Annotated[str, Field("Name of the Secret.")] = ""
    namespaced: Annotated[
        bool, Field("Whether it lies beside the AnalysisRun, and not with the installation.")
    ] = False


class DatadogMetric(Struct):
    """A Datadog query."""

    interval: Annotated[MeasuredDuration, Field("Span queried; `5m` if absent.")] = ""
    query: Annotated[str, Field("The query.")] = ""
    queries: Annotated[dict[str, str], Field("Several queries, by name.")] = {}
    formula: Annotated[str, Field("Formula that combines the queries.")] = ""
    api_version: Annotated[str, Field("API to use.", enum=("v1", "v2"))] = ""
    aggregator: Annotated[str, Field("How the points of a series become one number.")] = ""
    secret_ref: Annotated[DatadogSecret | None, Field("The Secret with the keys.")] = None
    request_timeout: Annotated[MeasuredDuration, Field("Deadline; `10s` if absent.")] = ""


class NewRelicMetric(Struct):
    """A New Relic query."""

    query: Annotated[Text, Field("The query (NRQL).")]
    profile: Annotated[str, Field("Name of the Secret with the account.")] = ""
    timeout: Annotated[IntOrString | None, Field("Deadline in seconds.")] = None


class CloudWatchQuery(Struct):
    """One query of many."""

    id: Annotated[str, Field("Its name.")] = ""
    expression: Annotated[str, Field("Its expression.")] = ""
    label: Annotated[str, Field("Its label.")] = ""
    metric_stat: Annotated[FreeObject | None, Field("The metric and statistic.")] = None
    period: Annotated[IntOrString | None, Field("Seconds between points.")] = None
    return_data: Annotated[bool | None, Field("Whether it is part of the answer.")] = None


class CloudWatchMetric(Struct):
    """AWS CloudWatch queries."""

    interval: Annotated[MeasuredDuration, Field("Span queried.")] = ""
    metric_data_queries: Annotated[list[CloudWatchQuery], Field("The queries.", min_items=1)] = []


class QueryMetric(Struct):
    """A query to a server: Wavefront, Graphite."""

    address: Annotated[str, Field("Address of the server.")] = ""
    query: Annotated[str, Field("The query.")] = ""


class InfluxdbMetric(Struct):
    """An InfluxDB query."""

    profile: Annotated[str, Field("Name of the Secret with address and token.")] = ""
    query: Annotated[str, Field("The query (Flux).")] = ""


class SkywalkingMetric(QueryMetric):
    """A SkyWalking query."""

    interval: Annotated[MeasuredDuration, Field("Span queried.")] = ""


class KayentaThreshold(Struct):
    """The scores that decide."""

    pass_: Annotated[IntOrString | None, Field("From this score on it passes.")] = None
    marginal: Annotated[IntOrString | None, Field("From this score on it is inconclusive.")] = None


class KayentaMetric(Struct):
    """A Kayenta canary judgement."""

    address: Annotated[str, Field("Address of the server.")] = ""
    application: Annotated[str, Field("Application judged.")] = ""
    canary_config_name: Annotated[str, Field("Configuration used.")] = ""
    metrics_account_name: Annotated[str, Field("Account for metrics.")] = ""
    configuration_account_name: Annotated[str, Field("Account for configuration.")] = ""
    storage_account_name: Annotated[str, Field("Account for storage.")] = ""
    threshold: Annotated[KayentaThreshold | None, Field("The scores that decide.")] = None
    scopes: Annotated[list[FreeObject], Field("The scopes that are compared.")] = []
    lookback: Annotated[
        bool, Field("Whether to look back over earlier data, as Kayenta's setting of that name.")
    ] = False


class MetricProvider(Struct):
    """Where a measurement comes from: exactly one."""

    prometheus: Annotated[PrometheusMetric | None, Field("A PromQL query.")] = None
    web: Annotated[WebMetric | None, Field("An HTTP request.")] = None
    job: Annotated[JobMetric | None, Field("A Kubernetes Job.")] = None
    datadog: Annotated[DatadogMetric | None, Field("A Datadog query.")] = None
    new_relic: Annotated[NewRelicMetric | None, Field("A New Relic query.")] = None
    cloud_watch: Annotated[CloudWatchMetric | None, Field("AWS CloudWatch queries.")] = None
    wavefront: Annotated[QueryMetric | None, Field("A Wavefront query.")] = None
    graphite: Annotated[QueryMetric | None, Field("A Graphite query.")] = None
    influxdb: Annotated[InfluxdbMetric | None, Field("An InfluxDB query.")] = None
    skywalking: Annotated[SkywalkingMetric | None, Field("A SkyWalking query.")] = None
    kayenta: Annotated[KayentaMetric | None, Field("A Kayenta canary judgement.")] = None
    plugin: Annotated[dict[str, Json], Field("An extension, by name.")] = {}


class Metric(Struct, kw_only=True):
    """What is measured, how often, and what counts as good."""

    name: Annotated[Text, Field("Its name.")]
    interval: Annotated[
        MeasuredDuration, Field("Time from the end of a measurement to the next, such as `30s`.")
    ] = ""
    initial_delay: Annotated[MeasuredDuration, Field("Time before the first measurement.")] = ""
    count: Annotated[
        IntOrString | None,
        Field("How many measurements to take; without it one, or with an interval any number."),
    ] = None
    success_condition: Annotated[
        str, Field("Expression over `result`; true: the measurement succeeded.")
    ] = ""
    failure_condition: Annotated[
        str, Field("Expression over `result`; true: the measurement failed.")
    ] = ""
    failure_limit: Annotated[
        IntOrString | None, Field("How many failed measurements are tolerated; -1: any number.")
    ] = None
    inconclusive_limit: Annotated[
        IntOrString | None, Field("How many inconclusive measurements are tolerated.")
    ] = None
    consecutive_error_limit: Annotated[
        IntOrString | None, Field("How many errors in a row are tolerated; 4 if absent.")
    ] = None
    consecutive_success_limit: Annotated[
        IntOrString | None,
        Field("How many successes in a row are enough to succeed; 0: no such rule."),
    ] = None
    provider: Annotated[
        MetricProvider, Field("Where measurements come from: exactly one provider.")
    ]


Arguments = Annotated[
    list[Argument],
    Field("Values that metrics refer to.", list_type="map", list_map_keys=("name",)),
]
DryRuns = Annotated[
    list[DryRun],
    Field(
        "Metrics that are measured and have no say in the outcome.",
        list_type="map",
        list_map_keys=("metricName",),
    ),
]
MeasurementRetentions = Annotated[
    list[MeasurementRetention],
    Field(
        "How many measurements of a metric the status keeps.",
        list_type="map",
        list_map_keys=("metricName",),
    ),
]


class AnalysisTemplateSpec(Struct):
    """What to measure."""

    metrics: Annotated[list[Metric], Field("What to measure.")] = []
    args: Arguments = []
    dry_run: DryRuns = []
    measurement_retention: MeasurementRetentions = []
    templates: Annotated[
        list[TemplateReference],
        Field(
            "Templates whose metrics and arguments are added.",
            list_type="atomic",
        ),
    ] = []


class AnalysisTemplate(Resource, kw_only=True):
    """What to measure, for the Stages of a Project."""

    spec: Annotated[AnalysisTemplateSpec, Field("What to measure.")]


class ClusterAnalysisTemplate(Resource, kw_only=True):
    """What to measure, for the Stages of all Projects."""

    spec: Annotated[AnalysisTemplateSpec, Field("What to measure.")]
