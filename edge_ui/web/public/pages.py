"""What the resident's pages show: one frozen dataclass per page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from node.domain.cases.public_documents import PublicCase
from node.domain.catalog.item_documents import GuideItem, GuideRow


@dataclass(frozen=True, slots=True)
class LandingPage:
    """The doors, and a line on the state of this node."""

    items: int
    as_of: str | None


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A page of the guide; `state` says what the search came to (node.services.public.guide). `rows` fit by their names (or stand
    in the whole list), `others` by what else is said of them."""

    q: str
    state: str
    rows: tuple[GuideRow, ...]
    others: tuple[GuideRow, ...]
    total: int
    named: int
    page: int
    pages: int
    previous_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class GuideItemPage:
    """One item as it is disclosed; `start_url` for who may file it here, `editor_url` for who publishes it."""

    item: GuideItem
    start_url: str = ""
    editor_url: str = ""


@dataclass(frozen=True, slots=True)
class NoItemPage:
    """An item that is not offered (any more)."""

    item_id: str


@dataclass(frozen=True, slots=True)
class StatusPage:
    """A resident's question and its answer; `code` is never shown again."""

    case_no: str
    error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    found: PublicCase | None = None
    turn: str = ""
    said: str = ""
