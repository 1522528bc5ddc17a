"""What every page can say: the language of whoever reads, and the words for codes, days, outcomes and the line."""

from __future__ import annotations

import re

from edge_ui.base import BaseHandler
from edge_ui.pages import Line
from edge_ui.shared.words import LOCALES, fault_text, is_iso, when, when_ended
from node.domain.calendar import day_of
from node.domain.figures import NO_STEP, TRANSIT
from node.domain.notices.documents import NewsCount, NoticeRow
from node.domain.notices.news import KINDS, MANY
from node.domain.papers.categories import outcome_word
from node.domain.words.errors import TongbanError, malformed

_UNSPOKEN = re.compile(r"/.*|[0-9a-f]{16,}|[a-z_ ./0-9]*", re.S)  # addresses, ids and words of the program


class SpeakingHandler(BaseHandler):
    """A handler that speaks to a person, in the language that the address, the browser's cookie or the house says."""

    @property
    def language(self) -> str:
        wanted = self.argument("lang") or self.get_cookie("tb_lang", "") or "zh"
        return wanted if wanted in LOCALES else "zh"

    def keep_language(self) -> None:
        if self.argument("lang") in LOCALES:
            self.set_cookie(
                "tb_lang",
                self.argument("lang"),
                expires_days=365,
                samesite="Lax",
                httponly=True,
                secure=self.secure,
            )

    def argument(self, name: str, most: int = 200) -> str:
        """A query argument, trimmed and cut. Errors: `malformed` when it is not UTF-8."""
        values = self.request.query_arguments.get(name, [])
        try:
            text = values[-1].decode("utf-8") if values else ""
        except UnicodeDecodeError:
            raise malformed("查询参数", "query") from None
        return "".join(c for c in text if c >= " " and c != "\x7f").strip()[:most]

    def say(self, key: str, /, **details: object) -> str:
        """The sentence of `key`; a day or a time among its details as people write it."""
        shown = {name: self.when(value) if is_iso(value) else value for name, value in details.items()}
        return self.application.words.say(self.language, key, **shown)

    def when(self, value: object) -> str:
        """A day or a time as people write it, with the year only when it is not this one."""
        return when(value, self.language, day_of(self.center.clock.now()).year)

    def when_ended(self, value: object) -> str:
        """The same of a moment at which something ends or falls: 24:00 of a day is said of that day."""
        return when_ended(value, self.language, day_of(self.center.clock.now()).year)

    def this_year(self, sentence: str) -> str:
        """A sentence of the rules, which names every year, as pages tell it: without the present one."""
        return sentence.replace(f"{day_of(self.center.clock.now()).year}年", "")

    def day_of_law(self, value: object) -> str:
        """The day of a text of the law, which is named with its year whatever year it is now."""
        return when(value, self.language)

    def name_of(self, code: object, group: str = "") -> str:
        return self.application.words.name(self.language, code, group)

    def refusal_text(self, refusal: TongbanError) -> str:
        """A refusal in a sentence, with what is wrong with each field that it names."""
        faults = [
            self.say("error.field", field=self.name_of(name, "asked"), fault=fault_text(self.language, code))
            for name, code in list(refusal.fields.items())[:10]
        ]
        return self.say("error.list").join([refusal.sentence(self.language), *faults])

    def refused_in_words(self, error: TongbanError) -> str:
        """The sentence of a page that cannot be shown; of what is not there never its address or id."""
        what = str(error.details.get("what", ""))
        return (
            self.say("error.nothing_here")
            if error.code == "not_found" and _UNSPOKEN.fullmatch(what)
            else self.refusal_text(error)
        )

    def wrongly_asked(self, refusal: TongbanError) -> str:
        """The sentence of a refusal of what was asked; anything else goes on."""
        if refusal.code != "invalid_input":
            raise refusal
        return self.refusal_text(refusal)

    def outcome(self, status: object, category: object = "", group: str = "status") -> str:
        """What a status (or, with group `kind`, an act) is called for an item of a category: a licence is granted, a record is made."""
        return outcome_word(str(status), str(category), self.language) or self.name_of(status, group)

    def step_word(self, step: str) -> str:
        """What a case waits for where it lies (`node.domain.figures.STEPS`)."""
        return self.say("oversight.step." + step) if step in (TRANSIT, NO_STEP) else self.say(f"hall.awaits.{step}")

    def reason_text(self, code: str) -> str:
        """Why a line is down, by the code of `link_reasons`; "" for none."""
        return self.say(f"city.reason.{code}") if code else ""

    def notice_state(self, row: NoticeRow) -> str:
        """What became of a message; of what a person tells whether he did."""
        by_hand = {"waiting": "to_tell", "sent": "told"} if row["channel"] == "screen" else {}
        return self.name_of(by_hand.get(row["state"], row["state"]), "notice_state")

    def notice_error(self, code: str) -> str:
        """Why a message did not go, in words; a code that is not known as it is."""
        key = f"notices.error.{code.partition('_')[0] if code[-1:].isdigit() else code}"
        return self.say(key, code=code.rpartition("_")[2]) if self.application.words.has("zh", key) else code

    def many(self, count: int) -> str:
        """A number that was counted up to a bound."""
        return f"{MANY}+" if count >= MANY else str(count)

    def news_text(self, news: NewsCount) -> str:
        """How much of each kind is new, in one short sentence; "" for nothing."""
        counts = {
            "cards": news["cards"],
            "back": news["back"],
            "mine": news["mine"],
            "asked": news["asked"],
            "changed": news["changed"],
            "new": news["new"],
            "soon": news["soon"],
        }
        return " · ".join(self.say(f"news.{kind}_n", n=self.many(counts[kind])) for kind in KINDS if counts[kind])

    @property
    def secure(self) -> bool:
        """Whether cookies may travel on https only: configured, or the proxy says that the person came by https."""
        return self.application.ui.secure or self.request.protocol == "https"

    def line_text(self, line: Line) -> str:
        """The state of the line in one short sentence."""
        name = self.name_of(line.tier, "tier") if line.tier else ""
        if line.state == "online":
            return (
                self.say("line.waiting", tier=name, waiting=line.waiting) if line.waiting else self.say("line.online", tier=name)
            )
        if line.ended:
            return self.say(f"line.{line.state}")
        key = "line.offline" if line.since else "line.never"
        return self.say(key, tier=name, since=self.when(line.since), waiting=line.waiting)
