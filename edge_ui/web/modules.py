"""Parts that many pages share, as Tornado UI modules: `{% module Status("accepted") %}`.

Each escapes what it is given and names codes in the reader's language; colour is never the only signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import tornado.web
from tornado.escape import xhtml_escape as esc

from edge_ui.web.base import PageHandler
from node.domain.touched import SEEN, TAKE, Clash

STATUS_TONES: Mapping[str, str] = {
    **dict.fromkeys(("approved", "concluded", "delivered"), "good"),
    **dict.fromkeys(("refused", "not_accepted", "not_required", "returned", "terminated"), "bad"),
    **dict.fromkeys(("awaiting_correction", "suspended", "in_transit", "checking"), "warn"),
    **dict.fromkeys(("withdrawn", "voided", "superseded", "draft"), "dim"),
}
LIGHTS: Mapping[str, tuple[str, str]] = {
    "green": ("good", "●"), "warn": ("warn", "△"), "overdue": ("bad", "▲"), "yellow": ("warn", "▲"), "red": ("bad", "■"),
    "unknown": ("dim", "◐"),
}  # fmt: skip
NOTICES: Mapping[str, tuple[str, str]] = {
    "good": ("success", "✓"), "bad": ("danger", "✕"), "warn": ("warning", "▲"), "info": ("secondary", "ℹ"),
}  # fmt: skip


class Module(tornado.web.UIModule):
    """A part that knows its page."""

    @property
    def page(self) -> PageHandler:
        return cast(PageHandler, self.handler)


class Csrf(Module):
    """The hidden field that every form carries."""

    def render(self) -> str:
        return f'<input type="hidden" name="_xsrf" value="{self.handler.xsrf_token.decode("ascii")}">'


class Seen(Module):
    """What the form shows, so that a field nobody touched never replaces a newer value (`node.domain.touched`)."""

    def render(self, seen: str) -> str:
        return f'<input type="hidden" name="{SEEN}" value="{esc(seen)}">'


class Whose(Module):
    """A field that a colleague changed meanwhile and that was changed here too: both versions, to choose from."""

    def render(self, clash: Clash, label: str, words: Callable[[str], str] = str) -> str:
        say, name = self.page.say, TAKE + clash.name
        rows = []
        for whose, text in (("mine", clash.mine), ("theirs", clash.theirs)):
            checked = " checked" if whose == "mine" else ""
            rows.append(
                f'<div class="form-check"><input class="form-check-input" type="radio" id="w-{esc(clash.name)}-{whose}" name="{esc(name)}" '
                f'value="{whose}"{checked} form="form"><label class="form-check-label" for="w-{esc(clash.name)}-{whose}">'
                f"{esc(say('touched.' + whose))}<b>{esc(words(text) or say('none'))}</b></label></div>"
            )
        return f'<fieldset class="mb-3"><legend class="form-label">{esc(label)}</legend>{"".join(rows)}</fieldset>'


class Status(Module):
    """A case's status as a tag; of a case that is in doubt no page says what its entries claim."""

    def render(self, status: object, doubted: object = None, unjudged: object = None, category: object = "") -> str:
        if doubted:
            return (
                f'<span class="tag bad"><span aria-hidden="true">▲</span> {esc(self.page.name_of("doubted", "case_type"))}</span>'
            )
        status = "checking" if unjudged else status
        tone = STATUS_TONES.get(str(status), "plain")
        return f'<span class="tag {tone}">{esc(self.page.outcome(status, category))}</span>'


class Light(Module):
    """The light of a deadline with the due date; words for those who cannot see colours."""

    def render(self, light: object, due: object = None, over: object = None) -> str:
        """`over`: by how many working days it is over."""
        date = f' <span class="nb">{esc(self.page.when(due))}</span>' if due else ""
        if str(light) not in LIGHTS:
            return date or "—"
        tone, sign = LIGHTS[str(light)]
        said = self.page.say("light." + str(light))
        if over and str(light) == "overdue":
            said = self.page.say("light.overdue.days", n=over)
        return f'<span class="tag {tone}"><span aria-hidden="true">{sign}</span> {esc(said)}</span>{date}'


class Notice(Module):
    """A sentence that must not be missed; kinds: good, bad, warn, info."""

    def render(self, kind: str, text: str) -> str:
        tone, sign = NOTICES.get(kind, NOTICES["info"])
        role = "alert" if kind == "bad" else "status"
        return f'<div class="alert alert-{tone} notice" role="{role}"><span aria-hidden="true">{sign}</span> {esc(text)}</div>'


