"""The rules of supervision: every rule in words with its law, the ladder with who is told, and a new file as a difference first."""

from __future__ import annotations

from edge_ui.ports.supervision import WatchRulesPort
from edge_ui.web.city.looked_at import LookedAtHandler
from node.domain.supervision.rulebook import RULES


class WatchRulesHandler(LookedAtHandler):
    """The rules of supervision of this city."""

    address, words, media, ending = "/rules/supervision", "watch", "application/toml; charset=utf-8", "toml"

    @property
    def port(self) -> WatchRulesPort:
        return self.center.watch_rules

    def posts(self, codes: list[str]) -> str:
        """Posts in words."""
        return self.say("city.comma").join(self.say(f"watch.post.{code}") for code in codes)

    def named(self, key: str, zh: str) -> str:
        """A rule or a rung in words; in English as it ships, since a file names it in Chinese."""
        return zh if self.language == "zh" or key not in RULES else RULES[key].en

    def moment(self, at: str) -> str:
        """When a rung falls, in words: `due+1wd 24:00`."""
        base, hour = at.split(" ")
        if base.startswith("yellow"):
            return self.say("watch.at.cure", hour=hour)
        days = int(base.removeprefix("due").removesuffix("wd") or 0)
        key = "due" if not days else "before" if days < 0 else "after"
        return self.say(f"watch.at.{key}", n=abs(days), hour=hour)

    def value(self, field: str, text: str) -> str:
        """What a field said or will say."""
        if field in ("to", "cc"):
            return self.posts(text.split())
        if field == "at":
            return self.moment(text)
        if field == "in_use":
            return self.say(f"watch.in_use.{text}")
        return self.name_of(text, "light") if field == "card" else text
