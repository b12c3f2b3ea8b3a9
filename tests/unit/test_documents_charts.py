"""Charts: what they say, how their figures are written, and that their colours can be told apart."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from xml.etree import ElementTree

import pytest

from headway import documents as d
from headway.documents.charts.lettering import shortened, text_width, wrapped
from headway.documents.charts.scales import nice_domain, serial, time_ticks
from headway.documents.words import SENTENCES, Words

EN, DE = Words("en"), Words("de")
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def tips(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [one.text or "" for one in root.iter(f"{SVG}title") if "id" not in one.attrib]


def test_axis_is_cut_at_one_two_or_five() -> None:
    assert nice_domain(3, 97, zero=True, count=5) == (0, 100, [0, 20, 40, 60, 80, 100])
    assert nice_domain(0.11, 0.14, zero=False, count=3)[2] == [0.11, 0.12, 0.13, 0.14]
    assert nice_domain(7, 7, zero=True, count=4)[0] == 0


@pytest.mark.parametrize(
    ("days", "first", "labels"),
    [
        (1, datetime(2026, 3, 2, tzinfo=UTC), ["Mar 2", "06:00", "12:00", "18:00", "Mar 3"]),
        (5, date(2026, 3, 2), ["Mar 2", "Mar 3", "Mar 4", "Mar 5", "Mar 6", "Mar 7"]),
        (35, date(2026, 3, 2), ["Mar 2", "Mar 9", "Mar 16", "Mar 23", "Mar 30", "Apr 6"]),
        (160, date(2026, 9, 1), ["Sep 2026", "Oct", "Nov", "Dec", "Jan 2027", "Feb"]),
        (500, date(2026, 1, 1), ["Q1 2026", "Q2", "Q3", "Q4", "Q1 2027", "Q2"]),
        (2000, date(2020, 1, 1), ["2020", "2021", "2022", "2023", "2024", "2025"]),
    ],
)
def test_time_is_cut_as_calendars_are(days: int, first: date, labels: list[str]) -> None:
    low = serial(first)
    assert time_ticks(low, low + days, 6, EN)[1] == labels


def test_weeks_begin_on_monday() -> None:
    low = serial(date(2026, 3, 4))
    ticks, _ = time_ticks(low, low + 60, 5, EN)
    assert {date.fromordinal(int(t)).weekday() for t in ticks} == {0}


def test_figures_are_written_as_the_language_does() -> None:
    assert EN.number(1234567.0) == "1,234,567"
    assert DE.number(1234567.0) == "1.234.567"
    assert EN.number(0.1234, d.PERCENT) == "12.3%"
    assert DE.number(0.1234, d.PERCENT) == "12,3 %".replace(" ", " ")
    assert EN.number(1234.5, d.Unit(kind="money")) == "€1,234.50"
    assert DE.number(1234.5, d.Unit(kind="money")).replace("\xa0", " ") == "1.234,50 €"
    assert EN.number(None) == EN.number(math.nan) == "–"
    assert EN.signed(-2.5) == "−2.5"
    assert EN.signed(2.5) == "+2.5"
    assert EN.ticks([0, 20_000, 40_000]) == ["0", "20K", "40K"]
    assert DE.ticks([0, 2_000_000, 4_000_000])[1].replace("\xa0", " ") == "2 Mio."
    assert EN.ticks([0.0, 0.05, 0.1], d.PERCENT) == ["0%", "5%", "10%"]
    assert EN.moment(date(2026, 3, 7)) == "Mar 7, 2026"
    assert DE.moment(date(2026, 3, 7)) == "7. März 2026"


def test_every_sentence_is_there_in_every_language_with_the_same_parts() -> None:
    for key, said in SENTENCES.items():
        assert set(said) == {"en", "de"}, key
        assert set(re.findall(r"{(\w+)}", said["en"])) == set(re.findall(r"{(\w+)}", said["de"])), key


def test_text_is_measured_cut_and_broken() -> None:
    assert text_width("iii") < text_width("mmm")
    assert text_width("Größe") == pytest.approx(text_width("Große"))
    cut = shortened("A very long name of a department", 80)
    assert cut.endswith("…")
    assert text_width(cut) <= 80
    assert wrapped("Average yearly balance", 60, 3) == ["Average", "yearly", "balance"]


@pytest.mark.parametrize("name", sorted(d.gallery()))
def test_every_kind_says_what_is_to_be_seen_in_both_languages(name: str) -> None:
    chart = d.gallery()[name]
    for locale in ("en", "de"):
        made = d.figure(chart, locale=locale)
        root = ElementTree.fromstring(made.wide_svg)
        desc = root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert desc is not None
        assert desc.text == made.sentence
        assert chart.title in made.sentence
        assert made.table.rows or chart.is_empty


def test_sentence_and_tips_of_a_line_name_its_turns_and_its_band() -> None:
    days = tuple(date(2026, 3, 1) + timedelta(days=at) for at in range(4))
    series = d.Series(
        name="Rate", values=(0.1, None, 0.3, 0.2), low=(0.05, None, 0.2, 0.1), high=(0.15, None, 0.4, 0.3)
    )
    chart = d.LineChart(title="Rate a day", x=days, series=(series,), unit=d.PERCENT)
    assert chart.sentence(EN) == (
        "Rate a day, Mar 1, 2026 to Mar 4, 2026. Rate goes from 10.0% to 20.0%, lowest 10.0% (Mar 1, 2026), "
        "highest 30.0% (Mar 3, 2026)."
    )
    assert "Mar 3, 2026: Rate 30.0% (20.0% to 40.0%)" in tips(d.render(chart))
    assert chart.table(EN).rows[1] == ("Mar 2, 2026", "–", "–", "–")
    paths = [one.get("class", "") for one in ElementTree.fromstring(d.render(chart)).iter(f"{SVG}path")]
    assert sum("hw-line" in looks for looks in paths) == 1, "a single figure beside a gap is a marker, not a line"


def test_contributions_lead_from_reference_to_score_and_tell_the_rest() -> None:
    chart = d.ContributionChart(
        title="Why",
        reference=1.0,
        score=2.0,
        reasons=(d.Reason(label="Age", value="52", amount=1.5), d.Reason(label="Job", amount=-0.25)),
    )
    assert chart.table(EN).rows == (
        ("Reference", "", "1"),
        ("Age", "52", "+1.5"),
        ("Job", "", "−0.25"),
        ("All others", "", "−0.25"),
        ("Score", "", "2"),
    )
    assert "Age = 52 raises it by 1.5; Job lowers it by 0.25." in chart.sentence(EN)
    assert "Job senkt um 0,25" in chart.sentence(DE)


def test_waterfall_adds_up() -> None:
    steps = (
        d.Step(name="Gross", amount=100, is_total=True),
        d.Step(name="Cost", amount=-30),
        d.Step(name="Net", is_total=True),
    )
    assert d.WaterfallChart(title="Value", steps=steps).table(EN).rows == (
        ("Gross", "", "100"),
        ("Cost", "−30", "70"),
        ("Net", "", "70"),
    )


def test_wilson_gives_the_published_interval() -> None:
    low, high = d.wilson(0.1, 100)  # Brown, Cai and DasGupta (2001) and every table of the score interval
    assert (low, high) == (pytest.approx(0.0552, abs=1e-4), pytest.approx(0.1744, abs=1e-4))


def test_no_figures_say_so_and_parts_that_do_not_fit_are_refused() -> None:
    empty = d.BarChart(title="Nothing", categories=(), series=())
    assert texts(d.render(empty)) == ["No data yet"]
    assert texts(d.render(empty, locale="de")) == ["Noch keine Daten"]
    assert d.figure(empty).sentence == "Nothing: no data yet."
    with pytest.raises(d.ChartMalformed, match="2 figures are wanted, but a has 1"):
        d.BarChart(title="x", categories=("a", "b"), series=(d.Bars(name="a", values=(1.0,)),))
    with pytest.raises(d.ChartMalformed, match="rise"):
        d.HistogramChart(title="x", edges=(1.0, 0.0), groups=(d.Counts(name="a", counts=(1.0,)),))


def test_long_category_names_are_broken_turned_or_left_out_and_never_lost() -> None:
    names = tuple(f"Department with a name of its own {at}" for at in range(40))
    chart = d.BarChart(title="x", categories=names, series=(d.Bars(name="a", values=tuple(map(float, range(40)))),))
    svg = d.render(chart, "narrow")
    assert any(tip == names[0] for tip in tips(svg)), "the whole name is read on hovering"
    assert sum(text.startswith("Department") for text in texts(svg)) < 40
    assert len(chart.table(EN).rows) == 40


# --------------------------------------------------------------------------------------------------- colours
def colours(block: str) -> dict[str, str]:
    found = re.search(re.escape(block) + r"\s*\{(.*?)\}", d.stylesheet(), re.DOTALL)
    assert found is not None
    return dict(re.findall(r"--hw-([a-z0-9-]+):\s*(#[0-9a-f]{6});", found.group(1)))


LIGHT, DARK = colours(":root"), colours('[data-bs-theme="dark"]')
THEMES = {"light": LIGHT, "dark": {**LIGHT, **DARK}}


def linear(colour: str) -> list[float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(a: str, b: str) -> float:
    """Contrast ratio by WCAG 2.2."""
    light, dark = sorted(
        (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (a, b)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_stand_out_from_the_page(theme: str) -> None:
    named = THEMES[theme]
    for mark in ("c1", "c2", "c3", "c4", "c5", "c6", "total", "rule"):
        assert contrast(named[mark], named["surface"]) >= 3, mark
    for text in ("ink", "muted"):
        assert contrast(named[text], named["surface"]) >= 4.5, text


@pytest.mark.parametrize("theme", THEMES)
def test_figures_in_cells_can_be_read(theme: str) -> None:
    named, sheet = THEMES[theme], d.stylesheet()
    rules = re.findall(r"((?:[^{}]*\.hw-on-[^{}]*))\{\s*fill: var\(--hw-(\w+)-text\);\s*\}", sheet)
    on = {}
    for selectors, tone in rules:
        for selector in re.split(r",\s*", selectors):
            if 'data-bs-theme="dark"' not in selector or theme == "dark":
                on[selector.strip().rpartition("hw-on-")[2]] = named[f"{tone}-text"]
    assert len(on) == 14
    for shade, text in on.items():
        assert contrast(text, named[shade]) >= 4.5, shade


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def lab(rgb: list[float]) -> tuple[float, float, float]:
    r, g, b = rgb
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    f = [c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in (max(0, x), max(0, y), max(0, z))]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", BLINDNESS)
def test_first_three_series_differ_for_people_who_see_fewer_colours(kind: str, theme: str) -> None:
    def seen(colour: str) -> tuple[float, float, float]:
        rgb = linear(colour)
        return lab([min(1, max(0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in BLINDNESS[kind]])

    for a, b in combinations(("c1", "c2", "c3"), 2):
        assert math.dist(seen(THEMES[theme][a]), seen(THEMES[theme][b])) > 18, (a, b)


def test_every_series_differs_by_more_than_colour() -> None:
    sheet = d.stylesheet()
    dashes = [re.search(rf"\.hw-s{n} {{ stroke: [^;]+;(.*?)}}", sheet) for n in range(1, 7)]
    assert len({found.group(1) for found in dashes if found}) == 6
    series = tuple(d.Bars(name=f"s{n}", values=(1.0,)) for n in range(6))
    svg = d.render(d.StackedChart(title="x", categories=("a",), series=series))
    assert len(set(re.findall(r'<pattern id="[^"]+" [^>]+>(.*?)</pattern>', svg))) == 5


def test_every_class_used_is_in_the_sheet() -> None:
    sheet = d.stylesheet()
    for chart in d.gallery().values():
        for width in ("wide", "narrow"):
            used = {name for names in re.findall(r'class="([^"]+)"', d.render(chart, width)) for name in names.split()}
            missing = {name for name in used if not re.search(rf"\.{name}\b", sheet)} - {"hw-over", "hw-cell"}
            assert not missing, (chart.title, missing)
