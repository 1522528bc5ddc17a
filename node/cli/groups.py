"""The commands that come in groups, such as `catalog`, `rules`, `case`, `staff`: one `typer` application each."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from node.cli import support
from node.cli.support import Session, ask, table, warn
from node.domain.words.errors import TongbanError

GROUPS: dict[str, typer.Typer] = {}
RoleName = Literal[
    "admin",
    "director",
    "clerk",
    "examiner",
    "reviewer",
    "approver",
    "agent",
    "overseer",
    "catalog_editor",
    "auditor",
    "integration",
]
Dir = Annotated[Path, typer.Argument(metavar="DIR", help="the node's directory")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document")]
InputFile = Annotated[Path, typer.Argument(metavar="FILE", help="the file to read")]
Replace = Annotated[bool, typer.Option("--replace", help="also take away published rows that the file leaves out")]
Day = Annotated[str, typer.Argument(metavar="DATE", help="YYYY-MM-DD")]
DayKind = Literal["off", "work", "makeup_workday"]
RuleName = Annotated[str | None, typer.Argument(metavar="NAME", help="one of them, such as limits")]
CaseNo = Annotated[str, typer.Argument(metavar="CASE_NO", help="the case number")]


def group(name: str, about: str) -> typer.Typer:
    GROUPS[name] = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=about)
    return GROUPS[name]


catalog_app = group("catalog", "The service items that this node offers.")
calendar_app = group("calendar", "The working calendar (published by the root).")
divisions_app = group("divisions", "The division table (published by the root).")
papers_app = group("papers", "The wording of papers (published by the root).")
authority_app = group("authority", "In whose name each office issues papers (published by the root).")
rules_app = group("rules", "What the offices promise and how they are watched (published by the root).")
oversight_app = group("oversight", "Supervision: the proof of a card, analysis.")
notices_app = group("notices", "What residents are told, and whether it went out.")
case_app = group("case", "Cases: file, list, show, release.")
staff_app = group("staff", "The people who may log in.")
bundle_app = group("bundle", "Sealed files instead of a line (not yet available).")


# ---- what is published -----------------------------------------------------------------------------------------------


@catalog_app.command("import")
def catalog_import(directory: Dir, source: InputFile, as_json: Json = False) -> None:
    """Import service items from CSV: all of them or, with a bad row, none."""
    import_file(directory, "catalog_import", source, as_json)


@catalog_app.command("list")
def catalog_list(directory: Dir, as_json: Json = False) -> None:
    """The items that this node may offer."""
    document = ask(directory, "catalog_list")
    if as_json:
        support.print_json(document)
    else:
        table((item["item_id"], item.get("version"), item["name"], item.get("department")) for item in document["items"])


@calendar_app.command("import")
def calendar_import(
    directory: Dir,
    source: InputFile,
    replace: Replace = False,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="days before it stay as they are")] = None,
    as_json: Json = False,
) -> None:
    """Import days off and working weekends from CSV; a new year is added. Prints the cases whose due day moved."""
    import_file(directory, "document_import", source, as_json, kind="calendar", replace=replace, since=since)


@calendar_app.command("add")
def calendar_add(
    directory: Dir,
    day: Day,
    kind: Annotated[DayKind, typer.Option(help="a day off, or a weekend day that is worked")] = "off",
    name: Annotated[str, typer.Option(help="what people call the day")] = "",
    as_json: Json = False,
) -> None:
    """Publish one day off or one working weekend day. Prints the cases whose due day moved."""
    print_published(ask(directory, "calendar_change", day=day, kind=kind, name=name), as_json)


@calendar_app.command("remove")
def calendar_remove(directory: Dir, day: Day, as_json: Json = False) -> None:
    """Publish that a listed day is an ordinary one. Prints the cases whose due day moved."""
    print_published(ask(directory, "calendar_change", day=day, kind="", name=""), as_json)


@calendar_app.command("show")
def calendar_show(
    directory: Dir, year: Annotated[int | None, typer.Option(help="this year alone")] = None, as_json: Json = False
) -> None:
    """The days off and the working weekends in force; fixed holidays of a year not published yet are provisional."""
    found = ask(directory, "calendar_show", year=year or 0)
    if as_json:
        support.print_json(found)
        return
    for one in found["days"]:
        table([(one["date"], one["kind"], one["name"], *(["provisional"] if one["provisional"] else []))])


@divisions_app.command("import")
def divisions_import(directory: Dir, source: InputFile, replace: Replace = False, as_json: Json = False) -> None:
    """Import the division table from CSV."""
    import_file(directory, "document_import", source, as_json, kind="divisions", replace=replace)


@papers_app.command("import")
def papers_import(directory: Dir, source: InputFile, replace: Replace = False, as_json: Json = False) -> None:
    """Import templates of papers from TOML. One left out goes back to the wording that ships: that needs --replace."""
    import_file(directory, "document_import", source, as_json, kind="papers", replace=replace)


@papers_app.command("check")
def papers_check(
    directory: Dir, code: Annotated[str, typer.Argument(help="the code beside the QR")], as_json: Json = False
) -> None:
    """What the code of a paper is worth here: genuine, corrected, withdrawn, not_genuine or unknown_here. Exit 0 for a genuine one only."""
    found = ask(directory, "paper_check", code=code)
    if as_json:
        support.print_json(found)
    else:
        table((key, value) for key, value in found.items() if value not in (None, "") and not isinstance(value, list))
        table((one["kind"], one["number"], one["date"]) for one in found["changes"])
    if found["result"] != "genuine":
        raise typer.Exit(1)


@authority_app.command("import")
def authority_import(directory: Dir, source: InputFile, replace: Replace = False, as_json: Json = False) -> None:
    """Import the authority record from CSV or TOML: the file stands for the whole record."""
    import_file(directory, "document_import", source, as_json, kind="authority", replace=replace)


@authority_app.command("show")
def authority_show(directory: Dir, as_json: Json = False) -> None:
    """The authority record in force, the rows that this office lacks, and those whose commission has ended."""
    found = ask(directory, "authority_show")
    if as_json:
        support.print_json(found)
    else:
        table(
            (row["node_code"], row["item_id"] or row["department"] or "*", row["way"], row["organ"]) for row in found["records"]
        )
        for row in found["missing"]:
            warn(f"no record: {row['item_id']} {row['name']} ({row['why']})")


@rules_app.command("import")
def rules_import(directory: Dir, source: InputFile, replace: Replace = False, as_json: Json = False) -> None:
    """Publish a rule document from TOML; the file says which one with kind = "limits"."""
    import_file(directory, "document_import", source, as_json, kind="rules", replace=replace)


@rules_app.command("show")
def rules_show(directory: Dir, name: RuleName = None, as_json: Json = False) -> None:
    """The rule documents in force, or one of them: what counts for what is filed from now on."""
    found = ask(directory, "rules_show", name=name)
    if as_json:
        support.print_json(found)
    else:
        rules = found["rules"] if name is None else [found]
        table((rule["name"], rule["revision"], *line) for rule in rules for line in support.lines_of(rule["document"]))


@oversight_app.command("prove")
def oversight_prove(
    directory: Dir,
    card: Annotated[str, typer.Argument(metavar="CARD", help="the id of a served card")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="where the proof goes")],
) -> None:
    """Write the proof of a card: signed entries and published documents only. scripts/check_card.py FILE recomputes it."""
    support.write_file(file, base64.b64decode(ask(directory, "oversight_prove", card=card)["proof"]))


@notices_app.command("import")
def notices_import(directory: Dir, source: InputFile, replace: Replace = False, as_json: Json = False) -> None:
    """Publish the texts of messages from TOML. One left out goes back to the text that ships: that needs --replace."""
    import_file(directory, "document_import", source, as_json, kind="notices", replace=replace)


@notices_app.command("show")
def notices_show(directory: Dir, as_json: Json = False) -> None:
    """The outbox, newest first, and how the channels are. No name and no number stands in it."""
    found = ask(directory, "notices_show")
    if as_json:
        support.print_json(found)
        return
    if not found["channels"]:
        warn(support.words("no_channel"))
    table(("channel", one["name"], one["error"] or "ok", one["failures"]) for one in found["channels"])
    columns = ("id", "case_no", "event", "channel", "state", "at", "error")
    table(tuple(row[name] for name in columns) for row in found["notices"])


@notices_app.command("test")
def notices_test(
    directory: Dir,
    channel: Annotated[Literal["sms", "smtp"], typer.Argument(metavar="CHANNEL", help="sms or smtp")],
    to: Annotated[str, typer.Argument(metavar="TO", help="a telephone number or a mail address")],
    as_json: Json = False,
) -> None:
    """Send a test message now. Exit status 1 when the gateway did not take it."""
    found = ask(directory, "notices_test", channel=channel, to=to)
    support.print_json(found) if as_json else table([tuple(found.values())])
    if found["state"] != "sent":
        raise typer.Exit(1)


@notices_app.command("retry")
def notices_retry(
    directory: Dir,
    id: Annotated[int | None, typer.Argument(metavar="ID", help="one row; left out: all that waits for a gateway", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Try now instead of waiting; with ID also a message that failed, or of which nobody knows whether it went out."""
    found = ask(directory, "notices_retry", id=id or 0)
    support.print_json(found) if as_json else table(found.items())


