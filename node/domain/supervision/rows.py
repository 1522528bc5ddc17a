"""The rules of supervision as they ship: one row each (DOMAIN A1). What a city publishes may change words, law, weight and switch; the
condition is code (`watches.py`, `suspicions.py`, `disclosing.py`, `node.domain.cases.audit`), and a rule whose facts nobody writes yet reads 未启用.

Columns: code | monitor | name | what it says | law; then the same in English.
"""

from __future__ import annotations

TIME, PROCESS, LOGIC, ANOMALY, FEE, DISCLOSURE = "time", "process", "logic", "anomaly", "fee", "disclosure"
LADDERS = {TIME: "time", PROCESS: "confirm", LOGIC: "confirm", ANOMALY: "watch", FEE: "confirm", DISCLOSURE: "confirm"}

SHIPPED = """
T01 | time | 签收超时 | 移交已送达，一个工作日内没有签收 | 惯例
T02 | time | 受理告知超时 | 收件后五个工作日内没有受理、不予受理或者一次告知补正 | 行政许可法第三十二条
T03 | time | 环节超时 | 环节用时超过环节时限 | 事项规定
T04 | time | 初审上报超时 | 应当上报的办件，下级没有在初审期限内上报 | 行政许可法第四十三条
T05 | time | 承诺超时 | 承诺办结日期已过，没有办结 | 事项规定
T06 | time | 法定超时 | 法定办结日期已过，没有办结 | 行政许可法第四十二条
T07 | time | 特别程序超时 | 特别程序到了告知的结束日期，没有恢复办理 | 行政许可法第四十五条
T08 | time | 送达超时 | 作出决定后，没有在期限内备好结果并通知领取 | 行政许可法第四十四条
T09 | time | 代办移交超时 | 代办登记后，一个工作日内没有移交 | 惯例
T10 | time | 征求意见超时 | 征求意见到期没有反馈 | 事项规定
T11 | time | 补正逾期未处理 | 补正期限已过五个工作日，没有催告、补齐或者终止 | 惯例
T12 | time | 评价／投诉／工单超时 | 差评、投诉、工单没有在期限内办结 | 惯例
P01 | process | 缺少基本环节 | 没有办完规定的环节就作出决定，或者没有办结就送达 | 事项规定
P02 | process | 审批未分离 | 审查和批准为同一人 | 惯例
P03 | process | 特别环节未办 | 事项规定的核查、评审、公示没有办就作出决定 | 事项规定
P04 | process | 核查人员不足 | 现场核查不足两人，或者没有执法证号 | 行政许可法第三十四条
P05 | process | 停计、延期不规范 | 没有告知，不属于事项规定的情形，在期限最后两个工作日内，或者多次 | 行政许可法第四十五条
P06 | process | 要求重复提供材料 | 上级要求提供下级已有的材料 | 行政许可法第三十五条
P07 | process | 未说明理由／未告知救济 | 不予受理、不予批准没有说明理由或者没有告知救济途径 | 行政许可法第三十八条
P08 | process | 多次补正 | 再次告知新的补正内容 | 行政许可法第三十二条
L01 | logic | 时序颠倒 | 记录时间的先后不合，或者在见证的时间以外 | 惯例
L02 | logic | 先办后录 | 承诺件、联办件、上报件受理后十分钟内就作出决定 | 惯例
L03 | logic | 假办结 | 办结而没有出具决定文书，或者办结后三个工作日结果不可领取 | 惯例
L04 | logic | 集中补录 | 一人五分钟内作出十件以上决定，或者补录两个工作日以前的办理 | 惯例
L05 | logic | 作废重录 | 作废后十个工作日内，同一申请人同一事项重新登记且没有承继收件日期 | 惯例
L06 | logic | 体外循环（双轨） | 部门系统中有本件，本系统没有；或者外部环节一个工作日没有编号 | 惯例
A01 | anomaly | 退办 | 退办件 | 惯例
A02 | anomaly | 作废 | 作废的办件 | 惯例
A03 | anomaly | 草稿删除 | 删除的草稿（只计数） | 惯例
A04 | anomaly | 补正不来终止 | 补正期满没有补正而终止 | 惯例
A05 | anomaly | 不受理、不予受理 | 不受理、不予受理的办件 | 惯例
A06 | anomaly | 不予批准 | 不予批准的办件 | 惯例
A07 | anomaly | 超期后撤回 | 超期以后申请人撤回 | 惯例
A08 | anomaly | 超时默许、缺席默认 | 征求意见超时默许、会议缺席默认 | 惯例
A09 | anomaly | 急办 | 急办件 | 惯例
A10 | anomaly | 更正、撤销 | 更正、撤销的文书 | 惯例
A11 | anomaly | 逾期视为受理 | 没有在期限内告知而视为受理 | 行政许可法第三十二条
A12 | anomaly | 一人审查并批准 | 主任一人审查并批准的办件 | 惯例
F01 | fee | 无依据收费 | 收费没有依据 | 行政许可法第五十八条
F02 | fee | 超标准收费 | 收费超过标准 | 行政许可法第五十九条
F03 | fee | 缴费后三个工作日无票据号 | 缴费后三个工作日没有票据号 | 惯例
F04 | fee | 窗口收现金（投诉） | 投诉反映窗口收取现金 | 惯例
O01 | disclosure | 六公开缺项 | 事项缺少内容、依据、程序、条件、时限、收费依据、结果之一 | 行政许可法第三十条
O02 | disclosure | 目录更新未同步 | 目录更新三天以后没有同步 | 惯例
O03 | disclosure | 应公开结果未公开 | 应当公开的结果七个工作日以后没有公开 | 行政许可法第四十条
"""

