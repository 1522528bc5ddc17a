"""The page of one unit: its line, its people, the cases and cards that matter there, and how its months went.

Who has which cases is told of this node and of those directly below it, as everywhere (DOMAIN A0: a person is named to the unit and to the
one above). Figures of months are of what happened in them, at the unit and all below it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from node.domain.calendar import ONE
from node.domain.supervision.documents import OversightCase
from node.domain.supervision.unit_documents import MonthFigures, PersonFigures, UnitLine, UnitTold
from node.services.supervision import query as asked
from node.services.supervision.cards import Cards
from node.services.supervision.looked import next_month, on_the_day
from node.services.supervision.rows import Rows
from node.services.supervision.units import Units
from node.services.times import iso
from node.services.tree.freshness import Freshness
from node.store import measures, rollups, signals, staff
from node.store.measures import MEASURES, VIEWS, Narrow
from node.store.signals import Wanted
from node.store.store import View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules

SHOWN, MONTHS, PEOPLE = 10, 12, 100  # cases and cards; months with this one; people
OF_MONTH = ("filed", "decided", "on_time", "late")
OF_PERSON = ("open", "due_today", "overdue")
FIRST = ("overdue", "due_today", "open")  # cases of the first view that has any


class UnitPage:
    """Reads of one view about one unit."""

    def __init__(self, view: View, rules: CaseRules, fresh: Freshness) -> None:
        self._view, self._rules, self._fresh = view, rules, fresh
        self._day, self._units = on_the_day(view, rules.calendar, fresh), Units(view, rules, fresh)
        self._rows = Rows(view, rules, fresh, False)

    def told(self, code: str, opened: list[str]) -> UnitTold:
        """Errors: `invalid_input` for a unit that is not in the subtree."""
        table = self._units.of(code, opened)
        nodes = asked.nodes_of(self._view, table["at"], "at")
        view, cases = self._cases(table["at"])
        wanted = Wanted(charged=sorted({one for top in nodes for one in asked.below(self._view, top)}), state="in_force")
        found, total = signals.page(self._view.connection, wanted, signals.NEWEST, SHOWN)
        cards = Cards(self._view.store, self._rules)
        return {
            **table, "whole": self._units.whole(nodes[-1]), "line": self._line(nodes[-1]), "people": self._people(nodes, table["at"]),
            "view": view, "cases": cases, "cards": [cards.document(self._view, one) for one in found], "cards_total": total,
            "cards_list": asked.cards_list(state="in_force", under=table["at"]), "months": self._months(nodes, table["at"]),
        }  # fmt: skip

    def _line(self, node: bytes) -> UnitLine:
        place, since = self._view.place(node), self._fresh.since.get(node)
        code = place.code if place is not None else ""
        link = next((peer.state for peer in self._view.links.all() if peer.direction == "down" and peer.code == code), None)
        return {
            "link": link, "here": node == self._view.identity.node_id, "known_until": iso(self._fresh.oldest([node])),
            "unknown_since": iso(since) if since is not None else None,
        }  # fmt: skip

    def _people(self, nodes: list[bytes], code: str) -> list[PersonFigures] | None:
        """Who has open cases there; None where that is not told."""
        if not asked.near(self._view, nodes[-1]):
            return None
        narrow = Narrow(places=nodes)
        counts = {
            name: dict(measures.counted(self._view.connection, VIEWS[name], "owner", narrow, self._day)) for name in OF_PERSON
        }
        names = staff.names(self._view.connection) if nodes[-1] == self._view.identity.node_id else {}
        people = [str(one) for one, _ in sorted(counts["open"].items(), key=lambda row: (-row[1], str(row[0]))) if one][:PEOPLE]
        return [
            {
                "staff_id": one, "name": names.get(one) or self._signed(one, nodes) or one,
                "figures": {name: counts[name].get(one, 0) for name in OF_PERSON},
                "lists": {name: asked.address(view=name, holder=code, staff=one) for name in OF_PERSON},
            }
            for one in people
        ]  # fmt: skip

    def _signed(self, staff_id: str, nodes: list[bytes]) -> str:
        """What a person at another node signed with, "" where nothing of it is here."""
        narrow = Narrow(places=nodes, staff=staff_id)
        for no, _, _, place in measures.page(self._view.connection, VIEWS["open"], narrow, self._day, ("", 0), 3):
            row = self._rows.row(no, place)
            if row is not None and row["holder"]["staff_id"] == staff_id and row["holder"]["person"]:
                return row["holder"]["person"]
        return ""

    def _cases(self, code: str) -> tuple[str, list[OversightCase]]:
        """(view, its first rows) of the first view of the unit that has any."""
        narrow = asked.narrow(self._view, self._rules.catalog, asked.question({"under": code}))
        for name in FIRST:
            page, total = measures.begun(self._view.connection, VIEWS[name], narrow, self._day, SHOWN)
            if total:
                return name, [row for no, _, _, place in page if (row := self._rows.row(no, place)) is not None]
        return FIRST[-1], []

    def _months(self, nodes: list[bytes], code: str) -> list[MonthFigures]:
        """The last months, the newest first."""
        first, today = self._day.today.replace(day=1), self._day.today
        firsts = [first]
        while len(firsts) < MONTHS:
            firsts.append((firsts[-1] - ONE).replace(day=1))
        scopes = rollups.branches(self._view.trust, self._day.here, nodes) or [(rollups.OWN, one) for one in nodes]
        found = rollups.monthly(
            self._view.connection, {name: MEASURES[name] for name in OF_MONTH}, scopes, firsts[-1].isoformat()[:7], self._day
        )
        began = min(
            (month for month, counts in found.items() if any(counts.values())), default="9999"
        )  # before it there is nothing to tell
        return [
            self._month(one, min(next_month(one) - ONE, today), found.get(one.isoformat()[:7], {}), code)
            for one in firsts
            if one == first or one.isoformat()[:7] >= began
        ]

    def _month(self, first: dt.date, last: dt.date, counts: Mapping[str, int], code: str) -> MonthFigures:
        end = next_month(first) - ONE
        return {
            "month": first.isoformat()[:7], "whole": last == end, "figures": {name: counts.get(name, 0) for name in OF_MONTH},
            "lists": {
                name: asked.address(measure=name, under=code, from_=first.isoformat(), to=end.isoformat()) for name in OF_MONTH
            },
        }  # fmt: skip
