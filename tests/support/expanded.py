"""template.yaml as CloudFormation gets it: expanded by the translator that AWS itself runs.

What ``sam build`` and ``sam deploy`` change on the way is where the code is: folders become objects of a
bucket.
"""

import copy
import io
import zipfile
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.template.cloudformation import read_yaml
from tests.support import ROOT


def packaged(
    document: dict[str, Any], bucket: str, *, code: str = "code", layer: str = "layer"
) -> dict[str, Any]:
    """The template after ``sam package``: code and layer are objects of a bucket, by these keys."""
    found = copy.deepcopy(document)
    del found["Globals"]["Function"]["CodeUri"]
    for resource in found["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code}
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = {"Bucket": bucket, "Key": layer}
    return found


def expanded(
    document: dict[str, Any] | None = None, *, bucket: str = "packages", **options: str
) -> dict[str, Any]:
    """The template without SAM's short forms."""
    source = packaged(document or read_yaml(ROOT / "template.yaml"), bucket, **options)
    defaults = {name: one.get("Default") for name, one in source["Parameters"].items()}
    session = boto3.session.Session(region_name="eu-central-1")  # for the partition in ARNs
    translator = Translator({}, Parser(), boto_session=session)
    found: dict[str, Any] = translator.translate(source, defaults)
    return found


def package() -> bytes:
    """A zip that Lambda takes for code."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("empty.py", "")
    return content.getvalue()
