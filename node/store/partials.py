"""Uploads to materials of cases that are under way: who sends what to where, and how much of it is announced.

The bytes lie in `objects/uploads/<id>` (`services/uploads.py`); the row goes with the file, when it is whole or given up. Local to
the node, not part of a backup's meaning: a row without its file is an upload of which nothing has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.store.ground import Ground

MORE = "SELECT COALESCE(sum(size), 0) FROM "


@dataclass(frozen=True, slots=True)
class PartialRow:
    """One upload under way. `size` in bytes as announced; `ran_ms` the node's running time (`clock_watch.py`) at its last begin."""

    id: str
    case_no: str
    material: str
    staff_id: str
    file_name: str
    size: int
    ran_ms: int


_ROW = "id, case_no, material, staff_id, file_name, size, ran_ms FROM partials"


class Partials:
    """Rows of uploads of one view or transaction."""

    def __init__(self, view: Ground) -> None:
        self._db = view.connection

    def of_material(self, case_no: str, material: str) -> list[PartialRow]:
        """Uploads to this material, the one that began last first."""
        found = self._db.execute(f"SELECT {_ROW} WHERE case_no=? AND material=? ORDER BY n DESC", (case_no, material))
        return [PartialRow(*row) for row in found]

    def of_person(self, staff_id: str) -> list[PartialRow]:
        """Uploads of a person, the oldest first."""
        return [PartialRow(*row) for row in self._db.execute(f"SELECT {_ROW} WHERE staff_id=? ORDER BY n", (staff_id,))]

    def began_before(self, ran_ms: int, limit: int) -> list[PartialRow]:
        """Uploads that began when the node had run for less than `ran_ms`, the oldest first."""
        found = self._db.execute(f"SELECT {_ROW} WHERE ran_ms<? ORDER BY n LIMIT ?", (ran_ms, limit))
        return [PartialRow(*row) for row in found]

    def add(self, row: PartialRow) -> None:
        (n,) = self._db.execute("SELECT COALESCE(max(n), 0) + 1 FROM partials").fetchone()
        self._db.execute(
            "INSERT INTO partials(id, case_no, material, staff_id, file_name, size, ran_ms, n) VALUES(?,?,?,?,?,?,?,?)",
            (row.id, row.case_no, row.material, row.staff_id, row.file_name, row.size, row.ran_ms, n),
        )

    def remove(self, id: str) -> None:
        self._db.execute("DELETE FROM partials WHERE id=?", (id,))

    def ids(self) -> set[str]:
        return {row[0] for row in self._db.execute("SELECT id FROM partials")}

    def under_way(self, staff_id: str | None = None) -> int:
        """Bytes announced and not yet whole, in cases and drafts, of one person or of all."""
        whose, given = (" AND staff_id=?", (staff_id,)) if staff_id is not None else ("", ())
        parts = self._db.execute(f"{MORE} partials WHERE 1{whose}", given).fetchone()[0]
        drafts = self._db.execute(f"{MORE} draft_files WHERE whole=0{whose}", given).fetchone()[0]
        return int(parts) + int(drafts)
