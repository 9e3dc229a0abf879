"""The bucket for exports, and the secrets."""

from typing import Any


def test_the_bucket_is_private_encrypted_and_forgets(resources: dict[str, Any]) -> None:
    bucket = resources["ExportsBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert {"Ref": "ExportRetentionDays"} in [rule.get("ExpirationInDays") for rule in rules]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    assert {rule["Status"] for rule in rules} == {"Enabled"}


def test_uploads_are_kept_as_safely_and_forgotten_sooner(resources: dict[str, Any]) -> None:
    uploads, exports = (resources[name]["Properties"] for name in ("UploadsBucket", "ExportsBucket"))
    for name in ("PublicAccessBlockConfiguration", "BucketEncryption", "OwnershipControls"):
        assert uploads[name] == exports[name]
    days = [rule.get("ExpirationInDays") for rule in uploads["LifecycleConfiguration"]["Rules"]]
    assert days[0] <= 7
    policies = [resources[f"{name}BucketPolicy"]["Properties"] for name in ("Uploads", "Exports")]
    assert policies[0]["PolicyDocument"]["Statement"][0]["Condition"] == {
        "Bool": {"aws:SecureTransport": "false"}
    }
    assert policies[0]["Bucket"] == {"Ref": "UploadsBucket"}


def test_the_bucket_is_reached_by_tls_only(resources: dict[str, Any]) -> None:
    policy = resources["ExportsBucketPolicy"]["Properties"]
    assert policy["Bucket"] == {"Ref": "ExportsBucket"}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_deleting_the_stack_keeps_what_cannot_be_made_again(resources: dict[str, Any]) -> None:
    kept = {
        name
        for name, resource in resources.items()
        if resource.get("DeletionPolicy", "Delete").startswith("Retain")
    }
    assert kept == {"TokenKeysSecret", "ExportsBucket", "UploadsBucket", "Database"}


def test_provider_credentials_are_not_shown(document: dict[str, Any]) -> None:
    for name in ("SpotifyClientId", "SpotifyClientSecret", "YouTubeClientId", "YouTubeClientSecret"):
        assert document["Parameters"][name]["NoEcho"] is True


def test_generated_secrets_are_long_and_safe_in_a_url(resources: dict[str, Any]) -> None:
    generated = [
        resource["Properties"]["GenerateSecretString"]
        for resource in resources.values()
        if "GenerateSecretString" in resource.get("Properties", {})
    ]
    assert len(generated) == 16
    assert all(rules["PasswordLength"] >= 40 and rules["ExcludePunctuation"] for rules in generated)
