"""What the facts of an act are called, and the codes that a fact may carry (`node.domain.cases.telling`).

Rows of `terms`: group, source, and lines of code | Chinese | English | meaning. A group is named by its fact or by the field it comes from.
"""

from __future__ import annotations

FACT_WORDS: tuple[tuple[str, str, str], ...] = (
    ("fact", "node/domain/cases/schema.py", """
        accepted_on | 视为受理日期 | deemed accepted on
        approver | 批准人 | approved by
        application_no | 外部申请编号 | application number
        applicant_told | 已告知申请人 | applicant told
        asked | 请求事项 | asked for
        awaits_papers | 待纸质材料到达后起算 | counts from the arrival of the papers
        basis | 依据 | basis
        channel | 申请方式 | channel
        days | 所需时间 | time needed
        due | 期限 | due
        due_before | 原期限 | due before
        extension_days | 延长 | extended by
        files | 收到的电子件 | files received
        gap | 容缺的材料 | to follow
        gap_due | 补齐期限 | to follow by
        statute | 法定办结期限届满日 | last day of the statutory limit
        pauses | 承诺期限自次日起暂停 | the promise stands from the next day
        giver | 移交单位 | handed over by
        ground | 退办情形 | ground
        heard | 已听取陈述申辩 | applicant heard
        inspectors | 现场核查人数 | people at the site
        inspectors_carded | 其中持执法证 | of them with a law-enforcement card
        items | 需补正的材料 | materials to correct
        kind | 种类 | kind
        mandate | 委托权限 | mandate
        mandate_until | 委托期限至 | mandate until
        material | 材料 | material
        month | 抽查月份 | drawn of
        mode | 送达方式 | mode of service
        outcome | 陈述申辩情况 | what came of it
        over | 超过预计 | beyond the stated end
        papers | 收到的纸质材料 | papers received
        papers_arrived | 纸质材料到达日期 | papers arrived on
        pledge | 已收容缺受理承诺书 | written promise received
        provisional | 期限为暂定 | provisional
        purpose | 移交事由 | purpose
        reason | 退回原因 | reason
        received_on | 纸质申请收到日期 | paper received on
        receiver | 指定办理单位 | assigned to
        replaces | 代替原办件 | replaces the case
        result | 抽查结果 | what was found
        result_public | 结果可公开 | result public
        rule | 未采纳的原因 | why declined
        same_applicant_as | 同一申请人已作废的办件 | voided case of the same applicant
        same_person | 审查人与批准人为同一人 | examined and approved by one person
        step | 环节 | step
        target | 移交至 | handed over to
        to | 催办对象 | reminded
        until | 预计结束日期 | expected to end
        urgent | 急办 | urgent
        why | 事由 | reason
    """),
    ("result", "DOMAIN A1", """
        none | 无问题 | nothing wrong
        flaw | 瑕疵 | a flaw
        breach | 违规 | against the rules
    """),
    ("why", "DOMAIN A1", """
        spot_check | 抽查 | drawn by lot
    """),
    ("approver", "行政许可法 42", """
        organ_head | 本机关负责人 | head of the organ
        government_head | 本级人民政府负责人 | head of the government of the level
    """),
    ("outcome", "行政许可法 36", """
        stated | 提出了陈述、申辩 | made a statement
        waived | 表示不提出 | said that none is made
        lapsed | 逾期未提出 | made none in time
    """),
    ("reason", "LIFECYCLE 8", """
        wrong_node | 应由其他单位办理 | for another office
        damaged | 材料损坏 | damaged
        incomplete | 材料不全 | incomplete
        recalled | 移交单位追回 | recalled by the giver
    """),
    ("mode", "FORMS, 送达回证", """
        direct | 直接送达 | handed over in person
        post | 邮寄送达 | by post
        electronic | 电子送达 | electronically
        proxy | 委托送达 | through a proxy
        left | 留置送达 | left at the address
        announcement | 公告送达 | by announcement
    """),
    ("ground", "H3.7", """
        none | 不属于退办 | none
        prohibited | 法律、法规禁止 | prohibited by law
        technical | 不符合技术规范 | against technical norms
        on_site | 现场核实不符 | not as found on site
    """),
    ("revoked_for", "行政许可法 69", """
        abuse | 滥用职权、玩忽职守 | abuse of power or neglect of duty
        beyond_power | 超越法定职权 | beyond the powers of the organ
        procedure | 违反法定程序 | against the procedure of the law
        unqualified | 申请人不具备资格或者不符合条件 | the applicant did not qualify
        other_lawful | 依法可以撤销的其他情形 | another case of the law
        deceit | 以欺骗、贿赂等不正当手段取得 | obtained by deceit or bribery
        review | 行政复议决定撤销 | annulled in administrative review
        court | 人民法院判决撤销 | annulled by a court
    """),
    ("void_kind", "LIFECYCLE 48", """
        mis_entry | 录入错误 | mis-entry
        duplicate | 重复办件 | duplicate
        stale_draft | 草稿过期 | stale draft
    """),
    ("mandate", "FORMS, 代办委托书", """
        submit | 提交 | submit
        correct | 补正 | correct
        withdraw | 撤回 | withdraw
        collect | 代领结果 | collect the result
    """),
    ("reminded", "LIFECYCLE", """
        applicant | 申请人 | the applicant
        handler | 办理单位 | who handles the case
    """),
    ("rule", "LIFECYCLE, requests", """
        row36.decided | 已经作出决定，不能撤回 | it was decided
        row14.not_awaited | 现在不需要补正 | no correction is awaited
        row14.incomplete | 补正内容不完整 | the correction is incomplete
        row14.decided | 已经作出决定，不再收材料 | it was decided, no more materials
        recall.opened | 对方已经查看 | somebody there has looked at it
        recall.begun | 对方已经开始办理 | work on it has begun
        recall.not_the_giver | 不是由本单位移交的 | it was not handed over from there
        unknown | 不认识的请求 | an unknown request
    """),
)  # fmt: skip
