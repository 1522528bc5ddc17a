"""The published rules at one node: what is in force and since when, a new file as a difference first, and its publication."""

from __future__ import annotations

from federation.protocol.envelope import decode_header
from node.domain.calendar import day_of
from node.domain.cases.access import Function, require
from node.domain.catalog import limits
from node.domain.catalog.faults import lines_of
from node.domain.catalog.kind import Document
from node.domain.catalog.rule_documents import RulebookDocument, RuleDifference, RulePreview, RuleValue
from node.domain.model import Actor
from node.domain.published import LIMITS, RULES, rule_kind
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import Answer, CatalogService
from node.services.catalog.kept_files import ComesAsFile
from node.store import catalog_tables as tables
from node.store.catalog import chain_of, in_force
from node.store.store import Store


class RulebookService(ComesAsFile):
    """The rule documents as one node reads and publishes them."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        super().__init__(store, catalog, LIMITS)

    def document(self, actor: Actor) -> RulebookDocument:
        """What is in force. Errors: `forbidden`."""
        require(Function.READ_CATALOG, self._store.place.tier, actor.role)
        found = self._catalog.rules()
        return RulebookDocument(
            revision=found[0]["revision"], day=self._day(), values=[_value(name, self._now()) for name in limits.BOUNDS],
            later=[one["name"] for one in found if not one["known"]],
        )  # fmt: skip

    def as_file(self) -> bytes:
        return limits.as_toml(self._published())

    def preview(self, data: bytes, actor: Actor) -> RulePreview:
        """What a file would change, or its faults by line. Errors: `forbidden`."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        try:
            given = rule_kind(data).read(data)
        except TongbanError as error:
            return RulePreview(differences=[], removed=0, errors=lines_of(error))
        now, then = self._now(), limits.parse(given)
        lost = limits.own(self._published()).keys() - limits.own(given).keys()
        found = [
            _difference(name, now, then, name in lost)
            for name in limits.BOUNDS
            if limits.said(now, name) != limits.said(then, name)
        ]
        return RulePreview(differences=found, removed=sum(one["lost"] for one in found), errors=[])

    def publish(self, data: bytes, actor: Actor, *, replace: bool = False) -> Answer:
        """The file as the next revision. Errors: as `CatalogService.import_document`."""
        return self._catalog.import_rules(data, actor, replace=replace)

    def _published(self) -> Document:
        found = self._catalog.snapshot().documents.get(RULES)
        return (LIMITS.within(found.document) if found is not None else None) or {}

    def _now(self) -> limits.Limits:
        return limits.parse(self._published())

    def _day(self) -> str:
        """The day of the publication in force; "" while there is none, or while its entry is not here."""
        with self._store.reading() as view:
            row = in_force(view, chain_of(view), RULES)
            header = tables.header_of(view.connection, row) if row is not None else None
        return day_of(decode_header(header).recorded_at).isoformat() if header is not None else ""


def _value(name: str, now: limits.Limits) -> RuleValue:
    bound = limits.BOUNDS[name]
    return RuleValue(
        name=name, value=limits.said(now, name), unit=limits.unit_of(name), default=bound.default, least=bound.least, most=bound.most,
        law=bound.law,
    )  # fmt: skip


def _difference(name: str, now: limits.Limits, then: limits.Limits, lost: bool) -> RuleDifference:
    old, new = limits.said(now, name), limits.said(then, name)
    return RuleDifference(name=name, unit=limits.unit_of(name), old=old, new=new, lost=lost)
