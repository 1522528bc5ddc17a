"""The only glossary: every code people see, its words in both languages, what it means and where it comes from.

Screens and refusals take their words from here; a code that is not here is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.words.fact_words import FACT_WORDS
from node.domain.words.flags import FLAGS
from node.domain.words.flaws import FLAWS, OTHER
from node.domain.words.supervising import ORDER_KINDS
from node.domain.words.trade import TRADE


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the field.

    `group`: status, action, role, tier, purpose, clock, case_type, light, channel, kind (of event), step_kind, time (whose it
    was), hop (why a node holds a case, beside the purposes), regime, flag (of the audit), flaw (of a chain), function (of `access`),
    fact (what a fact is called), trade (words of the trade for what is to come). The codes of a fact, and of the field it comes from,
    stand in the group of its name (`node.domain.cases.telling`).
    A code may stand in several groups; without a group the first one listed is meant.
    """

    code: str
    group: str
    zh: str
    en: str
    definition: str = ""
    source: str = ""


def _terms(group: str, source: str, rows: str) -> tuple[Term, ...]:
    found = []
    for row in rows.strip().splitlines():
        code, zh, en, *rest = (part.strip() for part in row.split("|"))
        found.append(Term(code, group, zh, en, rest[0] if rest else "", source))
    return tuple(found)


