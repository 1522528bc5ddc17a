"""What must hold in any state of the network (DESIGN, "What the model test must check"), read from the raw stores.

(A) may be asked at any moment, (H) after healing. Each check raises AssertionError with the number of its invariant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from federation.protocol import frames
from federation.protocol.envelope import HeaderFields, decode_header, entry_hash
from node.demo.memory_network import Network, Node
from node.domain.model import Event
from node.services.tree.recovery import blocked
from node.store import hearings
from node.store.journal import event_of
from node.store.objects import PUBLIC
from node.store.store import View
from tests.network.knowledge import ABUSER as ABUSER
from tests.network.knowledge import check_known

CANARY = "欧阳建国"
CANARY_ID = "420106198702079963"

LIAR = "s-lie-"  # who writes lies in `liars.py`, with the kind of lie after it
KEY = "key"  # a lie about a key of somebody else
OF_CLOCKS = (  # what no person is to blame for, or is not known yet
    "time_backwards",
    "notice_late",
    "unjudged",
    "claim_moved",
    "late_reported",
)
SUSPECTED = (
    "no_reason",
    "filed_anew",
    "asked_again",
    "too_few_inspectors",
)  # no accusation: a supervisor judges; people of the model say little
UNFOUNDED = ("nothing", "older", "elsewhere")  # lies about `prev`


@dataclass
class History:
    """What the test knows and a node must not forget."""

    confirmed: dict[tuple[str, str], str] = field(default_factory=dict)  # (node, application number) -> case number
    damaged: set[str] = field(default_factory=set)  # nodes whose disk was cloned or rolled back
    restored: set[str] = field(default_factory=set)  # nodes that came back from a backup
    assigned: set[str] = field(default_factory=set)  # cases with an assignment somewhere
    skewed: bool = False  # whether a clock was wrong
    false: set[str] = field(default_factory=set)  # nodes that wrote what is not so about a child
    late: list[Any] = field(default_factory=list)  # frames that somebody kept back


@lru_cache(maxsize=100_000)
def decoded(header: bytes) -> HeaderFields:
    return decode_header(header)


def rows(view: View) -> Iterable[tuple[int, bytes, bytes, int, int]]:
    """(arrival, header, hash, via, standing) of every stored entry."""
    return view.connection.execute("SELECT arrival, header, hash, via, standing FROM entries ORDER BY arrival").fetchall()


def case_events(view: View) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for _, header, hash, _, standing in rows(view):
        fields = decoded(header)
        if fields.entry_class == "case" and standing == 0:
            found[fields.case.case_no].append(event_of(fields, hash))  # type: ignore[union-attr]
    return found


def effective(view: View, case_no: str) -> list[Event]:
    """Effective events of a case at one store, by version."""
    standing = view.cases.standing(case_no)
    if standing is None:
        return []
    dead = set(standing.void) | set(standing.parked)
    events = [entry.event for entry in view.cases.entries(case_no) if entry.event.hash not in dead]
    return sorted(events, key=lambda event: event.version)


def check_sent(network: Network, history: History) -> None:
    """Invariant 4: what is on a line stands in the store of who sent it."""
    for line in network.lines.values():
        for to, channel, frame in line.frames:
            if channel != "link" or not frame.HasField("batch") or any(frame is one for one in history.late):
                continue
            sender = network[line.other(to)]
            with sender.center.store.reading() as view:
                for entry in frames.read_batch(frame.batch).entries:
                    row = view.connection.execute("SELECT 1 FROM entries WHERE hash=?", (entry_hash(entry.header),)).fetchone()
                    assert row is not None, f"(4) {sender.name} sent an entry that it has not committed"


def check_always(network: Network, history: History) -> None:
    """Invariants 1–4, 6, 8, 9, 12 at any moment. A damaged disk excuses only its own chain and the cases it wrote in."""
    check_known(network, history)
    effect: dict[tuple[str, int], dict[bytes, str]] = defaultdict(dict)
    names: dict[tuple[bytes, int, int], bytes] = {}
    custodians: dict[str, set[str]] = defaultdict(set)
    answers: dict[tuple[str, bytes], set[bytes]] = defaultdict(set)
    excused = history.assigned | _written_by(network, history.damaged)
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            _check_names(view, node, names, {network[name].id for name in history.damaged})
            for case_no in case_events(view):
                chain = effective(view, case_no)
                _check_chain(case_no, chain)
                for event in chain:
                    effect[(case_no, event.version)][event.hash] = node.name
                    request = event.facts.get("request")
                    if isinstance(request, bytes) and request:
                        answers[(case_no, request)].add(event.hash)
                if decides(node, view, case_no):
                    custodians[case_no].add(node.name)
                    if case_no not in excused and node.name not in history.restored:
                        _check_bodies(network, view, node, case_no)
            _check_heads(view)
            _check_dated(view, node)
            _check_lawful(view, node)
            _check_objects(view, node)
            _check_query_table(view, node)
            _check_saved(view, node, history)
    for (case_no, version), hashes in effect.items():
        assert case_no in excused or len(hashes) <= 1, f"(1) two effective events of {case_no} at version {version}: {hashes}"
    for case_no, holders in custodians.items():
        assert case_no in excused or len(holders) <= 1, f"(2) {case_no} may be decided at {holders}"
    for (case_no, request), given in answers.items():
        assert case_no in excused or len(given) <= 1, f"(9) request {request.hex()[:8]} answered {len(given)} times"
    _check_watermarks(network, history)


def _written_by(network: Network, damaged: set[str]) -> set[str]:
    """Cases in which one of these nodes wrote."""
    found: set[str] = set()
    ids = {network[name].id for name in damaged}
    for node in network.nodes.values() if damaged else ():
        with node.center.store.reading() as view:
            for _, header, _, _, _ in rows(view):
                fields = decoded(header)
                if fields.author_id in ids and fields.case is not None:
                    found.add(fields.case.case_no)
    return found


def decides(node: Node, view: View, case_no: str) -> bool:
    case = view.cases.get(case_no)
    return case is not None and case.custodian == node.id and not blocked(view, case)


def _check_bodies(network: Network, view: View, node: Node, case_no: str) -> None:
    """Custody is taken with all that belongs to the case and that anybody still has."""
    case = view.cases.get(case_no)
    assert case is not None
    missing = view.objects.missing_of(tuple(hash for hash in case.bodies if hash not in case.internal_bodies))
    missing = [hash for hash in missing if any(_has_object(other, hash) for other in network.nodes.values())]
    assert not missing, f"(2) {node.name} holds {case_no} without {len(missing)} of its bodies"


def _check_saved(view: View, node: Node, history: History) -> None:
    """(5) What somebody was told is saved is here."""
    for (name, number), case_no in history.confirmed.items():
        if name == node.name and name not in history.damaged | history.restored:
            row = view.connection.execute("SELECT 1 FROM entries WHERE case_no=? AND standing<2", (case_no,)).fetchone()
            assert row is not None, f"(5) {number} was confirmed as {case_no} and is not at {name}"


def _check_names(view: View, node: Node, names: dict[tuple[bytes, int, int], bytes], damaged: set[bytes]) -> None:
    for _, header, hash, _, standing in rows(view):
        fields = decoded(header)
        key = (fields.author_id, fields.epoch, fields.seq)
        if standing < 2 and fields.author_id not in damaged:
            known = names.setdefault(key, hash)
            assert known == hash, f"(4) {node.name}: two entries at {fields.epoch}/{fields.seq} of {fields.author_id.hex()[:8]}"
        text = header.decode("utf-8", "ignore")
        assert CANARY not in text and CANARY_ID not in text, f"(8) personal data in a header at {node.name}"


def _check_chain(case_no: str, chain: list[Event]) -> None:
    for before, after in pairwise(chain):
        assert after.version == before.version + 1, f"(3) {case_no}: version {after.version} after {before.version}"
        assert after.prev == before.hash, f"(3) {case_no}: version {after.version} does not name its predecessor"
        step = 1 if after.kind in ("custody_taken", "custody_assigned") else 0
        assert after.term == before.term + step, f"(3) {case_no}: term {after.term} after {before.term} at {after.kind}"


def _check_heads(view: View) -> None:
    """(3) From the head that the query table lists, `prev` leads to the filing, one version at a time, and to no lie: as the
    headers say, whatever the program makes of them."""
    known = {hash: decoded(header) for _, header, hash, _, standing in rows(view) if standing == 0}
    for case_no, version, head in view.connection.execute("SELECT case_no, version, head FROM cases").fetchall():
        at = head
        for expected in range(version, 0, -1):
            fields = known.get(at)
            assert fields is not None and fields.case is not None, f"(3) {case_no}: what stands before {expected + 1} is no event"
            found = (fields.case.case_no, fields.case.version)
            assert found == (case_no, expected), f"(3) {found} stands in the place of {case_no} {expected}"
            assert not fields.staff_id.startswith(LIAR), f"(3) {case_no}: version {expected} is a lie ({fields.staff_id})"
            at = fields.case.prev
        assert at == b"", f"(3) {case_no}: the filing names an entry before it"


def _check_dated(view: View, node: Node) -> None:
    """(12) No act counts as done before the receipt that its entry cites, nor after the first word of its author's parent that it has it."""
    for case_no in case_events(view):
        for one in view.cases.entries(case_no):
            found = hearings.covering(view.connection, one.event.author, one.epoch, one.seq)
            until = found[0] if found is not None and view.trust.parent(one.event.author) is not None else 1 << 62
            assert min(one.not_before_ms, until) <= one.event.at <= until, (
                f"(12) {node.name} dates {one.event.kind} of {case_no} wrongly"
            )


