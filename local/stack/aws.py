"""Create a template's queues, buckets, secrets and identities of mail in the stand-in for AWS.

The stand-in loses everything when it ends, while the database stays: what was generated (the keys that
encrypt provider tokens, the passwords of roles) is saved in the state folder and used again.
"""

import json
import secrets
import string
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.lambda_.environment import CREDENTIALS
from local.template.cloudformation import Node, TemplateError
from local.template.model import Secret, Template

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


class Aws:
    """Clients of the stand-in."""

    def __init__(self, url: str, region: str) -> None:
        self.url = url
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=region,
        )
        self.sqs: SQSClient = self._client("sqs")
        self.secrets: SecretsManagerClient = self._client("secretsmanager")

    def _client(self, service: Any) -> Any:
        config = Config(retries={"total_max_attempts": 2}, proxies={})
        return self._session.client(service, endpoint_url=self.url, config=config)

    def s3(self) -> "S3Client":
        """Make a client for object storage."""
        client: S3Client = self._client("s3")
        return client

    def create_queues_and_buckets(self, template: Template) -> None:
        """Everything of the template that needs no other address than the stand-in's."""
        for queue in sorted(template.queues.values(), key=lambda one: "RedrivePolicy" in one.attributes):
            self.sqs.create_queue(QueueName=queue.name, Attributes=dict(queue.attributes))  # type: ignore[arg-type]
        if template.buckets:
            s3 = self.s3()
            for bucket in template.buckets.values():
                s3.create_bucket(Bucket=bucket.name)
        for domain in template.mail_identities:
            self._client("sesv2").create_email_identity(EmailIdentity=domain)

    def create_secrets(self, template: Template, saved: "SavedSecrets") -> dict[str, str]:
        """Create the template's secrets. Returns their ARNs by logical id."""
        found = template.secrets.values()
        return {secret.id: self.create_secret(secret.name, saved.text(secret)) for secret in found}

    def create_secret(self, name: str, text: str) -> str:
        """Create one secret. Returns its ARN.

        It is the partial one, without the random end, which AWS takes as well: that of the same secret in a
        stand-in that had to be started again.
        """
        return self.secrets.create_secret(Name=name, SecretString=text)["ARN"].rpartition("-")[0]


class SavedSecrets:
    """The generated secrets, saved in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._texts: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def text(self, secret: Secret) -> str:
        """The text of a secret: as given, or generated once and saved."""
        if secret.generate is None:
            return secret.text if secret.text is not None else "{}"
        if secret.id not in self._texts:
            self._texts[secret.id] = generated(secret.generate)
            self._path.touch(mode=0o600)
            self._path.write_text(json.dumps(self._texts, indent=1))
        return self._texts[secret.id]


def generated(rules: Mapping[str, Node]) -> str:
    """Make a random secret as ``GenerateSecretString`` of CloudFormation asks for."""
    kinds = [
        characters
        for characters, exclude in (
            (string.ascii_lowercase, "ExcludeLowercase"),
            (string.ascii_uppercase, "ExcludeUppercase"),
            (string.digits, "ExcludeNumbers"),
            (string.punctuation, "ExcludePunctuation"),
        )
        if str(rules.get(exclude, False)).lower() != "true"
    ]
    if str(rules.get("IncludeSpace", False)).lower() == "true":
        kinds.append(" ")
    excluded = set(rules.get("ExcludeCharacters", ""))
    kinds = [left for kind in kinds if (left := "".join(sorted(set(kind) - excluded)))]
    length = int(rules.get("PasswordLength", 32))
    if not kinds or length < len(kinds):
        raise TemplateError("GenerateSecretString leaves no characters to choose from")
    characters = [secrets.choice(kind) for kind in kinds]
    characters += [secrets.choice("".join(kinds)) for _ in range(length - len(kinds))]
    secrets.SystemRandom().shuffle(characters)
    password = "".join(characters)
    if "GenerateStringKey" not in rules:
        return password
    try:
        whole = json.loads(rules.get("SecretStringTemplate", "{}"))
    except ValueError as error:
        raise TemplateError(f"SecretStringTemplate is not JSON: {error}") from error
    if not isinstance(whole, dict):
        raise TemplateError("SecretStringTemplate has to be a JSON object")
    return json.dumps({**whole, str(rules["GenerateStringKey"]): password})
