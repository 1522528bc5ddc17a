"""What the web side asks about editing the catalog (`center.editor`)."""

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
from node.domain.json_values import JsonObject
from node.domain.model import Actor


class CatalogViewsPort(Protocol):
    """See `node.services.catalog.views.CatalogViews`."""

    def listing(self, actor: Actor, q: str = "", level: str = "", show: str = "", page: int = 1) -> CatalogListing: ...
    def item(self, item_id: str, actor: Actor) -> ItemVersions: ...
    def history(self, actor: Actor, page: int = 1) -> PublicationPage: ...
    def publication(self, layer: str, revision: int, actor: Actor) -> PublicationDocument: ...


class CatalogImportsPort(Protocol):
    """See `node.services.catalog.imports.CatalogImports`."""

    def put(self, name: str, data: bytes, actor: Actor) -> str: ...
    def preview(self, key: str, actor: Actor) -> ImportPreview: ...
    def take(self, key: str, over: bool, actor: Actor, seen: int | None = None) -> ImportTaken: ...


class EditorPort(Protocol):
    """See `node.services.catalog.editor.Editor`."""

    @property
    def views(self) -> CatalogViewsPort: ...
    @property
    def imports(self) -> CatalogImportsPort: ...

    def form(self, item_id: str, actor: Actor) -> ItemForm: ...
    def save(self, item_id: str, document: JsonObject, n: int, base: str, actor: Actor) -> EditKept | EditClash: ...
    def withdraw(self, item_id: str, reason: str, actor: Actor) -> EditKept: ...
    def discard(self, item_id: str, n: int, actor: Actor) -> EditDropped: ...
    def take_over(self, item_id: str, actor: Actor) -> TakenOver: ...
    def changes(self, actor: Actor) -> PendingChanges: ...
    def publish(self, token: str, effective: str, actor: Actor) -> PublishOutcome: ...
