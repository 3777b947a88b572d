"""The command line: verbs, each in a module of its own that is loaded when it is called for.

So ``fairlead publish`` loads nothing that runs anything. What there is to call says :mod:`fairlead.cli.overview`.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli.interrupts import quiet_interrupts
from fairlead.cli.leftover_threads import exit_process
from fairlead.cli.options import apphost_option
from fairlead.cli.overview import HELP_OPTIONS, SUMMARY, VERBS, VERSION_HELP, WIDEST, overview
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import prepare_streams, unwritable
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.definition import Definition

_ON_WINDOWS = ("new", "import", "publish")
_INTERRUPTED = 130
#: What a stream says that is there and takes no more.
_OUTPUT_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class VerbGroup(click.Group):
    """Knows its verbs from the table, and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs, in the table's order."""
        return [name for verbs in VERBS.values() for name in verbs]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a verb."""
        for verbs in VERBS.values():
            if cmd_name in verbs:
                if os.name == "nt" and cmd_name not in _ON_WINDOWS:
                    ctx.fail(f"{cmd_name} needs Linux or macOS. On Windows use WSL 2: https://aka.ms/wsl")
                module, attribute, _ = verbs[cmd_name]
                with quiet_interrupts():
                    verb: click.Command = getattr(import_module(f"fairlead.cli.verbs.{module}"), attribute)
                return verb
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; an unknown one is told what was probably meant."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(self.list_commands(ctx))}."
            ctx.fail(f"There is no verb {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; a reader of its output that has seen enough is no failure (click would make it one)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _forget_stdout()
            return 0

    def get_help(self, ctx: click.Context) -> str:
        """The text of ``--help``, without loading a verb."""
        return overview(ctx.command_path)


def _version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"fairlead {import_module('fairlead').__version__}")
        context.exit()


@click.command(
    cls=VerbGroup,
    help=SUMMARY,
    context_settings={"help_option_names": list(HELP_OPTIONS), "max_content_width": WIDEST},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=VERSION_HELP)
@apphost_option
def cli() -> None:
    """The command line itself: what it does is in its verbs."""


def main(argv: Sequence[str] | None = None, *, own_apphost: Definition | None = None) -> None:
    """Be the command line, of ``fairlead`` or of one app.

    Args:
        argv: The arguments; by default those of the process.
        own_apphost: The app that all verbs are about; by default it is looked for.

    Raises:
        SystemExit: With the exit code of the verb.
        AppFileError: An app file calls this while it is being loaded.
        UsageError: An event loop runs here, as in a notebook.
    """
    if own_apphost is not None:
        from fairlead.cli.app_file import refuse_nested_main, refuse_running_loop

        refuse_nested_main()
        refuse_running_loop(own_apphost)
    prepare_streams()
    threads = _own_threads(own_apphost)
    exit_process(_run_verb(argv, SelectedApp(own_apphost)), threads)


def _own_threads(own_apphost: Definition | None) -> Collection[threading.Thread]:
    """The threads of the program that calls the command line; none where that program is the app file itself."""
    program = getattr(sys.modules["__main__"], "__file__", None)
    is_app_file = own_apphost is not None and program is not None and Path(program).resolve() == own_apphost.file
    return () if is_app_file else threading.enumerate()


def _run_verb(argv: Sequence[str] | None, selected_app: SelectedApp) -> int:
    """Run a verb; whatever it raises becomes a message and an exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _invoke(arguments, selected_app)
        sys.stdout.flush()
        return code
    except click.exceptions.Abort:
        click.echo(err=True)
        return _INTERRUPTED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        if selected_app.as_json or _asks_for_json(error, arguments):
            from fairlead.cli.failures import print_document

            print_document(UsageError(error.format_message()))
        return error.exit_code
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS or error.filename is not None:
            return _reported(error, selected_app.as_json)
        _forget_stdout()
        return _reported(unwritable(error), as_json=False)
    except Exception as error:
        return _reported(error, selected_app.as_json)


def _reported(error: Exception, as_json: bool) -> int:
    from fairlead.cli.failures import print_document, report

    code = report(error)
    if as_json:
        print_document(error)
    return code


def _asks_for_json(error: click.ClickException, arguments: Sequence[str]) -> bool:
    """Whether a call that could not be understood was one with ``--json``."""
    context = getattr(error, "ctx", None)
    has_option = context is not None and any(option.name == "as_json" for option in context.command.params)
    return has_option and "--json" in arguments


def _invoke(arguments: list[str], selected_app: SelectedApp) -> int:
    name = Path(sys.argv[0]).name if selected_app.own_apphost is not None else "fairlead"
    result: Any = cli.main(arguments, prog_name=name, standalone_mode=False, obj=selected_app)
    return result if isinstance(result, int) else 0


def _forget_stdout() -> None:
    """Its reader is gone: keep the interpreter from complaining when it flushes it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
