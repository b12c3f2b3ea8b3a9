"""The reasons of a decision: from the reference to the score, one bar a reason, to the right or to the left."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.canvas import Canvas
from headway.documents.charts.floating import Floating, draw_floating
from headway.documents.entities import NUMBER, Table, Unit
from headway.documents.words import Words, finite

MOST_REASONS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one feature adds to the score; ``value`` is the record's value in words."""

    label: str
    amount: float
    value: str = ""

    @property
    def said(self) -> str:
        """The feature with its value."""
        return f"{self.label} = {self.value}" if self.value else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionChart:
    """Signed reasons that lead from ``reference`` to ``score``; what they do not tell is shown as all others."""

    title: str
    reference: float
    score: float
    reasons: tuple[Reason, ...]
    unit: Unit = NUMBER
    reference_name: str = ""
    score_name: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no reason was given, or the ends are not known."""
        return not self.reasons or finite(self.reference) is None or finite(self.score) is None

    def table(self, words: Words) -> Table:
        """A row for each reason, between reference and score."""
        rows = [(self._start_name(words), "", words.number(self.reference, self.unit))]
        rows += [(r.label, r.value, words.signed(r.amount, self.unit)) for r in self.reasons]
        if rest := self._rest():
            rows.append((words.say("other"), "", words.signed(rest, self.unit)))
        rows.append((self._end_name(words), "", words.number(self.score, self.unit)))
        headers = (words.say("reason"), words.say("value"), words.say("effect"))
        return Table(headers=headers, rows=tuple(rows) if not self.is_empty else (), numeric=(2,))

    def sentence(self, words: Words) -> str:
        """Both ends and the strongest reasons."""
        strongest = sorted(self.reasons, key=lambda r: -abs(finite(r.amount) or 0.0))[:3]
        return words.say(
            "reasons",
            title=self.title,
            start=words.number(self.reference, self.unit),
            start_name=self._start_name(words),
            end=words.number(self.score, self.unit),
            end_name=self._end_name(words),
            reasons="; ".join(_told(words, r, self.unit) for r in strongest) + ".",
        )

    def draw(self, canvas: Canvas) -> float:
        """The reference, each reason from where the one before ended, and the score."""
        words, unit = canvas.words, self.unit
        level = finite(self.reference) or 0.0
        said = words.number(level, unit)
        rows = [_level(self._start_name(words), level, said)]
        shown, hidden = self.reasons[:MOST_REASONS], self.reasons[MOST_REASONS:]
        steps = [(r.said, finite(r.amount) or 0.0, _told(words, r, unit)) for r in shown]
        rest = (self._rest() or 0.0) + sum(finite(r.amount) or 0.0 for r in hidden)
        if hidden or self._rest():
            steps.append((words.say("other"), rest, f"{words.say('other')}: {words.signed(rest, unit)}"))
        for label, amount, tip in steps:
            after = level + amount
            rows.append(Floating(label=label, start=level, end=after, text=words.signed(amount, unit), tip=tip))
            level = after
        score = finite(self.score) or 0.0
        rows.append(_level(self._end_name(words), score, words.number(score, unit)))
        return draw_floating(canvas, 0.0, rows)

    def _rest(self) -> float | None:
        """What the given reasons leave unexplained; None where it is next to nothing."""
        amounts = [finite(r.amount) or 0.0 for r in self.reasons]
        rest = (finite(self.score) or 0.0) - (finite(self.reference) or 0.0) - sum(amounts)
        size = max(map(abs, (*amounts, self.score, self.reference)), default=0.0)
        return None if abs(rest) <= 5e-4 * size else rest

    def _start_name(self, words: Words) -> str:
        return self.reference_name or words.say("reference")

    def _end_name(self, words: Words) -> str:
        return self.score_name or words.say("score")


def _level(name: str, level: float, said: str) -> Floating:
    return Floating(label=name, start=level, end=level, text=said, tip=f"{name}: {said}", is_level=True)


def _told(words: Words, reason: Reason, unit: Unit) -> str:
    amount = finite(reason.amount) or 0.0
    if amount == 0:
        return words.say("changes_nothing", label=reason.said)
    verb = "raises" if amount > 0 else "lowers"
    return words.say(verb, label=reason.said, amount=words.number(abs(amount), unit))
