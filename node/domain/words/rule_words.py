"""The rule of a refusal in English.

Rules are written where they are decided, in Chinese, the language of the counter: `缺少必需材料：身份证（《行政许可法》第三十二条）`.
Here stands what programs and English readers are told instead; a test takes every sentence of the deciding modules through it.
What comes from the data (a step's or a material's name) and what nobody translated stays as it is.
"""

from __future__ import annotations

import re

from node.domain.words.terms import TERMS

_PARTS = re.compile(r"(.*?)(?:（(《行政许可法》第[^（）]*)）)?", re.DOTALL)
_ARTICLE = re.compile(r"第([一二三四五六七八九十]+)条(?:第([一二三四五六七八九十]+)款)?(?:第([一二三四五六七八九十]+)项)?")
_WORDS = {term.zh: term.en for term in reversed(TERMS) if term.group in ("status", "action", "role", "tier", "function")}

SENTENCES = {
    # which action, where, by whom
    "流程表没有这一操作": "no such action",
    "只能由非现办理单位提出": "only a node that does not hold the case asks for it",
    "须由工作人员办理": "done by staff only",
    "由系统自动办理": "done by the node itself",
    "办件存疑：以前的办理越权，只能退回、撤回或作废后重新登记": (
        "the case is in doubt, for somebody acted beyond his powers: it can only be returned, withdrawn, or voided and filed again"
    ),
    "办件存疑，查清以前不出具文书": "the case is in doubt: no paper is issued until that is cleared up",
    "村级代办站不是行政机关，不得办理": "a village agency is no administrative organ and may not do this",
    "只在村级代办站办理": "done at a village agency only",
    "该事项不得由代办员代办": "the item may not be lodged by an agent",
    "村级代办站只能代办登记，不能代行政机关收件": "a village agency may lodge, but not receive for the organ",
    "本级无权决定，应当上报": "this tier may not decide: refer the case upward",
    "本级有权决定，不必上报": "this tier decides itself: nothing to refer",
    "审查人与批准人不得为同一人（一审一核）": "who examined may not approve (two persons)",
    "文书只能由有权办理所依据事项的岗位出具": "a paper is issued by a post that may do the act it rests on",
    "更正前后的文字相同": "the words are the same before and after the correction",
    "更正通知书、撤销决定书和跟踪表不能再更正或者撤销": "a notice of correction or revocation and the tracking sheet cannot be corrected or revoked",
    "这份文书已经失效": "this paper is void already",
    "只有出具文书的单位可以更正": "only the office that issued a paper corrects it",
    "只有决定可以撤销": "only a decision can be revoked",
    "只有作出决定的机关或者它的上级可以撤销": "only the organ that decided, or one above it, may revoke",
    # messages
    "本站不持有本件，只能发给与本件有关的站点，以及就本件来过消息的站点": (
        "this node does not hold the case: write to the offices of the case, and to those that wrote about it"
    ),
    "本件没有其他相关站点，请写明收件站点": "the case concerns no other office: name the offices to write to",
    "已有 200 条消息还没有送到，请等线路恢复、送到后再发": "200 messages have not arrived yet: write again once the line is back and they have",
    "本单位不发送该办件的通知": "this office does not send the notices of the case",
    # custody
    "本站没有上级": "this node has no parent",
    "只能退回刚移交来的办件": "only a case just handed over can be handed back",
    "没有可退回的下级单位": "there is no lower node to return it to",
    "办件不是下级上报的": "the case was not referred from below",
    "办件已在收件地": "the case is at home already",
    "不知道去往收件地的路径": "the way to where the case was filed is not known",
    "办件没有移交给本站": "the case was not handed over to this node",
    "办件只能在上下级之间移交": "a case passes between parent and child only",
    "移交记录没有写明接收后的状态": "the hand-over does not say the state after it",
    "只有移交过办件的单位可以申请追回": "only a node that handed the case over may ask for it back",
    "已查看过": "seen already",
    "这个事项不要材料": "the item wants no materials",
    "请求已答复": "the request was answered",
    "只有根节点恢复后、在根节点收件的办件才由主任放行": "a director releases only what was filed at a root, after the root was restored",
    # what must be there
    "申请内容没有丢失": "the contents of the application are not lost",
    "材料内容不完整": "the material is incomplete",
    "审查步骤已全部办完": "all steps of the examination are done",
    "审查步骤尚未办完": "the steps of the examination are not done",
    "应先完成初审并写明意见": "the first examination comes before, with an opinion",
    "没有可退回的上一环节": "there is no earlier step to send it back to",
    "容缺材料尚未补齐": "the materials promised for later are not here yet",
    "登记后事项的材料有更新，请先核对差别，改按现行规定办理": (
        "what the item asks for has changed since the filing: look at the difference and go by the version in force first"
    ),
    "事项登记后没有更新": "the item has not changed since the filing",
    "材料对应关系不正确：原材料和新材料应当一一对应": "each material of before is one of the new list at most, and each of the new one of before",
    "有材料正在送来，收到后再改按现行规定办理": "a material is on its way: wait for it first",
    "材料没有缺少的，应当直接受理，不作容缺受理": "nothing is missing: accept it, there is no gap",
    "办结日期就在今天或者已过，不能再容缺": "it is due today or was: nothing can follow later",
    "没有申请人签名的容缺受理承诺书": "the applicant's signed promise is missing",
    "没有容缺的材料": "nothing was left to follow",
    "容缺期限已过，因不可抗力逾期的可以顺延一次，其他的应当终止办理": (
        "the day has passed: it is postponed once for who was kept from it, else the case is ended"
    ),
    "承诺期限已经暂停，申请人补齐后继续计算，不用顺延": "the promise stands still and goes on when it comes: nothing to postpone",
    "容缺期限只能顺延一次": "postponed once only",
    "容缺期限没有届满": "the day until which the rest may follow has not passed",
    "收件单位在期限届满后尚未联系，不能认定没有补齐": "the place where it was filed was not heard since that day: it may have come there",
    "容缺的材料已经送到，待核对": "what was to follow has come and waits to be looked at",
    "期限届满后还没有认定逾期未补齐，请稍后再办": "it has not been found yet that nothing came in time: try later",
    "结果文书应先盖章": "the result must be sealed first",
    "应先告知申请人陈述、申辩的权利": "the applicant must first be told that he may state his case",
    "陈述、申辩的期限未满，应先登记申请人的意见": "the days to state the case are not over: record what the applicant says first",
    "陈述、申辩的期限未满": "the days to state the case are not over",
    "已告知陈述、申辩的权利，应先登记申请人的意见": "the applicant was told already: record what he says first",
    "没有等待登记的陈述、申辩": "no statement is awaited",
    "应写明申请人陈述、申辩的内容": "write down what the applicant stated",
    "应先核对领取人身份": "the identity of who collects must be checked first",
    "应先告知申请人": "the applicant must be told first",
    "办件所用的事项版本尚未同步到本站，请稍后再办": "the item's version of this case has not come here yet: try later",
    "办件所依据的工作日历或时限规则尚未同步到本站，请稍后再办": "the working calendar or the time limits this case rests on have not come here"
    " yet: try later",
    "不是即办件": "not an item that is decided at once",
    "只适用于行政许可事项": "for licences only",
    "已经有人办理，改派须由负责人写明理由": "somebody has the case: it is reassigned by who is in charge, with a reason",
    "这一步不由您的岗位办理": "your role does not do this step",
    # corrections and times
    "补正只能一次性告知": "corrections are asked for once only",
    "只能重申已经告知过的补正内容": "only what was asked for before can be repeated",
    "五个工作日内未告知补正，自收到申请材料之日起即为受理": "nobody asked for a correction in time: accepted since its receipt",
    "五个工作日未满": "the five working days are not over",
    "工作日历尚未公布，不能认定逾期": "the working calendar is not published: lateness cannot be found",
    "期限届满后尚未与上级联系，不能认定逾期": "no contact with the parent since the time limit: lateness cannot be found",
    "本机时间与上级最近一次确认的时间不一致，不能认定逾期": "this machine's clock disagrees with the parent's last receipt: lateness cannot be found",
    "纸质材料到达日期应在登记当日至今天之间": "the papers arrived on a day between the filing and today",
    "申请材料尚未收到，期限没有开始": "the application has not been received yet: no time runs",
    "即办件当场办理，不适用逾期视为受理": "decided at once: it is not accepted by silence",
    "本单位停机后刚恢复，首个工作日内不认定逾期": "this node was off: its people have the first working day before lateness is found",
    "补正尚未提交": "the correction was not supplied yet",
    "补正材料只能再次告知一次": "what was supplied can be found wanting once",
    "应写明补正了什么，或者上传补正的文件": "say what was put right, or upload the corrected file",
    "补正期限未满": "the time for the correction is not over",
    "终止前应先催告申请人补正": "the applicant must be reminded before",
    "已收件的不能自动作废": "what was received is not voided by itself",
    "草稿尚未过期": "the draft is not stale yet",
    "该事项没有可停止计时的特别程序依据": "the item has no special procedure that stops the clock",
    "不属于可停止计时的特别程序（现场核查时间计入办理期限）": "not a procedure that stops the clock (a site visit does not)",
    "事项没有列明这项特别程序，应写明理由": "the item does not list this procedure: say why it is needed",
    "该事项的时限由其他法律、法规规定，没有规定可以延长": "another law sets the limit of this item and gives no extension",
    "事项已取消或者暂停实施，不能受理；请作不受理处理并写明理由": "the item is not offered any more: it is turned down with the reason",
    "应写明所需天数": "the days needed must be given",
    "只能延期一次": "extended once only",
    "已过期限，不能再延期": "the time limit is over: no extension any more",
    "密码已由本人设定，请在“我的设置”中修改": "the person has set the password: it is changed under “My settings”",
    # orders of supervision
    "督办单只能发给本单位和已经接入的下级单位": "an order goes to the own hall or to a unit below that has joined",
    "督办单现在的状态不能这样办理": "the order is not in a state for this",
    "退回重办只能一次，请核销或者通报": "it is returned once: close or circulate it",
    "承办单位还没有回复，不能核销": "the unit has not answered: it cannot be closed",
    "已经回复过，不能再次回复": "it was answered already",
    "没有回复的督办单，超过回复期限5个工作日的由系统自动通报": "an order without an answer is circulated by itself five working days past its day",
    "督办单已经签发": "the order is signed already",
    "本月还没有结束，不能签报": "the month is not over",
    "月报已经冻结，不能再签报；以后知道的事实记入下月补报": "the report is frozen; what becomes known later is reported late in the next month",
    "只能签报本单位的月报": "only the report of this node is signed here",
    "督办单还没有签发": "the order is not signed yet",
    "督办单已经签收": "the order was received already",
    "请先签收督办单，再回复": "receive the order first, then answer",
    "督办单已经核销": "the order is closed",
    "只有已经回复的督办单才能退回重办": "only what was answered can be returned",
    "督办单已经通报": "it was circulated already",
    "督办单还没有送达，或者已经核销，不能通报": "it was not delivered yet, or is closed: it cannot be circulated",
    "回复督办单的人不能核销、退回自己的回复，请由他人办理": "who answered does not close or return his own answer",
    "只能发给本单位和已经接入的下级单位": "only to the own hall or a unit below that has joined",
    "本单位查不到这个办件编号": "no case of this number is known here",
    "已经办完的件不用催办": "nobody is reminded of what is done",
    "已经答复过": "it was answered already",
    "已经认定过，不能再改": "it was judged already",
    "这件的抽查结果已经登记": "what was found in this file is recorded already",
    "已经在核实": "it is being checked already",
    # appeals against cards
    "这张监察信号已经申诉过，只能申诉一次": "an appeal against this card was filed already: there is one only",
    "这条监察信号没有送达，只有上级送达本单位的才能申诉": "this signal was not served: only a card that was served on this unit can be appealed",
    "监察信号送达已超过3个工作日，不能再申诉": "the card came more than three working days ago: no appeal any more",
    "申诉已经决定": "the appeal is decided already",
    "申诉还没有决定，不能申请复核": "the appeal is not decided yet: nothing to review",
    "申诉已经了结，不能再申请复核": "the appeal is final: no review any more",
    "已经申请复核，复核只有一次": "a review was asked for already: there is one only",
    "还没有人申请复核": "nobody has asked for a review",
    "申诉已经了结": "the appeal is final",
    "申诉还没有决定，不能复核": "the appeal is not decided yet: it cannot be reviewed",
    "已超过申请复核的期限": "the time to ask for a review is over",
    "已超过决定期限，申诉视为成立": "the time to decide is over: the appeal stands",
    "认定这个问题的人不能决定对它的申诉，请由他人办理": "who confirmed the finding does not decide the appeal",
    "提出申诉的人不能决定自己的申诉，请由他人办理": "who filed the appeal does not decide it",
    "作出决定的人不能复核自己的决定，请由他人办理": "who decided does not review his own decision",
    "只能改定为本单位或者已经接入的下级单位": "it is moved to the own hall or to a unit below that has joined",
    # undoing, drafts, mandates
    "没有可撤回的操作": "there is nothing to undo",
    "只能由办理人本人撤回": "only the same person may undo it",
    "只能当天撤回": "undone on the same day only",
    "告知文书已随办理一并出具，不能撤回": "its paper was issued with it: it cannot be undone",
    "告知文书没有同时出具，不能生效": "without its paper, issued with it, it has no effect",
    "文书已发出，不能撤回": "a paper has gone out: it cannot be undone",
    "草稿正在提交、已提交或已删除": "the draft is being lodged, was lodged or was removed",
    "文件应从已保存的位置接着传": "the file goes on from the offset that is stored",
    "草稿刚被改动，请再次提交": "the draft was just changed: submit it again",
    "代办委托已过期，须由申请人重新委托": "the mandate has ended: the applicant must give a new one",
    # what is published
    "工作日历、区划表、文书样式和规则由根节点发布": "the root publishes the calendar, the divisions, the wording of papers and the rules",
    "本站的层级不能修改事项": "a node of this tier changes no items",
    "上级的事项只能由上级修改": "an item from above is changed above",
}  # fmt: skip

