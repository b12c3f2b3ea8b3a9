"""Tables made here with errors that are known cell by cell, and the same tables without.

None is like the published dirty tables: other shapes, other kinds of errors, other words. They keep the detectors honest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class DirtyTable:
    """A table, the same with errors, and which cells are wrong."""

    name: str
    clean: pl.DataFrame
    dirty: pl.DataFrame

    @property
    def wrong(self) -> pl.DataFrame:
        """Booleans of the table's shape."""
        return pl.DataFrame({name: self.dirty[name].ne_missing(self.clean[name]) for name in self.clean.columns})


def tables(seed: int = 0, rows: int = 2_000) -> list[DirtyTable]:
    """One table of each sort."""
    return [make(seed, rows) for make in (orders, staff, shipments, ratings, meters, clinics, library)]


def _text(values: object) -> pl.Series:
    return pl.Series(np.asarray(values).tolist()).cast(pl.String)


def _words(chance: Chance, number: int, prefix: str = "") -> list[str]:
    """Different words that can be spoken."""
    found: dict[str, None] = {}
    while len(found) < number:
        parts = chance.integers(2, 4)
        word = "".join("bdfgklmnprstvz"[chance.integers(14)] + "aeiou"[chance.integers(5)] for _ in range(parts + 1))
        found[prefix + word.capitalize()] = None
    return list(found)


def _spoil(frame: pl.DataFrame, column: str, rows: np.ndarray, change: Callable[[str], str | None]) -> pl.DataFrame:
    old = frame[column].gather(rows.tolist()).to_list()
    new = pl.Series([None if value is None else change(value) for value in old], dtype=pl.String)
    return frame.with_columns(frame[column].scatter(rows.tolist(), new))


def _some(chance: Chance, rows: int, share: float) -> np.ndarray:
    return np.sort(chance.choice(rows, max(int(rows * share), 1), replace=False))


def _swapped(text: str) -> str:
    """Two signs in the middle change places."""
    middle = len(text) // 2
    return text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]


def orders(seed: int, rows: int) -> DirtyTable:
    """Orders: a customer's town and country, prices; misspelt towns, currencies in amounts, swapped countries."""
    chance = np.random.default_rng(seed)
    towns, customers = _words(chance, 60), rows // 12
    town_of, customer = chance.integers(0, 60, customers), chance.integers(0, customers, rows)
    countries = ["Austria", "Belgium", "Denmark", "Finland", "Portugal"]
    town = town_of[customer]
    clean = pl.DataFrame(
        {
            "order": _text([f"SO-{100_000 + i}" for i in range(rows)]),
            "customer": _text([f"C{1000 + i}" for i in customer]),
            "town": _text([towns[i] for i in town]),
            "country": _text([countries[i % 5] for i in town]),
            "amount": _text(np.round(chance.lognormal(4, 0.8, rows), 2)),
            "pieces": _text(chance.poisson(4, rows) + 1),
        }
    )
    dirty = _spoil(clean, "town", _some(chance, rows, 0.03), _swapped)
    dirty = _spoil(dirty, "country", _some(chance, rows, 0.03), lambda c: countries[(countries.index(c) + 1) % 5])
    dirty = _spoil(dirty, "amount", _some(chance, rows, 0.1), lambda a: f"{a} EUR")
    dirty = _spoil(dirty, "pieces", _some(chance, rows, 0.02), lambda _: "n/a")
    return DirtyTable("orders", clean, dirty)


