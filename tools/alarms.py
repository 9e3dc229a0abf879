"""Write the section "Watching" of template.yaml: ``python -m tools.alarms``.

It follows from the rest of the template: alarms on throttles and on runs that come near their time-out, the
alarm that rolls a deployment back, the role that shifts requests, and the dashboard. A test holds it up to
date.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.template.cloudformation import read_yaml
from musicconnect.providers.registry import PROVIDERS, Provider

TEMPLATE = Path(__file__).resolve().parent.parent / "template.yaml"
BEGIN = f"  # {'=' * 100}\n  #  Watching\n"
END = f"# {'=' * 102}\n#  Outputs\n"
MAX_METRICS = 10
"""That CloudWatch takes in one alarm."""
BUCKETS = {"general": "units", "search": "searches"}
"""What people call allowances."""
NEAR = 0.9
"""Of a function's time: the share from which on it alarms."""
USES_ITS_TIME = {
    # Seconds that are reserved, of which a third may be gone before it alarms.
    "ExportsWorkerFunction": 15,
    "MaintenanceFunction": 20,
    "TrendsImportWorkerFunction": 15,
    "MigrationsImportWorkerFunction": 15,
    "TrendsRollupFunction": 5,
}
"""Functions that work until their time is up, but for these seconds."""
FOR_PEOPLE = {
    f"{name}Function"
    for name in ("CoreAuthorizer", "CoreApi", "ProvidersApi", "SearchApi", "ProvidersPublicApi", "Web")
}
_ALARMS = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*"
_RINGS = """\
      EvaluationPeriods: 1
      Threshold: {threshold}
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function to watch, by its logical id."""

    name: str
    service: str
    timeout: int
    """Seconds."""
    is_behind_the_api: bool
    has_queue: bool = False

    @property
    def short(self) -> str:
        """The name in alarms and on the dashboard."""
        return self.name.removesuffix("Function")


