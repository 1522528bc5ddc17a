"""Appeals as documents, within one view. Words are told to who has them: those who take part."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from node.domain import notes
from node.domain.cases.bodies import signed_by
from node.domain.supervision.appeal_documents import AppealAct, AppealDocument, AppealList, AppealListed, OpenCard, OpenCards
from node.domain.supervision.appeals import FINAL, STATES, Act, due, waited_for
from node.domain.supervision.attached import attached_in
from node.domain.supervision.order_documents import OrderOffice
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.supervision import query as asked_of
from node.services.supervision.card_words import rule_words
from node.services.supervision.noted import body_of
from node.services.times import iso
from node.services.tree.freshness import freshness, unheard_since
from node.store import appeals as table
from node.store import signals
from node.store.appeals import Asked, Whole
from node.store.store import View

_PLACE = re.compile(r"[0-9]{18}\.[0-9a-f]{64}")
EVIDENCE = "evidence"  # the field of the files in the words of an appeal


class AppealRows:
    """Makes them."""

    def __init__(self, view: View, rules: Rules) -> None:
        self._view, self._rules, self._cal = view, rules, rules.calendar
        self._named = office_namer(view, rules.catalog.divisions())

    def page(self, given: Mapping[str, str]) -> AppealList:
        """Errors: `invalid_input`."""
        limit, before = asked_of.newest(given, {"box": table.BOXES, "state": STATES})
        asked = Asked(given.get("box", ""), given.get("state", ""), given.get("case_no", ""))
        rows, total = table.page(self._view, asked, before, limit + 1)
        wholes = [found for row in rows[:limit] if (found := table.whole(self._view, row.card)) is not None]
        return {
            **freshness(self._view, self._cal).document(), "appeals": [self.row(one) for one in wholes], "total": total,
            "next": str(rows[limit - 1].since) if len(rows) > limit else None,
        }  # fmt: skip

    def row(self, found: Whole) -> AppealListed:
        row, appeal = found.row, found.appeal
        card, last = signals.one_of(self._view.connection, row.card), due(appeal, self._cal)
        silent = min(
            (at for node in waited_for(appeal) if (at := unheard_since(self._view, node, self._cal, last)) is not None), default=0
        )
        zh, en, _ = rule_words(self._rules, card) if card else ("", "", "")
        return {
            "appeal_id": row.id.hex(), "signal_id": row.card.hex(), "case_no": row.case_no, "rule": card.rule if card else "", "zh": zh, "en": en,
            "rung": card.rung if card else "", "unit": self._of(row.unit), "decider": self._of(row.decider),
            "reviewer": self._of(row.reviewer), "state": row.state, "ground": row.ground, "outcome": row.outcome or None,
            "to_unit": self._office(row.to_unit), "lapsed": row.lapsed or None, "filed_at": iso(row.filed_ms),
            "final_at": iso(row.final_ms), "due": last.isoformat() if last is not None else None,
            "unknown_since": iso(silent) if row.state != FINAL else None,
        }  # fmt: skip

    def document(self, found: Whole, actions: Sequence[str]) -> AppealDocument:
        said = body_of(self._view, found, found.appeal.id)
        text = said.get("text")
        return {
            **self.row(found), "words": "here" if said else "elsewhere", "text": text if isinstance(text, str) else "",
            "evidence": attached_in(said, EVIDENCE), "arrived": iso(found.row.arrived),
            "history": [self._act(found, act) for act in found.appeal.acts], "actions": list(actions),
        }  # fmt: skip

    def _act(self, found: Whole, act: Act) -> AppealAct:
        body, place = body_of(self._view, found, act.id), self._of(act.author)
        outcome, unit, what = (act.facts.get(name) for name in ("outcome", "unit", "what"))
        said = next((text for name in ("reason", "text") if isinstance(text := body.get(name), str) and text), None)
        return {
            "kind": act.kind, "at": iso(act.at), "node": place["node"], "node_name": place["name"], "staff_id": act.staff_id,
            "staff_name": signed_by(body) or None, "outcome": outcome if isinstance(outcome, str) else None,
            "to_unit": self._office(unit if isinstance(unit, str) else ""), "lapsed": what if isinstance(what, str) else None,
            "text": said if act.kind != notes.APPEAL_FILED else None,
        }  # fmt: skip

    def open_cards(self, cursor: str, only: str) -> OpenCards:
        """A page of the cards of this unit against which it may still appeal, the most urgent first; `only`: of this one. Errors:
        `invalid_input`."""
        if cursor and not _PLACE.fullmatch(cursor):
            raise TongbanError("invalid_input", {"cursor": "not_a_page"})
        every = [one for one in table.still_open(self._view, self._cal) if only in ("", one[0].hex())]
        keys = [f"{came:018}.{card.hex()}" for card, came, _ in every]
        begin = bisect_right(keys, cursor) if cursor else 0
        end = begin + asked_of.PAGE
        following = keys[end - 1] if end < len(every) else None
        return {"cards": self._open(every[begin:end]), "total": len(every), "next": following}

    def _open(self, cards: Sequence[tuple[bytes, int, dt.date]]) -> list[OpenCard]:
        found = list[OpenCard]()
        for card, came, last in cards:
            row = signals.one_of(self._view.connection, card)
            if row is not None:
                zh, en, _ = rule_words(self._rules, row)
                found.append({
                    "signal_id": card.hex(), "case_no": row.case_no, "rule": row.rule, "zh": zh, "en": en, "rung": row.rung,
                    "arrived": iso(came), "due": last.isoformat(),
                })  # fmt: skip
        return found

    def _of(self, node: bytes) -> OrderOffice:
        place = self._view.place(node)
        code = place.code if place is not None else None
        return {"node": code, "name": self._named(code) if code else ""}

    def _office(self, code: str) -> OrderOffice | None:
        return {"node": code, "name": self._named(code)} if code else None
