"""A cut: up to which entry of which node a report counted (DESIGN, "Reports and roll-ups"). Pure.

It is a list of positions and no time, so anybody who has the entries counts the same. An act counts when its position lies in the cut, and
then what it follows counts too. What lies in the cut of an earlier report was counted there: what is dated into that month and lies
beyond is 补报 of the present one, and what the earlier month counted and does not stand any more is 更正.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from node.domain.reports.story import Position, Story

Cut: TypeAlias = Mapping[bytes, Position]  # node -> up to where its chain counts


class Row(NamedTuple):
    """A line of a cut: a node, up to where its chain counts, and its own report (the hash of its entry), b"" where there is none. `below`:
    a node of the subtree (the others stand above, and only what they took counts)."""

    node: bytes
    code: str
    place: Position
    report: bytes = b""
    below: bool = True


def reach(story: Story, cut: Cut | None) -> int:
    """How many entries of a case lie in a cut; without one all that are here."""
    if cut is None:
        return len(story)
    for n in range(len(story), 0, -1):
        move = story[n - 1]
        last = cut.get(move.author)
        if last is not None and move.place <= last:
            return n
    return 0


def positions(rows: Sequence[Row]) -> Cut:
    """As a mapping."""
    return {one.node: one.place for one in rows}


def written(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """As it stands in a report."""
    return [
        {
            "node": one.code, "id": one.node.hex(), "epoch": one.place[0], "seq": one.place[1], "report": one.report.hex() or None,
            "below": one.below,
        }
        for one in rows
    ]  # fmt: skip


def read(document: object) -> list[Row]:
    """The inverse; lines that are none are passed over, since a report comes from another node."""
    rows = document if isinstance(document, list) else []
    return [row for one in rows if isinstance(one, dict) and (row := _read(one)) is not None]


def _read(one: Mapping[str, Any]) -> Row | None:
    try:
        node, report = bytes.fromhex(str(one["id"])), bytes.fromhex(one.get("report") or "")
        return Row(node, str(one["node"])[:12], (int(one["epoch"]), int(one["seq"])), report, bool(one.get("below", True)))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
