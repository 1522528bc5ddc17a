"""`tongban`: every command a person or a script gives to a node (the contract is INTERFACE.md, "Command line").

A command parses its arguments, asks the node through `cli_support.Session` and prints; nothing is decided here. What a
command prints on stdout is only its answer, so that scripts can read it; everything else goes to stderr. Exit status: 0,
1 for a refusal (one plain sentence), 2 for wrong usage.
"""

from __future__ import annotations

import base64
import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from node.cli import groups as cli_groups
from node.cli import support
from node.cli.groups import Dir, Json, RoleName
from node.cli.support import ask, say, table, warn, words
from node.domain.tree.documents import Founded
from node.domain.upkeep.documents import LinkStatus, NodeStatus
from node.domain.words.errors import TongbanError

app = typer.Typer(
    name="tongban", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Tongban (通办): one network of government service center nodes.",
)  # fmt: skip


for name, commands in cli_groups.GROUPS.items():
    app.add_typer(commands, name=name)

Tier = Literal["village", "township", "district", "city"]
Unit = Literal["workday", "calendar"]
IdKind = Literal["ric", "uscc"]

Code = Annotated[str, typer.Argument(metavar="CODE", help="12-digit division code")]
Web = Annotated[str, typer.Option(metavar="HOST:PORT", help="address of the web listener")]
Grpc = Annotated[str, typer.Option(metavar="HOST:PORT", help="address for links of children; default: the web port + 1")]
TestClock = Annotated[bool, typer.Option("--test-clock", help="a network for tests: its clock can be moved, every page says so")]


def print_version(wanted: bool) -> None:
    """`tongban 0.1.0`, and nothing else."""
    if wanted:
        from importlib.metadata import version

        say(f"tongban {version('tongban')}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[bool, typer.Option("--version", callback=print_version, is_eager=True, help="print the version")] = False,
) -> None:
    """Tongban (通办): one network of government service center nodes."""


# ---- making and running nodes ----------------------------------------------------------------------------------------


@app.command()
def init(
    directory: Dir,
    tier: Annotated[Tier, typer.Option(help="the tier of the new root")],
    code: Annotated[str, typer.Option(help="12-digit division code")],
    name: Annotated[str, typer.Option(help="name of the center")],
    web: Web = "127.0.0.1:8800",
    grpc: Grpc = "",
    test_clock: TestClock = False,
    with_catalog: Annotated[
        bool, typer.Option("--with-catalog", help="publish the starting catalog that ships; its limits are mostly estimates")
    ] = False,
) -> None:
    """Make a new root node with the shipped calendar; prints the administrator's first password and what was loaded."""
    from node.app import init_node
    from node.domain.catalog.divisions import fits_tier

    made = init_node(directory, tier, code, name, web, grpc or next_port(web), test_clock, with_catalog)
    if not fits_tier(code, tier):
        warn(words("doubt_tier_by_code", code=code))
    print_first_login(made)
    for one in made["loaded"]:
        years = "-".join(str(year) for year in one["years"])
        table([("loaded", one["kind"], one["file"], *([years] if years else []), one["rows"])])


@app.command()
def invite(
    directory: Dir,
    code: Code,
    name: Annotated[str, typer.Option(help="name of the new child")] = "",
    tier: Annotated[Tier | None, typer.Option(help="tier of the new child")] = None,
    renew: Annotated[
        bool,
        typer.Option(
            "--renew", help="for the child CODE that came back from a backup older than `rotate-key`; it brings in no new key"
        ),
    ] = False,
    address: Annotated[
        list[str] | None, typer.Option(help="web address where the child reaches this node", metavar="HOST:PORT")
    ] = None,
    grpc_address: Annotated[str, typer.Option(help="link address where the child reaches this node", metavar="HOST:PORT")] = "",
) -> None:
    """Print one join code for a new child (or, with --renew, for one whose key is to be renewed), nothing else."""
    from node.machine import config

    mine = config.load_dir(directory)
    needs = {} if address else {"--address": mine.web.address}
    needs |= {} if renew or grpc_address else {"--grpc-address": mine.grpc.address}
    reachable(needs)
    for one in address or ():
        reachable({"--address": one})
    if grpc_address:
        reachable({"--grpc-address": grpc_address})
    addresses = list(address or [mine.web.address])
    if renew:
        say(ask(directory, "invite_renewal", code=code, addresses=addresses)["join_code"])
        return
    for given, option in ((name, "--name"), (tier, "--tier")):
        if not given:
            raise typer.BadParameter("a new child needs it", param_hint=option)
    link = grpc_address or mine.grpc.address
    invited = ask(directory, "invite", code=code, name=name, tier=tier, addresses=addresses, grpc_address=link)
    for doubt in invited.get("doubts", []):
        warn(words(f"doubt_{doubt}", code=code))
    say(invited["join_code"])


