"""What the web side asks about the authority record (`center.authority`): see `node.services.catalog.authority.AuthorityService`."""

from __future__ import annotations

from typing import Protocol

from edge_ui.ports.published import PublishedPort
from node.domain.catalog.authority_documents import AuthorityDocument, Preview


class AuthorityPort(PublishedPort[AuthorityDocument, Preview], Protocol):
    """The record."""
