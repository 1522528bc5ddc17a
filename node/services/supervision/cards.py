"""Signals for whoever supervises: what was derived here and what was served, by unit, rule and rung; one with the time of its case."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial

from node.domain.calendar import DAY_MS, day_of, end_of_day_ms
from node.domain.cases.access import CASE_ROLES, Function, require
from node.domain.cases.lateness import segments
from node.domain.model import Actor, Place, Role
from node.domain.supervision.appeals import CARD_STATES
from node.domain.supervision.card_documents import (
    CardDocument,
    CardSegment,
    CardsPage,
    CardSubject,
    CardTold,
    ChargedUnit,
    PostTold,
    WarningLetter,
)
from node.domain.supervision.filters import SIGNALS
from node.domain.supervision.orders import ORDER_RULE
from node.domain.supervision.recipients import HANDLER, STANDS_FOR, TOWNSHIP_DIRECTOR, posts_of, told
from node.domain.supervision.rulebook import RULES, RUNGS
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.supervision import query as asked
from node.services.supervision.card_words import rule_words
from node.services.supervision.one_card import OneCard
from node.services.times import iso
from node.services.tree.freshness import freshness
from node.store import signals, staff
from node.store.signals import Row
from node.store.store import Store, View

NAMES = (*SIGNALS, "limit")
LETTER_AT = 3  # warnings of one person on different cases in a month (A2)
CARD_RULES = (*RULES, ORDER_RULE)
STATES = (*CARD_STATES, "shown", "line", "nobody", "waiting")
_CURSOR = re.compile(r"(\d{1,18})\.([0-9a-f]{64})")


class Cards:
    """Reads of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store, self._rules = store, rules

    def listed(self, given: Mapping[str, str], actor: Actor) -> CardsPage:
        """A page, those that fell last first; narrowed by `rung`, `rule`, `state`, `case_no`, by `node` or `under` (division codes), by `item`,
        `kind` and `department`.

        Errors: `forbidden` first, then `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        before, limit = _asked(given)
        with self._store.reading() as view:
            charged, items = asked.answering(view, given), asked.items_of(self._rules.catalog, given)
            rungs = (given["rung"],) if given.get("rung") else ()
            wanted = signals.Wanted(
                rungs, given.get("rule", ""), charged, given.get("case_no", ""), given.get("state", ""), *items
            )
            found, total = signals.page(view.connection, wanted, before, limit + 1)
            last = found[limit - 1] if len(found) > limit else None
            return {
                **freshness(view, self._rules.calendar).document(), "cards": [self.document(view, one) for one in found[:limit]],
                "total": total, "in_use": self._rules.in_use(given.get("rule", "")),
                "next": f"{last.fell_ms}.{last.id.hex()}" if last is not None else None,
            }  # fmt: skip

    def one(self, id: str, actor: Actor) -> CardTold:
        """One signal. Errors: `forbidden`, `not_found`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        key = bytes.fromhex(id) if re.fullmatch(r"[0-9a-f]{64}", id) else b""
        with self._store.reading() as view:
            row = signals.one_of(view.connection, key)
            if row is None:
                raise TongbanError("not_found", what=id[:64])
            fresh = freshness(view, self._rules.calendar).document()
            one, proof = OneCard(view, self._rules, row), [entry.event.hash.hex() for entry in view.cases.entries(row.case_no)]
            sentence, sentence_en = one.sentences()
            return {
                **self.document(view, row), "segments": self._segments(view, row), "shares": one.shares(), "stretches": one.stretches(),
                "here": one.here(), "working": one.working(), "sentence": sentence, "sentence_en": sentence_en,
                "versions": one.versions(len(proof)), "history": one.history(), "told": self._told(view, row), "provable": bool(row.entry),
                "as_of": fresh["as_of"], "unknown_since": fresh["unknown_since"], "proof": proof,
            }  # fmt: skip

    def letters(self, actor: Actor) -> list[WarningLetter]:
        """提示函: who of this node's people had three warnings or more on different cases this month. Errors: `forbidden`."""
        require(Function.APPEAL_CARDS, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            day = day_of(view.now())
            first, names = end_of_day_ms(day.replace(day=1)) - DAY_MS, staff.names(view.connection)
            found: dict[str, list[str]] = {}
            for staff_id, case_no in signals.warned(view.connection, view.identity.node_id, first, view.now()):
                found.setdefault(staff_id, []).append(case_no)
        return [
            {"staff_id": one, "name": names.get(one, ""), "month": day.isoformat()[:7], "cases": cases}
            for one, cases in found.items() if len(cases) >= LETTER_AT
        ]  # fmt: skip

    def document(self, view: View, row: Row) -> CardDocument:
        """A signal as lists tell it."""
        said = self._rules.catalog.snapshot().supervisions.on(dt.date.fromisoformat(row.due))
        rung, server = said.rungs.get(row.counts_as), view.place(row.author) if row.author else None
        charged = self._charged(view, row)
        zh, en, law = rule_words(self._rules, row)
        return {
            "signal_id": row.id.hex(), "rule": row.rule, "zh": zh, "en": en, "law": law,
            "rung": row.counts_as, "rung_zh": rung.zh if rung else row.counts_as,
            "was_rung": row.rung if row.rung != row.counts_as else None, "case_no": row.case_no,
            "item_id": row.item_id, "unit": charged["unit"], "post": charged["post"], "staff_id": charged["staff_id"], "charged": charged,
            "moved_from": self._code(view, row.charged) if row.answers != row.charged else None,
            "subject": self._subject(view, row),
            "clock": row.clock, "limit": row.days, "due": row.due,
            "fired_at": iso(row.fell_ms), "fired_day": day_of(row.fell_ms - 1).isoformat(), "over_days": row.over_days,
            "recipients": list(rung.to) if rung else [], "cc": list(rung.cc) if rung else [], "state": row.state, "known": bool(row.known),
            "line_of": row.line_of.hex() or None, "served_by": server.code if server is not None else None,
            "served_at": iso(row.at_ms) if row.entry else None, "closed_at": iso(row.ended_ms), "appeal_id": row.appeal.hex() or None,
            "order_id": row.order_id.hex() or None,
            "evidence": [row.anchor.hex(), *([row.entry.hex()] if row.entry else [])],
        }  # fmt: skip

    def _subject(self, view: View, row: Row) -> CardSubject:
        """What a card is about: a case, an item, a unit, or an order that was not answered."""
        if row.rule == ORDER_RULE:
            return {"type": "order", "id": row.order_id.hex()}
        if row.case_no:
            return {"type": "case", "id": row.case_no}
        if row.item_id:
            return {"type": "item", "id": row.item_id}
        return {"type": "unit", "id": self._code(view, row.charged) or ""}

    def _told(self, view: View, row: Row) -> list[PostTold]:
        """The posts of its rung with who holds them, as far as they are this node's."""
        rung = self._rules.catalog.snapshot().supervisions.on(dt.date.fromisoformat(row.due)).rungs.get(row.counts_as)
        place = view.place(row.answers) if row.answers else None
        if rung is None or place is None:
            return []
        me, found = view.identity.node_id, told(posts_of(rung, place.tier), partial(_holders, view, place, row))
        known = me in (place.node_id, place.parent)
        return [
            {"post": one.post, "names": list(one.names or ()), "state": one.state, "falls_to": one.falls_to if known else ""} for one in found
        ]  # fmt: skip

    def _charged(self, view: View, row: Row) -> ChargedUnit:
        """The person to the node itself and its parent only; of a card that was moved nobody yet."""
        me, code = view.identity.node_id, self._code(view, row.answers)
        near = row.answers == row.charged and me in (row.charged, view.trust.parent(row.charged) if row.charged else None)
        return {"node": code, "unit": code, "post": None, "staff_id": (row.staff_id or None) if near else None}

    def _code(self, view: View, node: bytes) -> str | None:
        place = view.place(node) if node else None
        return place.code if place is not None else None

    def _segments(self, view: View, row: Row) -> list[CardSegment]:
        case, cal = view.cases.get(row.case_no), self._rules.calendar
        found: list[CardSegment] = []
        for one in segments(case, now_ms=view.now()) if case is not None else ():
            place = view.place(one.node)
            code = place.code if place is not None else None
            found.append({
                "node": code, "unit": code, "kind": one.kind, "start": iso(one.start), "end": iso(one.end) if one.end else None,
                "workdays": one.workdays(cal, view.now()),
            })  # fmt: skip
        return found


def _holders(view: View, place: Place, row: Row, post: str) -> list[str] | None:
    """Who holds a post of a unit: at the unit itself, of a village's township at that. Nobody's case is of all who work on cases there,
    and what was found of an item or a catalog of who edits it."""
    me, names = view.identity.node_id, staff.names(view.connection)
    if me != (place.parent if post == TOWNSHIP_DIRECTOR else place.node_id):
        return None
    if post == HANDLER and row.staff_id:
        return [names[row.staff_id]] if row.staff_id in names else []
    working = [str(role) for role in CASE_ROLES[place.tier] if role not in (Role.DIRECTOR, Role.INTEGRATION)]
    if not row.case_no and row.rule != ORDER_RULE:
        working = [str(Role.CATALOG_EDITOR)]
    roles = working if post == HANDLER else [STANDS_FOR.get(post, "director" if post == TOWNSHIP_DIRECTOR else "")]
    return [one.name for role in roles if role for one in staff.active_with_role(view.connection, role)]


def _asked(given: Mapping[str, str]) -> tuple[tuple[int, bytes], int]:
    """Where a page begins and how long it is. Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in NAMES}
    for name, choices in (("rung", RUNGS), ("rule", CARD_RULES), ("state", STATES)):
        asked.chosen(flaws, name, given.get(name, ""), choices)
    match = _CURSOR.fullmatch(given.get("cursor", ""))
    if given.get("cursor") and match is None:
        flaws["cursor"] = "not_a_page"
    if flaws:
        raise TongbanError("invalid_input", flaws)
    before = (int(match[1]), bytes.fromhex(match[2])) if match is not None else signals.NEWEST
    return before, asked.limit_of(given.get("limit", ""))
