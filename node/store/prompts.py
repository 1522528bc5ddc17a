"""SQL of reminders and findings of volunteers (`projected/prompts.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.domain.notes import PROMPT_ANSWERED

if TYPE_CHECKING:
    from node.store.ground import Ground
    from node.store.turn import Turn

_COLUMNS = "id, author, unit, what, case_no, staff_id, at_ms, arrival, body, answer, answered_at"
_BOXES = {"": "1", "sent": "author=:me", "received": "unit=:code", "below": "author<>:me AND unit<>:code"}


@dataclass(frozen=True, slots=True)
class PromptRow:
    """One of them; times in ms, `body` and `answer` None where there is none."""

    id: bytes
    author: bytes
    unit: str
    what: str
    case_no: str
    staff_id: str
    at: int
    arrival: int
    body: bytes | None
    answer: bytes | None
    answered_at: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which: a box (sent, received, below; "" all), reminders or what volunteers found, `answered` yes, no or "" for both."""

    box: str = ""
    what: str = ""
    case_no: str = ""
    answered: str = ""


def answered(tx: Turn, id: bytes) -> None:
    """Write down the first answer of the unit, whichever came first, the prompt or it."""
    row = one(tx, id)
    sql = "SELECT id, at_ms, author FROM notes WHERE about=? AND kind=? ORDER BY at_ms, id"
    for answer, at_ms, author in tx.connection.execute(sql, (id, PROMPT_ANSWERED)).fetchall() if row is not None else ():
        place = tx.place(author)
        if row is not None and place is not None and place.code == row.unit:
            tx.connection.execute("UPDATE prompts SET answer=?, answered_at=? WHERE id=?", (answer, at_ms, id))
            tx.cases.write_again(row.case_no)
            return


def one(view: Ground, id: bytes) -> PromptRow | None:
    row = view.connection.execute(f"SELECT {_COLUMNS} FROM prompts WHERE id=?", (id,)).fetchone()
    return PromptRow(*row) if row else None


def page(view: Ground, wanted: Wanted, before: int, limit: int) -> tuple[list[PromptRow], int]:
    """(the newest before an arrival, how many there are)."""
    values = {"me": view.identity.node_id, "code": view.identity.code, "what": wanted.what, "case_no": wanted.case_no}
    where = [_BOXES[wanted.box], *(["what=:what"] if wanted.what else []), *(["case_no=:case_no"] if wanted.case_no else [])]
    where += {"yes": ["answered_at>0"], "no": ["answered_at=0"]}.get(wanted.answered, [])
    sql = " AND ".join(where)
    total = view.connection.execute(f"SELECT count(*) FROM prompts WHERE {sql}", values).fetchone()[0]
    rows = view.connection.execute(
        f"SELECT {_COLUMNS} FROM prompts WHERE {sql} AND arrival<:before ORDER BY arrival DESC LIMIT :limit",
        {**values, "before": before, "limit": limit},
    ).fetchall()
    return [PromptRow(*row) for row in rows], int(total)


def reminders_of(view: Ground, case_no: str) -> list[int]:
    """When each reminder of a case was answered, 0 for one that was not."""
    sql = "SELECT answered_at FROM prompts WHERE case_no=? AND case_no<>'' AND what='reminder' ORDER BY arrival"
    return [int(row[0]) for row in view.connection.execute(sql, (case_no,))]


def waiting(view: Ground) -> int:
    """How many wait for this node's answer."""
    row = view.connection.execute("SELECT count(*) FROM prompts WHERE unit=? AND answered_at=0", (view.identity.code,)).fetchone()
    return int(row[0])
