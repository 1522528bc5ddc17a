"""What the audit of legality can say of an event: the flags, their words, and what weight they have.

A flag is a code. `rule` is the code it is listed under: that of the supervision (DOMAIN A1) where there is a row for it. Weights:

* DOUBT: the author may not do this, or says more than the act does. What the case then stands on is in doubt (存疑) until
  somebody takes it back: nobody shows it as a decision.
* FINDING: the author may do it, but not so. It is listed; the act stands.
* NOTE: lawful, and a person may want to look at it. Not listed.
* WATCH: lawful, on the watch list (异常监察) by whole cases (`supervision.suspicions`). Listed where that list is asked for.

What is about an item or a unit and no case (收费、公开监察) is listed where its monitor or rule is asked for too.

`data` marks what is more likely typed wrong than done wrong (数据差错): a class of its own, shown with the witnessed times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DOUBT, FINDING, NOTE, WATCH = "doubt", "finding", "note", "watch"
TIME, PROCESS, LOGIC, ANOMALY = "time", "process", "logic", "anomaly"  # the monitors of DOMAIN A1
FEE, DISCLOSURE = "fee", "disclosure"
UNJUDGED = "unjudged"  # no flag: what an event rests on is not here yet


@dataclass(frozen=True, slots=True)
class Flag:
    """What a flag means. `rule` is the code it is listed under."""

    rule: str
    monitor: str
    weight: str
    zh: str
    en: str
    data: bool = False


FLAGS: Mapping[str, Flag] = MappingProxyType(
    {
        "unknown_kind": Flag("unknown_kind", LOGIC, NOTE, "本站程序不认识的记录", "a kind of entry this version does not know"),
        "not_in_table": Flag(
            "not_in_table", PROCESS, DOUBT, "流程表不允许在该状态办理", "the table does not allow this in that status"
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
        "special_left_out": Flag(
            "P03", PROCESS, FINDING, "事项规定的特别环节没有办就作出决定", "decided without a special step that the item names"
        ),
        "too_few_inspectors": Flag(
            "P04",
            PROCESS,
            FINDING,
            "现场核查不足两人，或者有人没有执法证号（《行政许可法》第三十四条）",
            "a site visit by fewer than two, or by somebody without a law-enforcement card",
        ),
        "asked_again": Flag(
            "P06",
            PROCESS,
            FINDING,
            "要求补正下级已经移交的材料（《行政许可法》第三十五条）",
            "asked the applicant for what the lower tier had handed over",
        ),
        "no_reason": Flag(
            "P07",
            PROCESS,
            FINDING,
            "理由不足十个字、照抄示例，或者没有告知救济途径（《行政许可法》第三十八条）",
            "a reason of fewer than ten characters or in the words of the example, or no remedies",
        ),
        "filed_anew": Flag(
            "L05",
            LOGIC,
            FINDING,
            "同一申请人同一事项作废后重新登记，没有承继收件日期",
            "filed anew after one of the same applicant was voided, without its receipt date",
        ),
        "steps_skipped": Flag("P01", PROCESS, FINDING, "审查步骤未办完即作决定", "decided before the steps were done"),
        "same_person": Flag("P02", PROCESS, FINDING, "审查人与批准人为同一人（一审一核）", "examined and approved by one person"),
        "declared_same_person": Flag("A12", ANOMALY, NOTE, "主任一人审查并批准", "a director examined and approved alone"),
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
        "stopped_late": Flag(
            "P05",
            PROCESS,
            FINDING,
            "承诺期限的最后两个工作日内才停止计时",
            "the clock was stopped in the last two working days of the promise",
        ),
        "stopped_twice": Flag("P05", PROCESS, FINDING, "多次停止计时", "the clock was stopped more than once"),
        "extended_late": Flag(
            "P05", PROCESS, FINDING, "承诺期限的最后两个工作日内才延期", "extended in the last two working days of the promise"
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
        "accepted_without": Flag(
            "accepted_without",
            PROCESS,
            FINDING,
            "缺少必需材料即予受理，也没有容缺（《行政许可法》第三十二条）",
            "accepted without a required material, and not with a gap",
        ),
        "gap_not_allowed": Flag(
            "gap_not_allowed",
            PROCESS,
            FINDING,
            "容缺了不可容缺的材料，或者没有申请人的承诺",
            "a gap of what may not follow, or without a promise",
        ),
        "gap_too_long": Flag("gap_too_long", PROCESS, FINDING, "容缺期限晚于承诺办结日期", "the gap is longer than the promise"),
        "gap_not_filled": Flag(
            "gap_not_filled", PROCESS, FINDING, "容缺材料没有收到却记为已补齐", "filled without what was promised"
        ),
        "gap_postponed_twice": Flag(
            "gap_postponed_twice", PROCESS, FINDING, "容缺期限多次顺延", "a gap was postponed more than once"
        ),
        "gap_lapsed_early": Flag(
            "gap_lapsed_early", PROCESS, FINDING, "容缺期限未满或者材料已到，却认定逾期", "a gap was called lapsed too early"
        ),
        "gap_ended_early": Flag(
            "gap_ended_early",
            PROCESS,
            FINDING,
            "容缺材料待补、法定期限未满，却终止办理",
            "ended while a gap was open and the statutory limit ran",
        ),
        "time_backwards": Flag("L01", LOGIC, FINDING, "记录时间早于前一环节", "recorded before the previous act", data=True),
        "claim_moved": Flag(
            "L01",
            LOGIC,
            FINDING,
            "记录的时间与上级收讫的时间不符（相差五分钟以上），按上级见证的时间计算",
            "the recorded time lies outside what the node above bears out (by more than five minutes): the witnessed time counts",
            data=True,
        ),
        "late_reported": Flag(
            "late_reported",
            PROCESS,
            FINDING,
            "补报：比所写的办理时间晚一个工作日以上才记录",
            "recorded more than a working day after the time it claims",
            data=True,
        ),
        "deemed_accepted": Flag("A11", ANOMALY, NOTE, "逾期未告知，视为受理", "deemed accepted: the organ was silent"),
        # of whole cases, beside the audit (`node.domain.supervision.suspicions`)
        "decided_in_minutes": Flag("L02", LOGIC, FINDING, "受理后数分钟内就作出决定", "decided within minutes of acceptance"),
        "no_decision_paper": Flag("L03", LOGIC, FINDING, "办结而没有出具决定文书", "concluded without an issued decision"),
        "batch_entry": Flag(
            "L04", LOGIC, FINDING, "一人在数分钟内作出大量决定", "many decisions of one person within minutes", data=True
        ),
        "late_entry": Flag(
            "L04",
            LOGIC,
            FINDING,
            "补录两个工作日以前的办理",
            "recorded more than two working days after the time it claims",
            data=True,
        ),
        "completion_unconfirmed": Flag(
            "completion_unconfirmed",
            LOGIC,
            FINDING,
            "送达回证已出具，三个工作日内没有记录送达",
            "the proof of service was issued, and three working days later no service is recorded",
            data=True,
        ),
        "card_unserved": Flag(
            "card_unserved",
            LOGIC,
            FINDING,
            "应当发出的超期或者黄牌、红牌一个工作日内没有发出",
            "a card that follows from the entries was not served within a working day",
        ),
        "card_underived": Flag(
            "card_underived", LOGIC, FINDING, "发出的牌不能由办理记录推出", "a served card does not follow from the entries"
        ),
        "card_misserved": Flag(
            "card_misserved",
            LOGIC,
            FINDING,
            "由无权发牌的单位发出（未生效）",
            "a card served by who may not serve it (without effect)",
        ),
        "case_returned": Flag("A01", ANOMALY, WATCH, "退办", "returned"),
        "case_voided": Flag("A02", ANOMALY, WATCH, "作废", "voided"),
        "draft_deleted": Flag("A03", ANOMALY, WATCH, "草稿删除", "a draft was deleted"),
        "never_corrected": Flag("A04", ANOMALY, WATCH, "补正不来终止", "ended because no correction came"),
        "turned_down": Flag("A05", ANOMALY, WATCH, "不受理、不予受理", "not accepted, not required"),
        "not_granted": Flag("A06", ANOMALY, WATCH, "不予批准", "refused"),
        "withdrawn_late": Flag("A07", ANOMALY, WATCH, "超期后撤回", "withdrawn after it was overdue"),
        "urgent_case": Flag("A09", ANOMALY, WATCH, "急办", "urgent"),
        "paper_changed": Flag("A10", ANOMALY, WATCH, "更正、撤销文书", "a paper was corrected or revoked"),
        # of items and units (`node.domain.supervision.disclosing`)
        "undisclosed": Flag("O01", DISCLOSURE, FINDING, "事项公开缺项", "an item lacks what must be public"),
        "catalog_behind": Flag(
            "O02", DISCLOSURE, FINDING, "目录更新三天以后没有同步", "the catalog is not in step three days after an update"
        ),
        "fee_without_basis": Flag(
            "F01", FEE, FINDING, "事项写明收费，没有写明收费依据", "an item names a fee and no document that it rests on"
        ),
        "item_changed": Flag(
            "item_changed", LOGIC, FINDING, "办理中更换了所依据的事项规定", "another item version than the case's"
        ),
    }
)


WATCH_LIST = frozenset(code for code, flag in FLAGS.items() if flag.monitor == ANOMALY)
OF_NO_CASE = frozenset(code for code, flag in FLAGS.items() if flag.monitor in (FEE, DISCLOSURE))
APART = WATCH_LIST | OF_NO_CASE  # lists of their own: counted and listed only where they are asked for


def finding_id(event: bytes, flag: str) -> str:
    """The same at every node."""
    return hashlib.sha256(event + flag.encode()).hexdigest()[:32]


def words_of(flag: str) -> tuple[str, str]:
    """(Chinese, English)."""
    known = FLAGS.get(flag)
    return (known.zh, known.en) if known is not None else (flag, flag)
