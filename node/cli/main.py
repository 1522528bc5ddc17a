"""`tongban`: every command a person or a script gives to a node (the contract is INTERFACE.md, "Command line").

A command parses its arguments, asks the node through `support.Session` and prints; nothing is decided here. What a
command prints on stdout is only its answer, so that scripts can read it; everything else goes to stderr. Exit status: 0,
1 for a refusal (one plain sentence), 2 for wrong usage.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from node.cli import analysing, making, support
from node.cli import groups as cli_groups
from node.cli.groups import Dir, Json, RoleName
from node.cli.making import Code
from node.cli.support import ask, say, table, warn, words
from node.domain.upkeep.documents import LinkStatus, NodeStatus
from node.domain.words.errors import TongbanError
from node.domain.words.labels import flaw_words

app = typer.Typer(
    name="tongban", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Tongban (通办): one network of government service center nodes.",
)  # fmt: skip


for command in (
    making.init, making.invite, making.join, making.renew, making.setup, making.run, making.demo, making.restore,
):  # fmt: skip
    app.command()(command)

for name, commands in cli_groups.GROUPS.items():
    app.add_typer(commands, name=name)
for group, name, given in (
    (cli_groups.oversight_app, "analyse", analysing.oversight_analyse), (analysing.export_app, "facts", analysing.export_facts),
):  # fmt: skip
    group.command(name)(given)

Unit = Literal["workday", "calendar"]
IdKind = Literal["ric", "uscc"]


def print_version(wanted: bool) -> None:
    """`tongban 1.0.0`, and nothing else."""
    if wanted:
        from node.domain.software import VERSION

        say(f"tongban {VERSION}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[bool, typer.Option("--version", callback=print_version, is_eager=True, help="print the version")] = False,
) -> None:
    """Tongban (通办): one network of government service center nodes."""


# ---- asking a node ---------------------------------------------------------------------------------------------------


@app.command()
def status(directory: Dir, as_json: Json = False) -> None:
    """Who the node is, its links and cases; with --json also its journal and catalog."""
    with support.Session(directory) as session:
        document, running = session.call("status"), session.running
    if as_json:
        support.print_json(document)
    else:
        print_status(document, running)


def print_status(document: NodeStatus, running: bool) -> None:
    """The status for people; what needs doing on stderr."""
    node = document["node"]
    if node["key"] == "superseded":
        warn(TongbanError("key_superseded" if node["parent"] else "root_key_lost").sentence(support.locale()))
    if node["revoked"]:
        warn(TongbanError("revoked").sentence(support.locale()))
    table([("node", node["code"], node["name"], node["tier"]), ("parent", node.get("parent") or "-")])
    table([("running", words("running" if running else "not_running"))])
    table(support.link_row(link, running) for link in document["links"])
    for link in document["links"]:
        warn_of_clock(link)
    table(("cases", state, count) for state, count in document["cases"].items())


@app.command()
def verify(
    directory: Dir,
    recent: Annotated[bool, typer.Option("--recent", help="only the last 2,000 entries, and all receipts")] = False,
    as_json: Json = False,
) -> None:
    """Check signatures, chains, receipts, objects and query tables; exit status 0 only if all hold."""
    document = ask(directory, "verify", recent=recent)
    if as_json:
        support.print_json(document)
    else:
        table((key, value) for key, value in document.items() if not isinstance(value, (list, dict)))
        table(("finding", kind, count, flaw_words(kind, support.locale())) for kind, count in document["finding_kinds"].items())
        words = "what_zh" if support.locale() == "zh" else "what"
        table(("loss", one["case_no"], one[words]) for one in document["losses"])
        table(((one["code"], one["where"], one["what"]) for one in document["problems"]), sys.stderr)
    if document["ok"]:
        return
    node = ask(directory, "status")["node"]
    if node["key"] == "superseded":
        warn(TongbanError("key_superseded" if node["parent"] else "root_key_lost").sentence(support.locale()))
    raise typer.Exit(1)


@app.command()
def backup(
    directory: Dir,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="the file to write; it will hold keys and residents' data")],
    to: Annotated[Path | None, typer.Option(metavar="KEYFILE", help="encrypt it to the backup key in this file")] = None,
    as_json: Json = False,
) -> None:
    """Write a consistent copy of the node, running or not."""
    if not target.resolve().parent.is_dir():
        raise TongbanError("not_found", what=str(target.parent))
    if target.exists():
        warn(words("backup_replaces", path=target))
    public = ""
    if to is not None:
        from node.services.upkeep.sealed import public_of, public_text, read_key_file

        public = public_text(public_of(read_key_file(to)))  # the private half stays here
    document = ask(directory, "backup", path=str(target.resolve()), **({"to": public} if public else {}))
    support.print_json(document) if as_json else say(str(target))
    warn(words("backup_is_sealed" if public else "backup_holds"))


@app.command("backup-key")
def backup_key(directory: Dir) -> None:
    """Make the key to which backups made in the browser are encrypted; prints its private half, once. For the director alone."""
    made = ask(directory, "backup_key")
    say(made["key"])
    say(made["public"])
    warn(words("backup_key_once"))


@app.command()
def rebuild(directory: Dir, as_json: Json = False) -> None:
    """Make the query tables anew from the journal."""
    document = ask(directory, "rebuild")
    support.print_json(document) if as_json else table(document.items())


@app.command()
def token(
    directory: Dir,
    name: Annotated[str, typer.Option(help="whom or what the token is for")],
    role: Annotated[RoleName, typer.Option(help="what it may do")],
    days: Annotated[int, typer.Option(min=1, max=3650, metavar="N", help="how long it works")] = 365,
    source: Annotated[str, typer.Option(help="applications that it files are of this source alone")] = "",
) -> None:
    """Print a new API token."""
    say(ask(directory, "token", name=name, role=role, days=days, source=source)["token"])


@app.command()
def tokens(directory: Dir, as_json: Json = False) -> None:
    """The API tokens there are: for whom, until when, when and from where used last."""
    found = ask(directory, "tokens")
    if as_json:
        support.print_json(found)
        return
    for one in found["tokens"]:
        used = (
            words("token_used", at=one["last_used"], client=one["last_client"] or "-")
            if one["last_used"]
            else words("token_unused")
        )
        until = words(f"token_{one['state']}", at=one["ended_at"] or one["expires_at"])
        table([(one["id"], one["name"], one["role"], one["source"] or "-", until, used)])


@app.command("token-revoke")
def token_revoke(
    directory: Dir, identifier: Annotated[str, typer.Argument(metavar="ID", help="the first column of `tongban tokens`")]
) -> None:
    """Revoke an API token, at once."""
    done = ask(directory, "token_revoke", id=identifier)
    table([(done["id"], done["name"], done["role"], words("token_revoked", at=done["ended_at"]))])


@app.command()
def revoke(
    directory: Dir,
    code: Code,
    reason: Annotated[str, typer.Option(help="why, as a code: lost, closed, compromised, …")] = "unspecified",
) -> None:
    """Revoke a node below this one."""
    document = ask(directory, "revoke", code=code, reason=reason)
    support.print_json(document)


@app.command("rotate-key")
def rotate_key(directory: Dir) -> None:
    """Give the node a new signing key; the old one signs the change."""
    document = ask(directory, "rotate_key")
    support.print_json(document)
    warn(words(f"old_backups_{document['old_backups']}"))


@app.command()
def retry(directory: Dir, code: Code) -> None:
    """Try the link to a peer now instead of waiting."""
    ask(directory, "retry_link", code=code)


@app.command()
def due(
    directory: Dir,
    accepted_at: Annotated[str, typer.Option(metavar="ISO", help="date or time of acceptance")],
    limit: Annotated[int, typer.Option(min=0, max=10000, help="days")],
    unit: Annotated[Unit, typer.Option(help="what the limit counts")] = "workday",
    extension: Annotated[int, typer.Option(min=0, max=10000, help="days granted on top")] = 0,
    pause: Annotated[list[str] | None, typer.Option(metavar="FROM..TO", help="days that do not count, inclusive")] = None,
) -> None:
    """Print the due date by the node's calendar."""
    pauses = [split_pause(text) for text in pause or []]
    found = ask(
        directory, "due", accepted_at=accepted_at, limit=limit, unit=unit, extension=extension, pauses=pauses
    )  # fmt: skip
    say(found["due"])
    if found["provisional"]:
        warn(words("provisional"))


