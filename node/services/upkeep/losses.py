"""What a restore cost: words of our own entries that were written after the backup, and that nobody else had.

That an entry was written after a backup stands in the chain itself: a restored node opens an epoch and names the last entry it
remembers; what it wrote in earlier epochs beyond that came back to it from others. So nobody can pass off what was deleted here as lost
with a disk: the entry would stand before that place, or nobody would have found the loss when the entry came back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from federation.protocol.envelope import MalformedEntryError, decode_header
from node.domain.upkeep.documents import LossRow
from node.store import maintenance
from node.store.store import View

WORDS = {
    "application_lost": (
        "申请内容已丢失：按原外部申请编号把同一申请再登记一次，内容补回本办件；不能的，作废后另行登记，写明原办件编号",
        "the application is lost: file the same one again under its number, or void the case and file it anew naming this one",
    ),
    "words_lost": (
        "一条记录的意见或附言已丢失，办件照常办理，无需处理",
        "the words of one entry are lost; the case goes on, nothing is to be done",
    ),
    "file_lost": ("一份附件已丢失：请申请人再交一次", "a file is lost: ask the applicant for it once more"),
    "account_lost": (
        "一个账号是备份以后建的，已随磁盘丢失：需要的，请重新建立",
        "an account was made after the backup and burned with the disk: make it again when it is needed",
    ),
    "token_lost": (
        "一个接口令牌是备份以后发的，已随磁盘丢失：需要的，请重新发放",
        "a token was issued after the backup and burned with the disk: issue it again when it is needed",
    ),
    "other_words_lost": (
        "本节点一条记录的附言已丢失，无需处理",
        "the words of an entry of this node are lost; nothing is to be done",
    ),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One text that is lost. `case_no` is empty when it belongs to no case; `code` is one of WORDS."""

    case_no: str
    code: str
    where: str

    def as_document(self) -> LossRow:
        zh, en = WORDS[self.code]
        return {"case_no": self.case_no, "code": self.code, "where": self.where, "what": en, "what_zh": zh}


@dataclass(frozen=True, slots=True)
class Lives:
    """The epochs a node opened, each with the last position it then remembered."""

    opened: tuple[tuple[int, tuple[int, int]], ...]

    def forgot(self, epoch: int, seq: int) -> bool:
        """Whether the node did not remember its entry at this place when it opened a later epoch."""
        return any(epoch < opened and (epoch, seq) > base for opened, base in self.opened)


def lives_of(view: View) -> Lives:
    found = []
    for header in maintenance.openings(view.connection, view.identity.node_id):
        with suppress(MalformedEntryError):  # altered here, which is told with the entries
            fields = decode_header(header)
            epoch, seq = fields.facts.get("base_epoch"), fields.facts.get("base_seq")
            if isinstance(epoch, int) and isinstance(seq, int):
                found.append((fields.epoch, (epoch, seq)))
    return Lives(tuple(found))


def loss_of(view: View, digest: bytes, case_no: str, where: str) -> Loss:
    """What is lost, and so what is to be done: nothing, unless it is the application of a case that goes on."""
    case = view.cases.get(case_no) if case_no else None
    if case is None:
        return Loss(case_no, "words_lost" if case_no else "other_words_lost", where)
    return Loss(case_no, "application_lost" if case.bodies[:1] == (digest,) else "words_lost", where)
