"""What the audit of legality can say of an event: the flags, their words, and what weight they have.

A flag is a code. `rule` is the code it is listed under: that of the supervision (DOMAIN A1) where there is a row for it. Weights:

* DOUBT: the author may not do this, or says more than the act does. What the case then stands on is in doubt (存疑) until
  somebody takes it back: nobody shows it as a decision.
* FINDING: the author may do it, but not so. It is listed; the act stands.
* NOTE: lawful, and a person may want to look at it. Not listed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DOUBT, FINDING, NOTE = "doubt", "finding", "note"
TIME, PROCESS, LOGIC = "time", "process", "logic"  # the monitors of DOMAIN A1
UNJUDGED = "unjudged"  # no flag: what an event rests on is not here yet


@dataclass(frozen=True, slots=True)
class Flag:
    """What a flag means. `rule` is the code it is listed under."""

    rule: str
    monitor: str
    weight: str
    zh: str
    en: str


FLAGS: Mapping[str, Flag] = MappingProxyType(
    {
        "unknown_kind": Flag("unknown_kind", LOGIC, NOTE, "本站程序不认识的记录", "a kind of entry this version does not know"),
        "not_in_table": Flag(
            "not_in_table", PROCESS, DOUBT, "流程表不允许在该状态办理（R53）", "the table does not allow this in that status"
        ),
        "wrong_status_after": Flag(
            "wrong_status_after", LOGIC, DOUBT, "办理后的状态与流程表不符", "the status after is not the table's"
        ),
        "beyond_tier": Flag(
            "beyond_tier",
            PROCESS,
            DOUBT,
            "村级代办站越权办理（《行政许可法》第二十九条）",
            "a village did what only an organ may do",
        ),
        "decided_below": Flag(
            "decided_below",
            PROCESS,
            DOUBT,
            "在无权决定的层级作出决定（《行政许可法》第三十五条）",
            "decided at a tier that may not decide",
        ),
        "wrong_custodian_after": Flag(
            "wrong_custodian_after", LOGIC, FINDING, "记录的办理单位与操作不符", "the custodian after does not fit the act"
        ),
        "wrong_term": Flag("wrong_term", LOGIC, FINDING, "移交次数不符", "the term does not fit the act"),
        "not_custodian": Flag(
            "not_custodian",
            LOGIC,
            FINDING,
            "不是现办理单位却记录了办理（未生效）",
            "written by who did not hold the case (without effect)",
        ),
        "free_text_in_facts": Flag(
            "free_text_in_facts", LOGIC, FINDING, "事实字段含有不允许的内容", "a fact that the kind may not carry, or not so"
        ),
        "only_at_village": Flag(
            "only_at_village", PROCESS, FINDING, "只在村级代办站办理的操作", "a hall did what only a village agency does"
        ),
        "received_below": Flag(
            "received_below",
            PROCESS,
            FINDING,
            "村级代办站代收了行政许可申请（《行政许可法》第二十九条）",
            "a village received an application for a licence",
        ),
        "extended_below": Flag(
            "P05", PROCESS, FINDING, "在无权决定的层级延期（《行政许可法》第四十二条）", "extended at a tier that may not decide"
        ),
        "steps_skipped": Flag("P01", PROCESS, FINDING, "审查步骤未办完即作决定（R53）", "decided before the steps were done"),
        "same_person": Flag("P02", PROCESS, FINDING, "审查人与批准人为同一人（一审一核）", "examined and approved by one person"),
        "declared_same_person": Flag("A12", PROCESS, NOTE, "主任一人审查并批准", "a director examined and approved alone"),
        "notice_late": Flag(
            "T02", TIME, FINDING, "超过五个工作日才告知（《行政许可法》第三十二条）", "notice later than five working days"
        ),
        "second_notice": Flag("P08", PROCESS, FINDING, "再次告知新的补正内容", "a second notice asks for something new"),
        "repeated_notice": Flag("A04", PROCESS, NOTE, "重申补正内容", "the same corrections were asked for again"),
        "supplied_nothing": Flag(
            "supplied_nothing",
            PROCESS,
            FINDING,
            "没有收到要补正的材料却记为已补正（《行政许可法》第三十二条）",
            "recorded as corrected without what was asked for",
        ),
        "not_article_45": Flag(
            "P05", PROCESS, FINDING, "停止计时不属于第四十五条所列情形", "the clock was stopped for what Article 45 does not name"
        ),
        "stop_not_in_item": Flag(
            "P05",
            PROCESS,
            FINDING,
            "停止计时的特别程序不在事项规定之内",
            "the clock was stopped for a procedure that the item does not list",
        ),
        "notice_missing": Flag(
            "P05",
            PROCESS,
            FINDING,
            "停止计时或者延期没有同时出具告知文书（未生效）",
            "stopped or extended without its paper (without effect)",
        ),
        "extended_too_long": Flag(
            "P05",
            PROCESS,
            FINDING,
            "延期超过法律允许的天数（《行政许可法》第四十二条）",
            "extended by more days than the law gives",
        ),
        "extended_twice": Flag("P05", PROCESS, FINDING, "多次延期（《行政许可法》第四十二条）", "extended more than once"),
        "receipt_put_off": Flag(
            "receipt_put_off",
            PROCESS,
            FINDING,
            "事项不以纸质材料到达为收件条件，收件时间却被推迟（《行政许可法》第三十二条）",
            "the receipt was put off for papers that the item does not want first",
        ),
        "refused_unheard": Flag(
            "refused_unheard",
            PROCESS,
            FINDING,
            "没有听取陈述、申辩即不予许可（《行政许可法》第三十六条）",
            "a licence refused without hearing the applicant",
        ),
        "time_backwards": Flag("L01", LOGIC, FINDING, "记录时间早于前一环节（R53）", "recorded before the previous act"),
        "deemed_accepted": Flag("A11", PROCESS, NOTE, "逾期未告知，视为受理", "deemed accepted: the organ was silent"),
        "item_changed": Flag(
            "item_changed", LOGIC, FINDING, "办理中更换了所依据的事项规定", "another item version than the case's"
        ),
    }
)


def finding_id(event: bytes, flag: str) -> str:
    """The same at every node."""
    return hashlib.sha256(event + flag.encode()).hexdigest()[:32]


def words_of(flag: str) -> tuple[str, str]:
    """(Chinese, English)."""
    known = FLAGS.get(flag)
    return (known.zh, known.en) if known is not None else (flag, flag)
