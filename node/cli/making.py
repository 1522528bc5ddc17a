"""The commands that make a node, bring one back and run it: `init`, `invite`, `join`, `renew`, `setup`, `run`, `demo`, `restore`."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Literal

import typer

from node.cli import support
from node.cli.groups import Dir
from node.cli.support import ask, say, table, warn, words
from node.domain.tree.documents import Founded
from node.domain.words.errors import TongbanError

Tier = Literal["village", "township", "district", "city"]

Code = Annotated[str, typer.Argument(metavar="CODE", help="12-digit division code")]
Web = Annotated[str, typer.Option(metavar="HOST:PORT", help="address of the web listener")]
Grpc = Annotated[str, typer.Option(metavar="HOST:PORT", help="address for links of children; default: the web port + 1")]
TestClock = Annotated[bool, typer.Option("--test-clock", help="a network for tests: its clock can be moved, every page says so")]


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


def join(
    directory: Dir,
    join_code: Annotated[str, typer.Argument(metavar="JOIN_CODE", help="what `tongban invite` printed at the parent")],
    web: Web = "127.0.0.1:8800",
    grpc: Grpc = "",
) -> None:
    """Make a new child node, enrolled at its running parent."""
    from node.app import join_node

    print_first_login(join_node(directory, join_code, web, grpc or next_port(web)))


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


def demo(
    directory: Annotated[Path, typer.Option("--dir", metavar="DIR", help="where the network is kept")] = Path("tongban-demo"),
    port_base: Annotated[int, typer.Option(min=1, max=65528, help="first of eight ports")] = 8800,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="do not open a browser")] = False,
) -> None:
    """Make (once) and run a network of four tiers with the real catalog, calendar and sample cases."""
    from node.demo.main import run_demo

    run_demo(directory, port_base, browser=not no_browser)


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


# ---- helpers ------------------------------------------------------------------------------------------------------------


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


def print_first_login(made: Founded) -> None:
    """What `init` and `join` answer: who the node is and the administrator's first password."""
    rows = [
        ("code", made["code"]),
        ("parent", made.get("parent")),
        ("username", made["username"]),
        ("password", made["password"]),
    ]
    table(row for row in rows if row[1])