TERMS: tuple[Term, ...] = (
    *_terms("status", "LIFECYCLE", """
        draft | 草稿 | draft | saved, not handed in
        with_agent | 代办中 | with the agent | lodged with the village agent; no organ has received it
        in_transit | 待签收 | in transit | offered to another node; nobody may decide
        submitted | 已收件 | received | the organ has received it; acceptance is not decided
        awaiting_correction | 待补正 | awaiting correction | the applicant was told once what is missing
        accepted | 已受理 | accepted | the clocks of the promise and the statute run
        suspended | 特别程序中 | suspended | a procedure of 行政许可法 45 stops the clock
        approved | 已批准 | approved | decided in favour
        refused | 不予批准 | refused | decided against
        concluded | 已办结 | concluded | the result is ready to be collected
        delivered | 已送达 | delivered | the result was served
        not_required | 不受理（依法无需办理） | not required | the matter needs no such act (行政许可法 32-1)
        not_accepted | 不予受理 | not accepted | outside the organ's powers (行政许可法 32-2)
        returned | 已退办 | returned | ended on a ground of H3.7
        withdrawn | 已撤回 | withdrawn | ended at the applicant's wish
        terminated | 已终止 | terminated | ended because corrections, or what was promised, never came
        voided | 已作废 | voided | a mis-entry or a duplicate
        superseded | 已撤销重办 | superseded | revoked or redone
        checking | 正在核实 | being checked | what residents read of a case in doubt, whatever its entries say
    """),
    *_terms("action", "LIFECYCLE", """
        enquire | 咨询 | enquire
        save | 保存草稿 | save a draft
        lodge | 代办登记 | lodge
        submit | 提交 | submit
        hand_over | 移交 | hand over
        receive | 签收 | receive
        hand_back | 退回移交 | hand back
        not_required | 不受理（无需办理） | not required
        not_accept | 不予受理（不属本机关职权） | not accept
        request_correction | 一次性告知补正 | request corrections
        repeat_request | 续发补正告知 | repeat the request
        supply_correction | 提交补正 | supply the correction
        supply_material | 补充材料 | supply a material
        record_papers | 登记纸质原件 | record originals on paper | they lie at the counter
        refile | 补回申请内容 | file again | the same application, whose contents were lost with a disk
        terminate | 终止办理 | terminate
        accept | 受理 | accept
        deem_accepted | 视为受理 | deem accepted
        repin | 改按现行规定办理 | go by the item as it is now | before the acceptance; its list of materials changed
        accept_with_gap | 容缺受理 | accept with a gap | on the applicant's written promise to bring the rest by a day
        fill_gap | 确认容缺材料已补齐 | fill the gap
        postpone_gap | 顺延容缺期限 | postpone the gap
        lapse_gap | 认定容缺逾期 | find the gap lapsed
        decide_at_once | 即时办结 | decide at once
        complete_step | 提交审查意见 | complete the step
        reassign | 改派 | reassign
        send_back | 退回上一环节 | send back a step
        suspend | 启动特别程序 | suspend
        resume | 恢复办理 | resume
        extend | 延期 | extend
        refer | 上报 | refer upward
        take_custody | 接收 | take custody
        take | 认领 | take | this person has the case from now on
        assign | 分派 | assign
        return_to_lower | 退回下级重报 | return to the lower tier
        withdraw | 撤回申请 | withdraw
        approve | 批准 | approve
        offer_statement | 告知陈述申辩权利 | offer a statement | before a licence is refused (行政许可法 36)
        record_statement | 登记陈述申辩 | record the statement
        refuse | 不予批准 | refuse
        conclude | 办结 | conclude
        deliver | 送达 | deliver
        undo | 撤回本步操作 | undo
        void | 作废 | void
        remind | 催办 | remind
        recall | 追回申请 | recall
        open | 查看 | open
        set_urgent | 列为急办 | mark urgent
        void_stale | 清理过期草稿 | void a stale draft
        offer_home | 结果回传 | send home
        answer | 答复请求 | answer
        release | 核对放行 | release
        unknown | 不认识的请求 | an unknown request | asked by a later version
    """),
    *_terms("role", "INTERFACE", """
        admin | 系统管理员 | administrator | runs the node, never acts on cases
        director | 中心主任 | director
        clerk | 窗口人员 | window clerk
        examiner | 承办人 | examiner
        reviewer | 审核人 | reviewer
        approver | 批准人 | approver
        agent | 代办员 | village agent
        overseer | 监察员 | overseer
        catalog_editor | 目录管理员 | catalog editor
        auditor | 审计员 | auditor
        integration | 部门业务系统 | department system
        system | 系统自动 | the node itself
    """),
    *_terms("notice", "REQUIREMENTS R35", """
        registered | 代办登记 | registered by an agent
        received | 收件 | received
        correction | 需要补正 | corrections needed
        accepted | 受理 | accepted
        paused | 特别程序 | special procedure
        extended | 延期 | extended
        paper_corrected | 文书更正 | paper corrected
        paper_revoked | 决定撤销 | decision revoked
        due_soon | 承诺将到期 | promise falls due tomorrow
        decided | 作出决定 | decided
        ready | 可以领取 | ready to collect
        delivered | 已送达 | delivered
        withdrawn | 撤回 | withdrawn
        ended | 结束办理 | ended
        digest | 汇总 | digest
        answer | 回复查询 | answer to a question
        off | 不再接收 | no more messages
        on | 恢复接收 | messages again
        help | 查询办法 | how to ask
        staff_digest | 工作人员待办汇总 | digest for the staff
        mail_confirm | 邮箱确认 | confirmation of a mail address
        report_mail | 月报 | monthly report
        report_confirm | 月报邮箱确认 | confirmation of an address for monthly reports
    """),
    *_terms("notice_state", "INTERFACE, third part", """
        waiting | 待发送 | waiting
        sent | 已发送 | sent
        unknown | 结果不明 | not known | handed over and no answer came: it is not sent again by itself
        failed | 未发出 | failed
        dropped | 不必发送 | not needed
        to_tell | 待当面告知 | to be told in person | a person tells it, no channel does
        told | 已当面告知 | told in person
    """),
    *_terms("channel_of_notice", "INTERFACE, third part", """
        sms | 短信 | SMS
        smtp | 邮件 | mail
        screen | 当面告知 | face to face
    """),
    *_terms("whose", "USERS", """
        own | 本人 | own
        relative | 亲属 | a relative's
        agent | 代办员 | the agent's
    """),
    *_terms("function", "LIFECYCLE", """
        own_account | 个人设置 | own account | log in, password, PIN, language
        second_factor | 动态码 | one-time codes | a code from the telephone after the password, if the person switches it on
        read_catalog | 查看事项 | reading the catalog | what is published: items, calendar
        read_case | 办件 | cases | read a case and all that belongs to it; which acts, the lifecycle says
        file_case | 登记申请 | filing | take an application
        draft | 草稿 | drafts | begin, fill in, keep an application
        supply | 补交材料 | supplying materials | add the file of a material, answer a correction
        issue_paper | 出具文书 | issuing papers | give a paper its number; which one, the act it rests on says
        change_paper | 更正文书、撤销决定 | correct papers and revoke decisions
        receive_many | 批量签收 | receiving | several cases in one act, each with its outcome
        hand_over_many | 批量移交 | handing over | several cases in one act, with the list
        agent_desk | 代办工作台 | the agent's desk | what to bring, to answer, to deliver
        workbench | 窗口工作台 | the workbench | whose turn each case is
        release_case | 恢复后放行 | release after a restore | let a case go on that waits for a director's word
        oversight | 监察 | oversight | the cases and findings of the subtree, no applicant's data
        orders | 督办单 | supervision orders | those that this node issued or was sent, and those of its subtree
        reports | 月报 | monthly reports | tables of the own subtree, the quarter, the year
        report_mail | 月报邮件 | mailing monthly reports | to the addresses that the director chose
        submit_report | 签报月报 | signing the monthly report | to the unit above
        issue_orders | 签发督办单 | issuing supervision orders | draft, sign, close, return, circulate
        answer_orders | 签收、回复督办单 | answering supervision orders | receive and reply for the unit
        appeal_cards | 申诉监察信号 | appealing against cards | file an appeal for the unit, ask for its review
        decide_appeals | 决定、复核申诉 | deciding appeals | the first decision, and the review of another's
        stats | 统计 | statistics | counts over the subtree
        network | 下级站点 | the network | the nodes of the subtree and how they are
        edit_catalog | 事项目录编辑 | editing the catalog | change and publish items of the own layer
        calendar_moves | 查看日历调整影响的办件 | cases moved by a calendar | which due days a published calendar moved
        publish_rules | 公共数据发布 | publishing rules | calendar, divisions, wording of papers, rule documents
        manage_people | 人员管理 | managing people | posts, passwords, tokens
        inbound | 接收短信查询 | questions by SMS | a gateway hands over what people ask by SMS or mail
        manage_node | 节点管理 | managing the node | lines, nodes below, keys, checks
        backup | 备份 | backups | make, check, download
        audit_log | 审计日志 | the audit log | who changed what in people and node
        reading_log | 阅卷记录 | log of readings | who read which case, kept six months
        metrics | 运行指标 | metrics | /metrics from another machine
    """),
    *_terms("tier", "R40", """
        village | 村（社区）便民服务代办站 | village agency
        township | 乡镇（街道）便民服务中心 | township center
        district | 区政务服务中心 | district
        city | 市政务服务中心 | city
    """),
    *_terms("purpose", "LIFECYCLE", """
        hand_over | 移交 | hand-over
        hand_back | 退回移交 | hand-back
        refer | 上报 | referral
        return | 退回重报 | return to the lower tier
        home | 结果回传 | way home
    """),
    *_terms("clock", "LIFECYCLE", """
        A | 代办移交时限 | hand-over by the agent
        R | 受理告知时限 | notice after receipt
        T | 签收时限 | receipt | one working day from the take of a hand-over to the clerk's receipt; watched only
        S | 法定办结时限 | statutory limit
        P | 承诺办结时限 | promised limit
        B | 征求意见时限 | branch
        D | 送达时限 | service
        first_examination | 初审时限 | first examination
        correction | 补正期限 | correction
        step | 环节时限 | limit of a step
        pause | 特别程序期限 | special procedure
        order | 督办回复期限 | reply to an order
    """),
    *_terms("case_type", "W9", """
        immediate | 即办件 | immediate | decided at the window
        commitment | 承诺件 | commitment | decided within a promised time
        joint | 联办件 | joint | several departments take part
        referral | 上报件 | referral | a higher tier decides
        returned | 退办件 | returned | ended without what was asked (derived)
        gap | 补办件 | accepted with a gap | accepted on a pledge to bring what may be brought later
        urgent | 急办件 | urgent | goes first; the statutory limit is unchanged
        doubted | 存疑 | in doubt | rests on an act of somebody who may not do it (derived)
    """),
    *_terms("light", "R55", """
        none | 无时限 | no limit
        green | 正常 | in time
        warn | 预警（今日到期） | due today | the last day
        overdue | 超期 | overdue | past the end of the due day
        yellow | 黄牌 | yellow card | more than one working day over
        red | 红牌 | red card | two more working days of cure over
        unknown | 情况不明 | unknown | whoever holds the case has not been heard, or what its date follows from is not here
    """),
    *_terms("channel", "INTERFACE", """
        village_agent | 村级代办 | village agent
        window | 窗口 | window
        online | 网上 | online
    """),
    *_terms("kind", "DESIGN, The journal", """
        draft_saved | 已保存草稿 | draft saved
        lodged | 已代办登记 | lodged | an agent took the application; no organ has received it
        submitted | 已收件 | received | the organ has received it
        custody_offered | 已移交，待接收 | custody offered | the case and what belongs to it is on its way
        custody_taken | 系统已接收 | custody taken | the other node holds it; a mechanical act, no decision
        custody_assigned | 上级已指定办理单位 | custody assigned | an ancestor gave the case to another node
        received | 已签收 | received by the clerk
        not_required_found | 已告知不受理 | found not required
        not_accepted | 已决定不予受理 | not accepted
        correction_requested | 已一次性告知补正 | correction requested | once and complete (行政许可法 32-4)
        correction_repeated | 已续发补正告知 | correction repeated
        correction_supplied | 已补正 | correction supplied
        terminated | 已终止 | terminated
        accepted | 已受理 | accepted | the clocks start on the next working day
        accepted_with_gap | 已容缺受理 | accepted with a gap | the applicant promised to bring the rest by a day
        item_repinned | 已改按事项现行规定 | moved to the item's version in force
        gap_filled | 容缺材料已补齐 | gap filled
        gap_postponed | 容缺期限已顺延 | gap postponed | once
        gap_lapsed | 容缺期满未补齐 | gap lapsed | its day passed and something did not come
        deemed_accepted | 逾期视为受理 | deemed accepted | no notice within five working days (行政许可法 32-4)
        decided_at_once | 已即时办结 | decided at once
        step_completed | 环节完成 | step completed
        taken_up | 已认领 | taken up | a person took a case that was nobody's
        assigned | 已分派 | assigned
        reassigned | 已改派 | reassigned
        sent_back | 已退回上一环节 | sent back a step
        suspended | 已启动特别程序 | suspended | the time needed does not count (行政许可法 45)
        resumed | 已恢复办理 | resumed
        extended | 已延期 | extended | once, with the reason (行政许可法 42)
        withdrawn | 已撤回 | withdrawn
        statement_offered | 已告知陈述申辩权利 | statement offered | the applicant was told why it is to be refused (行政许可法 36)
        statement_recorded | 已登记陈述申辩 | statement recorded
        approved | 已批准 | approved
        refused | 已决定不予批准 | refused | in writing, with reasons and remedies (行政许可法 38)
        returned | 已退办 | returned
        concluded | 已办结 | concluded
        delivered | 已送达 | delivered
        undone | 已撤回本步操作 | undone | the same person, the same day; the fact stays
        voided | 已作废 | voided
        opened | 已查阅 | opened | the first person with a case role looked at it
        reminded | 已催办 | reminded
        requested | 已提出请求 | requested | asked of the node that holds the case
        request_declined | 请求未被采纳 | request declined
        material_added | 已上传材料 | material added
        papers_recorded | 已收纸质原件 | originals on paper recorded
        refiled | 已补回申请内容 | filed again | the contents were lost with a disk; the case goes on
        urgent_set | 已列为急办 | urgency set
        request_answered | 请求已有答复 | request answered | told to an office that has no part in the case
        untold | 通知没有送到 | notice not delivered
        notice_handed_over | 通知发送情况 | what became of a notice
        notice_reach | 申请人联系方式已登记 | contact of the applicant recorded | whether a hall reaches the applicant, not the number
        paper_issued | 已出具文书 | paper issued
        paper_corrected | 已更正文书 | paper corrected
        paper_revoked | 已撤销决定 | decision revoked
        heard | 下级联系情况 | word of the units below
        heard_disputed | 对上级联系情况的异议 | objection to the word of the unit above
        message | 消息 | message | from one office to others about a case
        signal_served | 监察信号送达 | signal served | a card, by the parent of the node that answers for it
        note_received | 消息已送到 | message arrived | its words are with the office it is for
        released | 已核对放行 | released
    """),
    *_terms("kind", "DOMAIN A6", ORDER_KINDS),
    *_terms("action", "LIFECYCLE, later rows", """
        correct_on_spot | 当场更正 | correct on the spot | 行政许可法 32-3
        site_visit | 现场核查 | site visit | at least two persons (行政许可法 34)
        ask_more | 要求补充 | ask for more
        offer_hearing | 告知听证权利 | offer a hearing
        open_branches | 征求意见 | open branches
        opine | 出具意见 | give an opinion
        silence | 超时默许 | silence
        escalate | 提请协调 | escalate
        return | 退办 | return
        notify_fee | 缴费通知 | notify the fee
        uncollected | 催领 | not collected
        archive | 归档 | archive
        rectify_record | 更正记录 | rectify the record
        correct_paper | 更正文书 | correct a paper
        revoke | 撤销决定 | revoke
        deem_renewed | 视为准予延续 | deem renewed | 行政许可法 50
    """),
    *_terms("step_kind", "行政许可法 45; data/law XKF-45", """
        hearing | 听证 | hearing
        tender | 招标 | tender
        auction | 拍卖 | auction
        goods_inspection | 检验 | inspection of goods
        testing | 检测 | testing
        quarantine | 检疫 | quarantine
        appraisal | 鉴定 | appraisal
        expert_review | 专家评审 | expert review
        site_visit | 现场核查 | site visit | not in Article 45: its days count
        public_notice | 公示 | public notice | not in Article 45: its days count
        other | 其他 | other | its days count unless the item cites a basis
        gap | 容缺材料逾期待补 | what was to follow is late | no step: of the promise only, where the published limits say so
    """),
    *_terms("time", "DESIGN, Deadlines", """
        handler | 承办 | handler
        upper | 上级办理 | upper tier
        statutory_pause | 法定不计时 | statutory pause
        agent | 代办 | agent
        link_outage | 线路中断 | link outage
        transit | 在途 | in transit
        applicant | 申请人用时 | applicant | a correction, or the collection of the result, is awaited
    """),
    *_terms("limit", "node/domain/catalog/limits.py", """
        notice_days | 受理告知时限 | days to answer a receipt | working days; silence is acceptance after the law's five, whatever is promised
        service_days | 送达时限 | days to serve a decision | working days after the decision
        agent_days | 代办移交时限 | days of the agent | working days to hand an application over
        receipt_days | 签收时限 | days to sign for a hand-over | working days
        cure_wd | 整改时限 | days of cure | working days between a yellow and a red card
        lower_share | 初审时限占比 | share of the lower tier | of the promise, where the steps have no limits
        default_one | 许可缺省时限 | default limit | working days of a licence whose item gives none
        default_joint | 联办许可缺省时限 | default limit of joint licences | working days where several organs decide together
        immediate_limit | 即办件时限 | limit of what is done at once | 0 the same day, 1 the next
        gap_pauses | 容缺逾期未补齐 | after a gap lapsed | 0 the case is ended, 1 the promise, never the statutory limit, stands until it comes
    """),
    *_terms("hop", "DESIGN, Custody", """
        filed | 收件 | filed | where the case began
        assigned | 上级指定 | assigned | by an ancestor of both, because the receiver is gone
    """),
    *(term for group, source, rows in FACT_WORDS for term in _terms(group, source, rows)),
    *_terms("regime", "行政许可法 2", """
        licence | 行政许可 | licence | governed by the licensing law
        other | 其他事项 | other | governed by the item's own data
    """),
    *_terms("trade", "WORDS", TRADE),
    *_terms("flaw", "DESIGN, The journal", FLAWS),
    Term("other", "flaw", *OTHER, "of a later version", "DESIGN, The journal"),
    *(Term(code, "flag", flag.zh, flag.en, flag.weight, flag.rule) for code, flag in FLAGS.items()),
)  # fmt: skip

BY_CODE: dict[str, Term] = {}
for _term in TERMS:
    BY_CODE.setdefault(_term.code, _term)
BY_GROUP: dict[tuple[str, str], Term] = {(term.group, term.code): term for term in TERMS}


def label(code: str, locale: str = "zh", group: str | None = None) -> str:
    """The word for a code; the code itself when there is none."""
    term = BY_GROUP.get((group, code)) if group else BY_CODE.get(code)
    if term is None:
        return code
    return term.zh if locale == "zh" else term.en
