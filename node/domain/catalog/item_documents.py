"""An item of the catalog as a document (its content is hashed: see `Item.to_document`), and what the service guide tells of items."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class MaterialDocument(TypedDict):
    """One row of the checklist (`node.domain.catalog.item.Material`). `may_be_later` stands there only where it is so: an item that says
    nothing of it has the hash it had before."""

    name: str
    form: str
    copies: int
    required: bool
    may_be_later: NotRequired[bool]


class SpecialStepDocument(TypedDict):
    """One special step (`node.domain.catalog.item.SpecialStep`)."""

    name: str
    kind: str
    days: int
    unit: str
    counts: bool
    stop_basis: str


class ItemDocument(TypedDict):
    """One version of an item. Limits in `statutory_unit` and working days, None where none is given; `effective_from` an ISO date. The
    three that may be missing came later: an item that says nothing of them has the hash it had before."""

    item_id: str
    version: int
    item_code_basic: str
    item_code_real: str
    name: str
    department: str
    category: str
    approval_level: str
    accept_levels: list[str]
    case_type: str
    statutory_limit: int | None
    statutory_unit: str
    promised_limit: int | None
    legal_basis: str
    legal_text_version: str
    conditions: str
    materials: list[MaterialDocument]
    fee: str
    special_steps: list[SpecialStepDocument]
    result: str
    co_departments: list[str]
    agent_allowed: bool
    effective_from: str | None
    layer_tier: str
    contact: dict[str, str]
    extra: dict[str, str]
    remedy: str
    review_organ: str
    court: str
    regime: str
    extension_days: NotRequired[int | None]
    paper_required_at: NotRequired[str]
    withdrawn: NotRequired[str]


class ItemList(TypedDict):
    """The items in force, by id."""

    items: list[ItemDocument]


# the guide ------------------------------------------------------------------------------------------------------------


class ItemsFound(TypedDict):
    """What fits a search, the best first; `revision` of the catalog."""

    items: list[ItemDocument]
    revision: int


class FiledElsewhere(TypedDict):
    """Where an item is filed: `place` is the name of the division, "" where there are many."""

    tier: str
    place: str


class Where(TypedDict):
    """Whether an item is filed at this node; else `at` says where."""

    here: bool
    at: FiledElsewhere | None


class OfferedItem(ItemDocument, Where):
    """An item for who takes applications."""


class GuideRow(Where):
    """One line of the guide; `named`: it fits by its name."""

    item_id: str
    name: str
    department: str
    promised_limit: int | None
    fee: str
    named: bool


class GuideFound(TypedDict):
    """Twenty items of a search (`GuideService.page`)."""

    rows: list[GuideRow]
    total: int
    named: int
    page: int
    pages: int
    state: str
    revision: int
    as_of: str | None


class ItemsSearched(TypedDict):
    """A page of what people's words find, the best first: the first `named` of `total` fit by their names. `state`: all found similar none
    long odd (`GuideService.page`); `next` is the cursor of the following page; `as_of` of this node by its code."""

    items: list[GuideRow]
    total: int
    named: int
    state: str
    next: str | None
    revision: int
    as_of: dict[str, str | None]
    unknown_since: dict[str, str | None]


class GuideState(TypedDict):
    """How many items are offered here, and as of when."""

    items: int
    as_of: str | None


class ProcessStep(TypedDict):
    """A step of the way of an application, for people; `days` None where none are set."""

    step: str
    tier: str
    name: str
    days: int | None
    unit: str
    counts: bool


class GuideItem(OfferedItem):
    """What is disclosed of an item; its contact is completed from the common lines of the papers."""

    process: list[ProcessStep]


class DepartmentCount(TypedDict):
    department: str
    items: int


class ItemsOffered(TypedDict):
    """A page of items to begin an application with; `departments` to choose from where nothing was asked for."""

    items: list[OfferedItem]
    total: int
    more: bool
    departments: list[DepartmentCount]