ENGLISH = """
T01 | taken, not received
T02 | received, neither accepted, refused nor correction asked
T03 | step open longer than its limit
T04 | lower tier holds an accepted referral item
T05 | the promise has passed
T06 | the statutory limit has passed
T07 | suspended past the stated end
T08 | decided, not ready
T09 | with the agent
T10 | branch open
T11 | correction date passed, nothing done
T12 | limits of ratings, complaints and tickets
P01 | decided before the steps were done
P02 | examined and approved by one person
P03 | a special step of the item was left out
P04 | site visit with fewer than two
P05 | suspended or extended not as the law says
P06 | the upper tier asks for what the lower tier held
P07 | no reason, or no remedies
P08 | a second correction with something new
L01 | times out of order or outside the witnessed interval
L02 | decided within minutes of acceptance
L03 | concluded without its paper or result
L04 | many decisions within minutes, or old ones entered late
L05 | voided and filed anew without the receipt date
L06 | found in the department's system only
A01 | returned
A02 | voided
A03 | drafts deleted (counted only)
A04 | ended because no correction came
A05 | not accepted, not required
A06 | refused
A07 | withdrawn after it was overdue
A08 | silence or absence taken for consent
A09 | urgent
A10 | corrected or revoked
A11 | deemed accepted
A12 | examined and approved by one person who said so
F01 | a fee without a basis
F02 | a fee above the standard
F03 | paid, no bill number after 3 working days
F04 | cash at a counter (complaint)
O01 | an item lacks what must be public
O02 | catalog not in step after 3 days
O03 | a public result not published after 7 working days
"""

# Whose condition this version can judge.
TIMED = ("T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T11")
BUILT = frozenset(
    (
        *TIMED, "P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "L01", "L02", "L03", "L04", "L05",
        "A01", "A02", "A03", "A04", "A05", "A06", "A07", "A09", "A10", "A11", "A12", "F01", "O01", "O02",
    )
)  # fmt: skip
# On what a rule rests where the licensing law does not apply to the item: on the item (its own limit, its basis for a stop), else on practice.
LICENSING_LAW, ITEMS_OWN, PRACTICE = "行政许可法", "事项规定", "惯例"
BY_ITEM = frozenset({"T06", "T07", "P05"})
RED = frozenset({"L03", "F01", "F02"})  # what a confirmed finding comes to; else yellow

# The numbers of a rule, in working days, minutes and pieces: what counts without a document, the least, the most.
Bounds = tuple[int, int, int]
NUMBERS: dict[str, dict[str, Bounds]] = {
    "days": {"T11": (5, 1, 30), "L05": (10, 1, 60)},
    "minutes": {"L02": (10, 1, 240), "L04": (5, 1, 240)},
    "count": {"L04": (10, 2, 1000)},
}
