"""The texts of messages at one node: what is in force, a new file as a difference first, and how it reads for a real case."""

from __future__ import annotations

from collections.abc import Mapping

from node.domain.cases.access import Function, require
from node.domain.catalog.faults import lines_of
from node.domain.model import Actor
from node.domain.notices import texts
from node.domain.notices.documents import TextDifference, TextRow, TextsDocument, TextsPreview
from node.domain.notices.texts import Texts
from node.domain.published import NOTICES
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.catalog.kept_files import ComesAsFile
from node.services.notices import words
from node.store.store import Store

NEWEST = 1 << 62
EXAMPLES = {
    "due": "3月9日", "until": "3月20日", "kind": "检验", "days": "10", "count": "3",
    "state": "老年人优待证，已受理。正在审查，您不用跑，等消息",
}  # fmt: skip
HIDDEN = "某"  # in place of the surname


class TextsService(ComesAsFile):
    """The texts as one node reads and publishes them."""

    def __init__(self, store: Store, rules: Rules) -> None:
        super().__init__(store, rules.catalog, NOTICES)
        self._rules = rules

    def _in_force(self) -> Texts:
        return self._rules.catalog.snapshot().of(NOTICES)

    def document(self, actor: Actor) -> TextsDocument:
        """What is in force. Errors: `forbidden`."""
        require(Function.READ_CATALOG, self._store.place.tier, actor.role)
        now, sample = self._in_force(), self._sample()
        rows = [
            TextRow(event=event, text=text, parts=_parts(text), sample=texts.fill(text, sample), own=event in now.given)
            for event in texts.SHIPPED
            if (text := now.of(event))
        ]
        return TextsDocument(revision=now.revision, texts=rows)

    def _sample(self) -> Mapping[str, str]:
        """The values of the newest case of this node, the surname hidden."""
        with self._store.reading() as view:
            common = {"center": view.identity.name, "phone": words.common_phone(self._rules), **EXAMPLES}
            found = view.cases.page(status=None, item=None, q=None, before=NEWEST, limit=1)
            case = view.cases.get(found[0][0]) if found else None
            if case is None:
                return {**common, "item": "老年人优待证", "window": "原收件窗口", "surname": HIDDEN}
            said = words.values(view, self._rules, case, "")
            return {**common, **{name: one for name, one in said.items() if one}, "surname": HIDDEN}

    def as_file(self) -> bytes:
        return texts.as_toml(self._in_force())

    def preview(self, data: bytes, actor: Actor) -> TextsPreview:
        """What a file would change, or its faults by line. Errors: `forbidden`."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        try:
            then = texts.parse(NOTICES.read(data))
        except TongbanError as error:
            return TextsPreview(differences=[], removed=0, errors=lines_of(error))
        now, sample = self._in_force(), self._sample()
        found = [
            TextDifference(
                event=event, old=now.of(event), new=(new := then.of(event)), parts=_parts(new), sample=texts.fill(new, sample),
                lost=event in now.given and event not in then.given,
            )
            for event in texts.SHIPPED
            if now.of(event) != then.of(event) or (event in now.given and event not in then.given)
        ]  # fmt: skip
        return TextsPreview(differences=found, removed=sum(one["lost"] for one in found), errors=[])


def _parts(text: str) -> int:
    return texts.parts(texts.longest(text))