PATTERNS = tuple(
    (re.compile(pattern), english)
    for pattern, english in (
        ("只能在“(?P<words>.*)”时办理", "only while {words}"),
        ("只能在“(?P<words>.*)”时提出请求", "asked only while {words}"),
        ("须由(?P<words>.*)办理", "done by: {words}"),
        ("“(?P<given>.*)”须由(?P<words>.*)办理", "“{given}” is done by: {words}"),
        ("“(?P<words>.*)”只对(?P<more>.*)开放", "{words}: open to {more} only"),
        ("“(?P<words>.*)”不在(?P<more>.*)办理", "{words}: not done at this tier ({more})"),
        ("(?P<words>.*)可选(?P<more>.*)，没有“(?P<others>.*)”", "{words}: choose among {more}; there is no “{others}”"),
        ("请求“(?P<given>.*)”须由(?P<words>.*)提出", "asked for by: {words}"),
        ("本站没有可办理办件的“(?P<words>.*)”岗位", "{words}: no post at this node that handles cases"),
        ("申请填写不完整：(?P<given>.*)", "the application is incomplete: {given}"),
        (
            "还没有补正：(?P<given>.*)。请上传新的照片或文件，或者勾选纸质已送",
            "not corrected yet: {given}. Upload a new photograph or file, or declare the paper",
        ),
        (
            "应向别的机关申请才是不予受理，不能填本机关：(?P<given>.*)",
            "it is turned down because another organ is competent: this is the organ itself, {given}",
        ),
        (r"只能改按现行规定办理，现行的是第 (?P<given>\d+) 版", "only to the version in force, which is {given}"),
        ("不可容缺的材料还没有收到：(?P<given>.*)", "what may not follow later is missing: {given}"),
        ("补齐日期应在今天以后，并且不晚于应当办结的日期：(?P<given>.*)", "the rest must follow after today and no later than it is due: {given}"),
        ("承诺期限已经暂停，法定期限到(?P<given>.*)，在这以前申请人还可以补齐，不能终止",
         "the promise stands still; until the statutory limit is over ({given}) the applicant may still bring it"),
        ("申请人十二个月内有容缺承诺没有兑现，不能再容缺受理：(?P<given>.*)", "the applicant broke such a promise within a year: {given}"),
        ("还没有补齐：(?P<given>.*)。请上传新的照片或文件，或者勾选纸质已收", "not here yet: {given}. Upload a file, or tick the paper"),
        ("下级单位还没有签报：(?P<given>.*)", "units below have not signed yet: {given}"),
        ("缺少必需材料：(?P<given>.*)", "a required material is missing: {given}"),
        (r"期限为 1 至 (?P<given>\d+) 个工作日", "the days to answer are 1 to {given} working days"),
        (r"延期为 1 至 (?P<given>\d+) 个工作日", "an extension is 1 to {given} working days"),
        (r"超出代办委托的权限（委托书未授权(?P<given>.*)）", "outside the agent's mandate"),
        ("下级的层级应低于本节点：(?P<words>.*)不低于(?P<more>.*)", "a child's tier is below this node's: {words} is not below {more}"),
    )
)  # fmt: skip


