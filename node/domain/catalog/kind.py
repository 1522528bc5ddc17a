"""What a root publishes for everybody below it, said once for each kind (the rows stand in `node.domain.published`).

A row says how a file that people give is read, how a published document is used, and what a new file does to the document in
force. Import, validation, snapshot, command, page and citation follow from it.

Two readings, because a tree upgrades from the top down. `read` is strict and runs at the root that imports: what it does not
know is a mistake of the file and is refused. `parse` runs wherever the document is used: a part that this version does not know
comes from a later one and is skipped, and what is left counts. The document itself is stored and passed on as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from node.domain.json_values import JsonObject

Document: TypeAlias = JsonObject
Counts: TypeAlias = Mapping[str, int | list[int]]  # what an import tells of the document that is now in force

T_co = TypeVar("T_co", covariant=True)


def replaced(known: Document, given: Document) -> Document:
    """The new file stands for the whole document."""
    return given


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """One kind of published document.

    `read` raises import_failed or invalid_input; `parse` ValueError, KeyError, TypeError or AttributeError for what no reader
    could use. `bundle` names the document it is a part of; "" when it travels by itself. Of a kind with `every_revision` the
    older ones are kept and given to nodes that join late, because entries cite them. `rows` are what people gave one by one: absence
    in a file is no deletion, so a file without one of them is refused until somebody says that it is to go (`taken_away`).
    """

    name: str
    read: Callable[[bytes], Document]
    parse: Callable[[Document], T_co]
    empty: T_co
    count: Callable[[Document], Counts]
    merge: Callable[[Document, Document], Document] = replaced
    rows: Callable[[Document], Mapping[str, str]] = lambda document: {}  # what a later file may leave out, by key, in words
    shown: Callable[[Document], Document] = lambda document: document  # what counts, as people are shown it
    root_only: bool = True
    bundle: str = ""
    every_revision: bool = False

    @property
    def travels_as(self) -> str:
        """The kind of the publication it stands in."""
        return self.bundle or self.name

    def within(self, published: Document) -> Document | None:
        """The document of this kind in a publication; None when that has none."""
        if not self.bundle:
            return published
        parts = published.get("parts")
        part = parts.get(self.name) if isinstance(parts, Mapping) else None
        return part if isinstance(part, Mapping) else None

    def put_into(self, published: Document | None, document: Document) -> Document:
        """The publication with this document in it; the other parts stay, also those of later versions."""
        known = self.within(published) if published is not None else None
        merged = self.merge(known, document) if known is not None else document
        if not self.bundle:
            return merged
        parts = published.get("parts") if published is not None else None
        return {"parts": {**(parts if isinstance(parts, Mapping) else {}), self.name: merged}}

    def taken_away(self, published: Document | None, after: Document) -> Mapping[str, str]:
        """The rows in force that a publication would no longer have, with what they say."""
        known = self.within(published) if published is not None else None
        kept = self.rows(self.within(after) or {})
        return {key: text for key, text in self.rows(known).items() if key not in kept} if known is not None else {}

    def of(self, published: Document) -> T_co:
        """What a publication says of this kind; raises as `parse`."""
        found = self.within(published)
        return self.parse(found) if found is not None else self.empty