def functions(document: dict[str, Any]) -> list[Function]:
    """The functions of the template, in its order."""
    common = document["Globals"]["Function"]
    found = []
    for name, resource in document["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        service = properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        kinds = {event["Type"] for event in properties.get("Events", {}).values()}
        is_behind_the_api = name == "CoreAuthorizerFunction" or "HttpApi" in kinds
        timeout = properties.get("Timeout", common["Timeout"])
        found.append(Function(name, service, timeout, is_behind_the_api, "SQS" in kinds))
    return found


def queues(document: dict[str, Any]) -> dict[str, str]:
    """Queues that are polled, and where their messages go in the end."""
    return {
        name: resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for name, resource in document["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in resource["Properties"]
    }


def throttles(name: str, what: str, watched: list[Function]) -> str:
    """Write one alarm for functions of a kind: they are throttled by the same limit, the account's."""
    if len(watched) > MAX_METRICS:
        raise ValueError(f"{name} would watch {len(watched)} functions; an alarm takes {MAX_METRICS}")
    metrics = "".join(
        f"        - {{Id: {one.short[0].lower()}{one.short[1:]}, ReturnData: false, MetricStat: {{Stat: Sum, "
        "Period: 300, Metric: {Namespace: AWS/Lambda, MetricName: Throttles, "
        f"Dimensions: [{{Name: FunctionName, Value: !Ref {one.name}}}]}}}}}}\n"
        for one in watched
    )
    return f"""\
  {name}:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: {what} were refused for want of concurrency; the dashboard says which.
      Metrics:
        - {{Id: refused, Expression: SUM(METRICS()), Label: Refused invocations}}
{metrics}""" + _RINGS.format(threshold=1)


def duration(one: Function) -> str:
    """An alarm on runs that come near the time-out."""
    reserved = USES_ITS_TIME.get(one.name)
    limit = (
        round(one.timeout * 1000 * NEAR)
        if reserved is None
        else round((one.timeout - reserved * 2 / 3) * 1000)
    )
    note = "" if reserved is None else f" # it uses its time on purpose, but for {reserved} s"
    return f"""\
  {one.short}Duration:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: {one.name} took almost all of its {one.timeout} s.
      Namespace: AWS/Lambda
      MetricName: Duration
      Dimensions: [{{Name: FunctionName, Value: !Ref {one.name}}}]
      Statistic: Maximum
      Period: 300
""" + _RINGS.format(threshold=f"{limit}{note}")


def canary(one: Function) -> str:
    """The alarm on the newest version of a function behind the API."""
    return f"""\
  {one.short}Canary:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: The newest version of {one.name} failed; a deployment of it is taken back.
      Metrics:
        - {{Id: failed, Expression: "FILL(raised, 0) + FILL(unexpected, 0)", Label: Failures of the version}}
        - Id: raised
          ReturnData: false
          MetricStat:
            Stat: Sum
            Period: 60
            Metric:
              Namespace: AWS/Lambda
              MetricName: Errors
              Dimensions:
                - {{Name: FunctionName, Value: !Ref {one.name}}}
                - {{Name: Resource, Value: !Sub "${{{one.name}}}:live"}}
                - {{Name: ExecutedVersion, Value: !GetAtt {one.name}.Version.Version}}
        - Id: unexpected
          ReturnData: false
          MetricStat:
            Stat: Sum
            Period: 60
            Metric:
              Namespace: MusicConnect
              MetricName: UnexpectedErrors
              Dimensions:
                - {{Name: stage, Value: !Ref AWS::StackName}}
                - {{Name: service, Value: {one.service}}}
                - {{Name: version, Value: !GetAtt {one.name}.Version.Version}}
""" + _RINGS.format(threshold=1)


def deploy_role(shifted: list[Function]) -> str:
    """The role by which CodeDeploy shifts requests."""
    named = "".join(
        f"                  - !GetAtt {one.name}.Arn\n                  - !Sub ${{{one.name}.Arn}}:live\n"
        for one in shifted
    )
    return f"""\
  DeployRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: codedeploy.amazonaws.com}}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {{"aws:SourceAccount": !Ref AWS::AccountId}}
      Policies:
        - PolicyName: shift
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [lambda:GetAlias, lambda:UpdateAlias, lambda:GetProvisionedConcurrencyConfig]
                Resource:
{named}              - Effect: Allow
                Action: cloudwatch:DescribeAlarms
                # By name they would depend on the versions that they watch, and those on this role.
                Resource: !Sub {_ALARMS}
"""


def _ours(metric: str, label: str, *dimensions: str) -> list[Any]:
    """A row of a metric of our own; dimensions by name and value in turns, beside the stage."""
    return ["MusicConnect", metric, "stage", "${AWS::StackName}", *dimensions, {"label": label}]


def _found(metric: str, dimensions: str, label: str) -> list[Any]:
    """A row of a metric of our own for whatever values its dimensions have."""
    wanted = f'{{MusicConnect,stage,{dimensions}}} MetricName="{metric}" stage="${{AWS::StackName}}"'
    search = f"SEARCH('{wanted}', 'Sum', 300)"
    return [{"expression": search, "id": metric[0].lower() + metric[1:], "label": label}]


def _of_functions(metric: str, shown: list[Function]) -> list[list[Any]]:
    return [["AWS/Lambda", metric, "FunctionName", f"${{{one.name}}}", {"label": one.short}] for one in shown]


def _of_queue(metric: str, queue: str, label: str) -> list[Any]:
    return ["AWS/SQS", metric, "QueueName", f"${{{queue}.QueueName}}", {"label": label}]


def _of_api(metric: str, label: str, **options: str) -> list[Any]:
    return ["AWS/ApiGateway", metric, "ApiId", "${Api}", {**options, "label": label}]


def _of_bucket(provider: Provider, bucket: str) -> str:
    """Name an allowance, and its provider's only one by the provider alone."""
    if len(provider.buckets) == 1:
        return provider.title
    return f"{provider.title} {BUCKETS.get(bucket, bucket)}"


def charts(shown: list[Function], polled: dict[str, str]) -> Iterator[tuple[str, str, list[list[Any]]]]:
    """Title, statistic and rows of every widget, three to a line of the dashboard."""
    dead = "ApproximateNumberOfMessagesVisible"
    yield "Requests", "Sum", [_of_api("Count", "all"), _of_api("4xx", "4xx"), _of_api("5xx", "5xx")]
    yield "Time to answer (ms)", "Sum", [_of_api("Latency", p, stat=p) for p in ("p50", "p95", "p99")]
    allowances = [
        _ours("QuotaUsed", _of_bucket(one, bucket.name), "provider", one.name, "bucket", bucket.name)
        for one in PROVIDERS.values()
        for bucket in one.buckets
        if bucket.rate is None  # what fills again while it is used is never spent
    ]
    yield "Allowances spent (%)", "Maximum", allowances
    yield "Errors of functions", "Sum", _of_functions("Errors", shown)
    yield "Throttles", "Sum", _of_functions("Throttles", shown)
    yield "Longest run (ms)", "Maximum", _of_functions("Duration", shown)
    ages = [_of_queue("ApproximateAgeOfOldestMessage", one, one.removesuffix("Queue")) for one in polled]
    yield "Oldest message (s)", "Maximum", ages
    letters = [_of_queue(dead, failed, one.removesuffix("Queue")) for one, failed in polled.items()]
    letters.append(_of_queue(dead, "FailedInvocations", "Timers and deployments"))
    yield "Dead letters", "Maximum", letters
    yield "Overdue work (s)", "Maximum", [_ours("WorkOverdue", "Migrations", "work", "migrations")]
    tokens = [
        _ours(metric, f"{one.title} {label}", "provider", one.name)
        for one in PROVIDERS.values()
        if one.linked_by == "consent"
        for metric, label in (("TokenRefreshes", "refreshed"), ("ConsentsEnded", "refused"))
    ]
    yield "Tokens", "Sum", tokens
    label = "${!PROP('Dim.service')} ${!PROP('Dim.version')}"
    yield "Answers that nobody foresaw", "Sum", [_found("UnexpectedErrors", "service,version", label)]
    away = [_ours("DatabaseConnectionFailures", "connections"), _ours("SecretReadFailures", "secrets")]
    yield "Connections to the database and secrets that failed", "Sum", away
    yield "Maintenance, by task", "Sum", [_found("MaintenanceDone", "task", "${!PROP('Dim.task')}")]
    violations = _ours("RetentionViolations", "retention violated")
    yield "Maintenance in trouble", "Maximum", [_ours("MaintenanceFailures", "tasks that failed"), violations]
    ending = [
        _ours("ConsentsEndSoon", one.title, "provider", one.name)
        for one in PROVIDERS.values()
        if one.consent_months is not None
    ]
    yield "Consents that end soon", "Sum", ending
    mail = [_ours("MailRefused", "refused"), _ours("MailPostponed", "postponed")]
    yield "Mail that SES did not take", "Sum", mail


def widget(number: int, title: str, statistic: str, rows: list[list[Any]]) -> str:
    """One widget, a row to a line."""
    position = {"x": number % 3 * 8, "y": number // 3 * 6, "width": 8, "height": 6}
    properties = {"title": title, "region": "${AWS::Region}", "period": 300, "stat": statistic}
    lines = ",\n".join(f"              {json.dumps(row)}" for row in rows)
    opening = json.dumps({"type": "metric", **position, "properties": properties}).removesuffix("}}")
    return f'            {opening}, "metrics": [\n{lines}\n            ]}}}}'


def dashboard(shown: list[Function], polled: dict[str, str]) -> str:
    """The dashboard; with two more widgets where the database is one of ours."""
    widgets = [widget(number, *chart) for number, chart in enumerate(charts(shown, polled))]
    database = [
        (0, "Connections to the database", "DatabaseConnections", "open"),
        (12, "Capacity of the database (ACU)", "ServerlessDatabaseCapacity", "used"),
    ]
    below = -(-len(widgets) // 3) * 6
    more = []
    for x, title, metric, label in database:
        position = {"x": x, "y": below, "width": 12, "height": 6}
        properties = {"title": title, "region": "${AWS::Region}", "period": 300, "stat": "Maximum"}
        row = ["AWS/RDS", metric, "DBClusterIdentifier", "${Cluster}", {"label": label}]
        one = {"type": "metric", **position, "properties": {**properties, "metrics": [row]}}
        more.append(f"                {json.dumps(one)}")
    return (
        """\
  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardName: !Ref AWS::StackName
      DashboardBody: !Sub
        - |
          {"widgets": [
"""
        + ",\n".join(widgets)
        + """${OfTheDatabase}
          ]}
        - OfTheDatabase: !If
            - MakesDatabase
            - !Sub
              - |-
                ,
"""
        + ",\n".join(more)
        + """
              - Cluster: !GetAtt Database.Outputs.ClusterId
            - ""
"""
    )


def section(document: dict[str, Any]) -> str:
    """The whole section."""
    known = functions(document)
    shifted = [one for one in known if one.is_behind_the_api]
    workers = [one for one in known if not one.is_behind_the_api]
    people = [one for one in shifted if one.name in FOR_PEOPLE]
    library = [one for one in shifted if one.name not in FOR_PEOPLE]
    parts = [
        f"{BEGIN}  # {'=' * 100}\n"
        "  # Written by `python -m tools.alarms` from the rest of the template. Functions have an alarm\n"
        "  # on their errors beside them, queues have alarms on age and dead letters; here is the rest.\n",
        "  # -- Concurrency. Nothing here reserves any: it is the account's own limit that throttles. --",
        throttles("PeopleThrottles", "Functions for accounts, links, search and pages", people),
        throttles("LibraryThrottles", "Functions for playlists, migrations, files and plays", library),
        throttles("WorkerThrottles", "Workers of queues", [one for one in workers if one.has_queue]),
        throttles("TimerThrottles", "Timers", [one for one in workers if not one.has_queue]),
        "  # -- Time-outs: nine tenths of what a function has; more where it uses its time on purpose. --",
        *map(duration, known),
        "  # -- New code: what the version being let in raised, or answered with a 500. One is enough. --",
        deploy_role(shifted),
        *map(canary, shifted),
        "  # -- The dashboard. --",
        dashboard(known, queues(document)),
    ]
    text = "\n".join(parts)
    return re.sub(r"--\n\n", "--\n", text) + "\n"


def written(text: str, document: dict[str, Any]) -> str:
    """The template with the section written anew."""
    start, end = text.index(BEGIN), text.index(END)
    return text[:start] + section(document) + text[end:]


def main() -> int:
    """Write template.yaml; says whether anything changed."""
    before = TEMPLATE.read_text()
    after = written(before, read_yaml(TEMPLATE))
    TEMPLATE.write_text(after)
    print("template.yaml is as it was" if after == before else "template.yaml was written anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
