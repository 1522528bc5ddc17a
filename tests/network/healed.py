"""What must hold once everything was said: every line heals, everybody who is reached knows the same (numbers as in `invariants.py`)."""

from __future__ import annotations

from collections import defaultdict

from node.demo.memory_network import Network, Node
from node.domain.upkeep.documents import Problem
from node.services.tree.freshness import known_until
from node.services.tree.hearing import AGAIN_MS
from node.services.tree.recovery import blocked
from node.services.upkeep.verification import verify
from node.store import papers
from node.store.disputed import CALLED_SILENT, KEPT_BACK, WORDS_MADE_UP
from tests.network.counted import check_facts, check_node, check_sums
from tests.network.invariants import KEY, LIAR, UNFOUNDED, History, case_events, decides, decoded, rows
from tests.network.knowledge import check_answers

FALSE_WORDS = (CALLED_SILENT, WORDS_MADE_UP, KEPT_BACK)
NOT_COMPARED = (
    "not_custodian",
    "notice_late",
)  # of entries without effect, which need not come to all; follows the calendar at a tick


def check_healed(network: Network, history: History) -> None:
    """Invariants 5, 7, 9, 10 and 14 after everything was said."""
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
    check_believed(network, history)
    check_answers(network)
    _check_numbers(network, history)
    _check_agreement(network)
    _check_papers(network, history)
    _check_marks(network)
    _check_publications(network)
    _check_requests(network, history)
    _check_offers(network)
    _check_rest(network)
    for node in network.nodes.values():
        check_node(node)
        check_facts(node)
    check_sums(network, [name for name in network.nodes if network.reachable(name) and name not in history.damaged])


def check_known(network: Network, history: History, healed_ms: int) -> None:
    """(14) Everybody who is reached is known above him past the moment at which all was well again, but for the ten minutes in which a
    child that comes back often is not written of anew. Of who was revoked nothing is expected; where a clock was wrong, words of another
    day stand until the next."""
    for node in () if history.skewed else network.nodes.values():
        with node.center.store.reading() as view:
            for other in network.nodes.values():
                expected = other is not node and network.reachable(other.name) and not view.trust.is_revoked(other.id)
                if expected and view.trust.is_below(other.id, node.id):
                    short = healed_ms - AGAIN_MS - known_until(view, other.id)
                    assert short <= 0 or other.name in history.damaged, (
                        f"(14) {node.name} knows {other.name} {short} ms too short"
                    )


def check_believed(network: Network, history: History) -> None:
    """(12) Nobody is accused of a false word about its child who wrote none."""
    names = {node.id: node.name for node in network.nodes.values()}
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            found = view.connection.execute("SELECT author, kind, detail FROM findings").fetchall()
        for author, kind, detail in found:
            name = names.get(author, "")
            assert kind not in FALSE_WORDS or name in history.false | history.damaged, (
                f"(12) {node.name}: {kind} of {name}, {detail}"
            )


def _check_numbers(network: Network, history: History) -> None:
    """(13) No number names two documents, but of a node whose disk went back without its knowing: then both are found."""
    damaged = {network[name].id for name in history.damaged}
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            twice = view.connection.execute(
                "SELECT layer, kind, revision FROM publications WHERE kind<>'pin' GROUP BY 1, 2, 3 HAVING count(*)>1"
            ).fetchall()
            told = {
                row[0] for row in view.connection.execute("SELECT author FROM findings WHERE kind='two_documents'").fetchall()
            }
        for layer, kind, revision in twice:
            assert layer in damaged and layer in told, f"(13) at {node.name} two documents are {kind} {revision}"


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
                assert apart or blocked(view, case), f"(5) {node.name} does not take {case_no} from {giver.name}"


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
    with root.center.store.reading() as view:
        told = [
            node for node in network.nodes.values() if not any(view.trust.is_revoked(one) for one in view.trust.path(node.id))
        ]
    for node in told:
        if network.reachable(node.name):
            for kind, revision in published.items():
                found = node.center.catalog.snapshot().revisions.get((root.id, kind), 0)
                assert found == revision, f"(7) {node.name} has {kind} {found} of the root in force, not {revision}"


def _check_requests(network: Network, history: History) -> None:
    """(9) A request whose case has a custodian that is reachable and not frozen was answered."""
    for node in network.nodes.values():
        with node.center.store.reading() as view:
            for (case_no,) in view.connection.execute("SELECT case_no FROM requests WHERE state='pending'").fetchall():
                if decides(node, view, case_no) and not view.connection.execute("SELECT 1 FROM wanted").fetchone():
                    raise AssertionError(f"(9) {node.name} holds {case_no} and has not answered its request")
