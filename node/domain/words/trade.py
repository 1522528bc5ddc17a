"""Words of the trade beside those of codes: what a clerk, a supervisor or a resident calls things, for pages and papers to come.

Rows of `terms`: code | Chinese | English | meaning. Whoever builds the subject takes its words from here.
"""

from __future__ import annotations

TRADE = """
    first_asked | 首问责任人 | first person asked | answers for an enquiry until it is with the right office
    chief_representative | 首席代表 | chief representative | of a department at its windows, with the power to decide there
    one_review_one_check | 一审一核 | one review, one check | one person examines, one other approves
    in_time | 按期办结 | concluded in time | on the due day at the latest
    early | 提前办结 | concluded early | before the due day
    late | 超期办结 | concluded late | after the due day
    promise_gain | 承诺提速率 | gain of the promise | by how much the promised limit is shorter than the statutory one, in per cent
    handling_gain | 办理提速率 | gain in handling | by how much the days taken are fewer than the statutory limit, in per cent
    publicity | 双公示 | double publicity | licences and penalties are published within seven working days
    order | 督办单 | supervision order | asks an office for an answer by a day
    appeal | 申诉 | appeal | against a card, within three working days
    written_off | 核销 | written off | a card or a finding that was dealt with
    refusal_review | 退件复核 | review of refusals | somebody else looks at what was turned down
    zero_report | 零报告 | zero report | says expressly that there was nothing
    late_report | 补报 | late report | what came after the cut of its month
    receipt_seal | 收件专用章 | seal of receipt | on receipts
    acceptance_seal | 受理专用章 | seal of acceptance | on notices of acceptance
    gap | 容缺 | gap | accepted on a pledge to bring what may be brought later
    pledge | 告知承诺 | pledge | the applicant is told the conditions and pledges in writing to meet them
    assisted | 帮办 | assistance | a person of the center goes through it with the applicant
    guided | 导办 | guidance | a person of the center shows the way
    enforcement_number | 执法证号 | number of the enforcement card | of each person who visits a site
    payment_code | 缴款码 | payment code | for the payment of a fee
"""
