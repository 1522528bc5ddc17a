"""Findings for whoever supervises: what the audit of legality marked in cases, and what is wrong with a node's chain or line.

Codes, case numbers and hashes only; nothing here reads a body. Rules whose signals are confirmed by a person come later; until then
every finding of a case is `suspected`, and what a signature proves is `confirmed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from node.domain.cases.access import Function, require
from node.domain.figures import MONITORS, STATES
from node.domain.model import Actor
from node.domain.supervision.documents import FoundFlaw, FoundFlaws
from node.domain.words.errors import TongbanError
from node.domain.words.flags import FLAGS, finding_id
from node.services.cases.context import Rules
from node.services.supervision import query as asked
from node.services.times import iso
from node.services.tree.freshness import freshness
from node.store import findings
from node.store.store import Store, View

CHAIN = "logic"  # the monitor that flaws of chains belong to
_CURSOR = re.compile(r"(\d{1,18})\.([cn][0-9a-z_.]{1,200})")


def _wanted(given: Mapping[str, str]) -> findings.Wanted:
    """What monitor, rule and state come to. Errors: `invalid_input`."""
    flaws = {
        name: "not_a_choice"
        for name, choices in (("monitor", MONITORS), ("state", STATES))
        if given.get(name) and given[name] not in choices
    }
    if flaws:
        raise TongbanError("invalid_input", flaws)
    monitor, rule, state = (given.get(name, "") for name in ("monitor", "rule", "state"))
    flags = [code for code, flag in FLAGS.items() if monitor in ("", flag.monitor) and rule in ("", flag.rule)]
    of_cases, of_chains = state in ("", "suspected"), state in ("", "confirmed") and monitor in ("", CHAIN)
    return findings.Wanted(tuple(flags) if of_cases else (), of_chains, rule)


class Findings:
    """Reads of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def listed(self, given: Mapping[str, str], actor: Actor) -> FoundFlaws:
        """A page, newest first; `node` (a division code), `monitor`, `rule` and `state` narrow it. Errors: `forbidden` first, then
        `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        match = _CURSOR.fullmatch(given.get("cursor", ""))
        if given.get("cursor") and match is None:
            raise TongbanError("invalid_input", {"cursor": "invalid"})
        wanted = _wanted(given)
        before = (int(match[1]), match[2]) if match is not None else findings.LAST
        limit = asked.limit_of(given.get("limit", ""))
        with self._store.reading() as view:
            authors = asked.nodes_of(view, given["node"], "node") if given.get("node") else None
            found, total = findings.page(view.connection, authors, before, limit + 1, wanted)
            last = found[limit - 1] if len(found) > limit else None
            return {
                **freshness(view, self._rules.calendar).document(), "findings": [self._row(view, one) for one in found[:limit]],
                "total": total, "next": f"{last.at_ms}.{last.id}" if last is not None else None,
            }  # fmt: skip

    def _row(self, view: View, one: findings.Found) -> FoundFlaw:
        flag, place = FLAGS.get(one.kind) if one.case_no else None, view.place(one.author) if one.author else None
        code = place.code if place is not None else None
        return {
            "finding_id": finding_id(one.evidence, one.kind) if one.evidence else one.id,
            "rule": flag.rule if flag is not None else one.kind, "kind": one.kind,
            "monitor": flag.monitor if flag is not None else CHAIN, "zh": flag.zh if flag is not None else one.kind,
            "en": flag.en if flag is not None else one.kind, "case_no": one.case_no or None, "item_id": one.item_id or None,
            "charged": {"node": code, "unit": code, "post": None, "staff_id": None}, "at": iso(one.at_ms), "detail": one.detail,
            "state": "suspected" if one.case_no else "confirmed", "evidence": [one.evidence.hex()] if one.evidence else [],
        }  # fmt: skip
