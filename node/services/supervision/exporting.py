"""The facts of cases as files for other tools: codes, days and numbers, nothing of who applied. A file a month of filing.

CSV always, Parquet with the extra `analysis`. A month that says the same as before is not written again: `facts.json` beside the files keeps
what each held, so an export may run every night. Late facts change the month of their case, and its file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from node.domain.cases.access import Function, require
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.supervision import query as asked
from node.store import facts, parquet
from node.store.facts import Fact
from node.store.parquet import COLUMNS
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.cases.context import Rules

FORMATS = ("csv", "parquet")
MANIFEST = "facts.json"
FORMAT = 2  # files of another are written anew
IN_TIME = ("in_time", "late", "unlimited")


class Exported(TypedDict):
    """A file: its name, its cases, and whether it was written or said the same already."""

    file: str
    cases: int
    written: bool


class Exporting:
    """Writes files from what one node knows."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def months(self, folder: Path, kind: str, actor: Actor) -> list[int]:
        """The months there are files of, and a folder for them; files of months that are no more are taken away. Errors: `forbidden`,
        `invalid_input` for a format there is not, `extra_missing`, `cannot_write`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        if kind not in FORMATS:
            raise TongbanError("invalid_input", {"format": "not_a_choice"})
        if kind == "parquet":
            parquet.check()
        with self._store.reading() as view:
            found = facts.months(view.connection)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _forget(folder, kind, {_named(month, kind) for month in found})
        except OSError as error:
            raise _refused(folder, error) from None
        return found

    def month(self, month: int, folder: Path, kind: str, actor: Actor) -> Exported:
        """Write the file of a month, unless it says the same already. Errors: as `months`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            text, cases = self._text(view, month)
        name = _named(month, kind)
        try:
            return {"file": name, "cases": cases, "written": _put(folder, name, kind, text, cases)}
        except OSError as error:
            raise _refused(folder, error) from None

    def _text(self, view: View, month: int) -> tuple[bytes, int]:
        """A month as CSV, and how many cases."""
        said = {one: (item.case_type, item.department) for one, item in asked.all_items(self._rules.catalog).items()}
        text, cases = io.StringIO(), 0
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(COLUMNS)
        for row in self._lines(view, month, said):
            lines.writerow(row)
            cases += 1
        return text.getvalue().encode(), cases

    def _lines(self, view: View, month: int, said: Mapping[str, tuple[str, str]]) -> Iterator[list[object]]:
        codes = {node.node_id: node.code for node in view.trust.nodes()}

        def line(one: Fact) -> list[object]:
            kind, department = said.get(one.item, ("", ""))
            decided = [
                one.decided,
                codes.get(one.decider, ""),
                one.decider.hex(),
                one.decision,
                one.days,
                one.paused,
                IN_TIME[one.late],
                codes.get(one.late_by, ""),
                one.late_by.hex(),
            ]
            return [
                one.case_no, one.item, kind, department, one.filed, codes.get(one.origin, ""), one.origin.hex(),
                *(decided if one.decided else [""] * len(decided)),
            ]  # fmt: skip

        return (line(one) for one in facts.of_month(view.connection, month))


def files(folder: Path) -> list[Path]:
    """The exported Parquet files of a folder, oldest month first. Errors: `not_found` when there is none."""
    found = sorted(folder / name for name in _manifest(folder) if name.endswith(".parquet"))
    if not found:
        raise TongbanError("not_found", what=f"facts-*.parquet: {folder}")
    return found


def places(view: View, dimensions: Collection[str]) -> dict[bytes, tuple[bytes, str]]:
    """Each node -> the branch of this node in which it stands (the node itself where it stands in none), and its tier; of both what the
    dimensions ask for."""
    here, trust = view.identity.node_id, view.trust
    found: dict[bytes, tuple[bytes, str]] = {}
    for node in trust.nodes():
        path = list(trust.path(node.node_id))
        below = node.node_id != here and here in path
        branch = path[path.index(here) - 1] if below else node.node_id
        found[node.node_id] = (branch if "unit" in dimensions else b"", node.tier if "tier" in dimensions else "")
    return found


def _named(month: int, kind: str) -> str:
    return f"facts-{month // 100:04}-{month % 100:02}.{kind}"


def _manifest(folder: Path) -> dict[str, str]:
    """File -> digest of what it holds; nothing where there is none, or it cannot be read."""
    try:
        document = json.loads((folder / MANIFEST).read_text("utf-8"))
        kept = document["files"].items() if document["format"] == FORMAT else ()
        return {str(name): str(digest) for name, digest in kept if (folder / str(name)).is_file()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(folder: Path, manifest: Mapping[str, str]) -> None:
    document = {"format": FORMAT, "files": dict(sorted(manifest.items()))}
    _whole(folder / MANIFEST, json.dumps(document, indent=1).encode())


def _put(folder: Path, name: str, kind: str, text: bytes, cases: int) -> bool:
    """Whether it was written."""
    manifest, digest = _manifest(folder), hashlib.sha256(text).hexdigest()
    if manifest.get(name) == digest:
        return False
    target = folder / name
    if kind == "csv":
        _whole(target, text)
    else:
        source = target.with_suffix(".tmp")
        source.write_bytes(text)
        try:
            parquet.write(source, target)
        finally:
            source.unlink(missing_ok=True)
    _keep(folder, {**manifest, name: digest})
    return True


def _forget(folder: Path, kind: str, names: set[str]) -> None:
    manifest = _manifest(folder)
    gone = {name for name in manifest if name.endswith("." + kind) and name not in names}
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    if gone:
        _keep(folder, {name: digest for name, digest in manifest.items() if name not in gone})


def _whole(path: Path, data: bytes) -> None:
    """Written whole or not at all."""
    half = path.with_suffix(path.suffix + ".part")
    half.write_bytes(data)
    os.replace(half, path)


def _refused(folder: Path, error: OSError) -> TongbanError:
    return TongbanError("cannot_write", path=str(folder), reason=error.strerror or str(error))
