"""The documents of catalog editing that services hand to pages. Times are ISO 8601 texts, days ISO dates, versions and revisions numbers.

An item as a form shows it (`node.domain.catalog.edit.form_of`) is any JSON under the names of the form: it holds what a person typed,
checked or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict

from node.domain.json_values import JsonObject

Value: TypeAlias = str | int | Sequence[str] | None  # of a field of an item
Row: TypeAlias = Mapping[str, str | int]  # a material or a special step by its fields


class RowChangeDocument(TypedDict):
    """One row of a list (`node.domain.catalog.diff.RowChange`)."""

    kind: str
    name: str
    old: Row | None
    new: Row | None
    old_place: int
    new_place: int


class ChangeDocument(TypedDict):
    """One field that differs; of a list its rows."""

    field: str
    old: Value
    new: Value
    rows: list[RowChangeDocument]


# editing --------------------------------------------------------------------------------------------------------------


class EditBy(TypedDict):
    """Who saved a pending change, and when."""

    by: str
    by_id: str
    at: str | None


class ItemForm(TypedDict):
    """What the form of an item shows. `n` and `base` name the state it was opened on; `moved`: a newer version came meanwhile."""

    item_id: str
    document: JsonObject
    n: int
    base: str
    overlay: bool
    tier: str
    new: bool
    above: JsonObject | None
    version: int
    withdrawn: str
    edit: EditBy | None
    moved: bool


class EditKept(TypedDict):
    """A change was kept (`n` is its number), or changes nothing."""

    state: Literal["saved", "unchanged"]
    item_id: str
    n: NotRequired[int]


class EditClash(EditBy):
    """Somebody else saved or published the item meanwhile: `theirs`, and the fields in which it differs."""

    state: Literal["clash"]
    n: int
    base: str
    differs: list[str]
    theirs: JsonObject | None
    version: int


class EditDropped(TypedDict):
    """dropped, unchanged (there was none), or clash: another saved it meanwhile."""

    state: str
    by: NotRequired[str]
    at: NotRequired[str | None]


class TakenOver(TypedDict):
    """`clashes`: the fields that both changed; the pending change stands in them."""

    state: str
    clashes: list[str]
    item_id: NotRequired[str]
    n: NotRequired[int]


class TouchedRow(TypedDict):
    """Open cases of an item in one status at one node."""

    item_id: str
    status: str
    node: str
    node_name: str
    accepted: bool
    count: int


class Touched(TypedDict):
    """Open cases that a change touches: how many were accepted, how many wait."""

    total: int
    accepted: int
    waiting: int
    rows: list[TouchedRow]


class PendingChange(EditBy):
    """One item of the difference. `kind`: new, changed, withdrawn or restored; `to_version` 0 to 1 more than the newest."""

    item_id: str
    name: str
    kind: str
    department: str
    from_version: int
    to_version: int
    differences: list[ChangeDocument]
    doubts: list[JsonObject]
    moved: bool
    clashes: list[str]
    n: int
    overlay: bool


class PendingChanges(TypedDict):
    """The pending publication. `token` names exactly this; `default` is the proposed day, `known` whether its calendar is."""

    token: str
    items: list[PendingChange]
    today: str
    default: str
    known: bool
    blocked: bool
    cases: Touched
    as_of: str | None
    revision: int


class PublishOutcome(TypedDict):
    """published (`again`: it was done before), moved, blocked or empty."""

    state: str
    revision: NotRequired[int]
    count: NotRequired[int]
    effective: NotRequired[str]
    by: NotRequired[str]
    at: NotRequired[str | None]
    again: NotRequired[bool]


# reading --------------------------------------------------------------------------------------------------------------

# the version that is to start later, and when
LaterVersion = TypedDict("LaterVersion", {"version": int, "from": str | None})


class ListedItem(TypedDict):
    """A row of the editor's list. `layer`: the tier that published it; `pending`: "", new or changed."""

    item_id: str
    name: str
    department: str
    code: str
    approval_level: str
    accept_levels: list[str]
    case_type: str
    promised_limit: int | None
    version: int
    layer: str
    own: bool
    effective_from: str | None
    in_force: bool
    withdrawn: str
    later: LaterVersion | None
    pending: str


class CatalogListing(TypedDict):
    """A page of the list."""

    rows: list[ListedItem]
    total: int
    page: int
    pages: int
    pending: int
    revision: int
    as_of: str | None
    tier: str
    may_add: bool
    may_edit: bool


# a version in one layer; `state`: in_force, scheduled, overlaid or past
VersionRow = TypedDict(
    "VersionRow",
    {
        "layer": str,
        "tier": str,
        "version": int,
        "revision": int,
        "from": str | None,
        "state": str,
        "withdrawn": str,
        "differences": list[ChangeDocument],
    },
)


class PendingBy(TypedDict):
    by: str
    at: str | None
    n: int


class ItemVersions(TypedDict):
    """An item with its versions, newest first, and the open cases it has."""

    item: JsonObject
    in_force: bool
    versions: list[VersionRow]
    pending: PendingBy | None
    cases: Touched
    as_of: str | None
    may_edit: bool
    may_withdraw: bool
    overlay: bool


class PublicationRow(TypedDict):
    """A publication in the history. `received_at` None for our own; `by` "" where the person is not known here."""

    layer: str
    tier: str
    own: bool
    revision: int
    state: str
    items: int
    at: str | None
    received_at: str | None
    by: str


class PublicationPage(TypedDict):
    rows: list[PublicationRow]
    page: int
    more: bool


class PublishedItem(TypedDict):
    item_id: str
    name: str
    from_version: int
    to_version: int
    kind: str
    effective: str | None
    differences: list[ChangeDocument]


class PublicationDocument(TypedDict):
    """What one revision changed."""

    layer: str
    tier: str
    revision: int
    items: list[PublishedItem]


# files ----------------------------------------------------------------------------------------------------------------


class LineFault(TypedDict):
    """A fault or warning of a file, by line and column."""

    line: int
    column: str
    code: str
    zh: str
    en: str


class PreviewRow(TypedDict):
    item_id: str
    name: str
    kind: str
    differences: list[ChangeDocument]
    doubts: list[JsonObject]


class Replaced(TypedDict):
    """A pending change that a file would replace."""

    item_id: str
    by: str
    at: str | None


class ImportPreview(TypedDict):
    """What a kept file would change. `seen` marks the pending changes that were there; `items` are the first of `count`."""

    key: str
    name: str
    seen: int
    items: list[PreviewRow]
    count: int
    unchanged: int
    errors: list[LineFault]
    warnings: list[LineFault]
    replaces: list[Replaced]


class ImportTaken(TypedDict):
    """taken, or clash: it would replace pending changes."""

    state: str
    count: int
