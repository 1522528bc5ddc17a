"""The guards the transition table names: each looks at the case, the command and the context, and answers why not.

A guard answers an empty string when its condition holds, else the reason as a short Chinese sentence that goes into the
`guard_failed` refusal behind the row and its law. Guards never raise for a case that may exist and change nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeAlias

from node.domain.calendar import Due, day_of, due_date
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import MISSING, held, is_answered, lacking, paper_codes, split_codes
from node.domain.cases.deadlines import deadlines
from node.domain.cases.fields import max_extension, stop_kinds
from node.domain.cases.mandate import outside
from node.domain.cases.owners import STEP_ROLES, does_step, next_step, steps_are_done
from node.domain.model import Case, Place, Role
from node.domain.words.errors import TongbanError
from node.domain.words.labels import word

NOTICE_DAYS = 5  # working days to tell the applicant (行政许可法第三十二条第一款第四项)
STALE_DRAFT_DAYS = 30  # days after which a draft nobody touched is voided (R12; a default, published rules may say otherwise)
MAX_STOP_DAYS = 730

Guard: TypeAlias = Callable[[Case, Command, Context], str]

# questions ---------------------------------------------------------------------------------------------------------------


def giver_below(case: Case, ctx: Context, reason: str) -> Place | None:
    """The child from which the case came here for `reason`, if it is still a child of this node."""
    for hop in reversed(case.hops):
        if hop.node == ctx.here.node_id and hop.reason == reason and hop.giver:
            place = ctx.place(hop.giver)
            return place if place is not None and place.parent == ctx.here.node_id else None
    return None


def is_commissioned(ctx: Context, item_id: str) -> bool:
    """Whether this node may receive the item for the organ (never a licence)."""
    return item_id in ctx.here.commissioned and ctx.known_item.regime != "licence"


# guards ------------------------------------------------------------------------------------------------------------------


def _at_village(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.here.tier == "village" else "只在村级代办点办理"


def _agent_may(case: Case, cmd: Command, ctx: Context) -> str:
    by_agent = (case.channel or cmd.fields.get("channel")) == "village_agent"
    return "该事项不得由代办员代办" if by_agent and not ctx.known_item.agent_allowed else ""


def mandated(case: Case, cmd: Command, ctx: Context) -> str:
    """At a village people act for the applicant: only within the mandate, where one is recorded."""
    if ctx.here.tier != "village" or cmd.actor.role not in (Role.AGENT, Role.DIRECTOR):
        return ""
    return outside(cmd.action, case.mandate, case.mandate_until, ctx.today)


def _may_receive(case: Case, cmd: Command, ctx: Context) -> str:
    if ctx.here.tier != "village" or is_commissioned(ctx, ctx.known_item.item_id):
        return ""
    return "村级代办点只能代办登记,不能代行政机关收件"


def _complete(case: Case, cmd: Command, ctx: Context) -> str:
    """A draft may be saved incomplete, never handed in so. (A filing without a draft was checked before it came here.)"""
    if ctx.flaws:
        return f"申请填写不完整:{'、'.join(ctx.flaws[:5])}"
    return _materials_complete(case, cmd, ctx) if case.version else ""


def _has_parent(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.parent is not None else "本节点没有上级"


def _just_received(case: Case, cmd: Command, ctx: Context) -> str:
    fresh = bool(case.hops) and case.hops[-1].reason == "hand_over" and not case.corrections
    return "" if fresh else "只能退回刚移交来的办件"


def _giver_below(case: Case, cmd: Command, ctx: Context) -> str:
    reason = "refer" if cmd.action == "return_to_lower" else "hand_over"
    return "" if giver_below(case, ctx, reason) is not None else "没有可退回的下级节点"


def _referred_here(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.examined_below else "办件不是下级上报的"


def _immediate_item(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.case_type == "immediate" else "不是即办件"


def _materials_complete(case: Case, cmd: Command, ctx: Context) -> str:
    needed = [(str(number), m.name) for number, m in enumerate(ctx.known_item.materials) if m.required]
    missing = [name for index, name in needed if held(case, index) == MISSING]
    return f"缺少必需材料:{'、'.join(missing[:5])}" if missing else ""


def _decides_here(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.decides_at(ctx.here.tier) else "本级无权决定,应当上报(行政许可法第三十五条)"


def _below_approval(case: Case, cmd: Command, ctx: Context) -> str:
    return "本级有权决定,不必上报" if ctx.known_item.decides_at(ctx.here.tier) else ""


def _first_correction(case: Case, cmd: Command, ctx: Context) -> str:
    return "补正只能一次性告知" if case.corrections else ""


def _licence(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.regime == "licence" else "只适用于行政许可事项"


def _last_notice_day(case: Case, ctx: Context) -> Due:
    return due_date(ctx.calendar, day_of(case.supplied_at or case.received_at), NOTICE_DAYS)


def _notice_in_time(case: Case, cmd: Command, ctx: Context) -> str:
    """A licence that nobody answered in five working days is accepted by law: nothing can be asked for any more."""
    last = _last_notice_day(case, ctx)
    late = ctx.known_item.regime == "licence" and not last.provisional and ctx.today > last.date
    return "五个工作日内未告知补正,自收到申请材料之日起即为受理" if late else ""


def _silent_five_days(case: Case, cmd: Command, ctx: Context) -> str:
    last = _last_notice_day(case, ctx)
    if last.provisional:
        return "工作日历尚未公布,不能认定逾期"
    return _not_past(last.date, ctx, "五个工作日未满")


def _not_past(last: dt.date, ctx: Context, early: str) -> str:
    """Why a day is not over: by our own clock, or because nobody but our own clock says so (effects of absence)."""
    if ctx.today <= last:
        return early
    return "" if day_of(ctx.witnessed) > last else "期限届满后尚未与上级联系,不能认定逾期"


def _never_received(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if not case.received_at else "已收件的不能自动作废"


def _stale_draft(case: Case, cmd: Command, ctx: Context) -> str:
    """Only drafts void by themselves, STALE_DRAFT_DAYS after they were last saved (R12)."""
    last = day_of(case.last_at or case.filed_at) + dt.timedelta(days=STALE_DRAFT_DAYS)
    return _not_past(last, ctx, "草稿尚未过期")


def _clock_agrees(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.clock_agrees else "本机时间与上级最近回执不一致,不能认定逾期"


def _items_already_listed(case: Case, cmd: Command, ctx: Context) -> str:
    named = set(split_codes(cmd.fields.get("materials")))
    return "" if named <= set(case.correction_listed) else "只能重申已经告知过的补正内容"


def _supplied(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.corrections and case.supplied_at else "补正尚未提交"


def _wanting_once(case: Case, cmd: Command, ctx: Context) -> str:
    return "补正材料只能再次告知一次" if case.found_wanting else ""


def _corrected(case: Case, cmd: Command, ctx: Context) -> str:
    """Nothing becomes received without what was asked for: a file of each ticked material since the notice, or its paper."""
    sent = tuple(material for material, _ in ctx.sent)
    papers = tuple(material for material, _ in paper_codes(cmd.fields.get("papers"), case))
    note = cmd.fields.get("note")
    if is_answered(case, sent, papers, note if isinstance(note, str) else ""):
        return ""
    names = [material_title(ctx, one) for one in lacking(case, sent, papers)]
    return (
        f"还没有补正:{'、'.join(names)}。请上传新的照片或文件,或者勾选纸质已送"
        if names
        else "应写明补正了什么,或者上传补正的文件"
    )


def material_title(ctx: Context, index: str) -> str:
    """The name of a material by its place in the item's list; the place itself for others."""
    known = ctx.item.materials if ctx.item is not None else ()
    return known[int(index)].name if index.isascii() and index.isdigit() and int(index) < len(known) else index


