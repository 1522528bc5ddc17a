"""Reading an item as a person typed it: every field checked, every fault beside its field.

The document holds texts as a form sends them. Below the layer an item comes from only the promise and the contact data are
read (LIFECYCLE "Import"). Unlike an import, which takes a special step without a basis as counting, the editor is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from node.domain import folded
from node.domain.bounded import BAD
from node.domain.catalog.csv import (
    CASE_TYPES,
    CATEGORIES,
    FORMS,
    LICENCE_CATEGORY,
    MAX_DAYS,
    MAX_LIST,
    MAX_NAME,
    MAX_TEXT,
    UNITS,
)
from node.domain.catalog.diff import unfounded_stop
from node.domain.catalog.importing import ADDS
from node.domain.catalog.item import CONTACT, KINDS, PAPER_AT, Item, Material, SpecialStep, special_kind
from node.domain.catalog.remedy import REMEDIES
from node.domain.json_values import Json, JsonObject
from node.domain.model import TIERS
from node.domain.words.errors import TongbanError

SHORT = ("name", "department", "item_code_basic", "item_code_real", "review_organ", "court")
LONG = ("legal_basis", "legal_text_version", "conditions", "fee", "result")
NUMBERS = ("statutory_limit", "promised_limit", "extension_days")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BLANK = Item("-")


class _Reader:
    """Reads one document, collecting a code for each field that is wrong."""

    def __init__(self, document: JsonObject) -> None:
        self.document = document
        self.faults: dict[str, str] = {}

    def fault(self, path: str, code: str) -> None:
        self.faults.setdefault(path, code)

    def text(self, value: object, path: str, most: int = MAX_NAME, *, needed: bool = False) -> str:
        text = str(value or "").strip()
        if len(text) > most:
            self.fault(path, "too_long")
        elif BAD.search(text):
            self.fault(path, "bad_character")
        elif needed and not text:
            self.fault(path, "missing")
        return text

    def choice(self, path: str, choices: Iterable[str], *, needed: bool = True) -> str:
        text = str(self.document.get(path) or "").strip()
        if not text:
            if needed:
                self.fault(path, "missing")
        elif text not in choices:
            self.fault(path, "not_a_choice")
        return text

    def number(self, value: object, path: str, most: int = MAX_DAYS, *, needed: bool = False) -> int | None:
        text = "" if value is None else folded.typed(str(value)).strip()
        if not text:
            if needed:
                self.fault(path, "missing")
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.fault(path, "invalid")
            return None
        if int(text) > most:
            self.fault(path, "out_of_range")
        return int(text)

    # lists -----------------------------------------------------------------------------------------------------------

    def levels(self) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(str(one) for one in _many(self.document.get("accept_levels"))))
        if not found:
            self.fault("accept_levels", "missing")
        elif not set(found) <= set(TIERS):
            self.fault("accept_levels", "not_a_choice")
        return found

    def rows(self, name: str) -> list[tuple[int, JsonObject]]:
        """(place in the form from 0, row) of the rows somebody wrote into."""
        given = enumerate(_many(self.document.get(name)))
        rows = [(n, row) for n, row in given if isinstance(row, Mapping) and _filled(row)]
        if len(rows) > MAX_LIST:
            self.fault(name, "out_of_range")
        return rows[:MAX_LIST]

    def materials(self) -> tuple[Material, ...]:
        found: list[Material] = []
        for n, row in self.rows("materials"):
            path = f"materials.{n}"
            name = self.text(row.get("name"), f"{path}.name", needed=True)
            if name and any(name == one.name for one in found):
                self.fault(f"{path}.name", "duplicate")
            form = str(row.get("form") or "original")
            if form not in FORMS:
                self.fault(f"{path}.form", "not_a_choice")
            copies = self.number(row.get("copies", 1), f"{path}.copies", 1000, needed=True)
            found.append(Material(name, form, copies or 0, bool(row.get("required")), bool(row.get("may_be_later"))))
        return tuple(found)

    def steps(self, licence: bool) -> tuple[SpecialStep, ...]:
        return tuple(self._step(f"special_steps.{n}", row, licence) for n, row in self.rows("special_steps"))

    def _step(self, path: str, row: JsonObject, licence: bool) -> SpecialStep:
        name = self.text(row.get("name"), f"{path}.name", needed=True)
        kind, unit = str(row.get("kind") or "other"), str(row.get("unit") or "workday")
        if kind not in KINDS:
            self.fault(f"{path}.kind", "not_a_choice")
        elif special_kind(name) not in ("other", kind):  # a site visit does not become a hearing by saying so
            self.fault(f"{path}.kind", "kind_by_name")
        if unit not in UNITS:
            self.fault(f"{path}.unit", "not_a_choice")
        days = self.number(row.get("days"), f"{path}.days", needed=True)
        basis = self.text(row.get("stop_basis"), f"{path}.stop_basis")
        step = SpecialStep(name, kind, days or 0, unit, bool(row.get("counts")), basis)
        if unfounded_stop(step, "licence" if licence else "other"):
            self.fault(f"{path}.stop_basis", "no_stop_basis")
        return step

    def contact(self, present: Mapping[str, str]) -> dict[str, str]:
        said = self.document.get("contact")
        given = said if isinstance(said, Mapping) else {}
        known = {key: self.text(given.get(key), f"contact.{key}") for key in CONTACT}
        kept = {key: text for key, text in present.items() if key not in CONTACT}
        return {**kept, **{key: text for key, text in known.items() if text}}


def _many(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


def _filled(row: JsonObject) -> bool:
    """A row nobody wrote into is passed over; ticks and choices alone do not fill it."""
    return any(str(row.get(key) or "").strip() for key in ("name", "days", "stop_basis"))


def read_item(document: JsonObject, base: Item | None, tier: str, *, root: bool, taken: Sequence[str] = ()) -> Item:
    """A new or changed item of this layer. Raises `invalid_input` with a code for each field.

    base: the version that was edited, None for a new item, whose id must not be among `taken`.
    """
    reader = _Reader(document)
    item_id = base.item_id if base is not None else reader.text(document.get("item_id"), "item_id", 64, needed=True)
    if base is None:
        if item_id and not _ID.fullmatch(item_id):
            reader.fault("item_id", "invalid")
        elif item_id in taken:
            reader.fault("item_id", "taken")
        if not root and tier not in ADDS:
            reader.fault("item_id", "layer_may_not_add")
    category = reader.choice("category", CATEGORIES)
    statutory = reader.number(document.get("statutory_limit"), "statutory_limit")
    unit = reader.choice("statutory_unit", UNITS, needed=statutory is not None)
    approval = reader.choice("approval_level", TIERS)
    if approval in TIERS and TIERS.index(approval) > TIERS.index(tier):
        reader.fault("approval_level", "not_our_level")
    start = base if base is not None else _BLANK
    short = {name: reader.text(document.get(name), name, needed=name == "name") for name in SHORT}
    long = {name: reader.text(document.get(name), name, MAX_TEXT) for name in LONG}
    item = replace(
        start,
        item_id=item_id,
        category=category,
        statutory_limit=statutory,
        statutory_unit=unit if statutory is not None else "",
        approval_level=approval,
        promised_limit=reader.number(document.get("promised_limit"), "promised_limit"),
        accept_levels=reader.levels(),
        case_type=reader.choice("case_type", CASE_TYPES),
        extension_days=reader.number(document.get("extension_days"), "extension_days"),
        paper_required_at=reader.choice("paper_required_at", PAPER_AT, needed=False),
        agent_allowed=bool(document.get("agent_allowed")),
        remedy=reader.choice("remedy", REMEDIES, needed=False),
        materials=reader.materials(),
        special_steps=reader.steps(category == LICENCE_CATEGORY),
        co_departments=_parts(reader.text(document.get("co_departments"), "co_departments", MAX_TEXT)),
        contact=reader.contact(start.contact),
        name=short["name"], department=short["department"], item_code_basic=short["item_code_basic"],
        item_code_real=short["item_code_real"], legal_basis=long["legal_basis"], legal_text_version=long["legal_text_version"],
        conditions=long["conditions"], fee=long["fee"], result=long["result"],
    )  # fmt: skip
    if reader.faults:
        raise TongbanError("invalid_input", reader.faults)
    return item


def read_overlay(document: JsonObject, above: Item, tier: str) -> Item:
    """An item from above with this tier's tighter promise and local contact data. Raises `invalid_input`."""
    reader = _Reader(document)
    promise = reader.number(document.get("promised_limit"), "promised_limit")
    if (
        above.promised_limit is not None
        and "promised_limit" not in reader.faults
        and (promise is None or promise > above.promised_limit)
    ):
        reader.fault("promised_limit", "overlay_looser")
    contact = {**above.contact, **reader.contact({})}
    if reader.faults:
        raise TongbanError("invalid_input", reader.faults)
    return replace(above, promised_limit=promise, contact=contact, layer_tier=tier)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split("[;;、,,\n]", text) if part.strip())


def form_of(item: Item) -> dict[str, Json]:
    """The document that `read_item` reads back as the same item."""
    document = cast(JsonObject, item.to_document())  # every value of it is JSON
    numbers = {key: "" if document.get(key) is None else str(document[key]) for key in NUMBERS}
    return {**document, **numbers, "co_departments": "、".join(item.co_departments)}
