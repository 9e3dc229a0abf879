"""The environment variables that a function's process starts with.

Lambda's own variables as its Developer Guide lists them ("Working with Lambda environment variables"), what
the template sets, and little else: what the developer's shell happens to hold stays outside.
"""

import os
import sys
from collections.abc import Mapping

from local.template.model import Deployment, Function

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""Accepted by the stand-in for AWS, which checks no signatures."""

_PASSED_ON = (
    "PATH", "LD_LIBRARY_PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy",
)  # fmt: skip


def function_environment(
    function: Function, deployment: Deployment, shell: Mapping[str, str], extra: Mapping[str, str]
) -> dict[str, str]:
    """Give everything but ``AWS_LAMBDA_RUNTIME_API``, which differs between instances.

    Of the ``shell`` that the stack runs in a few variables are passed on; ``extra`` ones win over all others.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {
        **{name: shell[name] for name in _PASSED_ON if name in shell},
        **measurement(shell),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(str(path) for path in (function.code, *function.layers)),
        "LAMBDA_TASK_ROOT": str(function.code),
        "_HANDLER": function.handler,
        # With this the runtime client polls from a thread, and SIGTERM reaches the main one.
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{version}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": deployment.region,
        "AWS_DEFAULT_REGION": deployment.region,
        **CREDENTIALS,
        "AWS_SESSION_TOKEN": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": deployment.aws_url,
        **function.environment,
        **extra,
    }


def measurement(shell: Mapping[str, str]) -> dict[str, str]:
    """What coverage.py needs to measure a process.

    Functions run in a folder of their own, so paths have to be absolute: with ``patch = subprocess`` in its
    settings coverage.py passes on settings of which that is true (``COVERAGE_PROCESS_CONFIG``).
    """
    return {name: value for name, value in shell.items() if name.startswith("COVERAGE_")}
