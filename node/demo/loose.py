"""What lies about at the end of the demo's weeks: drafts half typed, a change of the catalog not published."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from node.demo.pictures import paper_picture
from node.domain.catalog.item import Item
from node.domain.model import Actor

if TYPE_CHECKING:
    from node.demo.content import DemoNetwork


class Loose:
    """What lies about at the end of the day: drafts half typed at the village, a change of the catalog not published yet."""

    def __init__(self, network: DemoNetwork) -> None:
        self.network = network
        self.random = Random(7)

    def leave(self) -> None:
        center, staff = self.network["village"].center, self.network.staff["village"]
        items = sorted(
            (one for one in center.catalog.items().values() if "village" in one.accept_levels), key=lambda one: one.item_id
        )
        self._draft(
            items[3],
            {"name": "郭桂芝", "phone": "15400001234", "note": "家里来电话说材料下午送来"},
            staff["agent"],
            photograph=True,
        )
        self._draft(items[11], {"name": "田小军"}, staff["director"], photograph=False)
        self._change(items[3].item_id, {"phone": "027-00000012"})
        self._change(items[11].item_id, {"promised_limit": str(max(1, (items[11].promised_limit or 2) - 1)), "fee": "不收费"})

    def _draft(self, item: Item, typed: dict[str, str], actor: Actor, *, photograph: bool) -> None:
        drafts = self.network["village"].center.drafts
        made = drafts.start(item.item_id, actor)
        drafts.save(made, typed, actor)
        if photograph:
            data = paper_picture(self.random)
            file = drafts.add_file(made, "photo-1", "身份证.png", len(data), "", actor)
            drafts.put_file(made, str(file["id"]), 0, data, actor)

    def _change(self, item_id: str, changes: dict[str, str]) -> None:
        center, actor = self.network["city"].center, self.network.staff["city"]["catalog_editor"]
        form = center.editor.form(item_id, actor)
        known = {name: value for name, value in changes.items() if name in form["document"]}
        center.editor.save(item_id, {**form["document"], **known}, form["n"], form["base"], actor)
