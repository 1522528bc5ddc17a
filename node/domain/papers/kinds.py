"""The kinds of papers, one row each: what it is called, its letters in a QR, its 文种 in a number, and why a case has none. Pure.

Which act a paper rests on stands in the room of that act (`cases.acts`, `Kind.papers`), its wording in `configs/papers/`. A row without
letters is not built. Letters that were printed once are never given to another paper.

Columns: paper | letters | 文种 | why a case has none | the same in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_TABLE = """
receipt | RC | 收 | 还没有提交，没有收件凭证 | nothing was handed in yet
acceptance | AC | 受 | 还没有受理 | it is not accepted yet
correction | CO | 补 | 没有要求过补正 | no correction was asked for
not_accepted | NA | 不受 | 没有作出不予受理或不受理的决定 | it was not turned down at the counter
return |  | 退
gap | GP | 容 | 没有容缺受理 | it was not accepted with a gap
tracking | TR | 跟 | 还没有受理，跟踪表从受理起 | the tracking sheet begins with acceptance
site_visit
special_procedure | SP | 特 | 没有启动过特别程序 | no special procedure was begun
payment |  | 缴
extension | EX | 延 | 没有延期 | it was not extended
decision | DE |  | 还没有作出决定 | nothing is decided yet
delivery | DL | 送 | 还没有办结，不能送达 | it is not concluded yet: there is nothing to serve
mandate
handover | HO | 移 | 没有移交过 | it was never handed over
termination | TM | 终 | 没有终止办理 | it was not terminated or withdrawn
enquiry
gap_pledge | PL | 诺 | 没有可以容缺的材料，不需要承诺书 | nothing is missing that may follow: no promise is needed
notice_pledge
resumed | RS | 恢 | 没有恢复办理的记录 | it was never resumed
ask_more
opinion_request
opinion
silence
hearing_offer |  | 听告
hearing |  | 听通
statement | ST | 陈告 | 没有告知过陈述、申辩的权利 | nobody was told yet that he may state his case
correction_of_paper | CP | 更 | 没有更正过文书；更正在原文书的页面办理 | no paper was corrected; it is done on the page of the paper
revocation | RV | 撤 | 没有撤销过决定；撤销在决定书的页面办理 | no decision was revoked; it is done on the page of the decision
collect |  | 领
return_to_lower
void
archive
hearing_announcement
hearing_record
meeting_notice
minutes
withdrawal
rectification
deemed_renewal
first_examination
order
"""
_ROWS = [[part.strip() for part in (line + " |" * 4).split("|")][:5] for line in _TABLE.strip().splitlines()]
PAPERS = tuple(paper for paper, *_ in _ROWS)
LETTERS: Mapping[str, str] = MappingProxyType({paper: letters for paper, letters, *_ in _ROWS if letters})
BY_LETTERS: Mapping[str, str] = MappingProxyType({letters: paper for paper, letters in LETTERS.items()})
TYPES: Mapping[str, str] = MappingProxyType({paper: kind for paper, _, kind, *_ in _ROWS if kind})
NONE: Mapping[str, tuple[str, str]] = MappingProxyType({paper: (zh, en) for paper, _, _, zh, en in _ROWS if zh})
if len(BY_LETTERS) != len(LETTERS):
    raise ImportError("two papers have the same letters")