# ---- cases -----------------------------------------------------------------------------------------------------------


@case_app.command("file")
def case_file(
    directory: Dir,
    source_file: InputFile,
    attachments: Annotated[Path | None, typer.Option(metavar="FOLDER", help="FOLDER/APPLICATION_NO/FILE are sent too")] = None,
    source: Annotated[str, typer.Option(help="where the application numbers come from")] = "default",
) -> None:
    """File applications from JSON or JSONL; one JSON line per application. Exit status 1 when one was refused."""
    from node.cli.filing import file_all

    with Session(directory) as session:
        clean = file_all(session, source_file, source, attachments)
    if not clean:
        raise typer.Exit(1)


def known_status(name: str | None) -> str | None:
    """A list of no cases is no answer to a status that does not exist."""
    from node.domain.cases.lifecycle import STATUSES

    if name is not None and name not in STATUSES:
        raise typer.BadParameter(f"one of {', '.join(STATUSES)}")
    return name


@case_app.command("list")
def case_list(
    directory: Dir,
    status: Annotated[str | None, typer.Option(help="only this status", callback=known_status)] = None,
    item: Annotated[str | None, typer.Option(help="only this item")] = None,
    as_json: Json = False,
) -> None:
    """The cases known here."""
    found = all_cases(directory, status=status, item=item)
    if as_json:
        support.print_json({"cases": found})
    else:
        table((case["case_no"], case["status"], case.get("item_id"), case.get("custodian"), case.get("due")) for case in found)


