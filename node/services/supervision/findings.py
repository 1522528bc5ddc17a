"""Findings for whoever supervises: what the audit of legality marked in cases, and what is wrong with a node's chain or line.

Codes, case numbers and hashes only; nothing here reads a body. A finding of a case, an item or a unit is `suspected` until a supervisor says
what it is (`confirm`); what a signature proves is `confirmed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from node.domain.calendar import day_of
from node.domain.cases.access import Function, require
from node.domain.cases.bodies import read_body, signature, signed_by
from node.domain.cases.lateness import over_days
from node.domain.figures import MONITORS, STATES
from node.domain.model import Actor, Facts
from node.domain.notes import FINDING_JUDGED, TO
from node.domain.supervision import judging
from node.domain.supervision.disclosing import detail_words
from node.domain.supervision.finding_documents import FoundFlaw, FoundFlaws, Judgement, Witnessed
from node.domain.supervision.judging import OPEN, FindingJudged
from node.domain.supervision.monitors import FOUND_UNDER
from node.domain.words.errors import TongbanError
from node.domain.words.flags import ANOMALY, APART, FLAGS, finding_id
from node.domain.words.labels import flaw_words
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.cases.timeline import receipt_time
from node.services.supervision import query as asked
from node.services.times import iso
from node.services.tree.freshness import freshness
from node.store import findings
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

DATA = ("true", "false")
CHAIN = "logic"  # the monitor that flaws of chains belong to
_CURSOR = re.compile(r"(\d{1,18})\.([cdn][0-9a-z_.]{1,200})")


def wanted_of(given: Mapping[str, str], items: Sequence[str] | None = None, other_items: bool = False) -> findings.Wanted:
    """What monitor, rule, state and class come to, with the items: lists of their own only where they are asked for. Errors: `invalid_input`."""
    flaws: dict[str, str] = {}
    for name, choices in (("monitor", MONITORS), ("rule", FOUND_UNDER), ("state", STATES), ("data_error", DATA)):
        asked.chosen(flaws, name, given.get(name, ""), choices)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    monitor, rule, state = (given.get(name, "") for name in ("monitor", "rule", "state"))
    data = given.get("data_error", "")
    flags = [
        code
        for code, flag in FLAGS.items()
        if monitor in ("", flag.monitor)
        and rule in ("", flag.rule)
        and (monitor or rule or code not in APART)
        and data in ("", str(flag.data).lower())
    ]
    chains = state in ("", "confirmed") and monitor in ("", CHAIN) and data != "true"
    return findings.Wanted(tuple(flags), chains, rule, state, items, other_items)


def _is_ours(view: View | Tx, node: bytes) -> bool:
    """Whether this node says what a finding about a node is: its own, or of a node below."""
    me = view.identity.node_id
    return node == me or view.trust.is_below(node, me)


class Findings:
    """Reads of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self._store = store
        self._rules = rules
        self._secret = secret

    def one(self, id: str, actor: Actor) -> FoundFlaw:
        """A finding of a case, an item or a unit. Errors: `forbidden`, `not_found`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            found = findings.one(view.connection, id)
            if found is None:
                raise TongbanError("not_found", what=id[:64])
            return document(view, self._rules, found)

    def judgement(self, id: str, actor: Actor) -> Judgement | None:
        """What a supervisor said of a finding last, None where nobody did. Errors: `forbidden`, `not_found`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            found = findings.one(view.connection, id)
            if found is None:
                raise TongbanError("not_found", what=id[:64])
            said = findings.judgement(view.connection, found)
            if said is None:
                return None
            body, place = read_body(view.objects.get(said[3]) if said[3] else None), view.place(said[2])
            reason = body.get("reason")
            return {
                "state": said[0], "at": iso(said[1]), "staff_name": signed_by(body) or None,
                "node_name": office_namer(view, self._rules.catalog.divisions())(place.code) if place is not None else "",
                "reason": reason if isinstance(reason, str) else None,
            }  # fmt: skip

    def confirm(
        self, id: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> FindingJudged:  # fmt: skip
        """Say of a finding that it is being checked, confirmed or dismissed, with the reason.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed` with the rule, `idempotency_conflict`."""
        require(Function.ISSUE_ORDERS, self._store.place.tier, actor.role)
        return self._store.run(lambda tx: self._confirm(tx, id, given, actor, idempotency_key))

    def _confirm(self, tx: Tx, id: str, given: Mapping[str, object], actor: Actor, key: str | None) -> FindingJudged:
        repeats, said = Repeats(tx, self._secret), {"finding": id, "given": dict(given)}
        if (before := repeats.find(actor.staff_id, key, said)) is not None:
            return FindingJudged(finding_id=id, state=str(before[1]["state"]))
        found = findings.one(tx.connection, id)
        charged, me = (tx.place(found.author) if found is not None and found.author else None), tx.identity
        if found is None or charged is None or not _is_ours(tx, charged.node_id):
            raise TongbanError("not_found", what=id[:64])
        state, reason = judging.read_given(given)
        if refused := judging.why_not(found.state, state):
            raise TongbanError("guard_failed", rule=refused)
        body = tx.encode_body({"reason": reason, **signature(actor.name)})
        facts: Facts = {
            TO: (charged.code,) if charged.node_id != me.node_id else (), "unit": charged.code, "event": found.evidence or b"",
            "flag": found.kind, "state": state, **({"item": found.item_id, "found": found.at_ms} if found.about != findings.OF_CASE else {}),
        }  # fmt: skip
        tx.journal.append(
            Draft(FINDING_JUDGED, "note", facts, subject=found.case_no, staff_id=actor.staff_id, body=body, body_class="finding")
        )
        judged = FindingJudged(finding_id=id, state=state)
        repeats.keep(actor.staff_id, key, said, 200, judged)
        return judged

    def listed(self, given: Mapping[str, str], actor: Actor) -> FoundFlaws:
        """A page, newest first; `node` or `under` (division codes), `monitor`, `rule`, `state`, `data_error`, `item`, `kind` and `department`
        narrow it. Errors: `forbidden` first, then `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        match = _CURSOR.fullmatch(given.get("cursor", ""))
        if given.get("cursor") and match is None:
            raise TongbanError("invalid_input", {"cursor": "not_a_page"})
        wanted_of(given)
        before = (int(match[1]), match[2]) if match is not None else findings.LAST
        limit = asked.limit_of(given.get("limit", ""))
        with self._store.reading() as view:
            authors, items = asked.answering(view, given), asked.items_of(self._rules.catalog, given)
            found, total = findings.page(view.connection, authors, before, limit + 1, wanted_of(given, *items))
            last = found[limit - 1] if len(found) > limit else None
            return {
                **freshness(view, self._rules.calendar).document(), "findings": [document(view, self._rules, one) for one in found[:limit]],
                "total": total, "in_use": self._rules.in_use(given.get("rule", "")), "next": f"{last.at_ms}.{last.id}" if last is not None else None,
            }  # fmt: skip


def _witnessed(view: View, one: findings.Found) -> Witnessed | None:
    """The times of the entry that a data error is about; None where it is no entry of a case."""
    entry = next((entry for entry in view.cases.entries(one.case_no) if entry.event.hash == one.evidence), None)
    if entry is None:
        return None
    ours = entry.event.author == view.identity.node_id
    receipt = receipt_time(view.links.receipts(), entry) if ours else entry.received_at
    return {
        "claimed": iso(entry.event.claimed), "counted": iso(entry.event.at), "not_before": iso(entry.not_before_ms),
        "receipt": iso(receipt),
    }  # fmt: skip


def _confirm_by(view: View, rules: Rules, one: findings.Found) -> tuple[str | None, int]:
    """Until when a suspicion is to be judged, and by how many working days that has passed (A2, `confirm_within`)."""
    flag = FLAGS.get(one.kind)
    if one.state not in OPEN or flag is None or flag.monitor == ANOMALY:
        return None, 0
    said, calendar = rules.catalog.snapshot().supervisions.on(day_of(one.at_ms)), rules.calendar
    due = calendar.add_workdays(day_of(one.at_ms), said.confirm_within)
    return due.isoformat(), over_days(due, day_of(view.now()), calendar)


def document(view: View, rules: Rules, one: findings.Found) -> FoundFlaw:
    """A finding as lists tell it."""
    flag, place = FLAGS.get(one.kind) if one.flagged else None, view.place(one.author) if one.author else None
    code = place.code if place is not None else None
    zh, en = (flag.zh, flag.en) if flag is not None else (flaw_words(one.kind, "zh"), flaw_words(one.kind, "en"))
    if more := detail_words(one.kind, one.detail, "zh"):
        zh, en = f"{zh}：{more}", f"{en}: {detail_words(one.kind, one.detail, 'en')}"
    subject = {findings.OF_CASE: one.case_no, findings.OF_ITEM: one.item_id}.get(one.about, code)
    confirm_by, confirm_over = _confirm_by(view, rules, one)
    return {
        "confirm_by": confirm_by, "confirm_over": confirm_over,
        "finding_id": finding_id(one.evidence, one.kind) if one.evidence else one.id,
        "rule": flag.rule if flag is not None else one.kind, "kind": one.kind,
        "monitor": flag.monitor if flag is not None else CHAIN, "zh": zh,
        "en": en, "case_no": one.case_no or None, "item_id": one.item_id or None,
        "subject": {"type": one.about if one.flagged else findings.OF_UNIT, "id": subject},
        "charged": {"node": code, "unit": code, "post": None, "staff_id": None}, "at": iso(one.at_ms),
        "detail": "" if one.flagged else one.detail, "state": one.state,
        "judged_here": one.flagged and place is not None and _is_ours(view, place.node_id), "evidence": [one.entry.hex()] if one.entry else [],
        "data_error": flag is not None and flag.data, "witnessed": _witnessed(view, one) if flag is not None and flag.data else None,
    }  # fmt: skip
