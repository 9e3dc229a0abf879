"""Say what a first deployment needs, from the template: ``make deploy DRY_RUN=1`` prints it."""

from collections.abc import Mapping

from local.template.cloudformation import Node
from local.template.rules import broken_rules
from tools.account import needed_concurrency

FIXED = """\
A first deployment needs:
* an AWS account, its credentials and a region in the environment (AWS_REGION). It has to run {concurrency}
  functions at a time; new accounts run 10, and Service Quotas gives more for the asking (AWS Lambda,
  "Concurrent executions").
* an application at developer.spotify.com. Spotify gives one client id to a developer, in development mode:
  five people, each entered by hand, and its owner has Premium. An extended quota is given to organisations.
* a project in the Google Cloud console with the YouTube Data API v3 and an OAuth client of type web
  application. Until Google has verified its consent screen a hundred people may consent, ever, behind a
  warning; while it is in testing, consents end after seven days. Verification takes weeks: ask early.
* an SNS topic that somebody reads (AlarmTopicArn), or nobody hears of alarms. It is not needed to begin.
"""
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "With a database that there is": {"DatabaseHost": "given"},
    "With a database that is made (Aurora Serverless v2; docs/costs.md)": {"CreateDatabase": "true"},
}


def needs(document: Mapping[str, Node]) -> str:
    """Tell what there has to be, and which parameters SAM asks for that have no useful default."""
    text = FIXED.format(concurrency=needed_concurrency(document))
    for title, given in VARIANTS.items():
        asked = broken_rules(document, given)
        text += f"{title}:\n" + "".join(f"* {one}\n" for one in asked)
    return text
