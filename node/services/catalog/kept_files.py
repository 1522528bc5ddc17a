"""A published document that comes as a file: what is in force as such a file, a new one kept while it is looked at, and published.

Each document has a service of its own, which says what is in force and what a file would change; the rest is here, once. The file is
kept at the node between looking and publishing, so that nobody picks it twice.
"""

from __future__ import annotations

import hashlib

from node.domain.cases.access import Function, require
from node.domain.catalog.kind import Kind
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import Answer, CatalogService, require_root
from node.services.catalog.imports import FILES_KEPT
from node.store import editor as sql
from node.store.store import Store, Tx


class ComesAsFile:
    """The document of one kind at one node."""

    def __init__(self, store: Store, catalog: CatalogService, kind: Kind[object]) -> None:
        self._store, self._catalog, self._kind = store, catalog, kind

    def as_file(self) -> bytes:
        """What is in force, as a file that `publish` takes."""
        raise NotImplementedError

    def file(self, actor: Actor) -> bytes:
        """The same for whoever may read it. Errors: `forbidden`."""
        require(Function.READ_CATALOG, self._store.place.tier, actor.role)
        return self.as_file()

    def put(self, name: str, data: bytes, actor: Actor) -> str:
        """Keep a file between looking and publishing; its key. Errors: `forbidden`, `wrong_tier` where the kind is published above,
        `invalid_input` for an empty one."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        if not data.strip():
            raise TongbanError("invalid_input", {"file": "empty"})
        key = hashlib.sha256(self._kind.name.encode() + data).hexdigest()[:24]

        def command(tx: Tx) -> None:
            require_root(tx, self._kind)
            sql.keep_file(tx.connection, key, name[:200], data, actor.staff_id, tx.now(), FILES_KEPT)

        self._store.run(command)
        return key

    def kept(self, key: str) -> tuple[str, bytes]:
        """Name and content of a kept file. Errors: `not_found`."""
        with self._store.reading() as view:
            found = sql.file_of(view.connection, key)
        if found is None:
            raise TongbanError("not_found", what=key[:24])
        return found[0], found[1]

    def publish(self, data: bytes, actor: Actor, *, replace: bool = False) -> Answer:
        """The file as the next revision. Errors: as `CatalogService.import_document`."""
        return self._catalog.import_document(self._kind, data, actor, replace=replace)
