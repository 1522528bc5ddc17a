"""Draw docs/lifecycle.md from the transition table.

The document holds a mermaid state diagram and the table with guards, clocks and papers. It is never edited by hand:
`python scripts/make_state_diagram.py` writes it, `--check` compares and exits 1 when it is out of date (CI).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.own_python import enter

enter(__name__)

from node.domain.cases.access import AT_VILLAGE  # noqa: E402
from node.domain.cases.lifecycle import EXTRA, NEW, PREVIOUS, RESUME, SAME, TABLE, Transition  # noqa: E402

TARGET = Path(__file__).resolve().parent.parent / "docs" / "lifecycle.md"
MARKS = {SAME: "same", PREVIOUS: "previous", RESUME: "as the offer says"}

HEAD = """# The lifecycle of a case

Made from `node/domain/cases/lifecycle.py` by `python scripts/make_state_diagram.py`; do not edit. Rows are those of the standard table
(LIFECYCLE.md); rows marked "not built" keep their place and are refused. The director may do whatever the node may.
"""


def diagram() -> Iterator[str]:
    """Lines of the mermaid diagram: built rows that change the status; acts open in many statuses are left to the table."""
    yield "stateDiagram-v2"
    for row in TABLE:
        if not row.built or row.to in (SAME, PREVIOUS) or len(row.sources) > 3:
            continue
        for source in row.sources:
            target = "accepted" if row.to == RESUME else row.to
            if source != target or row.action in ("complete_step", "send_back"):
                yield f"    {source or '[*]'} --> {target}: {row.action}"
    yield "    concluded --> in_transit: offer_home"
    for end in ("delivered", "not_required", "not_accepted", "withdrawn", "terminated", "voided"):
        yield f"    {end} --> [*]"


def table() -> Iterator[str]:
    """Lines of the table."""
    yield "| # | from | action | who | guards | to | fact | clock | paper | village |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in sorted(TABLE, key=lambda one: one.row):
        yield _line(row)
    for row in EXTRA:
        yield _line(row)


def _line(row: Transition) -> str:
    sources = " ".join(source or "–" for source in row.sources) if row.sources != (NEW,) else "–"
    action = (
        f"`{row.action}`" + ("" if row.built else " (a note)" if row.note else " (not built)") + (" →" if row.forward else "")
    )
    village = ", ".join(AT_VILLAGE.get(row.action, ()))
    cells = (
        str(row.row or ""),
        sources,
        action,
        ", ".join(row.roles),
        ", ".join(row.guards),
        MARKS.get(row.to, row.to),
        f"`{row.kind}`" if row.kind else "",
        row.clock,
        row.paper,
        village,
    )
    return "| " + " | ".join(cells) + " |"


def render() -> str:
    """The whole document."""
    parts = [HEAD, "```mermaid", *diagram(), "```", "", "`→` moves the case on. `system` acts mechanically.", "", *table(), ""]
    return "\n".join(parts)


def main(argv: list[str] | None = None) -> int:
    """Write the document, or with --check compare it. Exit status 1 when it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if parser.parse_args(argv).check:
        current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
        if current != render():
            sys.stderr.write("docs/lifecycle.md is out of date: run python scripts/make_state_diagram.py\n")
            return 1
        return 0
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