def _check_lawful(view: View, node: Node) -> None:
    """(11) Whoever goes by the rules is accused of nothing, and every case is as clear as its marks; clocks that are wrong are told."""
    told = {hash: decoded(header).staff_id for _, header, hash, _, _ in rows(view)}
    marks = view.connection.execute("SELECT case_no, hash, flag, doubt FROM marks").fetchall()
    for case_no, hash, flag, _ in marks:
        lie = told[hash].startswith((LIAR, ABUSER))
        assert lie or flag in (*OF_CLOCKS, *SUSPECTED), f"(11) {node.name}: {flag} of {told[hash]} in {case_no}"
    doubted = {case_no for (case_no,) in view.connection.execute("SELECT case_no FROM cases WHERE doubted>0")}
    assert doubted == {case_no for case_no, _, _, doubt in marks if doubt}, f"(11) {node.name}: doubts without marks"


def _check_objects(view: View, node: Node) -> None:
    """(8) Every object held belongs to something the journal lets this node have."""
    me = node.id
    for (hash,) in view.connection.execute("SELECT hash FROM objects").fetchall():
        assert view.objects.may_fetch(hash, me), f"(8) {node.name} holds object {hash.hex()[:8]} it may not have"
    for (case_no,) in view.connection.execute("SELECT DISTINCT case_no FROM object_refs").fetchall():
        assert case_no == PUBLIC or case_no, "(8) an object of no case"


