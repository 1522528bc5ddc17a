"""Requests of non-custodians, and the keys under which a caller may repeat a command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from node.domain.words.errors import TongbanError

if TYPE_CHECKING:
    from node.store.ground import Ground


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request: `state` is pending, done or declined; `answer` the entry that answered it."""

    id: bytes
    case_no: str
    asked: str
    author: bytes
    body_hash: bytes | None
    arrival: int
    state: str
    answer: bytes | None


COLUMNS = "id, case_no, asked, author, body_hash, arrival, state, answer"


class Requests:
    """Requests of one view or transaction."""

    def __init__(self, view: Ground) -> None:
        self._view = view

    def of_case(self, case_no: str, state: str | None = None) -> list[RequestRow]:
        sql = f"SELECT {COLUMNS} FROM requests WHERE case_no=?" + (" AND state=?" if state else "") + " ORDER BY arrival"
        rows = self._view.connection.execute(sql, (case_no, state) if state else (case_no,)).fetchall()
        return [RequestRow(*row) for row in rows]

    def get(self, id: bytes) -> RequestRow | None:
        row = self._view.connection.execute(f"SELECT {COLUMNS} FROM requests WHERE id=?", (id,)).fetchone()
        return RequestRow(*row) if row else None

    def facts(self, row: RequestRow) -> bytes:
        """Header bytes of the request's entry."""
        return bytes(self._view.connection.execute("SELECT header FROM entries WHERE arrival=?", (row.arrival,)).fetchone()[0])


class Repeats:
    """Idempotency keys: the outcome of a command is stored with its effect, in the same transaction."""

    def __init__(self, tx: Ground, secret: bytes) -> None:
        self._tx = tx
        self._secret = secret

    def find(self, actor: str, key: str | None, body: Mapping[str, object]) -> tuple[int, Any] | None:
        """The stored outcome of the same command. Another body under the key raises idempotency_conflict."""
        if key is None:
            return None
        row = self._tx.connection.execute(
            "SELECT digest, status, document FROM idempotency WHERE actor=? AND key=?", (actor, key)
        ).fetchone()
        if row is None:
            return None
        if row[0] != self._digest(body):
            raise TongbanError("idempotency_conflict")
        return int(row[1]), json.loads(row[2])

    def keep(self, actor: str, key: str | None, body: Mapping[str, object], status: int, document: Mapping[str, object]) -> None:
        if key is not None:
            self._tx.connection.execute(
                "INSERT INTO idempotency VALUES(?,?,?,?,?,?)",
                (actor, key, self._digest(body), status, json.dumps(document, ensure_ascii=False), self._tx.now()),
            )

    def _digest(self, body: Mapping[str, object]) -> bytes:
        data = json.dumps(body, ensure_ascii=True, sort_keys=True, default=str).encode()
        return hashlib.blake2b(data, key=self._secret[:64], digest_size=32).digest()


def filed_case(view: Ground, source: str, application_no: str, origin: bytes) -> str | None:
    """The case number an application got here."""
    row = view.connection.execute(
        "SELECT case_no FROM applications WHERE source=? AND application_no=? AND origin=?", (source, application_no, origin)
    ).fetchone()
    return row[0] if row else None
