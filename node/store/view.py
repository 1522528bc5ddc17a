"""Reading a store: what the writer's turn and a view have in common, put together from the parts that only read."""

from __future__ import annotations

from functools import cached_property

from node.store.desk import Desk
from node.store.drafts import Drafts
from node.store.ground import Ground
from node.store.links import Links
from node.store.objects import Objects
from node.store.partials import Partials
from node.store.requests import Requests


class Reading(Ground):
    """What a Tx and a View have in common."""

    @cached_property
    def objects(self) -> Objects:
        return Objects(self)

    @cached_property
    def links(self) -> Links:
        return Links(self)

    @cached_property
    def requests(self) -> Requests:
        return Requests(self)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self)

    @cached_property
    def partials(self) -> Partials:
        return Partials(self)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self)
