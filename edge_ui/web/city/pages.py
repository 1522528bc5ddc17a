"""What the pages of catalog, network and counts show: one frozen dataclass per page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_ui.web.city.charts import Bars
from node.domain.catalog.documents import (
    CatalogListing,
    EditClash,
    ImportPreview,
    ItemForm,
    ItemVersions,
    PendingChange,
    PendingChanges,
    PublicationDocument,
)
from node.domain.catalog.documents import PublicationPage as Publications
from node.domain.json_values import JsonObject
from node.domain.supervision.network_documents import Branch, NetworkTree


@dataclass(frozen=True, slots=True)
class CatalogListPage:
    """The editor's list: the filter, a page of rows, addresses of its neighbours."""

    q: str
    level: str
    show: str
    listing: CatalogListing
    previous_url: str
    next_url: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class CatalogItemPage:
    """One item with its versions and the open cases it has."""

    item_id: str
    found: ItemVersions
    notice: str = ""
    error: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form of an item. `document` is what was typed; `errors` by field path; `clash` what somebody else did meanwhile."""

    form: ItemForm
    document: JsonObject
    errors: Mapping[str, str]
    n: int
    base: str
    clash: EditClash | None = None
    theirs: Sequence[Mapping[str, str]] = ()
    notice: str = ""
    seen: str = ""  # the mark of what the form showed


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """The pending publication and the form that publishes it."""

    changes: PendingChanges
    shown: Sequence[PendingChange]
    effective: str
    errors: Mapping[str, str]
    notice: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A catalog file: chosen, looked at, taken."""

    preview: ImportPreview | None
    errors: Mapping[str, str]
    clash: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """What was published."""

    history: Publications
    next_url: str
    previous_url: str


@dataclass(frozen=True, slots=True)
class PublicationPage:
    """One publication."""

    publication: PublicationDocument


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """The tree, or a flat list when something was looked for."""

    network: NetworkTree
    at: str
    q: str
    show: str
    may_retry: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class CountRow:
    """One line of the counts. `parts` are the figures of a share in the order of its measures, `urls` the pages with exactly the rows
    of each figure ("" for who may not see them). `share` is in per cent, None where nothing can be shared."""

    key: str
    name: str
    value: int
    parts: tuple[int, ...] = ()
    urls: tuple[str, ...] = ()
    share: float | None = None


@dataclass(frozen=True, slots=True)
class CountsPage:
    """Counts of one measure by one group, with how fresh each branch is. `apart`: decisions without a limit."""

    measure: str
    by: str
    first: str
    last: str
    periods: tuple[tuple[str, str, str], ...]
    rows: tuple[CountRow, ...]
    more: int
    total: CountRow
    bars: Bars | None
    branches: Sequence[Branch]
    unknown: int
    query: str
    apart: int = 0
    apart_url: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
