"""The flaws of chains in words: what a node found in entries, receipts and objects of others and of its own. Of cases see `flags`.

Rows of `terms`: code | Chinese | English. Where a flaw was found is told by `where_words`.
"""

from __future__ import annotations

import re

FLAWS = """
    key_unproven | 把一把密钥说成别的单位的，但没有该单位的签名；不起作用 | claims a key of another node without its signature; it has no effect
    code_twice | 在已有单位使用的区划代码下又登记了一个单位 | enrolled a node under a division code that is already in use
    receipt_not_kept | 它的接收确认不能核实，没有采用 | its receipt could not be verified and was not kept
    bad_signature | 签名不符的记录，只留作证据 | an entry whose signature does not hold, kept as evidence only
    unknown_author | 不明单位的记录，只留作证据 | an entry of an unknown node, kept as evidence only
    malformed | 读不懂的记录，只留作证据 | an entry that cannot be read, kept as evidence only
    fork | 同一序号有两条不同的记录；先到的有效，这一条只留作证据 | two entries with one number; the first counts, this one is kept as evidence
    gap | 它的记录缺了一段 | entries of its journal are missing
    broken_prev | 它的记录前后接不上 | its journal does not connect
    gap_after_restore | 它从备份恢复后，此前的记录还缺一段 | after its restore, earlier entries of its journal are still missing
    case_gap | 办件记录接不上前一条 | an entry of a case does not continue the one before
    quarantined | 被注销以后写的记录，不起作用 | written after its revocation; it has no effect
    unproven_claim | 声称本站遗忘了记录，但没有出示 | claims that this node forgot entries, and shows none
    superseded_key | 用已更换的旧密钥签的记录 | signed with a key that was changed before
    unreadable_facts | 记录的内容读不懂 | what the entry says cannot be read
    own_branch_lost | 本站的一段记录与上级所存不同，以上级的为准 | a part of this node's journal differs from the parent's, which counts
    too_many_notes | 发出的消息太多，多出的没有继续传送 | sent too many messages; what is beyond the limit was not passed on
    object_gone | 有一份材料各处都找不到了 | a file is nowhere to be found any more
    not_projectable | 记录未能列入各项清单 | an entry could not be put into the lists
    unreadable_publication | 发布的内容读不懂，没有启用 | a publication cannot be read and was not put in force
    custody_without_heir | 被注销单位的办件没有可接办的单位，需人工处理 | a case of a revoked node has nobody to go to; a person must see to it
    called_silent | 把有过报告的下级说成没有联系 | calls a node below it silent that it has signed to have heard
    words_made_up | 引用了下级没有说过的话，或拿不出下级的签名 | cites words that a node below it never said, or shows no signature of it
    kept_back | 扣下下级的记录，或所说的收讫少于下级已报告的 | keeps back what a node below it wrote, or claims to hold less of it than it was told
    dated_back | 办理时间写得早于它自己签名说明没有新记录的时间，需人工核实 | dates an act before a time until which it signed that there was none
    statement_not_taken | 它的在线报告不能核实，没有采用 | what it said of itself could not be verified and was not taken
    two_documents | 同一编号发布过两份文件；以下一次发布为准 | two documents under one number; the next supersedes both
"""
OTHER = ("其他问题", "something else")
_ENTRY = re.compile(r"epoch (\d+) (?:from )?seq (\d+)")
_CASE = re.compile(r"\d{12}-\d{6}-[0-9A-Z]+-\d{4}-[0-9A-Z]")
_OBJECT = re.compile(r"object ([0-9a-f]+)")


def where_words(detail: str, locale: str = "zh") -> str:
    """Where a flaw was found, for people; "" where only a program can say."""
    if found := _ENTRY.fullmatch(detail):
        return f"第{found[1]}段第{found[2]}条记录" if locale == "zh" else f"entry {found[2]} of epoch {found[1]}"
    if found := _OBJECT.fullmatch(detail):
        return f"编号 {found[1]}" if locale == "zh" else f"number {found[1]}"
    if _CASE.fullmatch(detail):
        return f"办件 {detail}" if locale == "zh" else f"case {detail}"
    return ""
