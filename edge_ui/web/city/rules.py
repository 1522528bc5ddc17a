"""The published rules: each number in words with its bound and its law, and a new file as a difference first."""

from __future__ import annotations

from edge_ui.ports.rulebook import RulebookPort
from edge_ui.web.city.looked_at import LookedAtHandler
from node.domain.catalog.limits import BOUNDS, unit_of


class RulesHandler(LookedAtHandler):
    """The rules of this city."""

    address, words, media, ending = "/rules", "rules", "application/toml; charset=utf-8", "toml"

    @property
    def port(self) -> RulebookPort:
        return self.center.rulebook

    def amount(self, value: int | float, unit: str) -> str:
        """A number with its unit: working days, a share in per cent, or which of two ways."""
        if unit == "choice":
            return self.say(f"rules.gap_pauses.{value}")
        if unit == "share":
            return self.say("rules.share", n=f"{value * 100:.6g}")
        return self.say("item.workdays", n=value) if value else self.say("rules.same_day")

    def bound(self, name: str) -> str:
        """What a file may say of a number, in words; "" for a name that is none."""
        if name not in BOUNDS:
            return ""
        one = BOUNDS[name]
        unit, words = unit_of(name), "rules.either" if unit_of(name) == "choice" else "rules.between"
        return self.say(words, least=self.amount(one.least, unit), most=self.amount(one.most, unit))
