"""Entries that name a key as somebody's without that one's word (`federation.protocol.proofs`), found when they come.

They change nothing, and each is listed as a finding about its author. A renewal that came before the rotation it rests on is
listed too until that is here. So is an enrolment under the division code of another node that takes part: the newcomer is one
node more, with its own id and key, but people would take it for the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.protocol.trust import ENROLLED, FALSE_CLAIMS, KEY_KINDS
from node.store.enrolments import found_unproven
from node.store.maintenance import CODE_TWICE, KEY_UNPROVEN, place

if TYPE_CHECKING:
    from node.store.stored import Stored
    from node.store.turn import Turn


def note(tx: Turn, stored: Stored, outcome: str) -> None:
    """List an entry that trust did not believe (`outcome` is its reason); strike off what one that it believed has proven."""
    if stored.fields.kind not in KEY_KINDS:
        return
    if outcome in FALSE_CLAIMS:
        tx.finding(stored.author, KEY_UNPROVEN, place(*stored.fields.position))
    elif not outcome:
        _strike_off(tx)
        if stored.fields.kind == ENROLLED and _taken(tx, stored):
            tx.finding(stored.author, CODE_TWICE, place(*stored.fields.position))


def _taken(tx: Turn, stored: Stored) -> bool:
    """Whether another node that takes part has the division code of the one just enrolled."""
    newcomer, code = stored.fields.facts.get("node"), stored.fields.facts.get("code")
    return any(one.code == code and one.node_id != newcomer and tx.trust.is_live(one.node_id) for one in tx.trust.nodes())


def _strike_off(tx: Turn) -> None:
    tx.journal.write()
    listed = found_unproven(tx.connection)
    named = {key.entry for node in tx.trust.nodes() for key in node.keys} if listed else set()
    for author, detail, hash in listed:
        if hash in named:
            tx.strike_off(author, KEY_UNPROVEN, detail)
