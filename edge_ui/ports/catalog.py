"""What the web side asks about the catalog: what is in force (`center.catalog`), and editing it (`center.editor`)."""

from __future__ import annotations

from typing import Protocol

from node.domain.catalog.documents import (
    CatalogListing,
    EditClash,
    EditDropped,
    EditKept,
    ImportPreview,
    ImportTaken,
    ItemForm,
    ItemVersions,
    PendingChanges,
    PublicationDocument,
    PublicationPage,
    PublishOutcome,
    TakenOver,
)
from node.domain.catalog.item_documents import ItemDocument
from node.domain.json_values import JsonObject
from node.domain.model import Actor


class CatalogPort(Protocol):
    """`node.services.catalog.catalog.CatalogService`."""

    def documents(self) -> list[ItemDocument]:
        """The items in force here, by id; public. Errors: none."""
        ...

    def document(self, item_id: str) -> ItemDocument:
        """An item in force; public. Errors: `not_found`."""
        ...


class CatalogViewsPort(Protocol):
    """See `node.services.catalog.views.CatalogViews`."""

    def listing(self, actor: Actor, q: str = "", level: str = "", show: str = "", page: int = 1) -> CatalogListing:
        """A page of the items with their pending changes. Errors: `forbidden`."""
        ...

    def item(self, item_id: str, actor: Actor) -> ItemVersions:
        """An item with its versions in every layer. Errors: `forbidden`, `not_found`."""
        ...

    def history(self, actor: Actor, page: int = 1) -> PublicationPage:
        """The publications of every layer, the newest first. Errors: `forbidden`."""
        ...

    def publication(self, layer: str, revision: int, actor: Actor) -> PublicationDocument:
        """One revision of a layer (hex of its node) with what it changed. Errors: `forbidden`, `not_found`."""
        ...


class CatalogImportsPort(Protocol):
    """See `node.services.catalog.imports.CatalogImports`."""

    def put(self, name: str, data: bytes, actor: Actor) -> str:
        """Keep a CSV file for the preview; its key. Errors: `forbidden`, `invalid_input` for an empty one."""
        ...

    def preview(self, key: str, actor: Actor) -> ImportPreview:
        """What a kept file would change, and its faults by line. Errors: `forbidden`, `not_found`."""
        ...

    def take(self, key: str, over: bool, actor: Actor, seen: int | None = None) -> ImportTaken:
        """Put what the file changes among the pending changes. The state is `taken`, or `clash` when it would replace some.

        Errors: `forbidden`, `not_found`, `import_failed` with the lines."""
        ...


class EditorPort(Protocol):
    """See `node.services.catalog.editor.Editor`."""

    @property
    def views(self) -> CatalogViewsPort: ...
    @property
    def imports(self) -> CatalogImportsPort: ...

    def form(self, item_id: str, actor: Actor) -> ItemForm:
        """What the form of an item shows; `item_id` "" is a new one. Errors: `forbidden`, `not_found`, `wrong_tier`."""
        ...

    def save(self, item_id: str, document: JsonObject, n: int, base: str, actor: Actor) -> EditKept | EditClash:
        """Keep a pending change, unless somebody changed the item since the form was shown (`n`, `base`: then the state is `clash`).

        Errors: `forbidden`, `invalid_input` with every fault, `wrong_tier`."""
        ...

    def withdraw(self, item_id: str, reason: str, actor: Actor) -> EditKept:
        """A pending change that takes the item out of the offer; reason "" brings it back.

        Errors: `forbidden`, `not_found`, `invalid_input`, `wrong_tier`."""
        ...

    def discard(self, item_id: str, n: int, actor: Actor) -> EditDropped:
        """Drop a pending change if it is still the one that was seen; else the state is `clash`. Errors: `forbidden`."""
        ...

    def take_over(self, item_id: str, actor: Actor) -> TakenOver:
        """Put a pending change on the version that came meanwhile; clashes are fields that both changed. Errors: `forbidden`."""
        ...

    def changes(self, actor: Actor) -> PendingChanges:
        """The pending publication: differences, doubts, the proposed day, and the token under which it is shown. Errors: `forbidden`."""
        ...

    def publish(self, token: str, effective: str, actor: Actor) -> PublishOutcome:
        """Publish what was shown under `token`, in force from `effective` (YYYY-MM-DD), as one revision.

        The state of the answer is `published`, `moved` (something changed since), `blocked` or `empty`.
        Errors: `forbidden`, `invalid_input` for the day."""
        ...
