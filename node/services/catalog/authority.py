"""The authority record at one node: what is in force, and which of its items lack a row, so that their papers name no 机关代字.

An office without a row still issues papers (`node.domain.papers.organs`), with numbers of its own center; the list here is what is to
be put right. A village accepts nothing and needs none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from node.domain.calendar import day_of
from node.domain.cases.access import Function, require
from node.domain.catalog.authority import Authorities, Record, as_csv, read_rows
from node.domain.catalog.authority_documents import AuthorityDocument, Difference, Missing, Preview
from node.domain.catalog.faults import note_document
from node.domain.catalog.item import Item
from node.domain.model import Actor
from node.domain.published import AUTHORITY
from node.services.catalog.catalog import CatalogService
from node.services.catalog.kept_files import ComesAsFile
from node.store.store import Store


class AuthorityService(ComesAsFile):
    """The record as one node reads and publishes it."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        super().__init__(store, catalog, AUTHORITY)

    def in_force(self) -> Authorities:
        return self._catalog.snapshot().of(AUTHORITY)

    def document(self, actor: Actor) -> AuthorityDocument:
        """Errors: `forbidden`."""
        require(Function.READ_CATALOG, self._store.place.tier, actor.role)
        found = self.in_force()
        rows = [one.cells() for one in sorted(found.rows, key=lambda one: one.key)]
        return AuthorityDocument(revision=found.revision, records=rows, missing=self.missing(), names=self._names(found.rows))

    def _names(self, records: Iterable[Record]) -> dict[str, str]:
        """What the offices and items of rows are called, of those that are known here."""
        items, divisions = self._catalog.items(), self._catalog.divisions()
        found: dict[str, str] = {}
        for one in records:
            if one.item_id in items:
                found[one.item_id] = items[one.item_id].name
            if division := divisions.get(one.node[:12]):
                found[one.node] = division.name
        return found

    def missing(self) -> list[Missing]:
        """What this office offers without knowing in whose name."""
        place = self._store.place
        if place.tier == "village":
            return []
        found, today = self.in_force(), day_of(self._store.now())
        items = self._catalog.items()
        taken = [items[key] for key in sorted(items) if _is_of(items[key], place.tier)]
        return [_missing(place.code, item, why) for item in taken if (why := _why(found, place.code, item, today))]

    def as_file(self) -> bytes:
        return as_csv(self.in_force().rows)

    def preview(self, data: bytes, actor: Actor) -> Preview:
        """What a file would change. Errors: `forbidden`, `invalid_input` for an empty one."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        lines, faults = read_rows(data)
        now, then = self.in_force().by_key, {one.key: one for _, one in lines}
        differences = [] if faults else _differences(now, then)
        return Preview(
            rows=len(lines), differences=differences, removed=sum(one["kind"] == "removed" for one in differences),
            unknown=self._unknown(then.values()) if not faults else [],
            names=self._names([*now.values(), *then.values()]), errors=[note_document(one) for one in faults],
        )  # fmt: skip

    def _unknown(self, records: Iterable[Record]) -> list[str]:
        codes, items = self._store.trust.live_codes(), self._catalog.items()
        departments = {item.department for item in items.values()}
        found: list[str] = []
        for one in records:
            found += [one.node] if one.node not in codes else []
            found += [one.item_id] if one.item_id and one.item_id not in items else []
            found += [one.department] if one.department and one.department not in departments else []
        return sorted(set(found))


def _is_of(item: Item, tier: str) -> bool:
    """Whether an office of this tier takes or decides the item."""
    return tier in item.accept_levels or item.approval_level == tier


def _why(found: Authorities, node: str, item: Item, today: dt.date) -> str:
    record = found.find(node, item.item_id, item.department)
    if record is None:
        return "none"
    if record.holds_on(today):
        return ""
    return "ended" if record.until is not None and record.until < today else "not_begun"


def _missing(node: str, item: Item, why: str) -> Missing:
    return Missing(node=node, item_id=item.item_id, name=item.name, department=item.department, why=why)


def _differences(now: Mapping[tuple[str, str, str], Record], then: Mapping[tuple[str, str, str], Record]) -> list[Difference]:
    found = []
    for key in sorted({*now, *then}):
        old, new = now.get(key), then.get(key)
        if old != new:
            kind = "added" if old is None else "removed" if new is None else "changed"
            found.append(
                Difference(
                    kind=kind, node=key[0], about=key[2] or key[1] or "*", old=old.cells() if old is not None else {},
                    new=new.cells() if new is not None else {},
                )
            )  # fmt: skip
    return found
