"""Words of what supervisors and units write to each other: the kinds of their notes. Rows of `terms`."""

from __future__ import annotations

ORDER_KINDS = """
    order_drafted | 已起草督办单 | order drafted
    order_signed | 已签发督办单 | order signed | of supervision (督办单), to a unit below
    order_received | 已签收督办单 | order received
    order_replied | 已回复督办单 | order answered
    order_reminded | 已催办督办单 | reminded of an order
    order_returned | 督办单已退回重办 | order returned | once
    order_closed | 督办单已核销 | order closed
    file_examined | 已抽查案卷 | file examined | drawn by lot
    finding_judged | 已认定疑似问题 | finding judged
    month_reported | 已上报月报 | monthly report signed or frozen
    prompted | 已催办、转办 | put to a unit | a reminder, or what a volunteer supervisor found
    prompt_answered | 已答复 | answered
    order_circulated | 督办单已通报 | order circulated
    order_card_served | 督办超期黄牌送达 | card of an order served | a yellow card: an order was not answered in time
    item_card_served | 事项、单位监察牌送达 | card of an item or a unit served | what was found of it was confirmed
    appeal_filed | 已提出申诉 | appeal filed | against a card (申诉), by the head of the unit
    appeal_passed | 已转上级决定 | appeal passed up | nobody here may decide it
    appeal_decided | 已作出申诉决定 | appeal decided
    appeal_lapsed | 期限届满 | appeal lapsed | a party let its days pass
    review_asked | 已申请复核 | review asked for
    review_decided | 已作出复核决定 | review decided
"""
