"""The columns of the tables of a monthly report (DOMAIN A8, INTERFACE "表一", "表二", 表六) and what is counted for them.

What is counted are whole numbers that may be added over units; shares and means are made of them where a row is shown. `HIDDEN` are the
sums that only shares and means need. The balance holds for every unit by itself, so for every sum of units.
"""

from __future__ import annotations

from collections.abc import Mapping

FORMAT = 2  # of the report: rises when a column changes its meaning
ENDS_WITH_24 = 2  # the format from which what falls at 24:00 of a day counts on that day; before on the next

COLUMNS: Mapping[str, tuple[str, str]] = {
    "unit": ("单位", "Unit"), "carried": ("上期结转", "Carried over"), "received": ("本期收件", "Received"), "accepted": ("受理", "Accepted"),
    "not_accepted": ("不予受理", "Not accepted"), "not_required": ("不受理", "No permission required"),
    "corrections": ("一次性告知补正", "Corrections asked"), "moved_in": ("移入", "Moved in"), "moved_out": ("移出", "Moved out"),
    "decided": ("本期办结", "Decided"), "approved": ("其中：准予（批准）", "of which approved"), "refused": ("不予", "refused"),
    "returned": ("退办", "returned"), "withdrawn": ("撤回", "Withdrawn"), "terminated": ("终止", "Terminated"), "voided": ("作废", "Voided"),
    "open": ("期末在办", "Open at the end"), "suspended": ("其中：特别程序中", "of which in a special procedure"),
    "immediate": ("即办件", "Immediate"), "commitment": ("承诺件", "Commitment"), "joint": ("联办件", "Joint"), "referral": ("上报件", "Referral"),
    "gap": ("补办件", "With a gap"), "urgent": ("急办件", "Urgent"), "in_time": ("按期办结", "Decided in time"),
    "early": ("提前办结", "Decided early"), "late": ("超期办结", "Decided late"), "overdue_open": ("超期在办", "Open past due"),
    "in_time_rate": ("按期办结率%", "In time %"), "promise_gain": ("承诺提速率%", "Promise gain %"),
    "handling_gain": ("办理提速率%", "Handling gain %"), "mean_workdays": ("平均用时（工作日）", "Mean working days"),
    "extended": ("延期件", "Extended"), "deemed": ("逾期视为受理", "Deemed accepted"), "late_reported": ("补报", "Reported late"),
    "corrected": ("更正", "Corrected"), "reopened": ("重启", "Reopened"), "withdrawn_before": ("受理前撤回", "Withdrawn before acceptance"),
    "terminated_before": ("受理前终止", "Terminated before acceptance"), "voided_before": ("受理前作废", "Voided before acceptance"),
    "superseded": ("被替代", "Superseded"),
}  # fmt: skip
RATES = ("in_time_rate", "promise_gain", "handling_gain", "mean_workdays")
STOCKS = ("carried", "open", "suspended", "overdue_open")  # of a moment, not of a month
KINDS = ("immediate", "commitment", "joint", "referral")
MARKS = ("late_reported", "corrected")  # about earlier months
FLOWS = tuple(name for name in COLUMNS if name not in ("unit", *RATES, *STOCKS, *MARKS))
HIDDEN = ("used_days", "used_cases", "law_days", "law_used", "items_law", "items_saved")
COUNTED = (*FLOWS, *STOCKS, *MARKS, *HIDDEN)
# 上期结转＋受理＋移入＝办结＋撤回＋终止＋作废＋移出＋期末在办
BALANCE = (("carried", "accepted", "moved_in"), ("decided", "withdrawn", "terminated", "voided", "moved_out", "open"))

OUTCOMES = ("approved", "refused", "returned")  # of what was decided

SIGNALS: Mapping[str, tuple[str, str]] = {
    "unit": ("单位", "Unit"), "warn": ("预警", "Warnings"), "yellow": ("黄牌", "Yellow cards"), "red": ("红牌", "Red cards"),
    "time": ("其中：时限", "of which time"), "process": ("流程", "process"), "logic": ("逻辑", "logic"), "anomaly": ("异常", "anomaly"),
    "fee": ("收费", "fee"), "appeals": ("申诉", "Appeals"), "revoked": ("撤销", "Revoked"), "orders": ("督办单", "Orders"),
    "replied_in_time": ("按期回复", "Answered in time"), "circulated": ("通报", "Circulated"), "late_reported": ("补报", "Reported late"),
}  # fmt: skip
SIGNALS_COUNTED = tuple(name for name in SIGNALS if name != "unit")

AGENCY: Mapping[str, tuple[str, str]] = {
    "unit": ("代办站", "Agency"), "registered": ("代办登记", "Registered"), "handed_in_time": ("按时移交", "Handed over in time"),
    "handed_late": ("移交超时", "Handed over late"), "agency_decided": ("已办结", "Decided"), "agency_delivered": ("代领送达", "Delivered"),
    "documents_held": ("证件在管（期末）", "Documents held"), "documents_late": ("超3天未还", "Not returned in 3 days"),
    "outage_hours": ("线路中断（小时）", "Line outage (hours)"),
}  # fmt: skip
AGENCY_COUNTED = ("registered", "handed_in_time", "handed_late", "agency_decided", "agency_delivered", "outage_ms")


AMOUNTS: Mapping[str, str] = {"outage_hours": "outage_ms"}  # column that adds up times -> what is counted for it


def share(part: int, whole: int) -> float | None:
    """Of a hundred, with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
