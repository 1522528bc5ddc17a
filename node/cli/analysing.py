"""The commands of analysis: `oversight analyse`, and `export facts` for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from node.cli import support
from node.cli.groups import Dir, Json, group
from node.cli.support import Session, ask, table
from node.domain.supervision.analysis import DIMENSIONS, MEASURES

export_app = group("export", "Facts of cases for other tools.")


def oversight_analyse(
    directory: Dir,
    measure: Annotated[str, typer.Option(help="what is counted: " + ", ".join(MEASURES))] = "decided",
    by: Annotated[str, typer.Option(help="the rows: " + ", ".join(DIMENSIONS))] = "unit",
    across: Annotated[str, typer.Option(help="the columns: a second of these")] = "",
    under: Annotated[str, typer.Option(metavar="CODE", help="a unit and all below it")] = "",
    item: Annotated[str, typer.Option(metavar="ITEM", help="one item")] = "",
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="first day")] = "",
    until: Annotated[str, typer.Option("--to", metavar="DATE", help="last day")] = "",
    facts: Annotated[Path | None, typer.Option(metavar="OUT", help="count over the Parquet files exported there")] = None,
    as_json: Json = False,
) -> None:
    """A measure by one dimension or by two, as on the page of analysis."""
    asked = {"measure": measure, "by": by, "across": across, "under": under, "item": item, "from": since, "to": until}
    given = {name: text for name, text in asked.items() if text}
    found = ask(directory, "analyse", asked=given, facts=str(facts.absolute()) if facts else None)
    if as_json:
        support.print_json(found)
        return
    columns = [*found["columns"], "all"]
    table([(by, *columns)])
    for row in found["rows"]:
        cells = [row["all"] if key == "all" else row["cells"].get(key) for key in columns]
        table([(row["key"], *("" if cell is None else f"{cell['value']} (n={cell['n']})" for cell in cells))])


def export_facts(
    directory: Dir,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the folder for the files, one a month of filing")],
    form: Annotated[Literal["csv", "parquet"], typer.Option("--format", help="Parquet needs the extra analysis")] = "csv",
    as_json: Json = False,
) -> None:
    """Write the facts of all cases known here: codes, days and numbers, nothing of who applied. Months that say the same stay as they are."""
    folder, done = str(out.absolute()), []
    with Session(directory) as node:
        for month in node.call("export_months", folder=folder, format=form)["months"]:
            done.append(node.call("export_month", month=month, folder=folder, format=form))
            if not as_json:
                table([(done[-1]["file"], done[-1]["cases"], "written" if done[-1]["written"] else "unchanged")])
    if as_json:
        support.print_json({"files": done})
