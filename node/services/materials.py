"""Files of a case: uploaded in pieces, resumed, and made part of the case when they are whole.

A file collects in `objects/uploads/` behind 16 bytes of salt; its hash (of salt and content) names it. When the last byte
is there and the size is what was declared, the file moves to the object folder and one entry names it: an event of the
custodian, or a `supply_material` request when custody has left.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from node.domain.application import material_name
from node.domain.errors import TongbanError
from node.domain.model import Actor, Case
from node.services.documents import filing_body
from node.services.handling import ActResult, Handling, find_case
from node.services.inbound import file_hash
from node.services.rules import Rules
from node.store.store import Store, Tx

MAX_SIZE = 50_000_000
SALT = 16


class Materials:
    """Uploads at one node."""

    def __init__(self, store: Store, rules: Rules, handling: Handling) -> None:
        self.store = store
        self.rules = rules
        self.handling = handling

    def index_of(self, case: Case, material: str) -> str:
        """The material's place in the item's list: a number, or the name as the catalog gives it."""
        item = self.rules.item_of(case)
        places = range(len(item.materials) if item is not None else 0)
        known = dict.fromkeys([*(str(place) for place in places), *(index for index, _, _ in case.materials)])
        if material in known:
            return material
        if item is not None:
            with self.store.reading() as view:
                document = filing_body(view, case).get("application", {})
            for index in known:
                if material_name(item, document, index) == material:
                    return index
        raise TongbanError("not_found", what=material[:100])

    def offset(self, case_no: str, material: str, actor: Actor) -> dict[str, Any]:
        """Bytes held of an unfinished upload, and the size declared."""
        with self.store.reading() as view:
            case = find_case(view, case_no)
        index = self.index_of(case, material)
        declared = {i: size for i, _, size in case.materials}.get(index)
        return {"offset": max(0, self._held(self._path(case_no, index)) - SALT), "size": declared}

    def put(
        self, case_no: str, material: str, actor: Actor, offset: int, data: bytes, total: int, file_name: str, mime: str
    ) -> dict[str, Any]:
        """Append a piece. The answer has `offset`, and `complete` with the case or the request when the file is whole."""
        with self.store.reading() as view:
            case = find_case(view, case_no)
        index = self.index_of(case, material)
        self._check_size(case, index, total)
        path = self._path(case_no, index)
        if offset == 0:
            path.unlink(missing_ok=True)
        held = max(0, self._held(path) - SALT)
        if offset != held or offset + len(data) > total:
            raise TongbanError("invalid_input", {"Upload-Offset": "wrong_size"})
        self._append(path, data)
        if offset + len(data) < total:
            return {"offset": offset + len(data), "complete": False}
        result = self._finish(case_no, index, actor, path, total, mime, file_name)
        return {"offset": total, "complete": True, "status": result.status, **result.document}

    def _check_size(self, case: Case, index: str, total: int) -> None:
        if total <= 0:
            raise TongbanError("invalid_input", {"content": "empty"})
        if total > MAX_SIZE:
            raise TongbanError("too_large", limit="50 MB")
        declared = {i: size for i, blob, size in case.materials if not blob}.get(index)
        if declared and declared != total:
            raise TongbanError("invalid_input", {"content": "wrong_size"})

    def _finish(self, case_no: str, index: str, actor: Actor, path: Path, total: int, mime: str, file_name: str) -> ActResult:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        digest = file_hash(path)
        fields = {"material": index, "blob": digest, "size": total, "file_name": file_name[:200], "mime": mime[:100]}

        def command(tx: Tx) -> ActResult:
            tx.objects.put_file(path, digest, total + SALT)
            tx.objects.refer(digest, case_no, tx.identity.node_id)
            body = {"case": case_no, "action": "supply_material", "fields": fields, "version": None}
            return self.handling._act_or_ask(tx, find_case(tx, case_no), body, actor)

        return self.store.run(command)

    def _path(self, case_no: str, index: str) -> Path:
        name = hashlib.sha256(f"{case_no}/{index}".encode()).hexdigest()
        return self.store.files.folder / "uploads" / name

    def _held(self, path: Path) -> int:
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return 0

    def _append(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        with path.open("ab") as file:
            if new:
                file.write(os.urandom(SALT))
            file.write(data)
