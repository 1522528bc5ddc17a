"""What nodes, steps and materials are called, as far as this node knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from node.domain.calendar import day_of
from node.domain.cases.repin import left_of
from node.domain.cases.telling import Names
from node.domain.catalog.divisions import Divisions
from node.domain.filing.enclosed import material_name
from node.domain.model import TIERS, Case
from node.services.cases.context import Rules
from node.store import enrolments
from node.store.store import Tx, View


def namer(view: View | Tx, divisions: Divisions) -> Callable[[bytes], str]:
    """Names a node: by its own name where it is known, else by its division, else by its code; "" for a node nobody knows."""
    names = enrolments.names(view.connection)

    def name(node_id: bytes) -> str:
        if node_id == view.identity.node_id:
            return view.identity.name
        place = view.place(node_id)
        division = divisions.get(place.code[:12]) if place is not None else None
        return names.get(node_id) or (division.name if division is not None else place.code if place is not None else "")

    return name


def office_namer(view: View | Tx, divisions: Divisions) -> Callable[[str], str]:
    """What the office of a division code is called: as its node is, else by its division, else by the code."""
    of_node = namer(view, divisions)

    def name(code: str) -> str:
        node, division = view.trust.active_code(code), divisions.get(code[:12])
        return (of_node(node) if node is not None else "") or (division.name if division is not None else code)

    return name


def names_of(view: View | Tx, rules: Rules, case: Case, application: Mapping[str, Any], version: int = 0) -> Names:
    """What the facts of a case name, by the item of the time of `version` of its chain (0: now); of a case whose item is not here yet,
    nodes only."""
    item = rules.item_then(case, version) if version else rules.item_of(case)
    steps = {step.code: step.name for tier in TIERS for step in item.steps_at(tier)} if item is not None else {}
    return Names(
        node=namer(view, rules.catalog.divisions()),
        step=lambda code: steps.get(code, ""),
        material=lambda index: (
            rules.material_name(case, application, index)
            if left_of(index) or item is None
            else material_name(item, application, index)
        ),
        today=day_of(view.now()),
    )