def _check_query_table(view: View, node: Node) -> None:
    """(7) The query table says what the entries add up to, but for entries that wait to be projected (`backlog.py`)."""
    mark = view.meta.get("unprojected")
    since = int(mark) if mark is not None else 1 << 62
    waiting = {
        case_no for (case_no,) in view.connection.execute("SELECT case_no FROM entries WHERE arrival>=? AND via<>0", (since,))
    }
    for case_no, version, head, status in view.connection.execute("SELECT case_no, version, head, status FROM cases").fetchall():
        if case_no in waiting:
            continue
        case = view.cases.get(case_no)
        assert case is not None, f"(7) {node.name} lists {case_no} without entries"
        assert (version, head, status) == (case.version, case.head, case.status), f"(7) {node.name} lists {case_no} otherwise"


def _check_watermarks(network: Network, history: History) -> None:
    """(6) All positions up to an acknowledged watermark of the present generation are stored at the other end."""
    for name, line in network.lines.items():
        child, parent = network[name], network[line.parent]
        with child.center.store.reading() as below, parent.center.store.reading() as above:
            row = above.links.get(child.id)
            if row is None or row.generation != below.identity.generation or name in history.damaged:
                continue
            held = {hash for (hash,) in above.connection.execute("SELECT hash FROM entries")}
            held |= {entry_hash(header) for (header,) in above.connection.execute("SELECT header FROM evidence")}
            up = below.links.get(parent.id)
            assert up is not None
            for arrival, _, hash, via, standing in rows(below):
                if arrival <= row.received and via != up.id and standing < 2:
                    assert hash in held, f"(6) {line.parent} acknowledged {row.received} of {name} but lacks arrival {arrival}"


def _has_object(node: Node, beginning: bytes) -> bool:
    with node.center.store.reading() as view:
        found = view.connection.execute(
            "SELECT 1 FROM objects WHERE substr(hash, 1, ?)=?", (len(beginning), beginning)
        ).fetchone()
    return found is not None
