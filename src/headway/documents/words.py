"""Numbers, dates and the few words of charts and documents, as people of a language write them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from headway.documents.entities import NUMBER, Moment, Number, Unit

Language = Literal["en", "de"]
MISSING = "–"
LARGEST, SMALLEST = 1e290, 1e-290
"""Beyond these a figure is a gap, and zero: no arithmetic of axes overflows."""

SENTENCES: dict[str, dict[Language, str]] = {
    "empty": {"en": "No data yet", "de": "Noch keine Daten"},
    "empty_chart": {"en": "{title}: no data yet.", "de": "{title}: noch keine Daten."},
    "and_more": {"en": "and {count} more", "de": "und {count} weitere"},
    "from_to": {"en": "{low} to {high}", "de": "{low} bis {high}"},
    "low": {"en": "{name}, low", "de": "{name}, untere Grenze"},
    "high": {"en": "{name}, high", "de": "{name}, obere Grenze"},
    "line": {
        "en": "{title}, {start} to {end}. {series}",
        "de": "{title}, {start} bis {end}. {series}",
    },
    "line_series": {
        "en": "{name} goes from {first} to {last}, lowest {low} ({low_at}), highest {high} ({high_at}).",
        "de": "{name} geht von {first} auf {last}, am tiefsten {low} ({low_at}), am höchsten {high} ({high_at}).",
    },
    "bars": {
        "en": "{title}: {count} bars. Largest {top} with {high}, smallest {bottom} with {low}.",
        "de": "{title}: {count} Balken. Am größten {top} mit {high}, am kleinsten {bottom} mit {low}.",
    },
    "reasons": {
        "en": "{title}: from {start} ({start_name}) to {end} ({end_name}). {reasons}",
        "de": "{title}: von {start} ({start_name}) auf {end} ({end_name}). {reasons}",
    },
    "raises": {"en": "{label} raises it by {amount}", "de": "{label} erhöht um {amount}"},
    "lowers": {"en": "{label} lowers it by {amount}", "de": "{label} senkt um {amount}"},
    "changes_nothing": {"en": "{label} changes nothing", "de": "{label} ändert nichts"},
    "other": {"en": "All others", "de": "Alle anderen"},
    "reference": {"en": "Reference", "de": "Vergleich"},
    "score": {"en": "Score", "de": "Score"},
    "reason": {"en": "Reason", "de": "Grund"},
    "value": {"en": "Value", "de": "Wert"},
    "effect": {"en": "Effect", "de": "Wirkung"},
    "step": {"en": "Step", "de": "Schritt"},
    "amount": {"en": "Amount", "de": "Betrag"},
    "running": {"en": "After it", "de": "Danach"},
    "category": {"en": "Category", "de": "Kategorie"},
    "total": {"en": "Total", "de": "Summe"},
    "stacked": {
        "en": "{title}: {parts} parts in {count} bars. Largest total {top} with {high}.",
        "de": "{title}: {parts} Teile in {count} Balken. Größte Summe {top} mit {high}.",
    },
    "shares": {
        "en": "{title}: shares of {parts} parts in {count} bars. {last}: {list}.",
        "de": "{title}: Anteile von {parts} Teilen in {count} Balken. {last}: {list}.",
    },
    "histogram": {
        "en": "{title}: {count} ranges from {low} to {high}. {series}",
        "de": "{title}: {count} Bereiche von {low} bis {high}. {series}",
    },
    "peak": {"en": "{name} is most frequent from {at}.", "de": "{name} ist am häufigsten von {at}."},
    "range": {"en": "Range", "de": "Bereich"},
    "calibration": {
        "en": "{title}: {count} groups. Where {predicted} was predicted, {observed} came: the widest gap, {gap}.",
        "de": "{title}: {count} Gruppen. Wo {predicted} vorhergesagt war, kamen {observed}: die größte Abweichung, {gap}.",
    },
    "predicted": {"en": "Predicted", "de": "Vorhergesagt"},
    "observed": {"en": "Observed", "de": "Beobachtet"},
    "rows": {"en": "Rows", "de": "Zeilen"},
    "interval": {"en": "95 % interval", "de": "95-%-Intervall"},
    "perfect": {"en": "Perfectly calibrated", "de": "Genau kalibriert"},
    "groups": {"en": "Groups of rows", "de": "Gruppen von Zeilen"},
    "rows_tip": {
        "en": "Predicted {predicted}, observed {observed}, {rows} rows",
        "de": "Vorhergesagt {predicted}, beobachtet {observed}, {rows} Zeilen",
    },
    "gains": {
        "en": "{title}: the best {share} hold {found} of all.",
        "de": "{title}: Die besten {share} enthalten {found} von allen.",
    },
    "gains_tip": {"en": "Best {share}: {found} found", "de": "Beste {share}: {found} gefunden"},
    "contacted": {"en": "Share taken, best first", "de": "Anteil, die besten zuerst"},
    "found": {"en": "Share found", "de": "Anteil gefunden"},
    "by_score": {"en": "By score", "de": "Nach Score"},
    "at_random": {"en": "At random", "de": "Zufällig"},
    "lift": {
        "en": "{title}: the best group holds {best} times the average, the last {last} times.",
        "de": "{title}: Die beste Gruppe enthält das {best}-Fache des Durchschnitts, die letzte das {last}-Fache.",
    },
    "group": {"en": "Group", "de": "Gruppe"},
    "lift_word": {"en": "Lift", "de": "Lift"},
    "rate": {"en": "Rate", "de": "Rate"},
    "captured": {"en": "Found so far", "de": "Bisher gefunden"},
    "average": {"en": "Average", "de": "Durchschnitt"},
    "waterfall": {
        "en": "{title}: from {first_name} {first} to {last_name} {last}. {steps}",
        "de": "{title}: von {first_name} {first} zu {last_name} {last}. {steps}",
    },
    "heatmap": {
        "en": "{title}: {rows} rows by {columns} columns. Highest {high} ({high_at}), lowest {low} ({low_at}).",
        "de": "{title}: {rows} Zeilen mal {columns} Spalten. Am höchsten {high} ({high_at}), am tiefsten {low} ({low_at}).",
    },
    "sparkline": {
        "en": "{title}: from {first} to {last}, lowest {low}, highest {high}.",
        "de": "{title}: von {first} auf {last}, am tiefsten {low}, am höchsten {high}.",
    },
    "position": {"en": "Position", "de": "Stelle"},
    "multiples": {
        "en": "{title}: {count} panels on one scale. Highest {top} with {high}, lowest {bottom} with {low}.",
        "de": "{title}: {count} Felder auf einer Skala. Am höchsten {top} mit {high}, am tiefsten {bottom} mit {low}.",
    },
    "page": {"en": "Page", "de": "Seite"},
    "of": {"en": "of", "de": "von"},
    "note": {"en": "Note", "de": "Hinweis"},
    "warning": {"en": "Read this first", "de": "Zuerst lesen"},
    "good": {"en": "Good to know", "de": "Gut zu wissen"},
    "contents": {"en": "Contents", "de": "Inhalt"},
}


def finite(value: Number) -> Number:
    """The figure, or None for a gap: None, NaN, infinite, or too large for any axis."""
    if value is None or not math.isfinite(value) or abs(value) > LARGEST:
        return None
    return 0.0 if abs(value) < SMALLEST else float(value)


def present(values: Sequence[Number]) -> list[float]:
    """The figures that are there."""
    return [v for v in map(finite, values) if v is not None]


@dataclass(frozen=True, slots=True)
class Words:
    """A language's way of writing; ``locale`` is a BCP 47 tag such as ``en``, ``de`` or ``de-AT``."""

    locale: str = "en"

    @property
    def language(self) -> Language:
        """The language of fixed words; English where ours has none."""
        return "de" if self.locale.replace("_", "-").split("-")[0].lower() == "de" else "en"

    @property
    def babel(self) -> str:
        """The locale as Babel spells it."""
        return self.locale.replace("-", "_")

    def say(self, key: str, **parts: object) -> str:
        """A fixed word or sentence with its parts filled in."""
        return SENTENCES[key][self.language].format(**parts)

    def number(self, value: Number, unit: Unit = NUMBER) -> str:
        """Write a figure in full, for tables and tooltips."""
        clean = finite(value)
        if clean is None:
            return MISSING
        return _number(self, clean, unit)

    def signed(self, value: Number, unit: Unit = NUMBER) -> str:
        """Write a change, always with its sign."""
        clean = finite(value)
        if clean is None:
            return MISSING
        text = self.number(abs(clean), unit)
        return text if clean == 0 else ("+" if clean > 0 else "−") + text

    def ticks(self, values: Sequence[float], unit: Unit = NUMBER) -> list[str]:
        """Write the ticks of one axis: as short as tells them apart."""
        if not values:
            return []
        largest = max(abs(v) for v in values)
        scale = 100.0 if unit.kind == "percent" else 1.0
        step = min((abs(b - a) for a, b in pairwise(values)), default=largest or 1.0)
        digits = _decimals(step * scale)
        if unit.kind != "percent" and largest >= self._compact_from():
            for compact_digits in range(3):
                texts = [self._compact(v, unit, compact_digits) for v in values]
                if len(set(texts)) == len(texts):
                    return texts
        return [self.written(v, unit, digits) for v in values]

    def moment(self, value: Moment, skeleton: str = "yMMMd") -> str:
        """Write a day or a time by a CLDR skeleton."""
        return _moment(self, value, value.isoformat(), skeleton)

    def _compact_from(self) -> float:
        return 1e6 if self.language == "de" else 1e4

    def _compact(self, value: float, unit: Unit, digits: int) -> str:
        from babel.numbers import format_compact_currency, format_compact_decimal

        if abs(value) >= 1e15 or 0 < abs(value) < self._compact_from() / 10:
            return self.written(value, unit, 0)
        if unit.kind == "money":
            text = str(format_compact_currency(value, unit.currency, locale=self.babel, fraction_digits=digits))
        else:
            text = format_compact_decimal(value, locale=self.babel, fraction_digits=digits) + unit.suffix
        return "−" + text[1:] if text.startswith("-") else text

    def written(self, value: float, unit: Unit, digits: int, *, trim: bool = False) -> str:
        """Write with so many decimals, and with a minus as wide as the plus."""
        text = self._plain(value, unit, digits, trim=trim)
        return "−" + text[1:] if text.startswith("-") else text

    def _plain(self, value: float, unit: Unit, digits: int, *, trim: bool) -> str:
        from babel.numbers import format_currency, format_decimal, format_percent, format_scientific

        value = round(value, digits + (2 if unit.kind == "percent" else 0)) + 0.0
        if abs(value) >= 1e15 or digits > 9:
            text = str(format_scientific(value, "0.###E0", locale=self.babel))
            return f"{text} {unit.currency}" if unit.kind == "money" else text + unit.suffix
        decimals = "." + ("#" if trim else "0") * digits if digits else ""
        if unit.kind == "percent":
            percent = " %" if self.language == "de" else "%"
            return str(format_percent(value, f"#,##0{decimals}{percent}", locale=self.babel))
        if unit.kind == "money":
            pattern = f"#,##0{decimals} ¤" if self.language == "de" else f"¤#,##0{decimals}"
            return str(format_currency(value, unit.currency, pattern, locale=self.babel, currency_digits=False))
        return f"{format_decimal(value, f'#,##0{decimals}', locale=self.babel)}{unit.suffix}"