class Hops(Module):
    """The way of a case: rows {step, tier, at, state: done|now|todo|stuck, why, since, until}, as `tracker` of the case document."""

    def render(self, hops: Iterable[Mapping[str, Any]], category: object = "") -> str:
        rows = []
        for hop in hops:
            state = str(hop.get("state") or "todo")
            label, at, note = self.label(hop), self.page.when(hop.get("at")), self.note(hop, category)
            said = esc(self.page.say("hop." + state))
            small = "".join(f"<small>{esc(part)}</small>" for part in (at, note) if part)
            current = ' aria-current="step"' if state in ("now", "stuck") else ""
            rows.append(
                f'<li class="hop {esc(state)}"{current}><span class="visually-hidden">{said} </span><b>{esc(label)}</b>{small}</li>'
            )
        return f'<ol class="hops">{"".join(rows)}</ol>'

    def label(self, hop: Mapping[str, Any]) -> str:
        """What the stage is called."""
        step = (
            "lodged" if hop.get("step") == "filed" and hop.get("tier") == "village" else hop.get("step")
        )  # no organ has received it there
        return self.page.say(f"track.{step}", tier=self.page.name_of(hop.get("tier"), "tier"))

    def note(self, hop: Mapping[str, Any], category: object = "") -> str:
        """What a stage waits for, or what is known of it."""
        why, tier = str(hop.get("why") or ""), self.page.name_of(hop.get("at_tier") or hop.get("tier"), "tier")
        if not why:
            return ""
        if hop.get("step") == "ended":
            return self.page.outcome(why, category)
        return self.page.say(f"track.why.{why}", tier=tier, since=self.page.when(hop.get("since")), until=hop.get("until") or "")


class Pager(Module):
    """The link to the next page of a list; nothing when there is none."""

    def render(self, next_url: str | None) -> str:
        if not next_url:
            return ""
        return f'<p class="pager"><a class="btn btn-outline-secondary" rel="next" href="{esc(next_url)}">{esc(self.page.say("next_page"))}</a></p>'


class Field(Module):
    """One labelled field with its hint and its error. `type` is that of an input, or textarea, select, checkbox, radio.

    `choices` are (value, text) pairs. The error is tied to the field for readers of screens."""

    def render(
        self, name: str, label: str, *, type: str = "text", value: object = "", error: str = "", hint: str = "", required: bool = False,
        choices: Sequence[tuple[str, str]] = (), rows: int = 3, autocomplete: str = "off", id: str = "", attributes: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        key = esc(id or f"f-{name}")
        described = " ".join(part for part, there in ((f"{key}-h", hint), (f"{key}-e", error)) if there)
        marks = {"name": name, "id": key, **(attributes or {})}
        if required:
            marks["required"] = ""
        if error:
            marks["aria-invalid"] = "true"
        if described:
            marks["aria-describedby"] = described
        text = "" if value is None else str(value)
        below = f'<div class="form-text" id="{key}-h">{esc(hint)}</div>' if hint else ""
        below += f'<div class="invalid" id="{key}-e"><span aria-hidden="true">✕</span> {esc(error)}</div>' if error else ""
        star = f' <span class="must">{esc(self.page.say("required"))}</span>' if required else ""
        if type == "radio":
            return self._radios(key, name, label + "", star, text, choices, below, marks)
        if type == "checkbox":
            checked = " checked" if text in ("1", "true", "on", "True") else ""
            box = f'<input class="form-check-input" type="checkbox" value="1"{_marks(marks)}{checked}>'
            return f'<div class="form-check mb-3">{box}<label class="form-check-label" for="{key}">{esc(label)}{star}</label>{below}</div>'
        control = self._control(type, text, choices, rows, autocomplete, marks)
        return f'<div class="mb-3"><label class="form-label" for="{key}">{esc(label)}{star}</label>{control}{below}</div>'

    def _control(
        self, type: str, text: str, choices: Sequence[tuple[str, str]], rows: int, autocomplete: str, marks: dict[str, str]
    ) -> str:
        wrong = " is-invalid" if "aria-invalid" in marks else ""
        if type == "textarea":
            return f'<textarea class="form-control{wrong}" rows="{rows}"{_marks(marks)}>\n{esc(text)}</textarea>'
        if type == "select":
            blank = (
                "" if text and any(text == v for v, _ in choices) else f'<option value="">{esc(self.page.say("choose"))}</option>'
            )
            options = "".join(f'<option value="{esc(v)}"{" selected" if v == text else ""}>{esc(t)}</option>' for v, t in choices)
            return f'<select class="form-select{wrong}"{_marks(marks)}>{blank}{options}</select>'
        filled = {**marks, "type": type, "value": text, "autocomplete": autocomplete}
        return f'<input class="form-control{wrong}"{_marks(filled)}>'

    def _radios(
        self, key: str, name: str, label: str, star: str, text: str, choices: Sequence[tuple[str, str]], below: str, marks: dict[str, str]
    ) -> str:  # fmt: skip
        shared = {k: v for k, v in marks.items() if k not in ("id", "aria-describedby")}
        boxes = []
        for n, (value, words) in enumerate(choices):
            one = {**shared, "id": f"{key}-{n}", "value": value}
            checked = " checked" if value == text else ""
            boxes.append(
                f'<div class="form-check"><input class="form-check-input" type="radio"{_marks(one)}{checked}>'
                f'<label class="form-check-label" for="{key}-{n}">{esc(words)}</label></div>'
            )
        described = f' aria-describedby="{marks["aria-describedby"]}"' if "aria-describedby" in marks else ""
        return f'<fieldset class="mb-3"{described}><legend class="form-label">{esc(label)}{star}</legend>{"".join(boxes)}{below}</fieldset>'


def _marks(marks: Mapping[str, str]) -> str:
    return "".join(
        f' {name}="{esc(value)}"' if value else (f" {name}" if name == "required" else f' {name}=""')
        for name, value in marks.items()
    )