@case_app.command("show")
def case_show(directory: Dir, case_no: CaseNo, as_json: Json = False) -> None:
    """One case with its timeline, custodian, due date and hops."""
    case = ask(directory, "case_show", case_no=case_no)
    if as_json:
        support.print_json(case)
        return
    table((key, value) for key, value in case.items() if value is not None and not isinstance(value, (list, dict)))
    for event in case.get("timeline", []):
        table([("timeline", *(event.get(key) for key in ("version", "term", "action", "node", "staff", "recorded_at")))])
        table(("told", event["version"], *support.told(one)) for one in event.get("told", []))
    for hop in case.get("hops", []):
        table([("hop", *hop.values())])


@case_app.command("release")
def case_release(directory: Dir, case_no: CaseNo) -> None:
    """Let a case go on that waits for confirmation after a root's restore (a director's decision)."""
    support.print_json(ask(directory, "case_release", case_no=case_no))


# ---- people and bundles ----------------------------------------------------------------------------------------------


@staff_app.command("add")
def staff_add(
    directory: Dir,
    name: Annotated[str, typer.Option(help="the person's name")],
    role: Annotated[RoleName, typer.Option(help="what the person may do")],
    as_json: Json = False,
) -> None:
    """Add a person; prints the username and the first password."""
    document = ask(directory, "staff_add", name=name, role=role)
    support.print_json(document) if as_json else table((key, value) for key, value in document.items() if value is not None)


@staff_app.command("list")
def staff_list(directory: Dir, as_json: Json = False) -> None:
    """The people of this node."""
    document = ask(directory, "staff_list")
    support.print_json(document) if as_json else table(person.values() for person in document["staff"])


@bundle_app.command("export")
def bundle_export(
    directory: Dir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the file to write")],
    to: Annotated[str, typer.Option("--to", metavar="CODE", help="the peer")],
) -> None:
    """Not yet available, answers so: write what waits for a peer into a sealed file."""
    raise TongbanError("not_yet_available")


@bundle_app.command("import")
def bundle_import(directory: Dir, file: InputFile) -> None:
    """Not yet available, answers so: take in a sealed file from a peer."""
    raise TongbanError("not_yet_available")


# ---- helpers ------------------------------------------------------------------------------------------------------------


def import_file(directory: Path, operation: str, source: Path, as_json: bool, **said: str | bool | None) -> None:
    try:
        data = base64.b64encode(source.read_bytes()).decode()
    except OSError:
        raise TongbanError("not_found", what=str(source)) from None
    document = ask(directory, operation, data=data, **said)
    for note in document.get("warnings", []):
        warn(support.note_line(note))
    if document.get("removed"):
        warn(support.words("took_away", count=document["removed"]))
    print_published(document, as_json)


def print_published(document: dict[str, Any], as_json: bool) -> None:
    """What a publication did; of a calendar also each case whose due day moved."""
    if as_json:
        support.print_json(document)
        return
    table((key, value) for key, value in document.items() if key not in ("warnings", "moved"))
    table(("moved", one["case_no"], one["before"], one["after"], one["item"], one["unit"]) for one in document.get("moved", []))


def all_cases(directory: Path, **wanted: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with Session(directory) as session:
        cursor = None
        while True:
            page = session.call("case_list", **wanted, cursor=cursor)
            found += page["cases"]
            cursor = page.get("next")
            if not cursor:
                return found