def _decimals(step: float) -> int:
    """Decimals that tell steps of this size apart."""
    if step <= 0 or not math.isfinite(step):
        return 0
    needed = max(0, -math.floor(math.log10(step) + 1e-9))
    return needed


def _digits(value: float, unit: Unit) -> int:
    """Decimals of a single figure: about four places in all, none for whole numbers."""
    if unit.kind == "percent":
        return 1
    if unit.kind == "money":
        return 0 if value == int(value) or abs(value) >= 1e5 else 2
    if value == int(value):
        return 0
    size = math.floor(math.log10(abs(value)))
    return max(0, min(3 - size, 12))


# A figure is written for two drawings and a table, and axes repeat: what was written is kept.
@lru_cache(maxsize=8192)
def _number(words: Words, value: float, unit: Unit) -> str:
    if unit.digits is not None:
        return words.written(value, unit, unit.digits)
    return words.written(value, unit, _digits(value, unit), trim=unit.kind == "number")


@lru_cache(maxsize=4096)
def _moment(words: Words, value: Moment, written: str, skeleton: str) -> str:
    """Write a moment; equal times of two zones are not written alike, so ``written`` is part of what is kept."""
    from babel.dates import format_date, format_skeleton

    if skeleton == "QQQ":  # a quarter alone is a field, not a skeleton
        return str(format_date(value, skeleton, locale=words.babel))
    if isinstance(value, datetime) and skeleton == "yMMMd" and (value.hour, value.minute) != (0, 0):
        day = format_skeleton("yMMMd", value, locale=words.babel)
        return f"{day}, {format_skeleton('Hm', value, locale=words.babel)}"
    return str(format_skeleton(skeleton, value, locale=words.babel))