@app.command("check-id")
def check_id(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="the number")],
    kind: Annotated[IdKind, typer.Option("--type", help="resident identity card or unified social credit code")] = "ric",
) -> None:
    """Check an identity number: prints valid, warning or invalid (exit status 1)."""
    from node.domain.filing import ids
    from node.domain.model import CST

    found = ids.check_id(number, kind, dt.datetime.now(CST).date())
    detail = f": {found.code}" + (f" ({found.detail})" if found.detail else "") if found.verdict != "valid" else ""
    say(found.verdict + detail)
    if found.verdict == "invalid":
        raise typer.Exit(1)


# ---- helpers ------------------------------------------------------------------------------------------------------------


def split_pause(text: str) -> tuple[str, str]:
    first, dots, last = text.partition("..")
    try:
        start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        dots = ""
    if not dots or end < start:
        raise typer.BadParameter("give FROM..TO, for example 2026-03-02..2026-03-06", param_hint="--pause")
    return first, last


def warn_of_clock(link: LinkStatus) -> None:
    """Say whose clock is to be set when the two ends of a link are far apart."""
    from node.services.times import SKEW_MS, roughly

    n, unit = roughly(link["clock_skew_ms"])
    if abs(link["clock_skew_ms"]) > SKEW_MS:
        warn(words("clock_" + link["direction"], peer=link["peer"], apart=words(unit, n=n)))


def main() -> None:
    """The program."""
    raise SystemExit(support.guarded(lambda: app(prog_name="tongban", standalone_mode=False)))


if __name__ == "__main__":
    main()
