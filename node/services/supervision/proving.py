"""The proof of a card: signed entries and published documents from which anybody can recompute it (`scripts/check_card.py`).

It holds no body: no applicant stands in it, nor the words of an order. What it needs of the other cases of the same node are headers between
its last act and what its parent had of it, so that nobody can leave an act out.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Sequence

from federation.protocol.envelope import decode_header
from node.domain.cases.access import Function, require
from node.domain.model import Actor
from node.domain.notes import ORDER_REMINDED, ORDER_RETURNED, ORDER_SIGNED, is_about
from node.domain.published import CALENDAR, RULES
from node.domain.reports.story import Position
from node.domain.supervision.orders import ORDER_RULE
from node.domain.tree import heard
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.store import catalog_tables as tables
from node.store import findings, orders, proofs, signals
from node.store.acts import Kept
from node.store.catalog import chain_of
from node.store.proofs import Signed
from node.store.signals import Row
from node.store.store import Store, View

_ID = re.compile("[0-9a-f]{64}")
_ISSUERS = (ORDER_SIGNED, ORDER_RETURNED, ORDER_REMINDED)  # what an issuer writes of an order while it is not answered


class Proving:
    """Writes proofs at one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules

    def proof(self, card: str, actor: Actor) -> bytes:
        """The proof of a served card as a file. Errors: `forbidden`, `not_found` (also of one that is not served)."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            row = signals.one_of(view.connection, bytes.fromhex(card)) if _ID.fullmatch(card) else None
            if row is None or not row.entry:
                raise TongbanError("not_found", what=card[:64])
            ways = {True: (self._entries, self._documents), False: (self._of_finding, self._item)}
            of, documents_of = ways[bool(row.case_no)] if row.rule != ORDER_RULE else (self._of_order, lambda view, row: [])
            entries, documents = list(dict.fromkeys(of(view, row))), documents_of(view, row)
        found = {
            "format": "tongban card proof 1", "card": card, "entries": [[_text(header), _text(signature)] for header, signature in entries],
            "documents": [_text(one) for one in documents],
        }  # fmt: skip
        return json.dumps(found, indent=1).encode()

    def _entries(self, view: View, row: Row) -> Iterable[Signed]:
        events = view.cases.entries(row.case_no)
        standing = view.cases.standing(row.case_no)
        left = {*standing.void, *standing.parked} if standing is not None else set()
        events = sorted((one for one in events if one.event.hash not in left), key=lambda one: one.event.version)
        authors = {one.event.author for one in events} | {row.charged, row.author}
        path = {node for author in authors for node in (author, *view.trust.ancestors(author))}
        connection = view.connection
        yield from proofs.of_tree(connection, sorted(path))
        yield from proofs.by_hash(connection, row.case_no, [one.event.hash for one in events])
        yield from proofs.note(connection, row.entry)
        yield from proofs.arrived(connection, [one.arrival for one, _ in self._published(view)])
        for author in authors:
            acts = [(one.epoch, one.seq) for one in events if one.event.author == author]
            before = [(one.epoch, one.seq) for one in events if one.event.author == author and one.event.at < row.fell_ms]
            yield from self._heard(view, row, author, acts, max(before, default=None))

    def _of_order(self, view: View, row: Row) -> Iterable[Signed]:
        """Of the card of an order that was not answered: its acts until then, when it reached the unit, and all that the unit wrote since."""
        found = orders.whole(view, row.order_id)
        if found is None:
            return
        said = found.kept.get(row.anchor)
        if said is None:
            return
        acts = [one for one in found.kept.values() if one.author == said.author and one.fields.position <= said.fields.position]
        acts = [one for one in acts if one.fields.kind in _ISSUERS]
        came = _came(acts, list(found.kept.values()), row.charged)
        path = {node for author in (said.author, row.charged, row.author) for node in (author, *view.trust.ancestors(author))}
        yield from proofs.of_tree(view.connection, sorted(path))
        yield from proofs.arrived(view.connection, [one.arrival for one in (*acts, *came)])
        yield from proofs.note(view.connection, row.entry)
        yield from self._heard(view, row, row.charged, [one.fields.position for one in came], None)

    def _of_finding(self, view: View, row: Row) -> Iterable[Signed]:
        """Of what was found of an item or a unit: the word of who confirmed it, and the card."""
        said = findings.confirmation(view.connection, row.anchor, row.rule)
        authors = [row.charged, row.author, *([said[1]] if said is not None else [])]
        yield from proofs.of_tree(
            view.connection, sorted({node for one in authors for node in (one, *view.trust.ancestors(one))})
        )
        for entry in (*([said[0]] if said is not None else []), row.entry):
            yield from proofs.note(view.connection, entry)

    def _item(self, view: View, row: Row) -> list[bytes]:
        """The item as it was published, where it is known here."""
        item = tables.item_by_hash(view.connection, row.item_id, row.anchor) if row.item_id else None
        return [item.document.encode()] if item is not None else []

    def _heard(self, view: View, row: Row, author: bytes, acts: Sequence[Position], last: Position | None) -> Iterable[Signed]:
        """What its parent wrote of a node from its first act until it was heard past the card, and all that the node wrote meanwhile, from
        its last act before the card fell."""
        parent = view.trust.parent(author)
        if parent is None or not acts:
            return
        name, mark = heard.name_of(author), (0, 0)
        for header, signature in proofs.words_of(view.connection, parent, heard.KIND):
            fields = decode_header(header)
            word = heard.read(fields.facts)
            if word is None:
                continue
            mark = max(mark, word.advanced.get(name, (0, 0)))
            if mark >= acts[0]:
                yield header, signature
            if name in word.spoke and min(word.at_ms, fields.recorded_at) >= row.fell_ms and mark >= acts[-1]:
                break
        yield from proofs.chain(view.connection, author, last or acts[0], mark)

    def _published(self, view: View) -> list[tuple[tables.Publication, str]]:
        root = chain_of(view)[0]
        return [one for kind in (CALENDAR.name, RULES) for one in tables.documents_of(view.connection, root, kind)]

    def _documents(self, view: View, row: Row) -> list[bytes]:
        case = view.cases.get(row.case_no)
        found = [document.encode() for _, document in self._published(view)]
        item = tables.item_by_hash(view.connection, case.item_id, case.item_hash) if case is not None else None
        return [*found, item.document.encode()] if item is not None else found


def _came(acts: Sequence[Kept], kept: Sequence[Kept], unit: bytes) -> list[Kept]:
    """What says that the last demand had reached the unit: its note, or the demand itself where both are one node; [] where nothing does."""
    demand = max((one for one in acts if one.fields.kind != ORDER_REMINDED), key=lambda one: one.fields.position, default=None)
    if demand is None or demand.author == unit:
        return [demand] if demand is not None else []
    return [one for one in kept if one.author == unit and is_about(one.fields.facts) == demand.id][:1]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
