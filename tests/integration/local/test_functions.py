"""Functions as Lambda runs them: environment, time-outs, crashes, concurrency."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from local.stack.control_client import FunctionError, StackError
from local.stack.stack import Stack
from local.stack.wait import wait_until


def echo(stack: Stack) -> dict[str, object]:
    answer = stack.invoke("EchoFunction", {"hello": "there"})
    body: dict[str, object] = json.loads(answer["body"])
    return body


def test_a_function_sees_what_it_would_see_on_lambda(stack: Stack, sample: Path) -> None:
    seen = echo(stack)
    environment = seen["environment"]
    assert isinstance(environment, dict)
    assert seen["event"] == {"hello": "there"}
    assert seen["layer"] == "sample layer"
    assert seen["cwd"] == str(sample.parent / "functions")
    assert environment["GREETING"] == "moin"
    assert environment["PUBLIC_URL"] == stack.api_url
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "musicconnect-local-EchoFunction"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_ENDPOINT_URL"] == stack.aws_url
    assert environment["TZ"] == ":UTC"
    assert "HOME" not in environment, "the developer's own shell stays outside"


def test_the_context_says_which_invocation_this_is(stack: Stack) -> None:
    first, second = (echo(stack)["context"] for _ in range(2))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["request_id"] != second["request_id"]
    assert first["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:musicconnect-local-EchoFunction"
    assert 5_000 < first["remaining_ms"] <= 10_000


def test_a_warm_instance_is_used_again(stack: Stack) -> None:
    assert echo(stack)["pid"] == echo(stack)["pid"]


def test_functions_go_by_name_and_arn_as_well(stack: Stack) -> None:
    function = stack.template.functions["TickFunction"]
    assert stack.invoke(function.name, {"a": 1}) == {"a": 1}
    assert stack.invoke(function.arn, [1, None]) == [1, None]


def test_an_unknown_function_is_an_error_that_names_the_known_ones(stack: Stack) -> None:
    with pytest.raises(StackError, match=r"no function Nobody; there are: AnswerFunction, .*"):
        stack.invoke("Nobody", {})


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        ({"raise": "on purpose"}, "ValueError", "on purpose"),
        ({"exit": 3}, "Runtime.ExitError", "exit status 3"),
        ({"exit": 0}, "Runtime.ExitError", "without providing a reason"),
        ({"kill": 9}, "Runtime.ExitError", "signal: 9"),
        ({"bytes": 7_000_000}, "Function.ResponseSizeTooLarge", "6291556"),
    ],
)
def test_a_failure_says_what_happened(stack: Stack, event: object, kind: str, message: str) -> None:
    with pytest.raises(FunctionError) as failure:
        stack.invoke("AnswerFunction", event)
    assert failure.value.kind == kind
    assert message in failure.value.message


def test_a_function_is_ended_at_its_time_out(stack: Stack) -> None:
    pid = stack.invoke("SlowFunction", {"seconds": 0})["pid"]
    began = time.monotonic()
    with pytest.raises(FunctionError) as failure:
        stack.invoke("SlowFunction", {"seconds": 30})
    assert time.monotonic() - began >= 1.0
    assert failure.value.kind == "Sandbox.Timedout"
    assert failure.value.message.endswith("Error: Task timed out after 1.00 seconds")
    wait_until(lambda: not psutil.pid_exists(pid), seconds=10, what="the process to end")
    assert stack.invoke("SlowFunction", {"seconds": 0})["pid"] != pid


def test_a_function_that_cannot_be_imported_fails_every_time_with_the_reason(stack: Stack) -> None:
    for _ in range(2):
        with pytest.raises(FunctionError) as failure:
            stack.invoke("BrokenFunction", {})
        assert failure.value.kind == "RuntimeError"
        assert failure.value.message == "broken on purpose"
    wait_until(lambda: "broken on purpose" in stack.logs("BrokenFunction"), seconds=10, what="its log")


def busy(stack: Stack, function: str) -> int:
    return sum(one["state"] == "busy" for one in stack.control.instances()[function]["instances"])


def test_invocations_at_the_same_time_get_a_process_each(stack: Stack, tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(stack.invoke, "PatientFunction", {"until": str(go_on)}) for _ in range(3)]
        wait_until(lambda: busy(stack, "PatientFunction") == 3, seconds=30, what="three busy processes")
        go_on.touch()
        assert len({one.result()["pid"] for one in running}) == 3


def test_more_invocations_than_instances_wait_their_turn(stack: Stack) -> None:
    with ThreadPoolExecutor(25) as threads:
        answers = list(threads.map(lambda _: stack.invoke("SlowFunction", {"seconds": 0.05}), range(25)))
    assert len(answers) == 25
    assert len(stack.control.instances()["SlowFunction"]["instances"]) <= stack.options.instances


def test_a_crash_in_the_middle_of_an_invocation_is_reported_to_the_invoker(stack: Stack) -> None:
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(stack.invoke, "PatientFunction", {"seconds": 50})
        wait_until(lambda: busy(stack, "PatientFunction") == 1, seconds=30, what="the function to be busy")
        assert stack.control.end_instances("PatientFunction", crash=True, busy_only=True) == 1
        with pytest.raises(FunctionError, match="signal: 9"):
            slow.result()


def test_the_start_of_an_instance_is_measured(stack: Stack) -> None:
    stack.invoke("TickFunction", {})
    (instance, *_) = stack.control.instances()["TickFunction"]["instances"]
    assert 0.0 < instance["first_poll_at"] - instance["started_at"] < 10.0
    assert instance["pid"] != os.getpid()


def test_the_log_is_readable(stack: Stack) -> None:
    echo(stack)

    def is_there() -> bool:
        lines = stack.logs("EchoFunction").splitlines()
        return any(line.endswith(" EchoFunction] echo was here") and line.startswith("[") for line in lines)

    wait_until(is_there, seconds=10, what="the line in the log")
    wait_until(lambda: "EchoFunction] echo was here" in stack.logs(), seconds=10, what="its log")


def test_the_clock_of_the_functions_can_be_moved(stack: Stack) -> None:
    environment = echo(stack)["environment"]
    assert isinstance(environment, dict)
    path = Path(environment["MUSICCONNECT_CLOCK_FILE"])
    assert float(path.read_text()) == 0.0
    stack.set_clock_offset(3600)
    assert float(path.read_text()) == 3600.0
    stack.set_clock_offset(0)
