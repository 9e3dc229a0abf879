"""The command line: ``python -m local up | demo | invoke | logs | rotate-keys | dead-letters | mail ...``."""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from local.lambda_.logs import follow, log_file
from local.stack.control_client import Control, FunctionError, StackError
from local.stack.stack import ROOT, STATE, Options, Stack

DEFAULT_PORT = 8000
LOOK_EVERY_S = 1.0
"""At the stack's processes, whether one has ended."""

_interrupted = threading.Event()
"""Set once somebody wants it to end."""


def up(arguments: argparse.Namespace) -> int:
    """Start the stack and keep it until Ctrl-C."""
    options = Options(
        template=arguments.template,
        state=arguments.state,
        port=arguments.port,
        fresh=arguments.fresh,
        mail=arguments.mail,
    )
    with Stack(options) as stack, _watched_console(wanted=arguments.dev):
        print(f"\nThe console is at {stack.api_url}\n", flush=True)
        _announce(stack)
        print("\nStop with Ctrl-C.", flush=True)
        while not _interrupted.wait(LOOK_EVERY_S):
            stack.look_after()
    raise KeyboardInterrupt


@contextmanager
def _watched_console(*, wanted: bool) -> Iterator[None]:
    """Build the console again whenever its sources change, if that is wanted."""
    if not wanted:
        yield
        return
    command = [sys.executable, "-m", "tools.console", "--watch"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield
        finally:
            process.terminate()


def demo(arguments: argparse.Namespace) -> int:
    """Run the demonstration."""
    from local.demo.tour import main as demonstrate  # noqa: PLC0415 - needs the whole stack

    return demonstrate(as_json=arguments.json)


def invoke(arguments: argparse.Namespace) -> int:
    """Run one function on an event, its steps first: in the running stack, or in one started for it."""
    from local.events import replay  # noqa: PLC0415 - not needed by the other commands
    from local.stack.replay_environment import StackEnvironment, still_template  # noqa: PLC0415

    function, template = arguments.function, arguments.template
    try:
        if arguments.event == "-":
            case = replay.Case(function, "event", json.loads(sys.stdin.read()), None, ())
        else:
            case = replay.read_case(function, Path(arguments.event))
    except (OSError, ValueError) as error:
        raise StackError(f"{arguments.event} cannot be read, or is not JSON: {error}") from error
    try:
        replay.check_placeholders(case)
        running = Control.of_running(arguments.state)
        if running is not None:
            environment = StackEnvironment.of_running(running, arguments.state, template)
            event = replay.fill_event(case, environment)
            return _show(lambda: running.invoke(function, event))
        print("No stack is running; starting one for this.", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="musicconnect-invoke-") as folder:
            if template == Options().template:
                template = Path(folder) / "template.json"
                template.write_text(json.dumps(still_template()))
            with Stack(Options(template=template, quiet=True)) as stack:
                event = replay.fill_event(case, StackEnvironment.of_stack(stack))
                code = _show(lambda: stack.invoke(function, event))
                sys.stderr.write(stack.logs(function))
                return code
    except replay.ReplayError as error:
        raise StackError(str(error)) from error


def logs(arguments: argparse.Namespace) -> int:
    """Print what the functions of the stack have written, and with -f what they go on to write."""
    path = log_file(arguments.state / "logs" / "functions", arguments.function)
    if not path.exists() and not arguments.follow:
        raise StackError(f"there is no log yet: {path.name}")
    if arguments.follow:
        for piece in follow(path):
            sys.stdout.write(piece)
            sys.stdout.flush()
    sys.stdout.write(path.read_text(errors="replace"))
    return 0


def rotate_keys(arguments: argparse.Namespace) -> int:
    """Rehearse a change of the keys that encrypt provider tokens."""
    from local.operations.rotate_keys import rotate  # noqa: PLC0415 - needs boto3

    return rotate(arguments)


def dead_letters(arguments: argparse.Namespace) -> int:
    """Show what is in the dead-letter queues, or send it on its way again."""
    from local.operations.dead_letters import run  # noqa: PLC0415 - needs boto3

    return run(arguments)


def mail(arguments: argparse.Namespace) -> int:
    """Show what was sent by mail."""
    from local.operations.mail import run  # noqa: PLC0415 - not needed by the other commands

    return run(arguments)


def operator(arguments: argparse.Namespace) -> int:
    """Act on an account as an operator."""
    from local.operations.operator import run  # noqa: PLC0415 - not needed by the other commands

    return run(arguments)


def _announce(stack: Stack) -> None:
    """Say how to try it: the demonstration knows, if this is the system that it demonstrates."""
    if stack.options.template == Options().template:
        from local.demo.tour import announce  # noqa: PLC0415 - needs the whole stack

        announce(stack)
        return
    print(f"API       {stack.api_url}")
    print(f"AWS       {stack.aws_url}")
    print(f"Postgres  {stack.database_url}")


def _show(call: Callable[[], Any]) -> int:
    """Print a function's answer; its error goes to standard error and makes the exit code 1."""
    try:
        print(json.dumps(call(), indent=2, ensure_ascii=False))
    except FunctionError as error:
        print(json.dumps(error.payload, indent=2, ensure_ascii=False), file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="MusicConnect on one machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("up", help="start everything and leave it running until Ctrl-C")
    command.add_argument("--port", type=int, default=DEFAULT_PORT, help="of the API (default: %(default)s)")
    command.add_argument("--dev", action="store_true", help="build the console again on every change")
    command.add_argument("--fresh", action="store_true", help="delete the database and secrets of last time")
    command.add_argument(
        "--no-mail", action="store_false", dest="mail",
        help="open accounts and sessions at once, with no mail that confirms an address: for scripts",
    )  # fmt: skip
    command.set_defaults(run=up)

    command = commands.add_parser("demo", help="move playlists both ways between two simulated accounts")
    command.add_argument("--json", action="store_true", help="print all figures, as a last line of JSON")
    command.set_defaults(run=demo)

    command = commands.add_parser("invoke", help="run one function on an event")
    command.add_argument("function", metavar="FUNCTION", help="logical id, as in template.yaml")
    command.add_argument("-e", "--event", required=True, metavar="FILE", help="JSON; - for standard input")
    command.set_defaults(run=invoke)

    command = commands.add_parser("logs", help="show what functions have written")
    command.add_argument("function", nargs="?", metavar="FUNCTION", help="only this one")
    command.add_argument("-f", "--follow", action="store_true", help="go on with what comes")
    command.set_defaults(run=logs)

    command = commands.add_parser("rotate-keys", help="rehearse a change of the keys that encrypt tokens")
    command.set_defaults(run=rotate_keys)

    command = commands.add_parser("dead-letters", help="show what failed for good, or send it again")
    command.add_argument("--stack", metavar="NAME", help="of a deployment, instead of the local stack")
    command.add_argument("--redrive", metavar="QUEUE", help="send what is in this queue again (logical id)")
    command.add_argument(
        "--most", type=int, default=50, help="messages to show of each (default: %(default)s)"
    )
    command.set_defaults(run=dead_letters)

    command = commands.add_parser("operator", help="find, show, suspend or restore an account")
    command.add_argument(
        "action", choices=("find", "show", "suspend", "restore", "end-sessions", "requeue"), metavar="ACTION",
        help="find, show, suspend, restore, end-sessions, or requeue (stuck work of everybody)",
    )  # fmt: skip
    command.add_argument("--address", help="of the account")
    command.add_argument("--user", type=int, metavar="ID", help="of the account")
    command.add_argument("--reason", help="why; of a suspension its person is told")
    command.add_argument("--as", dest="operator", metavar="NAME", help="who you are, for the record")
    command.add_argument("--stack", metavar="NAME", help="of a deployment, instead of the local stack")
    command.set_defaults(run=operator)

    command = commands.add_parser("mail", help="show what the running stack has sent by mail")
    command.add_argument("--to", metavar="TEXT", help="only to addresses with this in them")
    command.add_argument("--most", type=int, default=20, help="newest messages (default: %(default)s)")
    command.add_argument("--json", action="store_true", help="print them as JSON")
    command.set_defaults(run=mail)

    for command in commands.choices.values():
        command.add_argument(
            "--template", type=Path, default=Options().template, metavar="FILE",
            help="what to run (default: template.yaml)",
        )  # fmt: skip
        command.add_argument(
            "--state", type=Path, default=STATE, metavar="FOLDER", help="state folder (default: .local)"
        )
    return parser


def _interrupt(_: int, __: FrameType | None) -> None:
    # Remembered too: an exception that reaches a finaliser or a callback is swallowed there.
    _interrupted.set()
    raise KeyboardInterrupt


def main() -> int:
    """Run a command. Ctrl-C, SIGTERM and a closed terminal end it in good order, with exit code 130."""
    arguments = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        code: int = arguments.run(arguments)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return code
