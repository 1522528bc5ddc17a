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
from node.domain.upkeep.documents import Problem
from node.services.tree.recovery import blocked
from node.services.upkeep.verification import verify
from node.store import papers
from node.store.journal import event_of
from node.store.objects import PUBLIC
from node.store.store import View

CANARY = "欧阳建国"
CANARY_ID = "420106198702079963"

LIAR = "s-lie-"  # who writes lies in `liars.py`, with the kind of lie after it
KEY = "key"  # a lie about a key of somebody else
OF_CLOCKS = ("time_backwards", "notice_late", "unjudged")  # what no person is to blame for, or is not known yet
NOT_COMPARED = (
    "not_custodian",
    "notice_late",
)  # of entries without effect, which need not come to all; follows the calendar at a tick
UNFOUNDED = ("nothing", "older", "elsewhere")  # lies about `prev`


@dataclass
class History:
    """What the test knows and a node must not forget."""

    confirmed: dict[tuple[str, str], str] = field(default_factory=dict)  # (node, application number) -> case number
    damaged: set[str] = field(default_factory=set)  # nodes whose disk was cloned or rolled back
    restored: set[str] = field(default_factory=set)  # nodes that came back from a backup
    assigned: set[str] = field(default_factory=set)  # cases with an assignment somewhere
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
    """Invariants 1–4, 6, 8, 9 at any moment. A damaged disk excuses only its own chain and the cases it wrote in."""
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
                if _decides(node, view, case_no):
                    custodians[case_no].add(node.name)
                    if case_no not in excused and node.name not in history.restored:
                        _check_bodies(network, view, node, case_no)
            _check_heads(view)
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


def _decides(node: Node, view: View, case_no: str) -> bool:
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


def _check_lawful(view: View, node: Node) -> None:
    """(11) Whoever goes by the rules is accused of nothing, and every case is as clear as its marks; clocks that are wrong are told."""
    told = {hash: decoded(header).staff_id for _, header, hash, _, _ in rows(view)}
    marks = view.connection.execute("SELECT case_no, hash, flag, doubt FROM marks").fetchall()
    for case_no, hash, flag, _ in marks:
        lie = told[hash].startswith(LIAR)
        assert lie or flag in OF_CLOCKS, f"(11) {node.name}: {flag} of {told[hash]} in {case_no}"
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


def check_healed(network: Network, history: History) -> None:
    """Invariants 5, 7, 9 and 10 after everything was said."""
    for (name, _), case_no in history.confirmed.items():
        for holder in _line_of(network, name):
            with network[holder].center.store.reading() as view:
                assert view.cases.get(case_no) is not None, f"(5) {case_no}, filed at {name}, is unknown at {holder}"
    numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            for source, number, origin, case_no in view.connection.execute("SELECT * FROM applications"):
                numbers[(f"{source}/{number}", origin.hex())].add(case_no)
    for key, found in numbers.items():
        assert len(found) == 1, f"(5) application {key} became {found}"
    for node in network.nodes.values():
        if node.name in history.damaged:
            continue  # verify rightly reports the fork
        reachable = network.reachable(node.name)
        assert not reachable or node.center.upkeep.status()["node"]["key"] == "ok", f"{node.name} was not renewed"
        problems = [one for one in verify(node.center.store, False)["problems"] if not _excused(network, node, one)]
        assert not problems, f"(7) verify at {node.name}: {problems[:3]}"
        _check_accused(node)
    _check_agreement(network)
    _check_papers(network, history)
    _check_marks(network)
    _check_publications(network)
    _check_requests(network, history)
    _check_offers(network)
    _check_rest(network)


def _check_rest(network: Network) -> None:
    """(10) Nobody waits for ever: an object of a case comes, or all neighbours have said that it is gone."""
    names = {node.id: node.name for node in network.nodes.values()}
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            rows = view.connection.execute("SELECT hash, case_no, peer FROM wanted WHERE case_no NOT IN ('', '*')").fetchall()
            for hash, case_no, peer in rows:
                asked = names.get(view.node_of(peer), "nobody")
                apart = asked != "nobody" and not (network.reachable(node.name) and network.reachable(asked))
                assert apart, f"(10) {node.name} waits for {hash.hex()[:8]} of {case_no} from {asked}"


def _check_offers(network: Network) -> None:
    """(5) What was offered to a node that its giver reaches is held by it, also when the contents were lost with a disk."""
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            for (case_no,) in view.connection.execute("SELECT case_no FROM cases WHERE offered_to=?", (node.id,)).fetchall():
                case = view.cases.get(case_no)
                assert case is not None and case.offer is not None
                giver = next(other for other in network.nodes.values() if other.id == case.offer.giver)
                apart = not network.reachable(node.name) or not network.reachable(giver.name) or view.trust.is_revoked(giver.id)
                assert apart or blocked(view, case) or case.unknown_kinds, (
                    f"(5) {node.name} does not take {case_no} from {giver.name}"
                )


