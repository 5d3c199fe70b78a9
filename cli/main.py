"""`handslag`: install, run, deploy, check and look.

Exit codes: 0 done, 1 something to look at was found, 2 the command was written wrongly, 3 it could not be done, 78 the
settings or the database must be changed first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from cli.output import FOUND, REFUSED, err, print_findings, print_json
from store import exits
from store.errors import HandslagError, Misconfigured

COMMANDS = {
    "api": ("cli.serving:api", "Serve the API alone (PostgreSQL: as many processes as you like)."),
    "check": ("cli.files:check", "Report everything that is wrong with diagrams, decision tables and forms."),
    "db": ("cli.database:db", "The database: upgrade it, check it, back it up, restore it."),
    "demo": (
        "cli.demo.command:demo",
        "Play real referrals over HTTP in simulated time, each step by the person whose it is.",
    ),
    "deploy": (
        "cli.files:deploy",
        "Put files in use together; without FILES those of HANDSLAG_PROCESSES_DIR that never were in use.",
    ),
    "diff": (
        "cli.versions:diff",
        "Say what changed from A to B: two files, or versions that are deployed, as external_referral:3.",
    ),
    "documents": ("cli.documents:documents", "The files of the documents."),
    "import": (
        "cli.imports:import_",
        "Read diagrams of Camunda, Flowable and Activiti, and write them in the words of Handslag.",
    ),
    "instance": (
        "cli.instance:instance",
        "A running process: see where it stands, move it, cancel a step, suspend and resume it.",
    ),
    "migrate": (
        "cli.migration:migrate",
        "Carry running instances from one version of a process to another: handslag migrate referral:1 referral:2",
    ),
    "organization": ("cli.register:organization", "The organisation: load its profile."),
    "overdue": ("cli.late:overdue", "List the steps and deadlines whose day has passed."),
    "person": ("cli.register:person", "People: add them, give them roles in bodies, see who there is."),
    "run": ("cli.running:run", "Set up all and serve: API and worker under one supervisor, until Ctrl-C."),
    "settings": (
        "cli.configuration:settings",
        "List every setting: the environment variable, its value now and what it means.",
    ),
    "test": (
        "cli.scenarios:test",
        "Run scenarios: what diagrams and decision tables must do.",
    ),
    "token": ("cli.register:token", "Tokens, with which programs act as a person over the API."),
    "try": ("cli.trial:try_", "Try a diagram in memory: no database, no side effects, a clock of its own."),
    "worker": (
        "cli.serving:worker",
        "Run the worker alone: timers, reminders, mail (PostgreSQL: as many processes as you like).",
    ),
}
"""Name of a command -> where it is, and its first sentence. What a command needs is imported when it is called."""


class Commands(click.Group):
    """A group that knows its commands by name, so that help and the supervisor do not wait for all of the product."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(module), name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and sentences, without the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handslag")
def cli() -> None:
    """Handslag: case handling for committees in regional development, on BPMN diagrams.

    Settings come from the environment, for example HANDSLAG_DATABASE_URL (PostgreSQL instead of the embedded database),
    HANDSLAG_DATA_DIR (default ./var) and HANDSLAG_PORT (default 8080). All of them: handslag settings
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; a known error is a sentence, never a stack of calls, and with --json also JSON."""
    as_json = "--json" in (sys.argv if arguments is None else arguments)
    try:
        sys.exit(cli.main(arguments, prog_name="handslag", standalone_mode=False))
    except click.ClickException as wrong:
        wrong.show()
        if as_json:
            print_json({"code": "usage", "detail": wrong.format_message(), "errors": []})
        sys.exit(wrong.exit_code)
    except click.Abort:
        err.print("Aborted!")
        sys.exit(FOUND)
    except HandslagError as problem:
        err.print(f"{problem.code}: {problem.message}", style="red", markup=False, soft_wrap=True)
        errors = [dict(found) for found in problem.errors]
        if as_json:
            print_json({"code": problem.code, "detail": problem.message, "errors": errors})
        elif errors:
            print_findings(errors)
        sys.exit(_exit_code(problem))


def _exit_code(problem: HandslagError) -> int:
    if problem.errors:
        return FOUND
    return exits.CONFIGURATION if isinstance(problem, Misconfigured) else REFUSED


if __name__ == "__main__":
    main()
