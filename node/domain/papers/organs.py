"""Whose name, number and seal a paper bears (DOMAIN 0.2, 0.6, 0.8). Pure.

With an authority record (`node.domain.catalog.authority`) it says so: 收件, 受理 and 补正 carry the organ that has the power there, with
the line （由{center}代为受理） where that is an upper one; what turns an application down for lack of competence carries the organ that was
asked, never a higher one, or an organ would send people to itself.

Without a record the organ is told from the item and the place, and nothing untrue is said: the decision belongs to the organ of the
item's level, a turning-down to that of the place. Its 机关代字 is not known, so the number is the center's own, led by its division
code, which no other office has. An item's implementation code is printed only where it is of this city.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from node.domain.catalog.authority import IN_ANOTHERS_NAME, Record
from node.domain.catalog.item import Item
from node.domain.catalog.remedy import BY_THE_DEPARTMENT_ABOVE
from node.domain.model import TIERS
from node.domain.papers.categories import OUTCOMES, category_code
from node.domain.papers.kinds import TYPES

OWN_ORGANS = ("乡镇人民政府", "街道办事处")  # the township's own organ, whatever its place is called
OWN_PAPERS = frozenset({"handover"})  # of the office itself, as are those of an agent
AT_THE_COUNTER = frozenset(
    {"receipt", "acceptance", "correction", "gap", "gap_pledge"}
)  # what a lower office does for an upper organ
OF_THE_ASKED = frozenset({"not_accepted"})
_GENERIC = ("", "本级主管部门")
_OF_CITY = re.compile(r"[0-9A-Z]{10,16}-([0-9]{6})[0-9]{6}-|1[1-9A-Z]([0-9]{6})")  # how implementation codes name their place


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose paper it is. `word` and `kind` are 机关代字 and 文种 of its number, `series` the office's own in another organ's name;
    `by` the center that acts for the organ, "" when it acts for itself; `known`: an authority record says so."""

    organ: str
    word: str
    kind: str
    series: str = ""
    by: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """The office that issues a paper: its code, name and tier, the record of the item there if one holds, and the names of the
    divisions above it by tier."""

    code: str
    name: str
    tier: str
    places: Mapping[str, str]
    record: Record | None = None


def issuer_of(paper: str, variant: str, item: Item, office: Office, decides: str, named: str = "") -> Issuer:
    """The issuer of a paper. `decides`: the tier of the organ that decides; `named`: the organ its approver named, for want of a
    record."""
    kind = type_of(paper, variant, item, office.record)
    if paper in OWN_PAPERS or variant == "agent" or (paper == "termination" and office.tier == "village"):
        return Issuer(office.name, office.code, kind)
    record = office.record
    if record is None:
        tier = office.tier if paper in OF_THE_ASKED else decides
        by = office.name if paper in AT_THE_COUNTER and TIERS.index(tier) > TIERS.index(office.tier) else ""
        return Issuer(organ_of(item, office.places, tier, named), office.code, kind, by=by)
    if paper in OF_THE_ASKED and record.asked:
        return Issuer(record.asked, record.asked_word, kind, known=True)
    by = office.name if paper in AT_THE_COUNTER and record.way in IN_ANOTHERS_NAME else ""
    return Issuer(record.organ, record.word, kind, record.series, by, known=True)


def asked_organ(item: Item, office: Office) -> str:
    """The organ that was asked at an office: what a turning-down carries."""
    return issuer_of("not_accepted", "not_accepted", item, office, office.tier).organ


def type_of(paper: str, variant: str, item: Item, record: Record | None) -> str:
    """文种 of a number: that of the record, else the usual one."""
    given = record.types if record is not None else {}
    if paper == "decision":
        found = OUTCOMES[category_code(item.category)]
        usual = found.refused_type if variant == "refused" else found.granted_type
    else:
        usual = TYPES.get(paper, "文")
    return given.get(variant) or given.get(paper) or usual


def organ_of(item: Item, places: Mapping[str, str], tier: str, named: str = "") -> str:
    """The organ of a tier by item and place, where no record names it."""
    given = item.extra.get("issuing_organ") or item.contact.get("organ", "")
    if named.strip() not in (*_GENERIC, item.department):
        return named.strip()
    if given:
        return given
    place = places.get(tier, "")
    if tier in ("township", "village") or item.department in OWN_ORGANS:
        town = places.get("township", place)
        return town + ("办事处" if town.endswith(("街道", "地区")) else "人民政府") if town else item.department
    return item.department if item.department.startswith(place) else place + item.department


def organ_tier(item: Item, tier: str) -> str:
    """The tier of the organ that decides when the case is handled at `tier`."""
    return TIERS[max(TIERS.index(tier), TIERS.index(item.approval_level))]


def review_organ(item: Item, office: Office, tier: str, organ: str) -> str:
    """Who reviews an act (行政复议法 24, 27): as record or item say; else the government of the organ's level, of a township's the one
    above it, of vertical organs the department above."""
    record = (
        office.record if office.record is None or organ == office.record.organ else None
    )  # of the asked organ it says nothing
    if given := (record.review_organ if record is not None else "") or item.review_organ:
        return given
    if any(word in organ for word in BY_THE_DEPARTMENT_ABOVE):
        return "上一级主管部门"
    level = "district" if tier in ("village", "township") else tier
    place = office.places.get(level) or office.places.get("city", "")
    return f"{place}人民政府" if place else "本级人民政府"


def court(item: Item, office: Office) -> str:
    """Before which court a suit goes: data of the district or of the item; without it no court is guessed."""
    record = office.record
    return (record.court if record is not None else "") or item.court or "有管辖权的人民法院"


def item_code(item: Item, code: str) -> str:
    """The item's code as a paper of the office with division `code` prints it: an implementation code of another city is not ours."""
    match = _OF_CITY.match(item.item_code_real)
    if match is not None and (match[1] or match[2])[:4] != code[:4]:
        return item.item_id  # and the basic code beside it is of the catalog of that city
    return item.item_code_real or item.item_code_basic or item.item_id


def holding(record: Record | None, day: dt.date) -> Record | None:
    """The record when it gives the power on that day."""
    return record if record is not None and record.holds_on(day) else None