def _check_accused(node: Node) -> None:
    """(7) The audit found out every lie about the entry before and about a key, and accuses nobody else of one."""
    places: dict[str, set[tuple[bytes, str]]] = {"case_gap": set(), "key_unproven": set()}
    with node.center.store.reading() as view:
        for _, header, _, _, standing in rows(view):
            fields = decoded(header)
            lie = fields.staff_id.removeprefix(LIAR) if standing == 0 and fields.staff_id.startswith(LIAR) else ""
            if lie in (*UNFOUNDED, KEY):
                kind = "key_unproven" if lie == KEY else "case_gap"
                places[kind].add((fields.author_id, f"epoch {fields.epoch} seq {fields.seq}"))
        for kind, told in places.items():
            found = set(view.connection.execute("SELECT author, detail FROM findings WHERE kind=?", (kind,)))
            assert found == told, (
                f"(7) {node.name}: {len(found - told)} accused wrongly ({kind}), {len(told - found)} not found out"
            )


def _excused(network: Network, node: Node, problem: Problem) -> bool:
    """A revoked node hears of no renewal, neither its own nor one above it."""
    return problem["code"] == "bad_signature" and not network.reachable(node.name)


def _has_object(node: Node, beginning: bytes) -> bool:
    with node.center.store.reading() as view:
        found = view.connection.execute(
            "SELECT 1 FROM objects WHERE substr(hash, 1, ?)=?", (len(beginning), beginning)
        ).fetchone()
    return found is not None


def _line_of(network: Network, name: str) -> list[str]:
    found, at = [], network[name]
    while True:
        found.append(at.name)
        if at.parent is None:
            return found
        at = network[at.parent]


def _check_agreement(network: Network) -> None:
    """(7) Everybody who knows a case from its start knows the same case."""
    heads: dict[str, dict[bytes, str]] = defaultdict(dict)
    for node in network.nodes.values():
        if not network.reachable(node.name):
            continue
        with node.center.store.reading() as view:
            for case_no in case_events(view):
                case = view.cases.get(case_no)
                if case is not None:
                    heads[case_no][case.head] = node.name
    for case_no, found in heads.items():
        assert len(found) == 1, f"(7) {case_no} ends differently at {sorted(found.values())}"


def _check_papers(network: Network, history: History) -> None:
    """(7) Everybody who knows a case knows its papers, and no number stands on two of them, but where a disk was cloned."""
    cloned = {network[name].id for name in history.damaged}
    known: dict[str, dict[frozenset[str], str]] = defaultdict(dict)
    numbers: dict[tuple[bytes, str, str, str], str] = {}
    for node in network.nodes.values():
        if not network.reachable(node.name):
            continue
        with node.center.store.reading() as view:
            for case_no in case_events(view):
                if view.cases.get(case_no) is None:
                    continue
                facts = papers.of_case(view.connection, case_no)
                known[case_no][frozenset(fact.code for fact in facts)] = node.name
                for fact in facts:
                    first = numbers.setdefault((fact.author, fact.organ, fact.paper, fact.number), fact.code)
                    assert first == fact.code or fact.author in cloned, f"(7) {first} and {fact.code} bear one number"
    for case_no, found in known.items():
        assert len(found) == 1, f"(7) papers of {case_no} differ: {found}"


def _check_marks(network: Network) -> None:
    """(11) The same entries are judged the same everywhere, and nothing waits to be judged that could be."""
    for case_no in set(network.each_case()):
        found: dict[bytes, dict[str, list[tuple[bytes, str]]]] = defaultdict(dict)
        for node in network.nodes.values():
            with node.center.store.reading() as view:
                case = view.cases.get(case_no)
                if case is None or not network.reachable(node.name):
                    continue
                marks = [(mark.event, mark.flag) for mark in view.cases.judged(case_no).marks if mark.flag not in NOT_COMPARED]
                found[case.head][node.name] = sorted(marks)
        for by_node in found.values():
            assert len({str(marks) for marks in by_node.values()}) == 1, f"(11) {case_no} is judged differently: {by_node}"


def _check_publications(network: Network) -> None:
    """(7) What the root published is in force wherever its line reaches, whole."""
    root = next(node for node in network.nodes.values() if node.parent is None)
    published = {
        kind: revision for (layer, kind), revision in root.center.catalog.snapshot().revisions.items() if layer == root.id
    }
    for node in network.nodes.values():
        if network.reachable(node.name):
            for kind, revision in published.items():
                found = node.center.catalog.snapshot().revisions.get((root.id, kind), 0)
                assert found == revision, f"(7) {node.name} has {kind} {found} of the root in force, not {revision}"


def _check_requests(network: Network, history: History) -> None:
    """(9) A request whose case has a custodian that is reachable and not frozen was answered."""
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            for (case_no,) in view.connection.execute("SELECT case_no FROM requests WHERE state='pending'").fetchall():
                case = view.cases.get(case_no)
                if case is not None and case.unknown_kinds:
                    continue  # its custodian is of a later version; this one waits to be upgraded
                if _decides(node, view, case_no) and not view.connection.execute("SELECT 1 FROM wanted").fetchone():
                    raise AssertionError(f"(9) {node.name} holds {case_no} and has not answered its request")
