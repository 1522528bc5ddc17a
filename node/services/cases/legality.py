"""What the audit of legality says of a case, for people and programs that read it (`node.domain.cases.audit` judges, `node.store.marks` keeps).

A case in doubt keeps the status of its chain for those who work on it, under the label 存疑. Residents, counts and `verify` go by
what stood before the first act in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.cases.audit import Judged, Mark
from node.domain.cases.documents import FindingDocument
from node.domain.model import Case
from node.domain.words.flags import FLAGS, UNJUDGED, WATCH_LIST, finding_id, words_of
from node.services.times import iso
from node.store import suspected
from node.store.store import Tx, View


@dataclass(frozen=True, slots=True)
class Doubt:
    """Whether a case stands: `rules` it is in doubt by; `unjudged` when it rests on a decision that could not be judged yet."""

    rules: tuple[str, ...] = ()
    unjudged: bool = False

    def __bool__(self) -> bool:
        return bool(self.rules) or self.unjudged


def doubt_of(judged: Judged) -> Doubt:
    flags = [mark.flag for mark in judged.doubts]
    rules = dict.fromkeys(FLAGS[flag].rule for flag in flags if flag in FLAGS)
    return Doubt(tuple(rules), UNJUDGED in flags)


def findings_of(view: View | Tx, case: Case, judged: Judged) -> list[FindingDocument]:
    """The findings of a case: those of its acts by version, then those of the whole, without the watch list."""
    whole = [mark for mark in suspected.of_case(view.connection, case.case_no) if mark.flag not in WATCH_LIST]
    return [_finding(view, mark, mark in judged.doubts) for mark in (*judged.marks, *whole) if mark.flag in FLAGS]


def _finding(view: View | Tx, mark: Mark, doubt: bool) -> FindingDocument:
    zh, en = words_of(mark.flag)
    place = view.place(mark.author)
    return {
        "finding_id": finding_id(mark.event, mark.flag), "rule": FLAGS[mark.flag].rule, "flag": mark.flag, "zh": zh, "en": en,
        "node": place.code if place is not None else None, "at": iso(mark.at), "event": mark.event.hex(), "doubt": doubt,
    }  # fmt: skip