def _correction_over(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.correction_due is not None and ctx.today > case.correction_due else "补正期限未满"


def _reminded(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.reminded_at else "终止前应先催告申请人补正"


def _step_open(case: Case, cmd: Command, ctx: Context) -> str:
    step = next_step(case, ctx)
    if step is None or step.code == "approve":
        return "审查步骤已全部办完"
    if cmd.actor.role not in STEP_ROLES.get(step.role, ()):
        raise TongbanError("forbidden", rule=f"“{step.name}”须由{word(step.role)}办理")
    return ""


def _unassigned(case: Case, cmd: Command, ctx: Context) -> str:
    return "已经有人办理,改派须由负责人写明理由" if case.assignee else ""


def _does_step(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if does_step(case, cmd.actor, ctx) else "这一步不由您的岗位办理"


def _examined_here(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if steps_are_done(case, ctx) and case.steps_done else "应先完成初审并写明意见"


def _steps_done(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if steps_are_done(case, ctx) else "审查步骤尚未办完"


def _no_gap(case: Case, cmd: Command, ctx: Context) -> str:
    return "容缺材料尚未补齐" if case.gap else ""


def _two_persons(case: Case, cmd: Command, ctx: Context) -> str:
    alone = cmd.actor.staff_id in case.examined_by and cmd.actor.role is not Role.DIRECTOR
    return "审查人与批准人不得为同一人(一审一核)" if alone else ""


def _a_step_done(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.steps_done else "没有可退回的上一环节"


def _stoppable(case: Case, cmd: Command, ctx: Context) -> str:
    kinds = stop_kinds(ctx)
    if not kinds:
        return "该事项没有可停止计时的特别程序依据"
    if cmd.fields.get("kind") not in kinds:
        return "不属于可停止计时的特别程序(现场勘验不停止计时)"
    days = cmd.fields.get("days")
    return "" if isinstance(days, int) and 1 <= days <= MAX_STOP_DAYS else "应写明所需天数"


def _not_extended(case: Case, cmd: Command, ctx: Context) -> str:
    if case.extended:
        return "只能延期一次"
    days, most = cmd.fields.get("days", 1), max_extension(ctx)
    return "" if isinstance(days, int) and 1 <= days <= most else f"延期为 1 至 {most} 个工作日"


def _before_due(case: Case, cmd: Command, ctx: Context) -> str:
    open_now = deadlines(case, ctx.known_item, ctx.here.tier, ctx.calendar)
    statutory = [deadline.due for deadline in open_now if deadline.clock == "S"]
    return "已过期限,不能再延期" if statutory and ctx.today > min(statutory) else ""


def _is_true(name: str, reason: str) -> Guard:
    return lambda case, cmd, ctx: "" if cmd.fields.get(name) is True else reason


def _undo_same_person(case: Case, cmd: Command, ctx: Context) -> str:
    if not case.undo_status:
        return "没有可撤回的操作"
    return "" if case.undo_staff == cmd.actor.staff_id else "只能由办理人本人撤回"


def _undo_same_day(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if day_of(case.undo_at) == ctx.today else "只能当天撤回"


def _undo_nothing_out(case: Case, cmd: Command, ctx: Context) -> str:
    return "文书已发出,不能撤回" if ctx.papers_out else ""


def _not_at_origin(case: Case, cmd: Command, ctx: Context) -> str:
    if case.origin == ctx.here.node_id:
        return "办件已在收件地"
    return "" if ctx.route(case.origin) is not None else "不知道去往收件地的路径"


def _not_answered(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if cmd.request and cmd.request not in case.answered else "请求已答复"


def _not_opened(case: Case, cmd: Command, ctx: Context) -> str:
    return "已查看过" if ctx.here.node_id in case.opened_by else ""


def _material_named(case: Case, cmd: Command, ctx: Context) -> str:
    blob, size, index = cmd.fields.get("blob"), cmd.fields.get("size"), cmd.fields.get("material")
    good = isinstance(blob, bytes) and len(blob) == 32 and isinstance(size, int) and size > 0 and isinstance(index, str)
    return "" if good and index else "材料内容不完整"


def _contents_lost(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.contents_missing and case.origin == ctx.here.node_id else "申请内容没有丢失"


GUARDS: Mapping[str, Guard] = {
    "contents_lost": _contents_lost,
    "at_village": _at_village,
    "agent_may": _agent_may,
    "mandated": mandated,
    "may_receive": _may_receive,
    "complete": _complete,
    "has_parent": _has_parent,
    "just_received": _just_received,
    "giver_below": _giver_below,
    "referred_here": _referred_here,
    "immediate_item": _immediate_item,
    "materials_complete": _materials_complete,
    "decides_here": _decides_here,
    "below_approval": _below_approval,
    "first_correction": _first_correction,
    "licence": _licence,
    "notice_in_time": _notice_in_time,
    "silent_five_days": _silent_five_days,
    "clock_agrees": _clock_agrees,
    "items_already_listed": _items_already_listed,
    "supplied": _supplied,
    "wanting_once": _wanting_once,
    "corrected": _corrected,
    "correction_over": _correction_over,
    "reminded": _reminded,
    "step_open": _step_open,
    "unassigned": _unassigned,
    "does_step": _does_step,
    "examined_here": _examined_here,
    "steps_done": _steps_done,
    "never_received": _never_received,
    "stale_draft": _stale_draft,
    "no_gap": _no_gap,
    "two_persons": _two_persons,
    "a_step_done": _a_step_done,
    "stoppable": _stoppable,
    "not_extended": _not_extended,
    "before_due": _before_due,
    "sealed": _is_true("sealed", "结果文书应先盖章"),
    "heard": _is_true("heard", "应先听取申请人的陈述和申辩"),
    "identity_checked": _is_true("identity_checked", "应先核对领取人身份"),
    "applicant_told": _is_true("applicant_told", "应先告知申请人"),
    "undo_same_person": _undo_same_person,
    "undo_same_day": _undo_same_day,
    "undo_nothing_out": _undo_nothing_out,
    "not_at_origin": _not_at_origin,
    "not_answered": _not_answered,
    "not_opened": _not_opened,
    "material_named": _material_named,
}