def in_english(rule: str) -> str:
    """The rule with its law; what nobody translated as it is."""
    parts = _PARTS.fullmatch(rule)
    reason, law = parts.groups() if parts is not None else (rule, None)
    told = SENTENCES.get(reason) or _by_pattern(reason)
    return f"{told}{f' ({_law(law)})' if law else ''}"


def _by_pattern(reason: str) -> str:
    for pattern, english in PATTERNS:
        if found := pattern.fullmatch(reason):
            return english.format(**{name: text if name == "given" else _words(text) for name, text in found.groupdict().items()})
    return reason


def _words(text: str) -> str:
    """A list of words; the name of a function may hold the comma of lists itself (“签收、回复督办单”)."""
    return _WORDS.get(text) or ", ".join(dict.fromkeys(_WORDS.get(word, word) for word in text.split("、")))


def _law(text: str) -> str:
    """行政许可法第三十二条第一款第四项 -> Administrative Licensing Law 32-1-4."""
    found = ["-".join(str(_number(part)) for part in parts if part) for parts in _ARTICLE.findall(text)]
    return "Administrative Licensing Law " + ", ".join(found)


def _number(text: str) -> int:
    """Up to ninety-nine."""
    tens, ten, ones = text.rpartition("十")
    digits = " 一二三四五六七八九"
    return (10 * (digits.find(tens) if tens else 1) if ten else 0) + (digits.find(ones) if ones else 0)
