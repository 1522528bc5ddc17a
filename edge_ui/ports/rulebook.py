"""What the web side asks about the published rules (`center.rulebook`): see `node.services.catalog.rulebook.RulebookService`."""

from __future__ import annotations

from typing import Protocol

from edge_ui.ports.published import PublishedPort
from node.domain.catalog.rule_documents import RulebookDocument, RulePreview


class RulebookPort(PublishedPort[RulebookDocument, RulePreview], Protocol):
    """The rules."""