@app.command()
def join(
    directory: Dir,
    join_code: Annotated[str, typer.Argument(metavar="JOIN_CODE", help="what `tongban invite` printed at the parent")],
    web: Web = "127.0.0.1:8800",
    grpc: Grpc = "",
) -> None:
    """Make a new child node, enrolled at its running parent."""
    from node.app import join_node

    print_first_login(join_node(directory, join_code, web, grpc or next_port(web)))


@app.command()
def renew(
    directory: Dir,
    join_code: Annotated[str, typer.Argument(metavar="JOIN_CODE", help="what `tongban invite … --renew` printed at the parent")],
) -> None:
    """Let the parent confirm the key of a node that came back from a backup older than `rotate-key`; then change it.

    Only a key that the node had before can be confirmed. A node without any backup is revoked, and its new machine joins with a new code.
    """
    from node.app import post_to_parent

    with support.Session(directory) as session:
        asked = session.call("begin_renewal", join_code=join_code)
        addresses = tuple(asked["addresses"])
        while asked["request"]:
            answer = post_to_parent(addresses, base64.b64decode(asked["request"]))
            asked = session.call("finish_renewal", answer=base64.b64encode(answer).decode())
        if addresses:
            support.print_json(asked["outcome"])
    warn(words("renewed"))


@app.command()
def setup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="where the node will be kept; new or empty")],
    web: Annotated[str, typer.Option(metavar="HOST:PORT", help="address of the pages, on this machine")] = "127.0.0.1:8800",
    grpc: Grpc = "",
) -> None:
    """Make a node in the browser (a new city, a join code or a backup), then run it at the same address."""
    from node.running.wizard import run_setup

    def tell(url: str) -> None:
        warn(words("open_address"))
        say(url)

    run_setup(directory, web, grpc or next_port(web), tell)


@app.command()
def run(
    directory: Dir,
    until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
) -> None:
    """Run a node until SIGTERM or SIGINT."""
    from node.running.runner import run_node

    support.current_directory[:] = [directory]
    if not (directory / "config.toml").exists():
        nothing = not directory.exists() or (directory.is_dir() and not any(directory.iterdir()))
        raise TongbanError("no_node_yet" if nothing else "not_a_node", path=str(directory))
    run_node(directory, until_input_ends=until_input_ends, tell=lambda web, link: say(support.serving(web, link)))


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", metavar="DIR", help="where the network is kept")] = Path("tongban-demo"),
    port_base: Annotated[int, typer.Option(min=1, max=65528, help="first of eight ports")] = 8800,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="do not open a browser")] = False,
) -> None:
    """Make (once) and run a network of four tiers with the real catalog, calendar and sample cases."""
    from node.demo.main import run_demo

    run_demo(directory, port_base, browser=not no_browser)


@app.command()
def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="FILE", help="a backup")],
    directory: Dir,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="the director's backup key, for an encrypted backup")] = None,
) -> None:
    """Make a node from a backup; it recovers the rest at its first contact."""
    from node.app import restore_node
    from node.services.upkeep.sealed import read_key_file

    restore_node(backup_file, directory, read_key_file(key) if key is not None else "")
    say(str(directory))


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
        table(("finding", kind, count) for kind, count in document["finding_kinds"].items())
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


def host_and_port(address: str, option: str) -> tuple[str, int]:
    """The parts of an address that was given with an option."""
    from node.machine.oslayer import split_address

    try:
        return split_address(address)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def next_port(web: str) -> str:
    """The same host, the next port: where children dial in unless told otherwise."""
    host, port = host_and_port(web, "--web")
    return f"[{host}]:{port + 1}" if ":" in host else f"{host}:{port + 1}"


def reachable(needs: dict[str, str]) -> None:
    """Option -> address of this node that a child would be told. Raises needs_address when one names no one machine."""
    from node.machine.oslayer import is_wildcard

    vague = {option: one for option, one in needs.items() if not one or is_wildcard(host_and_port(one, option)[0])}
    if vague:
        options = " HOST:PORT ".join([*vague, ""]).strip()
        raise TongbanError("needs_address", options=options, now=", ".join(filter(None, vague.values())) or "—")


def warn_of_clock(link: LinkStatus) -> None:
    """Say whose clock is to be set when the two ends of a link are far apart."""
    from node.services.times import SKEW_MS, roughly

    n, unit = roughly(link["clock_skew_ms"])
    if abs(link["clock_skew_ms"]) > SKEW_MS:
        warn(words("clock_" + link["direction"], peer=link["peer"], apart=words(unit, n=n)))


def print_first_login(made: Founded) -> None:
    """What `init` and `join` answer: who the node is and the administrator's first password."""
    rows = [
        ("code", made["code"]),
        ("parent", made.get("parent")),
        ("username", made["username"]),
        ("password", made["password"]),
    ]
    table(row for row in rows if row[1])


def main() -> None:
    """The program."""
    raise SystemExit(support.guarded(lambda: app(prog_name="tongban", standalone_mode=False)))


if __name__ == "__main__":
    main()
