"""What an endpoint promises, as data: the handler enforces it and the OpenAPI document is generated from it.

So the two cannot differ: a query parameter that is not declared here is refused, and a declared choice is the only choice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from node.domain.cases.access import Function
from node.domain.cases.lifecycle import STATUSES as STATUSES
from node.domain.figures import GROUPS as GROUPS
from node.domain.figures import MEASURES as MEASURES
from node.domain.figures import MONITORS as MONITORS
from node.domain.figures import STATES as STATES
from node.domain.figures import STEPS as STEPS
from node.domain.figures import VIEWS as VIEWS
from node.domain.model import TIERS as TIERS
from node.domain.words.errors import TongbanError

KINDS = ("immediate", "commitment", "joint", "referral")
_UNFIT = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
FIT = r"^[^\u0000-\u0008\u000a-\u001f\u007f]*$"  # the same as the document says it; a half of a character is no text there


@dataclass(frozen=True, slots=True)
class Param:
    """A query parameter or header. `kind` is string, integer or date; `most` is characters, or the largest integer,
    `least` the smallest. `not_with`: the parameter that it excludes, in the document as `x-not-with`."""

    name: str
    about: str
    kind: str = "string"
    choices: tuple[str, ...] = ()
    most: int = 200
    required: bool = False
    least: int = 0
    not_with: str = ""

    def schema(self) -> dict[str, object]:
        if self.kind == "integer":
            return {"type": "integer", "minimum": self.least, "maximum": self.most}
        found: dict[str, object] = {"type": "string", "maxLength": self.most, "pattern": FIT}
        if self.required:
            found["minLength"] = 1
        if self.kind == "date":
            found = {"type": "string", "format": "date"}
        return {"type": "string", "enum": list(self.choices)} if self.choices else found

    def defect(self, text: str) -> str | None:
        """The field error code of a value, None when it is good."""
        if len(text) > max(self.most, 20):
            return "too_long"
        if _UNFIT.search(text):
            return "bad_character"
        if self.choices and text not in self.choices:
            return "not_a_choice"
        if self.kind == "integer":
            if not (text.isascii() and text.isdigit()):
                return "wrong_type"
            return None if self.least <= int(text) <= self.most else "out_of_range"
        if self.kind == "date":
            return None if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and _is_date(text) else "not_a_day"
        return "too_long" if len(text) > self.most else None


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: what it is, the schema of its JSON document or the type of its octets."""

    about: str
    schema: str = ""
    content_type: str = "application/json"
    headers: tuple[Param, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one endpoint. `errors` are codes of `node.domain.words.refusals.ERRORS` beyond those common to all."""

    summary: str
    answers: Mapping[int, Answer]
    query: tuple[Param, ...] = ()
    headers: tuple[Param, ...] = ()
    body: str = ""
    body_type: str = "application/json"
    errors: tuple[str, ...] = ()
    function: Function | None = None  # what it is for: who has that may ask; None: everybody, no token
    free_here: bool = False  # no token is asked for from this machine

    def all_errors(self) -> tuple[str, ...]:
        """Every error code that this operation documents."""
        codes = {*self.errors, "malformed", "method_not_allowed", "storage_busy", "storage_failed", "internal"}
        if self.function is not None:
            codes |= {"unauthenticated", "token_over", "forbidden"}
        if self.query or self.body:
            codes |= {"invalid_input"}
        if self.body:
            codes |= {"too_large", "disk_full", "read_only"}
        if self.body_type == "application/json" and self.body:
            codes |= {"unsupported_media_type"}
        return tuple(sorted(codes))

    def read_query(self, given: Mapping[str, list[str]]) -> dict[str, str]:
        """The declared parameters that were given and are not empty. Errors: `invalid_input` naming each field."""
        known = {param.name: param for param in self.query}
        fields: dict[str, str] = {name[:64]: "unknown_field" for name in given if name not in known}
        values: dict[str, str] = {}
        for name, param in known.items():
            texts = given.get(name, [])
            text = texts[-1] if texts else ""
            if len(texts) > 1:
                fields[name] = "duplicate"
            elif text:
                values[name] = text
                if defect := param.defect(text):
                    fields[name] = defect
            elif param.required:
                fields[name] = "missing"
        fields |= {name: "not_both" for name in values if known[name].not_with in values and name not in fields}
        if fields:
            raise TongbanError("invalid_input", fields)
        return values


IDEMPOTENCY = Param(
    "Idempotency-Key", "Stored with the effect: a repeat gets the first answer; another body under the key is 422."
)
CURSOR = Param("cursor", "The `next` of the previous page.", most=512)
LIMIT = Param("limit", "Entries per page, 1 to 200 (50).", kind="integer", most=200, least=1)
