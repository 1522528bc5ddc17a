"""Statistics against a recount, at every node and between tiers: what a node keeps counted is what its rows add up to, the facts of analysis say
the same, a city is the sum of its nodes, and the month of a unit is the same wherever it is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from node.demo.memory_network import Network, Node
from node.domain.calendar import ONE, day_of, end_of_day_ms
from node.domain.cases.lateness import is_pressed
from node.domain.reports.tally import month_of
from node.services.reports.counting import UNCOMPARED
from node.services.reports.making import Making
from node.store import facts, measures
from node.store.fact_counts import DECIDED, FILED, LATE
from node.store.measures import MEASURES, VIEWS, Day, Measure, Narrow
from node.store.rollups import branches
from node.store.store import View

EACH = {**MEASURES, **VIEWS}
KEPT = {name: measure for name, measure in EACH.items() if measure.kept}


def day_at(view: View) -> Day:
    """The day as the node looks, all other nodes taken for silent (so that those counts are tried as well)."""
    others = [node.node_id for node in view.trust.nodes() if node.node_id != view.identity.node_id]
    today = day_of(view.now())
    return Day(today, end_of_day_ms(today - ONE), others, {}, view.identity.node_id)


def check_node(node: Node) -> None:
    """(14) By node, by item, of every branch and in all the roll-ups say what looking at every case says."""
    with node.center.store.reading() as view:
        day = day_at(view)
        plain, known = replace(day, here=b""), [one.node_id for one in view.trust.nodes()]
        for name, measure in KEPT.items():
            for by in ("node", "item", "step") if measure.place == measures.HOLDER else ("node", "item"):
                kept, walked = (measures.counted(view.connection, measure, by, Narrow(), one) for one in (day, plain))
                assert kept == walked, f"(14) {node.name}: {name} by {by}: {kept}, counted anew {walked}"
            for top in known:
                inside = [one for one in known if top in view.trust.path(one)]
                narrow = Narrow(places=inside, scopes=branches(view.trust, day.here, [top]))
                check_total(view, name, narrow, day)
            check_total(view, name, Narrow(), day)
        for name, measure in MEASURES.items():
            for by in ("day", "status"):
                said, looked = (sorted(_counted(view, measure, by, one)) for one in (day, plain))
                assert said == looked, f"(14) {node.name}: {name} by {by}: {said}, counted anew {looked}"
        asked = "SELECT case_no FROM cases c WHERE pressed=1 AND " + measures.OPEN
        pressed = sorted(row[0] for row in view.connection.execute(asked))
        assert pressed == reminded(view), f"(14) {node.name}: reminded of {pressed}, looked at one by one {reminded(view)}"


def _counted(view: View, measure: Measure, by: str, day: Day) -> list[tuple[str, int]]:
    return [(str(key), n) for key, n in measures.counted(view.connection, measure, by, Narrow(), day)]


def reminded(view: View) -> list[str]:
    """Open cases of which a reminder waits, each looked at by itself."""
    open_ = [row[0] for row in view.connection.execute("SELECT case_no FROM cases c WHERE " + measures.OPEN)]
    waiting = {row[0] for row in view.connection.execute("SELECT case_no FROM prompts WHERE what='reminder' AND answered_at=0")}
    found = list[str]()
    for case_no in open_:
        case = view.cases.get(case_no)
        asked = any((one.asked, one.state) == ("remind", "pending") for one in view.requests.of_case(case_no))
        if asked or case_no in waiting or (case is not None and is_pressed(case)):
            found.append(case_no)
    return sorted(found)


ANALYSED = {
    "filed": (FILED, lambda one: one.n), "decided": (DECIDED, lambda one: one.n), "late": (LATE, lambda one: one.n),
    "unlimited": (DECIDED, lambda one: one.unlimited),
}  # fmt: skip


def check_facts(node: Node) -> None:
    """(14) What analysis counts, of single nodes from the facts and by item from the counts beside them, is what looking at every case says."""
    with node.center.store.reading() as view:
        plain = replace(day_at(view), here=b"")
        for name, (what, n) in ANALYSED.items():
            for by in ("node", "item"):
                found = Counter[str | bytes]()
                for cell in facts.cells(view.connection, facts.Asked(what, frozenset({by}), False, Narrow())):
                    found[cell.node if by == "node" else cell.item] += n(cell)
                walked = Counter(dict(measures.counted(view.connection, MEASURES[name], by, Narrow(), plain)))
                assert +found == +walked, f"(14) {node.name}: analysis of {name} by {by}: {+found}, counted {+walked}"


def check_total(view: View, name: str, narrow: Narrow, day: Day) -> None:
    kept, walked = (measures.total(view.connection, KEPT[name], narrow, one) for one in (day, replace(day, here=b"")))
    assert kept == walked, f"(14) {view.identity.code}: {name} {narrow.scopes}: {kept}, counted anew {walked}"


def check_sums(network: Network, names: list[str]) -> None:
    """(14) What a node says of itself is what every node above it says of it, unless it was revoked: of that one a last entry counts above."""
    for name in (one for one in names if not revoked(network, one)):
        own, above = of_itself(network[name], network[name]), network[name].parent
        while above is not None and above in names:
            told = of_itself(network[above], network[name])
            assert told == own, f"(14) {above} says {told} of {name}, itself {own}"
            told_of, own_of = of_month(network[above], network[name]), of_month(network[name], network[name])
            assert told_of == own_of, f"(14) {above} reports {told_of} of {name}, itself {own_of}"
            above = network[above].parent


def revoked(network: Network, name: str) -> bool:
    """Whether anybody knows it to be revoked."""
    for at in network.nodes.values():
        with at.center.store.reading() as view:
            if view.trust.is_revoked(network[name].id):
                return True
    return False


def of_itself(at: Node, node: Node) -> dict[str, int]:
    """Measure -> how many a node answers for, as `at` has it. What the calendar says is not the same everywhere at every moment."""
    with at.center.store.reading() as view:
        day, narrow = day_at(view), Narrow(places=[node.id])
        same = ("open", "in_transit", "stopped", "cases", "filed", "decided", "concluded", "abnormal", "turned_away")
        return {name: measures.total(view.connection, EACH[name], narrow, day) for name in same}


def of_month(at: Node, node: Node) -> dict[str, int]:
    """The row of a node by itself in the monthly report of now, as `at` counts it."""
    with at.center.store.reading() as view:
        making, month = Making(view, at.center.rules), month_of(view.now())
        counted = making.counted(node.id, month, making.cut(node.id, month), None)["cases"]
    return {name: n for name, n in counted.get(node.center.place.code, {}).items() if name not in UNCOMPARED}
