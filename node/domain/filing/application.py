"""An application as it is handed in: read within bounds, checked completely, every defect at once.

Checked by hand and not with a schema library: it runs on every filing, and each defect has the field path and code that
people and programs rely on (INTERFACE.md, "Defects"). Text is kept as it came (markup is text), but what cannot be shown,
stored or signed is refused before anything else is looked at: control characters, unpaired surrogates, absurd lengths and
numbers, deep nesting (`bounded`). What the item does not ask for is kept and pointed out, never dropped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from node.domain import folded
from node.domain.bounded import BAD_LINE, flaws_of, has_any, loads_bounded
from node.domain.cases.corrections import FILE, MAX_COPIES, MISSING, PAPER
from node.domain.cases.mandate import check_mandate
from node.domain.catalog.divisions import Divisions
from node.domain.catalog.item import Item
from node.domain.filing import ids
from node.domain.filing.ids import check_id
from node.domain.filing.person import age_warnings
from node.domain.json_values import Json, JsonObject
from node.domain.model import TIERS, Place
from node.domain.words.errors import FieldError

MAX_ATTACHMENTS = 200
MAX_ATTACHMENT_BYTES = 50_000_000
MAX_MATERIAL_NAME, MAX_FILE_NAME = 200, 255
AGENT_CHANNEL = "village_agent"
CHANNELS = (AGENT_CHANNEL, "window", "online")
ID_TYPES = ids.KINDS
TEXT_LIMITS = {"name": 100, "address": 300, "phone": 20, "sex": 10, "id_number": 30, "id_type": 10}
_NUMBER = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CODE = re.compile(r"[0-9A-Za-z-]{1,32}")
_PHONE = re.compile(r"(?:\+?86-?)?(?:1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u115f\u1160\u3164 \u3000\t"
_DIGITS = "0123456789"
_FIT = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FITS = {"ric": _DIGITS + "Xx", "hmt": _DIGITS + "Xx"}  # the kinds of number whose letters say nothing but X
_NO_FILE = re.compile(r'[/\\:*?"<>|]')


Counts: TypeAlias = tuple[tuple[str, int], ...]  # by a material's index


class FilingContext(NamedTuple):
    """What an application is checked against at one node. `max_attachment` in bytes."""

    place: Place
    item: Callable[[str], Item | None]
    divisions: Divisions
    known_codes: Set[str]  # of nodes enrolled in the known tree
    today: dt.date
    max_attachment: int = MAX_ATTACHMENT_BYTES


class Clean(NamedTuple):
    """An application without defects. `document` is what the body keeps; `materials` are (index as code, declared size),
    `papers` (index, originals that lie at the counter); of what is said to be missing there is neither.

    The index is the place in the item's list; what the item does not ask for is counted on behind it.
    """

    source: str
    application_no: str
    item: Item
    channel: str
    village_code: str
    document: JsonObject
    materials: tuple[tuple[str, int], ...]
    warnings: tuple[FieldError, ...] = ()
    mandate: tuple[str, ...] = ()  # what the agent may do, when a mandate is enclosed
    mandate_until: dt.date | None = None
    replaces: str = ""  # number of a voided case whose receipt date this one inherits
    papers: tuple[tuple[str, int], ...] = ()


def validate_application(
    document: object, ctx: FilingContext, *, draft: bool = False
) -> tuple[Clean | None, list[FieldError], list[FieldError]]:
    """(clean application or None, all defects, warnings). Never raises, whatever a caller sends.

    A draft may lack required parts (not its number and item); what is given must still be well formed.
    """
    if not isinstance(document, Mapping):
        return None, [FieldError("document", "wrong_type")], []
    flaws = flaws_of(document)
    if flaws:
        return None, flaws, []
    check = _Check(ctx, draft)
    clean = check.run(document)
    return (clean if not check.errors else None), check.errors, check.warnings


@dataclass(slots=True)
class _Enclosed:
    """What was said of the materials so far: all of them in the order given, sizes in bytes, originals, what is missing."""

    names: dict[str, None] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    papers: dict[str, int] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Check:
    """One pass over one application."""

    ctx: FilingContext
    draft: bool
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[FieldError] = field(default_factory=list)

    def fault(self, path: str, code: str, **details: Json) -> None:
        self.errors.append(FieldError(path, code, details))

    def run(self, document: JsonObject) -> Clean | None:
        number = self._code(document, "application_no", required=True)
        source = self._code(document, "source", required=False) or "default"
        replaces = self._code(document, "replaces", required=False) or ""
        item = self._item(document)
        channel = self._channel(document, item)
        village = self._village(document)
        self._entry(document, item, village)
        self._applicant(document.get("applicant"), item)
        if not isinstance(document.get("form"), Mapping | None):
            self.fault("form", "wrong_type")
        materials, papers = self._attachments(document.get("attachments"), item)
        self._claimed_time(document.get("submitted_at"))
        scope, until = check_mandate(document.get("mandate"), self.ctx.today, self._mandate_fault)
        if item is None or number is None:
            return None
        warnings = tuple(self.warnings)
        return Clean(source, number, item, channel, village, document, materials, warnings, scope, until, replaces, papers)

    def _mandate_fault(self, path: str, code: str) -> None:
        """A draft's mandate may be unfinished; what it says counts all the same when the draft is filed."""
        if not (self.draft and code == "missing"):
            self.fault(path, code)

    # what is asked for, and where ---------------------------------------------------------------------------------------

    def _code(self, document: JsonObject, key: str, *, required: bool) -> str | None:
        value = document.get(key)
        if value is None or value == "":
            if required:
                self.fault(key, "missing")
        elif not isinstance(value, str):
            self.fault(key, "wrong_type")
        elif not _NUMBER.fullmatch(value) or not value.strip("."):  # "." and ".." would be folders
            self.fault(key, "invalid")
        else:
            return value
        return None

    def _item(self, document: JsonObject) -> Item | None:
        value = document.get("item_id")
        if not isinstance(value, str) or not value:
            self.fault("item_id", "missing" if value in (None, "") else "wrong_type")
            return None
        item = self.ctx.item(value)
        if item is None:
            self.fault("item_id", "unknown_item")
        elif item.withdrawn or (item.effective_from is not None and item.effective_from > self.ctx.today):
            self.fault("item_id", "not_published")
        return item

    def _channel(self, document: JsonObject, item: Item | None) -> str:
        """`agent_allowed` is tested for the channel village_agent only (LIFECYCLE "Filing")."""
        value = document.get("channel", "window")
        if value not in CHANNELS:
            self.fault("channel", "not_a_choice" if isinstance(value, str) else "wrong_type")
            return "window"
        if value == "village_agent" and item is not None and not item.agent_allowed:
            self.fault("channel", "agent_not_allowed")
        return str(value)

    def _village(self, document: JsonObject) -> str:
        """Known: in the published division table, or enrolled below. At a village it may be left out."""
        here = self.ctx.place
        value = document.get("village_code")
        if value is None or value == "":
            return here.code if here.tier == TIERS[0] else ""
        if not isinstance(value, str):
            self.fault("village_code", "wrong_type")
        elif value not in self.ctx.divisions and value not in self.ctx.known_codes and value != here.code:
            self.fault("village_code", "unknown_division")
        else:
            return value
        return ""

    def _entry(self, document: JsonObject, item: Item | None, village: str) -> None:
        """entry_node: this node when it is left out; else it must be this node, and its level one where the item is filed."""
        here = self.ctx.place
        value = document.get("entry_node")
        value = here.code if value is None or value == "" else value
        if not isinstance(value, str):
            self.fault("entry_node", "wrong_type")
        elif not _CODE.fullmatch(value):
            self.fault("entry_node", "invalid")
        else:
            division = self.ctx.divisions.get(value)
            level = here.tier if value == here.code else division.level if division is not None else None
            if item is not None and level is not None and level not in item.accept_levels:
                self.fault("entry_node", "wrong_level", node=self._right_node(village, value, item))
            elif value != here.code:
                self.fault("entry_node", "wrong_node", node=value)

    def _right_node(self, village: str, entry: str, item: Item) -> str:
        """The nearest place at or above the village (else above the entry) that takes the item; the levels when unknown."""
        table = self.ctx.divisions
        for start in (village, entry):
            for division in (table.get(start), *table.ancestors(start)):
                if division is not None and division.level in item.accept_levels:
                    return division.code
        return "/".join(item.accept_levels)

    def _claimed_time(self, value: object) -> None:
        """`submitted_at` is a claim in the body and starts no clock; it must still be a time."""
        if value is None:
            return
        try:
            if not isinstance(value, str) or len(value) > 40:
                raise ValueError
            dt.datetime.fromisoformat(value)
        except ValueError:
            self.fault("submitted_at", "invalid")

    # who asks -----------------------------------------------------------------------------------------------------------

    def _applicant(self, applicant: object, item: Item | None) -> None:
        if not isinstance(applicant, Mapping):
            if applicant is not None or not self.draft:
                self.fault("applicant", "missing" if applicant is None else "wrong_type")
            return
        text = {key: self._line(applicant, "applicant", key, limit) for key, limit in TEXT_LIMITS.items()}
        if self._given("name", text["name"], applicant) and not str(text["name"]).strip(_INVISIBLE):
            self.fault("applicant.name", "blank")
        if self._given("phone", text["phone"], applicant) and not _PHONE.fullmatch(str(text["phone"]).strip()):
            self.fault("applicant.phone", "invalid", **_mending(re.sub(r"[+ -]", "", str(text["phone"])), _DIGITS))
        if self._given("id_number", text["id_number"], applicant):
            self._id_number(str(text["id_number"]), applicant.get("id_type") or "ric", item)

    def _line(self, part: JsonObject, path: str, key: str, limit: int) -> str | None:
        """A text of one line in a part of the application, or None when it is missing or already refused."""
        value = part.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(f"{path}.{key}", "wrong_type")
        elif len(value) > limit:
            self.fault(f"{path}.{key}", "too_long")
        elif has_any(BAD_LINE, value):
            self.fault(f"{path}.{key}", "bad_character")
        else:
            return value
        return None

    def _given(self, key: str, text: str | None, applicant: JsonObject) -> bool:
        """Whether there is something to judge. What is missing is a defect, but not of a draft."""
        if applicant.get(key) is None and not self.draft:
            self.fault(f"applicant.{key}", "missing")
        return text is not None and not (self.draft and not text)

    def _id_number(self, number: str, kind: object, item: Item | None) -> None:
        if kind not in ID_TYPES:
            if isinstance(kind, str):
                self.fault("applicant.id_type", "not_a_choice")
            return
        found = check_id(number, str(kind), self.ctx.today)
        if found.verdict == "invalid":
            self.fault("applicant.id_number", found.code, **_mending(number, _FITS.get(kind, _FIT)))
        elif found.verdict == "warning":
            self.warnings.append(FieldError("applicant.id_number", found.code))
        if found.verdict != "invalid" and item is not None:
            self.warnings += age_warnings(number, str(kind), item, self.ctx.today)

    # what is enclosed ---------------------------------------------------------------------------------------------------

    def _attachments(self, attachments: object, item: Item | None) -> tuple[Counts, Counts]:
        """One attachment a material: (declared sizes, originals on paper), by index. Each required material must be spoken of: a
        declared file satisfies it whenever its content comes, paper does, and at a counter the word that it is missing."""
        if attachments is None:
            attachments = []
        if not isinstance(attachments, list) or len(attachments) > MAX_ATTACHMENTS:
            self.fault("attachments", "too_long" if isinstance(attachments, list) else "wrong_type")
            return (), ()
        names = [material.name for material in item.materials] if item is not None else []
        seen = _Enclosed()
        for n, attachment in enumerate(attachments):
            name = self._attachment(f"attachments[{n}]", attachment, seen)
            if name is not None and item is not None and name not in names:
                self.warnings.append(FieldError(f"attachments[{n}].material", "unknown_material"))
        if item is not None and not self.draft:
            missing = [m.name for m in item.materials if m.required and m.name not in self._spoken_of(seen)]
            if missing:
                self.fault("attachments", "missing_material", material="、".join(missing))
        places = {name: n for n, name in enumerate(dict.fromkeys((*names, *seen.names)))}
        sizes, papers = (tuple((str(places[name]), n) for name, n in found.items()) for found in (seen.sizes, seen.papers))
        return sizes, papers

    def _spoken_of(self, seen: _Enclosed) -> Set[str]:
        """A village passes on what it has; it may not take in what is incomplete."""
        return seen.names.keys() - seen.missing if self.ctx.place.tier == TIERS[0] else seen.names.keys()

    def _attachment(self, path: str, attachment: object, seen: _Enclosed) -> str | None:
        """Check one; answers the name of a material that is new."""
        if not isinstance(attachment, Mapping):
            self.fault(path, "wrong_type")
            return None
        name = self._material(path, attachment)
        if name is None:
            return None
        if name in seen.names:
            self.fault(path, "duplicate")
            return None
        seen.names[name] = None
        self._held(path, attachment, name, seen)
        self._description(path, attachment)
        return name

    def _held(self, path: str, attachment: JsonObject, name: str, seen: _Enclosed) -> None:
        """As a file with its size, as originals on paper with their count, or not at all. A file may have originals beside it."""
        held = FILE if attachment.get("held") is None else attachment["held"]
        if held not in (FILE, PAPER, MISSING):
            self.fault(f"{path}.held", "not_a_choice" if isinstance(held, str) else "wrong_type")
        elif held == MISSING:
            seen.missing.add(name)
        elif held == FILE and (size := self._size(path, attachment.get("size"))) is not None:
            seen.sizes[name] = size
        count = 1 if attachment.get("count") is None and held == PAPER else attachment.get("count")
        if count is None or held == MISSING:
            return
        if type(count) is not int or not 1 <= count <= MAX_COPIES:
            self.fault(f"{path}.count", "out_of_range" if type(count) is int else "wrong_type")
        else:
            seen.papers[name] = count

    def _material(self, path: str, attachment: JsonObject) -> str | None:
        if attachment.get("material") is None:
            self.fault(f"{path}.material", "missing")
        elif (name := self._line(attachment, path, "material", MAX_MATERIAL_NAME)) is not None:
            if name.strip(_INVISIBLE):
                return name.strip()
            self.fault(f"{path}.material", "blank")
        return None

    def _size(self, path: str, size: object) -> int | None:
        if size is None:
            if not self.draft:
                self.fault(f"{path}.size", "missing")
        elif type(size) is not int:
            self.fault(f"{path}.size", "wrong_type")
        elif size < 0:
            self.fault(f"{path}.size", "out_of_range")
        elif size == 0 or size > self.ctx.max_attachment:
            self.fault(path, "too_large" if size else "empty")
        else:
            return size
        return None

    def _description(self, path: str, attachment: JsonObject) -> None:
        """File name (looked up as FOLDER/APPLICATION_NO/FILE, so never a path), media type, form and copies."""
        name = self._line(attachment, path, "file", MAX_FILE_NAME)
        if name is not None and (_NO_FILE.search(name) or not name.strip(". ")):
            self.fault(f"{path}.file", "invalid")
        self._line(attachment, path, "mime", 100)
        self._line(attachment, path, "form", 40)
        copies = attachment.get("copies")
        if copies is not None and (type(copies) is not int or not 0 <= copies <= 1000):
            self.fault(f"{path}.copies", "out_of_range" if type(copies) is int else "wrong_type")


def _mending(number: str, fits: str) -> dict[str, str]:
    """What to mend in a number, where one character says it."""
    zh, en = folded.mending(number, fits)
    return {"mend": f"：{zh}", "mend_en": f": {en}"} if zh else {}


__all__ = [
    "CHANNELS", "ID_TYPES", "TIERS", "Clean", "FilingContext", "loads_bounded", "validate_application",
]  # fmt: skip
