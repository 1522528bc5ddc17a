"""Appeals against cards (申诉, DOMAIN A5, INTERFACE "Oversight"): filed by the head of the charged unit, decided by who served the card, reviewed
once by the node above.

Every act is a note for all who take part: the charged unit, the node that served the card and the nodes above it, and the unit that a decision
names. Nothing here writes an event of a case. What lapses is written by a node above, and only when whoever was to act is known past the day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from node.domain import notes
from node.domain.calendar import day_of
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.cases.bodies import signature
from node.domain.model import SYSTEM, Actor, Facts, Role
from node.domain.supervision.appeal_documents import (
    AppealDocument,
    AppealList,
    AppealMade,
    OpenCards,
    function_of,
    read_application,
    read_filing,
    read_ruling,
)
from node.domain.supervision.appeals import ACTIONS, REASSIGN, TO_DECIDE, Parties, due, file_due, next_lapse, why_not, writer
from node.domain.supervision.attached import content_of
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.supervision.appeal_rows import EVIDENCE, AppealRows
from node.services.supervision.noted import body_of
from node.services.tree.freshness import Knowledge
from node.store import appeals as table
from node.store import carriage, signals, staff
from node.store.appeals import Whole
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

BODY_CLASS = "appeal"
_KINDS = {"decide": notes.APPEAL_DECIDED, "apply": notes.REVIEW_ASKED, "review": notes.REVIEW_DECIDED}
_HASH = re.compile("[0-9a-f]{64}")


class Appeals:
    """The appeals of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self.store = store
        self.rules = rules
        self.secret = secret

    # reading -------------------------------------------------------------------------------------------------------

    def listed(self, given: Mapping[str, str], actor: Actor) -> AppealList:
        """A page, the newest first; `box` (sent, received, below), `state` and `case_no` narrow it.

        Errors: `forbidden` first, then `invalid_input`."""
        access.require(Function.OVERSIGHT, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return AppealRows(view, self.rules).page(given)

    def one(self, id: str, actor: Actor) -> AppealDocument:
        """An appeal with its acts. Errors: `forbidden`, `not_found`."""
        access.require(Function.OVERSIGHT, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            found = self._whole(view, id)
            may = [one for one in ACTIONS if self._may(view, found, one, actor) and not self._refused(view, found, one, actor)]
            return AppealRows(view, self.rules).document(found, may)

    def evidence(self, id: str, n: int, actor: Actor) -> tuple[str, bytes]:
        """(name, bytes) of a file beside an appeal. Errors: `forbidden`, `not_found` also where its words are not here."""
        access.require(Function.OVERSIGHT, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            found = self._whole(view, id)
            file = content_of(body_of(view, found, found.appeal.id), EVIDENCE, n)
        if file is None:
            raise TongbanError("not_found", what=str(n))
        return file

    def waiting(self) -> int:
        """How many appeals wait for this node: to be decided or reviewed. Errors: none."""
        with self.store.reading() as view:
            return table.waiting(view)

    def open_cards(self, actor: Actor, cursor: str = "", only: str = "") -> OpenCards:
        """A page of the cards of this unit against which it may still appeal, the most urgent first; `only`: of the one with this id. Errors:
        `forbidden` first, then `invalid_input`."""
        access.require(Function.OVERSIGHT, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            return AppealRows(view, self.rules).open_cards(cursor, only)

    # acting ----------------------------------------------------------------------------------------------------------

    def file(self, card: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> AppealMade:
        """Appeal against a card of this unit.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed` with the rule, `idempotency_conflict`."""
        access.require(Function.APPEAL_CARDS, self.store.place.tier, actor.role)
        return self.store.run(lambda tx: self._file(tx, card, given, actor, idempotency_key))

    def _file(self, tx: Tx, id: str, given: Mapping[str, object], actor: Actor, key: str | None) -> AppealMade:
        repeats, said = Repeats(tx, self.secret), {"appeal": id, "given": dict(given)}
        if (before := repeats.find(actor.staff_id, key, said)) is not None:
            return AppealMade(appeal_id=str(before[1]["appeal_id"]), state="filed")
        card = bytes.fromhex(id) if _HASH.fullmatch(id) else b""
        parties = table.parties_of(tx, card)
        signal = signals.one_of(tx.connection, card) if parties is None else None
        charged = parties.unit if parties is not None else signal.charged if signal is not None else b""
        if charged != tx.identity.node_id:
            raise TongbanError("not_found", what=id[:64])
        ground, text, files = read_filing(given)
        if parties is None:
            raise TongbanError("guard_failed", rule="这条监察信号没有送达，只有上级送达本单位的才能申诉")
        arrived = table.arrived_at(tx, card)
        if table.whole(tx, card) is not None:
            raise TongbanError("guard_failed", rule="这张监察信号已经申诉过，只能申诉一次")
        if day_of(tx.now()) > file_due(arrived, self.rules.calendar):
            raise TongbanError("guard_failed", rule="监察信号送达已超过3个工作日，不能再申诉")
        made = self._write(
            tx, notes.APPEAL_FILED, card, parties, {"ground": ground, "arrived": arrived},
            {"text": text, EVIDENCE: files, **signature(actor.name)}, actor.staff_id,
        )  # fmt: skip
        answer = AppealMade(appeal_id=made.hex(), state="filed")
        repeats.keep(actor.staff_id, key, said, 201, answer)
        return answer

    def act(
        self, id: str, action: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> AppealDocument:  # fmt: skip
        """decide or review an appeal that is for this node; apply for the review of a decision.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed` with the rule, `idempotency_conflict`."""
        if action not in ACTIONS:
            access.require(Function.OVERSIGHT, self.store.place.tier, actor.role)
            raise TongbanError("not_found", what="action")
        access.require(function_of(action), self.store.place.tier, actor.role)
        self.store.run(lambda tx: self._act(tx, id, action, given, actor, idempotency_key))
        return self.one(id, actor)

    def _act(self, tx: Tx, id: str, action: str, given: Mapping[str, object], actor: Actor, key: str | None) -> None:
        repeats, said = Repeats(tx, self.secret), {"appeal": id, "act": action, "given": dict(given)}
        if repeats.find(actor.staff_id, key, said) is not None:
            return
        found = self._whole(tx, id)
        if not self._may(tx, found, action, actor):
            raise TongbanError("not_found", what=id[:64])
        if action == "apply":
            facts, words = dict[str, str](), {"text": read_application(given)}
        else:
            outcome, unit, reason = read_ruling(given)
            facts, words = {"outcome": outcome, "unit": self._named(tx, outcome, unit)}, {"reason": reason}
        if reason := self._refused(tx, found, action, actor):
            raise TongbanError("guard_failed", rule=reason)
        appeal: Facts = {"appeal": found.appeal.id, **facts}
        self._write(
            tx, _KINDS[action], found.row.card, found.appeal.parties, appeal, {**words, **signature(actor.name)}, actor.staff_id,
            also=facts.get("unit", "") or found.appeal.to_unit,
        )  # fmt: skip
        repeats.keep(actor.staff_id, key, said, 200, {"appeal_id": id})

    def _named(self, tx: Tx, outcome: str, code: str) -> str:
        """The unit that a card is moved to: this node's own hall or a node below."""
        if outcome != REASSIGN:
            return ""
        place, me = tx.find_code(code), tx.identity.node_id
        if place is None:
            raise TongbanError("invalid_input", {"unit": "unknown_division"})
        if place.node_id != me and not tx.trust.is_below(place.node_id, me):
            raise TongbanError("guard_failed", rule="只能改定为本单位或者已经接入的下级单位")
        return place.code

    def _may(self, view: View | Tx, found: Whole, action: str, actor: Actor) -> bool:
        """Whether an act is this node's and this person's, whatever the state."""
        me, appeal = view.identity.node_id, found.appeal
        nodes = {"decide": (appeal.decider,), "review": (appeal.reviewer,)}.get(action, appeal.applicants)
        return me in nodes and access.has(function_of(action), view.identity.tier, actor.role)

    def _refused(self, view: View | Tx, found: Whole, action: str, actor: Actor) -> str:
        """Why an act is not done now, in words; "" when it may be."""
        appeal, last = found.appeal, due(found.appeal, self.rules.calendar)
        if reason := why_not(appeal, action):
            return reason
        if last is not None and day_of(view.now()) > last:
            return "已超过申请复核的期限" if action == "apply" else "已超过决定期限，申诉视为成立"
        if action == "decide" and actor.staff_id in table.confirmers(view, found.row.card):
            return "认定这个问题的人不能决定对它的申诉，请由他人办理"
        first = found.kept[appeal.id]
        if action != "apply" and first.author == view.identity.node_id and first.fields.staff_id == actor.staff_id:
            return "提出申诉的人不能决定自己的申诉，请由他人办理"
        decided = appeal.last(notes.APPEAL_DECIDED)
        mine = decided is not None and decided.author == view.identity.node_id and decided.staff_id == actor.staff_id
        return "作出决定的人不能复核自己的决定，请由他人办理" if action == "review" and mine else ""

    def _whole(self, view: View | Tx, id: str) -> Whole:
        card = table.by_id(view, bytes.fromhex(id)) if _HASH.fullmatch(id) else None
        found = table.whole(view, card) if card is not None else None
        if found is None:
            raise TongbanError("not_found", what=id[:64])
        return found

    def _write(
        self, tx: Tx, kind: str, card: bytes, parties: Parties, facts: Facts, words: Mapping[str, object], staff_id: str, also: str = "",
    ) -> bytes:  # fmt: skip
        """An act as a note for all who take part. Errors: `guard_failed` when too many notes are under way."""
        places = [tx.place(node) for node in dict.fromkeys((parties.unit, *parties.chain))]
        codes = dict.fromkeys([*(place.code for place in places if place is not None), *([also] if also else [])])
        to = tuple(code for code in codes if code != tx.identity.code)
        carriage.require_room(tx, len(to))
        case = tx.connection.execute("SELECT case_no FROM served WHERE id=?", (card,)).fetchone()
        body = tx.encode_body(dict(words)) if words else None
        draft = Draft(
            kind, "note", {notes.TO: to, "card": card, **facts}, subject=case[0], staff_id=staff_id, body=body,
            body_class=BODY_CLASS if body else "",
        )  # fmt: skip
        return tx.journal.append(draft).hash

    # by the limits ---------------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Write what lapsed, and pass up what nobody here may decide; answers how many."""
        with self.store.reading() as view:
            cards = [card for card in table.running(view) if self._due(view, card) is not None]
        return sum(self.store.run(lambda tx, card=card: self._move(tx, card)) for card in cards)  # type: ignore[misc]

    def _due(self, view: View | Tx, card: bytes) -> tuple[Whole, str, Facts] | None:
        """(the appeal, kind of the act, its facts) that this node has to write by itself."""
        found = table.whole(view, card)
        if found is None:
            return None
        lapse = next_lapse(found.appeal, self.rules.calendar, Knowledge(view).until)
        if lapse and writer(found.appeal, lapse) == view.identity.node_id:
            return found, notes.APPEAL_LAPSED, {"what": lapse}
        return (found, notes.APPEAL_PASSED, {}) if self._nobody_here(view, found) else None

    def _nobody_here(self, view: View | Tx, found: Whole) -> bool:
        """Whether all who could decide here confirmed the finding, and there is a node above."""
        appeal, tier = found.appeal, view.identity.tier
        if (
            appeal.passed
            or appeal.state not in TO_DECIDE
            or appeal.decider != view.identity.node_id
            or len(appeal.parties.chain) < 2
        ):
            return False
        confirmed = table.confirmers(view, found.row.card)
        people = [one for one in staff.everyone(view.connection) if one.active] if confirmed else []
        able = {one.staff_id for one in people if access.has(Function.DECIDE_APPEALS, tier, Role(one.role))}
        return bool(confirmed) and able <= confirmed

    def _move(self, tx: Tx, card: bytes) -> int:
        found = self._due(tx, card)
        if found is None or tx.links.unconfirmed() or not self.store.watch.agrees(tx):
            return 0
        whole, kind, facts = found
        self._write(
            tx, kind, card, whole.appeal.parties, {"appeal": whole.appeal.id, **facts}, {}, SYSTEM.staff_id, whole.appeal.to_unit
        )
        return 1
