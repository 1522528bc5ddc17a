"""What the pages of this area share: who may, and how the values of an item are said in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from edge_ui.shared.words import fault_text
from edge_ui.web.base import PageHandler
from edge_ui.web.figures import page_url
from node.domain.cases.access import Function
from node.domain.json_values import JsonObject
from node.domain.words.errors import TongbanError

_GROUPS = {
    "case_type": "case_type",
    "approval_level": "tier",
    "statutory_unit": "unit",
    "kind": "step_kind",
    "remedy": "remedy",
    "form": "form",
    "unit": "unit",
    "paper_required_at": "paper_at",
}


class CityHandler(PageHandler):
    """A page of the catalog editor or of the network."""

    @property
    def may_list(self) -> bool:
        """Whether the cases behind a figure may be seen: who supervises, not who only counts."""
        return self.may(Function.OVERSIGHT)

    def page_list(self, address: str) -> str:
        """The page with the rows behind a figure, "" for who may not see them."""
        return page_url(address) if self.may_list else ""

    def value_text(self, field: str, value: object) -> str:
        """A value of an item in words; a dash for nothing."""
        if value is None or value in ("", []):
            return self.say("city.nothing")
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if field == "accept_levels" and isinstance(value, list):
            return self.say("city.comma").join(self.name_of(one, "tier") for one in value)
        if isinstance(value, list):
            return self.say("city.comma").join(str(one) for one in value)
        if field == "promised_limit" and isinstance(value, int):
            return self.say("item.workdays", n=value) if value else self.say("item.at_once")
        if field in _GROUPS:
            return self.coded(_GROUPS[field], str(value))
        return str(value)

    def coded(self, group: str, code: str) -> str:
        """The word of a code: a unit or a kind of this area, else the glossary's."""
        key = f"city.{group}.{code}"
        return self.say(key) if self.application.words.has(self.language, key) else self.name_of(code, group)

    def field_text(self, field: str) -> str:
        """The name of a field; of an entry of contact or extra its own key."""
        if field.startswith("extra."):
            return field.removeprefix("extra.")
        key = f"city.f.{field}"
        return self.say(key) if self.application.words.has(self.language, key) else field.rpartition(".")[2]

    def row_text(self, field: str, row: JsonObject | None) -> str:
        """A material or a special step in one line."""
        if row is None:
            return ""
        if field == "materials":
            later = bool(row.get("may_be_later"))
            need = self.say("city.required_later" if later else "city.required" if row["required"] else "city.optional")
            return self.say(
                "city.material_row", name=row["name"], form=self.coded("form", str(row["form"])), copies=row["copies"], need=need
            )
        stops = self.say("city.counts" if row["counts"] else "city.stops")
        text = self.say(
            "city.step_row", name=row["name"], kind=self.coded("step_kind", str(row["kind"])), days=row["days"],
            unit=self.coded("unit", str(row["unit"])), counts=stops,
        )  # fmt: skip
        return text + (self.say("city.step_basis", basis=row["stop_basis"]) if row["stop_basis"] else "")

    def doubt_text(self, doubt: JsonObject) -> str:
        details: dict[str, object] = {key: value for key, value in doubt.items() if key not in ("code", "refused")}
        if isinstance(names := doubt.get("names"), list):
            details["names"] = self.say("city.comma").join(str(one) for one in names)
        if "levels" in details:
            details["levels"] = self.value_text("accept_levels", doubt["levels"])
        if "unit" in details:
            details["statutory"] = f"{doubt['statutory']} {self.coded('unit', str(doubt['unit'] or 'workday'))}"
        for key in ("old", "new", "promised"):
            if key in details:
                details[key] = self.value_text("promised_limit", details[key])
        return self.say(f"city.doubt.{doubt['code']}", **details)

    def fault_texts(self, faults: Mapping[str, str]) -> dict[str, str]:
        """Field path -> its sentence: of this area, else of everywhere."""
        said = {code: f"city.bad.{code}" for code in faults.values()}
        return {
            path: self.say(said[code]) if self.application.words.has("zh", said[code]) else fault_text(self.language, code)
            for path, code in faults.items()
        }

    def refused_fields(self, error: TongbanError) -> dict[str, str]:
        """The faults of a form that was refused for its fields; anything else goes on as it is."""
        if error.code != "invalid_input" or not error.fields:
            raise error
        return self.fault_texts(error.fields)

    def day_text(self, day: str) -> str:
        """A date with its day of the week."""
        try:
            return f"{self.when(day)} {self.say('city.weekday.' + str(dt.date.fromisoformat(day).isoweekday()))}"
        except ValueError:
            return day

    def number(self, name: str, most: int = 100_000) -> int:
        """A number of the address, 1 when there is none."""
        text = self.argument(name, 8)
        return max(1, min(int(text), most)) if text.isascii() and text.isdigit() else 1
