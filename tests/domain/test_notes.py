"""The kinds of notes are whole, and what a row lacks is named where the program starts."""

from __future__ import annotations

from dataclasses import replace

from node.domain.cases.acts.act import CODE, CODES
from node.domain.notes import BY_NAME, ISSUED, NOTES, UNKNOWN, Goes, NoteKind, Words, addressed, faults, note_kind
from node.domain.words.terms import label
from node.store.projected import registry

ROW = NoteKind("told", {"to": CODES, "reason": CODE}, Goes.TO, Words.NONE)


def test_every_kind_of_note_is_whole_and_has_its_words() -> None:
    assert list(faults()) == [] and list(registry.faults()) == []
    assert [row.name for row in NOTES if label(row.name, "zh", "kind") == row.name] == []


def test_what_a_row_lacks_is_named() -> None:
    assert list(faults([ROW])) == []
    assert list(faults([ROW, ROW])) == ["the kind 'told' stands in two places, or has no name"]
    assert list(faults([replace(ROW, name="accepted")])) == ["the kind 'accepted' stands in two places, or has no name"]
    assert list(faults([replace(ROW, facts={})])) == ["told: what goes to nodes names them in `to`, and nothing else does"]
    assert list(faults([replace(BY_NAME[ISSUED], words=Words.NAMED)])) == [
        "paper_issued goes with its case, so its words are for holders of the case"
    ]
    assert list(registry.faults([replace(ROW, kept="drawer")])) == ["no projection drawer keeps told"]


def test_a_kind_of_a_later_version_goes_by_what_it_says_of_itself() -> None:
    assert note_kind("foretold") is UNKNOWN and UNKNOWN.goes is Goes.TO
    assert addressed({"to": ("420106000000", "", "420106000000", b"x")}) == ("420106000000",)
    assert addressed({"to": "420106000000"}) == ("420106000000",) and addressed({"to": b"x"}) == addressed({}) == ()
