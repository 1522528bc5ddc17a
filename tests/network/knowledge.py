"""Invariant 12: what a node says that it knows, it knows; and who has the same entries knows the same."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from node.demo.memory_network import Network, Node
from node.domain.model import Actor, Role
from node.services.cases.documents import case_document
from node.services.tree.freshness import Knowledge, freshness, subtree, unheard_since
from node.store import hearings
from node.store.store import View

DIRECTOR = Actor("s-director", Role.DIRECTOR)
ABUSER = "s-abuse-"  # who writes what counts and may not be written, in `abuses.py`

if TYPE_CHECKING:
    from tests.network.invariants import History


def check_known(network: Network, history: History) -> None:
    """(12) At any moment. Whose disk went back in time has forgotten what it wrote; clocks that were wrong say nothing of when."""
    heard: dict[bytes, dict[tuple[object, ...], tuple[int, str]]] = defaultdict(dict)
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            knowledge = Knowledge(view)
            for other in subtree(view)[1:]:
                until = knowledge.until(other)
                assert until <= view.now(), f"(12) {node.name} knows the future"
                _check_same(view, node, other, knowledge, heard[other])
                if not history.skewed:
                    _check_here(network, history, node, other, until)
            _check_together(view, node, knowledge)
            for other in () if history.skewed else view.trust.ancestors(node.id):
                _check_came(network, history, node, other, knowledge.until(other))


def _check_together(view: View, node: Node, knowledge: Knowledge) -> None:
    """What pages say of all nodes at once is what is said of each by itself."""
    calendar = node.center.cases.rules.calendar
    told, above = freshness(view, calendar), view.trust.ancestors(node.id)
    assert told.below == {one: place.code for one in subtree(view) if (place := view.place(one)) is not None}
    for other in (*subtree(view), *above):
        until = knowledge.until(other)
        silent = unheard_since(view, other, calendar)
        assert told.known[other] == until, f"(12) {node.name} knows {other.hex()[:8]} until {told.known[other]} and until {until}"
        assert (other in told.since) == (silent is not None), f"(12) {node.name} calls {other.hex()[:8]} silent and does not"
        assert not silent or told.since[other] == silent
        assert (other in told.revoked) == (view.trust.is_revoked(other) and other not in above)


SAME = (  # what every page, list and figure of a case is made of
    "label", "doubted", "unjudged", "status", "version", "term", "custodian", "due", "light", "over_days", "provisional", "unknown_since",
    "lacks", "filed_at", "received_at", "accepted_at", "decided_at", "late", "pauses", "deadlines", "findings",
)  # fmt: skip


def check_answers(network: Network) -> None:
    """(12) Two tiers with the same entries of a case, the same words of parents about their authors and the same knowledge of its holder
    say the same of it."""
    found: dict[tuple[object, ...], tuple[str, dict[str, object]]] = {}
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            for case_no in view.cases.numbers():
                said = _answers(node, view, case_no)
                name, first = found.setdefault((*_basis(view, case_no), repr(said["lacks"])), (node.name, said))
                differ = {key: (first[key], said[key]) for key in said if first[key] != said[key]}
                assert not differ, f"(12) {name} and {node.name} say otherwise of {case_no}: {differ}"


def _answers(node: Node, view: View, case_no: str) -> dict[str, object]:
    """Of the page of a case, read without opening it, and its row of the lists."""
    case = view.cases.get(case_no)
    assert case is not None
    document: dict[str, object] = {**case_document(view, node.center.cases.rules, case, DIRECTOR)}
    row = view.connection.execute("SELECT status, custodian, due, doubted FROM cases WHERE case_no=?", (case_no,)).fetchone()
    return {**{key: nameless(document[key]) for key in SAME}, "listed": row}


def nameless(value: object) -> object:
    """The same without names of nodes: each calls others as its divisions do."""
    if isinstance(value, dict):
        return {key: nameless(one) for key, one in value.items() if not str(key).endswith("name")}
    return [nameless(one) for one in value] if isinstance(value, (list, tuple)) else value


def _basis(view: View, case_no: str) -> tuple[object, ...]:
    """What an answer about a case rests on."""
    case = view.cases.get(case_no)
    entries = view.cases.entries(case_no)
    words = tuple(hearings.covering(view.connection, one.event.author, one.epoch, one.seq) is not None for one in entries)
    hashes = tuple(one.event.hash for one in entries)
    return (
        case_no,
        hashes,
        words,
        Knowledge(view).until(case.custodian) if case is not None else 0,
        view.meta.get("unprojected"),
    )


def _check_here(network: Network, history: History, reader: Node, other: bytes, until: int) -> None:
    """Everything that a node wrote before the moment until which it is known is here, good, and projected."""
    author = next((one for one in network.nodes.values() if one.id == other), None)
    if author is None:  # its machine was replaced
        return
    if {author.name, reader.name} & (history.restored | history.damaged) or not until:
        return
    with author.center.store.reading() as theirs, reader.center.store.reading() as ours:
        if ours.trust.is_revoked(other):
            return
        mark = ours.meta.get("unprojected")
        behind = int(mark) if mark is not None else 1 << 62
        here = dict(ours.connection.execute("SELECT hash, arrival FROM entries WHERE standing=0").fetchall())
        sql = "SELECT hash, header FROM entries WHERE via=0 AND standing=0"
        for hash, header in theirs.connection.execute(sql).fetchall():
            fields = decode_header(header)
            if fields.recorded_at < until and fields.staff_id != ABUSER + "back":  # whose claim is a lie
                place = f"epoch {fields.epoch} seq {fields.seq} of {author.name}"
                assert hash in here, (
                    f"(12) {reader.name} knows {author.name} until {until} and lacks {place}, of {fields.recorded_at}"
                )
                assert here[hash] < behind, f"(12) {reader.name} knows {author.name} and has not projected {place}"


def _check_came(network: Network, history: History, reader: Node, above: bytes, until: int) -> None:
    """What a node above wrote before the moment until which it is known, of cases that were filed at the reader, is here."""
    author = next((one for one in network.nodes.values() if one.id == above), None)
    if author is None or {author.name, reader.name} & (history.restored | history.damaged):
        return
    with author.center.store.reading() as theirs, reader.center.store.reading() as ours:
        here = {row[0] for row in ours.connection.execute("SELECT hash FROM entries WHERE standing=0")}
        sql = "SELECT e.hash, e.header FROM entries e JOIN cases c USING(case_no) WHERE e.via=0 AND e.standing=0 AND e.class='case' AND c.origin=?"
        for hash, header in theirs.connection.execute(sql, (reader.id,)).fetchall():
            fields = decode_header(header)
            late = f"(12) {reader.name} knows {author.name} until {until} and lacks what it wrote at {fields.recorded_at}"
            assert fields.recorded_at >= until or hash in here, late


def _check_same(
    view: View, node: Node, other: bytes, knowledge: Knowledge, found: dict[tuple[object, ...], tuple[int, str]]
) -> None:
    """The same word of the same parent, with the same entries behind it, is worth the same at every tier."""
    word = hearings.heard_of(view.connection, other)
    if word is None or view.meta.get("unprojected") is not None:
        return
    sql = "SELECT count(*) FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND epoch=? AND standing=0"
    held = view.connection.execute(sql, (other, word.mark[0])).fetchone()[0]
    hangs = hearings.parked(view.connection, view.cases).get(other, -1)
    same = (word.parent, word.mark, word.at_ms, word.noted_ms, word.silent, held, hangs)
    value, name = found.setdefault(same, (knowledge.heard(other), node.name))
    assert value == knowledge.heard(other), f"(12) {name} and {node.name} know otherwise until when {other.hex()[:8]} was heard"
