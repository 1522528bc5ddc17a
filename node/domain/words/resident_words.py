"""What a resident is told comes next, in both languages (`node.domain.cases.next_words` chooses and fills)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "checking": (
            "这件事正在核实，现在还没有有效的决定。您不用跑，等消息；着急可以打下面的电话问。",
            "This is being checked; there is no valid decision yet. You need not come; if it is urgent, call the number below.",
        ),
        "complete": (
            "申请还没有提交，请到{origin}把申请办完。",
            "The application is not finished; please finish it at {origin}.",
        ),
        "hand_over": (
            "材料已收在{origin}，等代办员送到上一级窗口。您不用跑。",
            "Your papers are at {origin}; the agent will take them to the window above. Nothing to do for you.",
        ),
        "line": (
            "线路中断，接通后会自动送出。您不用跑，材料在{origin}，不会丢。",
            "The line is down; it goes out by itself when the line is back. Nothing to do for you, and nothing is lost at {origin}.",
        ),
        "revoked": (
            "本单位或上级单位已退出政务网络，材料送不上去。请带身份证到{origin}询问怎样继续办理。",
            "This office or the one above it was taken out of the network, so your papers cannot go further. Please ask at {origin} how to go on.",
        ),
        "not_taken": (
            "正在送往下一个办理单位的路上。您不用跑，等对方签收。",
            "On its way to the next office. Nothing to do for you.",
        ),
        "receive": (
            "已经送到，等窗口签收。您不用跑。",
            "Arrived, to be taken by the window. Nothing to do for you.",
        ),
        "accept": (
            "窗口正在看材料齐不齐，会告诉您收不收。您先等消息。",
            "The window is checking your papers and will tell you whether they are accepted. Please wait.",
        ),
        "applicant": (
            "要请您补材料，请在 {until} 前交到{origin}。",
            "Something is missing: please bring it to {origin} by {until}.",
        ),
        "examine": (
            "正在审查，您不用跑，等消息。",
            "Being examined. Nothing to do for you.",
        ),
        "refer": (
            "初审已完，等上报。您不用跑。",
            "Examined, to be referred. Nothing to do for you.",
        ),
        "approve": (
            "审查已完，等作决定。您不用跑。",
            "Examined, to be decided. Nothing to do for you.",
        ),
        "statement": (
            "拟作出不予许可的决定，理由已书面告知。您可以在 {until} 前向{origin}陈述和申辩。",
            "A refusal is intended; the reasons were sent to you. You may state your case at {origin} until {until}.",
        ),
        "gap": (
            "您承诺后补的材料还没有送到，请在 {until} 前交到{origin}。",
            "What you promised to bring later is not here yet: bring it to {origin} by {until}.",
        ),
        "fill": (
            "您后补的材料已经送到，等窗口核对。您不用跑。",
            "What you brought is here and is being looked at. Nothing to do.",
        ),
        "gap_stands": (
            "您承诺后补的材料过了日期还没有送到。请尽快交到{origin}，收到以前承诺的办结日期暂停计算。",
            "What you promised to bring did not come in time. Please bring it to {origin} soon: until then the promised day stands still.",
        ),
        "gap_over": (
            "您承诺后补的材料过了日期还没有送到，这件事可能被终止。请马上打电话问。",
            "What you promised did not come in time; the case may be ended. Please call now.",
        ),
        "resume": (
            "正在进行{kind}，依法不计入办理期限，预计到 {until}。",
            "{kind} is under way; by law it does not count against the time limit. Expected until {until}.",
        ),
        "conclude": (
            "已经作出决定，正在制作证件和文书。您不用跑。",
            "Decided; the papers are being made. Nothing to do for you.",
        ),
        "deliver": (
            "结果已到，请到{origin}领取：个人带身份证，单位带营业执照和经办人身份证；代领带委托书。",
            "The result is here: please collect it at {origin} with your identity card.",
        ),
        "wait": (
            "正在办理，您不用跑，等消息。",
            "Under way. Nothing to do for you.",
        ),
        "delivered": (
            "已经办完，结果已交给您。",
            "Done; you have the result.",
        ),
        "ended": (
            "这件事已经结束：{status}。不明白可以打电话问。",
            "This case has ended: {status}. If you have questions, please call.",
        ),
    }
)  # what comes next -> Chinese, English
NO_DAY = ("通知书上写的日子", "the day on your notice")
ORIGIN = ("原来交材料的地方", "where you applied")
PROCEDURE = ("依法需要的专门程序", "A special procedure")