def staff(seed: int, rows: int) -> DirtyTable:
    """Staff: departments with managers, dates, phones; wrong date formats, lost managers, case, stray figures."""
    chance = np.random.default_rng(seed + 1)
    names, units = _words(chance, rows // 3), ["Research", "Logistics", "Accounting", "Marketing", "Service"]
    unit = chance.integers(0, 5, rows)
    bosses = _words(chance, 5)
    days = np.datetime64("2015-01-01") + chance.integers(0, 3000, rows).astype("timedelta64[D]")
    clean = pl.DataFrame(
        {
            "name": _text([f"{names[i]} {names[j]}" for i, j in chance.integers(0, len(names), (rows, 2))]),
            "unit": _text([units[i] for i in unit]),
            "manager": _text([bosses[i] for i in unit]),
            "since": _text(days.astype(str)),
            "phone": _text([f"+43 {a} {b}" for a, b in chance.integers(1000, 9999, (rows, 2))]),
            "hours": _text(chance.choice([20, 30, 38, 40], rows)),
        }
    )
    dirty = _spoil(clean, "unit", _some(chance, rows, 0.03), str.upper)
    dirty = _spoil(dirty, "manager", _some(chance, rows, 0.04), lambda _: None)
    dirty = _spoil(dirty, "since", _some(chance, rows, 0.03), lambda d: f"{d[8:]}.{d[5:7]}.{d[:4]}")
    dirty = _spoil(dirty, "phone", _some(chance, rows, 0.02), lambda p: p.replace("+43 ", "0"))
    dirty = _spoil(dirty, "hours", _some(chance, rows, 0.01), lambda h: str(int(h) * 100))
    return DirtyTable("staff", clean, dirty)


def shipments(seed: int, rows: int) -> DirtyTable:
    """Shipments: weights in one unit, hubs with codes; other units, letters typed as digits, codes of other hubs."""
    chance = np.random.default_rng(seed + 2)
    hubs = _words(chance, 40)
    codes = [f"{hub[:3].upper()}{i:02d}" for i, hub in enumerate(hubs)]
    hub = chance.integers(0, 40, rows)
    carriers = ["Northern Freight", "Blue Parcel", "Swift Cargo", "Harbour Line"]
    clean = pl.DataFrame(
        {
            "hub": _text([hubs[i] for i in hub]),
            "code": _text([codes[i] for i in hub]),
            "weight": _text([f"{w:.1f}" for w in chance.gamma(3, 20, rows)]),
            "carrier": _text([carriers[i] for i in chance.integers(0, 4, rows)]),
            "state": _text(chance.choice(["sent", "arrived", "lost"], rows, p=[0.5, 0.48, 0.02])),
        }
    )
    dirty = _spoil(clean, "hub", _some(chance, rows, 0.02), lambda h: h.replace("a", "4").replace("o", "0"))
    dirty = _spoil(dirty, "code", _some(chance, rows, 0.02), lambda c: codes[(codes.index(c) + 7) % 40])
    dirty = _spoil(dirty, "weight", _some(chance, rows, 0.08), lambda w: f"{w} kg")
    dirty = _spoil(dirty, "carrier", _some(chance, rows, 0.03), lambda c: c[:-2] + c[-1])
    return DirtyTable("shipments", clean, dirty)


def ratings(seed: int, rows: int) -> DirtyTable:
    """Agencies that rate companies: most tell the true seat and sector, two are often wrong."""
    chance = np.random.default_rng(seed + 3)
    agencies, firms = 12, rows // 12
    names, seats, sectors = _words(chance, firms, "Firm "), _words(chance, 150), _words(chance, 40)
    seat, sector = chance.integers(0, 150, firms), chance.integers(0, 40, firms)
    firm, agency = np.repeat(np.arange(firms), agencies), np.tile(np.arange(agencies), firms)
    clean = pl.DataFrame(
        {
            "firm": _text([names[i] for i in firm]),
            "agency": _text([f"agency {i}" for i in agency]),
            "seat": _text([seats[i] for i in seat[firm]]),
            "sector": _text([sectors[i] for i in sector[firm]]),
            "founded": _text((1900 + (firm * 7) % 120).tolist()),
        }
    )
    poor = np.where(agency < 2, 0.5, 0.08)
    dirty = clean
    for name, others in (("seat", seats), ("sector", sectors)):
        rows_ = np.flatnonzero(chance.random(len(firm)) < poor)
        picks = iter(chance.integers(1, len(others), len(rows_)))
        places = {text: i for i, text in enumerate(others)}
        dirty = _spoil(dirty, name, rows_, lambda t, o=others, p=places, k=picks: o[(p[t] + int(next(k))) % len(o)])
    dirty = _spoil(dirty, "founded", np.flatnonzero(chance.random(len(firm)) < 0.1), lambda _: None)
    return DirtyTable("ratings", clean, dirty)


def meters(seed: int, rows: int) -> DirtyTable:
    """Readings of meters: smooth numbers; points that slipped, signs for missing, a value that slipped into its neighbour."""
    chance = np.random.default_rng(seed + 4)
    sites = _words(chance, 30)
    zones = ["N1", "N2", "S1", "S2"]
    site, zone = chance.integers(0, 30, rows), chance.integers(0, 4, rows)
    clean = pl.DataFrame(
        {
            "meter": _text([f"M{i:04d}" for i in chance.integers(0, 300, rows)]),
            "site": _text([sites[i] for i in site]),
            "zone": _text([zones[i] for i in zone]),
            "reading": _text([f"{v:.2f}" for v in chance.normal(230, 4, rows)]),
            "load": _text([f"{v:.2f}" for v in chance.gamma(4, 2, rows)]),
        }
    )
    dirty = _spoil(clean, "reading", _some(chance, rows, 0.02), lambda v: f"{float(v) * 100:.0f}")
    dirty = _spoil(dirty, "load", _some(chance, rows, 0.03), lambda _: "?")
    moved = _some(chance, rows, 0.03)
    picks = iter(dirty["zone"].gather(moved.tolist()).to_list())
    dirty = _spoil(dirty, "site", moved, lambda s: f"{s} {next(picks)}")
    dirty = _spoil(dirty, "zone", moved, lambda _: None)
    return DirtyTable("meters", clean, dirty)


def clinics(seed: int, rows: int) -> DirtyTable:
    """Visits: post codes of towns, wards, rates; cut post codes, doubled letters, decimal commas, broken letters, blanks."""
    chance = np.random.default_rng(seed + 5)
    towns = _words(chance, 45, "Bad ")
    posts = chance.choice(np.arange(10_000, 99_999), 45, replace=False)
    wards = ["Cardiology", "Surgery", "Paediatrics", "Neurology", "Urology", "Radiology"]
    town, ward = chance.integers(0, 45, rows), chance.integers(0, 6, rows)
    people = _words(chance, 400)
    clean = pl.DataFrame(
        {
            "patient": _text([f"{people[i]} {people[j]}" for i, j in chance.integers(0, 400, (rows, 2))]),
            "town": _text([towns[i] for i in town]),
            "post": _text([str(posts[i]) for i in town]),
            "ward": _text([wards[i] for i in ward]),
            "rate": _text([f"{v:.3f}" for v in chance.beta(2, 5, rows)]),
            "remark": _text(chance.choice(["", "call back", "insured", "new"], rows)),
        }
    ).with_columns(pl.col("remark").replace("", None))
    dirty = _spoil(clean, "post", _some(chance, rows, 0.03), lambda p: p[:-1])
    dirty = _spoil(dirty, "ward", _some(chance, rows, 0.03), lambda w: w[:3] + w[2] + w[3:])
    dirty = _spoil(dirty, "rate", _some(chance, rows, 0.04), lambda r: r.replace(".", ","))
    dirty = _spoil(
        dirty, "patient", _some(chance, rows, 0.02), lambda p: p.replace("a", "\ufffd").replace("e", "\ufffd")
    )
    dirty = _spoil(dirty, "town", _some(chance, rows, 0.03), lambda _: None)
    return DirtyTable("clinics", clean, dirty)


def library(seed: int, rows: int) -> DirtyTable:
    """Loans: titles with authors and shelves; authors of other titles, lost spaces, impossible years, spaces at the end."""
    chance = np.random.default_rng(seed + 6)
    words, authors = _words(chance, 120), _words(chance, 90)
    titles = [f"The {words[i]} of {words[j]}" for i, j in chance.integers(0, 120, (rows // 8, 2))]
    of, shelf = chance.integers(0, 90, len(titles)), chance.integers(0, 30, len(titles))
    years, title = chance.integers(1950, 2024, len(titles)), chance.integers(0, len(titles), rows)
    clean = pl.DataFrame(
        {
            "loan": _text(np.arange(rows) + 50_000),
            "title": _text([titles[i] for i in title]),
            "author": _text([authors[of[i]] for i in title]),
            "shelf": _text([f"{chr(65 + shelf[i] % 6)}-{shelf[i]:02d}" for i in title]),
            "year": _text([years[titles.index(titles[i])] for i in title]),
            "returned": _text(chance.choice(["yes", "no"], rows, p=[0.8, 0.2])),
        }
    )
    dirty = _spoil(clean, "author", _some(chance, rows, 0.03), lambda a: authors[(authors.index(a) + 5) % 90])
    dirty = _spoil(dirty, "title", _some(chance, rows, 0.03), lambda t: t.replace(" ", "", 1))
    dirty = _spoil(dirty, "year", _some(chance, rows, 0.01), lambda y: y + "0")
    dirty = _spoil(dirty, "shelf", _some(chance, rows, 0.02), lambda s: s.replace("-", " "))
    dirty = _spoil(dirty, "returned", _some(chance, rows, 0.03), lambda r: r + " ")
    return DirtyTable("library", clean, dirty)
