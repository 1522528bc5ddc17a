"""What a node says of its notices."""

from __future__ import annotations

from typing import TypedDict

from node.domain.json_values import JsonObject


class NoticeRow(TypedDict):
    """One row of the outbox (INTERFACE, third part). `event` is a code, `recipient` applicant or staff; times ISO. `due`: not before."""

    id: int
    case_no: str
    event: str
    recipient: str
    channel: str
    state: str
    at: str | None
    due: str | None
    error: str


class ChannelRow(TypedDict):
    """A channel: `error` why it cannot be used now, "" when it can; `wait_s` until it is tried again."""

    name: str
    error: str
    failures: int
    wait_s: int


class Outbox(TypedDict):
    """The newest rows (`more`: there are older ones), how many there are of each state, what waits for a person as `to_tell`, and the
    channels. `capped`: the messages of today are used up."""

    notices: list[NoticeRow]
    more: bool
    counts: dict[str, int]
    channels: list[ChannelRow]
    daily: int
    sent_today: int
    capped: bool
    oldest: str | None
    answers: list[AnswerRow]


class CaseNotices(TypedDict):
    """What the applicant of one case is told. `sender`: who sends, "" nobody yet; `here`: this node does. Numbers are masked; `whose`
    telephone it is; `off`: he wants no messages; `in_person`: the row that somebody has to tell face to face, 0 for none. `reach`: what a hall
    has recorded of where he is told, contact, off or none; "" for nothing."""

    sender: str
    here: bool
    rows: list[NoticeRow]
    phone: str
    email: str
    whose: str
    off: bool
    recorded: bool
    in_person: int
    reach: str


class ToTell(TypedDict):
    """Somebody to be told face to face: what, and since when."""

    id: int
    case_no: str
    applicant: str
    item_name: str
    event: str
    at: str | None


class TextRow(TypedDict):
    """One text of the messages: the wording, how many SMS it takes at its longest, as it reads for a case of this node (the surname
    hidden), and whether the city published it."""

    event: str
    text: str
    parts: int
    sample: str
    own: bool


class TextsDocument(TypedDict):
    """The texts in force. `revision` 0 while nothing is published."""

    revision: int
    texts: list[TextRow]


class TextDifference(TypedDict):
    """What a file would change of one text. `lost`: it goes back to the text that came with the program."""

    event: str
    old: str
    new: str
    parts: int
    sample: str
    lost: bool


class TextsPreview(TypedDict):
    """The difference that a file makes, or its faults by line."""

    differences: list[TextDifference]
    removed: int
    errors: list[JsonObject]


class Answered(TypedDict):
    """What came of a message from somebody: `state`, help, off, on or limited; the answer that is sent, "" for none."""

    outcome: str
    reply: str


class AnswerRow(TypedDict):
    """One line of the log of answers: who asked (masked), what came of it, and whether the answer went out."""

    at: str | None
    sender: str
    outcome: str
    state: str


class Tried(TypedDict):
    """What became of a test message."""

    channel: str
    state: str
    error: str


class NewsCount(TypedDict):
    """What is new for one person, each kind up to a bound (`more`: there are more of some). `head`: the last arrival that was counted."""

    cards: int
    back: int
    mine: int
    asked: int
    changed: int
    new: int
    soon: int
    total: int
    more: bool
    head: int


class NewsRow(TypedDict):
    """One case that is new: `kind` as in `news.KINDS`; `awaits` "" where only a message about it is known here."""

    kind: str
    case_no: str
    applicant: str
    item_name: str
    awaits: str
    since: str | None
    due: str | None


class NewsDocument(TypedDict):
    """What is new for one person, the first rows of each kind."""

    counts: NewsCount
    rows: dict[str, list[NewsRow]]


class MailSettings(TypedDict):
    """How somebody wants what is new by mail. `possible`: this node has a channel for mail; `last`: what became of the last mail. `proof` of the
    address: before (it was given before codes were asked for, and gets mails), asked (a code went there, or is to go), confirmed; "" without
    one. `until` when the code that went out holds."""

    email: str
    mail: str
    possible: bool
    last: NoticeRow | None
    proof: str
    until: str | None
