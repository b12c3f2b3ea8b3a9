"""Words that made-up companies and people are made of, by language. None is meant to be a real one."""

from __future__ import annotations

from typing import Final

Language = str
LANGUAGES: Final = ("en", "de")

_EN_FIRST = (
    "Alice Amir Anna Ben Carla Chen Daniel Diana Edward Elena Fatima Felix Grace Hassan Helen Ian Irene Jack James Jill "
    "Kamal Karen Laura Leo Maria Mark Maya Nina Noah Olga Omar Paula Peter Priya Rachel Robert Ruth Samuel Sofia Tom "
    "Uma Victor Wendy Yusuf Zoe"
)
_EN_LAST = (
    "Abbott Ahmed Baker Barnes Bell Brooks Carter Clarke Cole Cooper Davies Dixon Ellis Evans Fisher Fletcher Ford Grant "
    "Green Hall Harris Hughes Jackson Kaur Kelly Khan King Lambert Lee Lloyd Mason Mills Morgan Murray Nash Owen Palmer "
    "Parker Patel Quinn Reed Rice Shaw Stone Taylor Turner Vance Walsh Ward Webb Young"
)
_DE_FIRST = (
    "Andrea Anja Anton Ayşe Bernd Birgit Christian Clara Daniel Doris Elias Emre Erika Eva Fritz Gabriele Georg Hanna "
    "Heinz Ingrid Jan Jonas Jürgen Karin Klaus Lena Lukas Mehmet Michael Miriam Nele Oskar Paul Petra Ralf Renate Sabine "
    "Stefan Svenja Thomas Ulrike Uwe Volker Walter Yvonne"
)
_DE_LAST = (
    "Adler Albrecht Bach Bauer Becker Berg Böhm Brandt Busch Demir Dietrich Engel Fischer Frank Friedrich Groß Günther "
    "Haas Hahn Hartmann Heinrich Herrmann Hofmann Jung Kaiser Keller Koch Krämer Kraus Kühn Lang Lehmann Lorenz Maier "
    "Möller Neumann Otto Peters Pfeiffer Roth Sauer Schäfer Scholz Schuster Seidel Simon Vogel Wagner Weiß Winkler "
    "Yılmaz Ziegler"
)
FIRST: Final = {"en": tuple(_EN_FIRST.split()), "de": tuple(_DE_FIRST.split())}
LAST: Final = {"en": tuple(_EN_LAST.split()), "de": tuple(_DE_LAST.split())}
TRADES: Final = {
    "en": ("Foods", "Logistics", "Tools", "Textiles", "Software", "Printing", "Clinics", "Timber", "Metals", "Travel"),
    "de": (
        "Lebensmittel",
        "Logistik",
        "Werkzeuge",
        "Textil",
        "Software",
        "Druck",
        "Kliniken",
        "Holz",
        "Metall",
        "Reisen",
    ),
}
FORMS: Final = {"en": (" Ltd", " plc", " Group", " & Sons"), "de": (" GmbH", " AG", " KG", " & Söhne")}
STREETS: Final = {
    "en": ("Mill Road", "High Street", "Station Road", "Park Avenue", "Church Street", "Kings Road", "Bridge Street"),
    "de": ("Mühlstraße", "Hauptstraße", "Bahnhofstraße", "Parkstraße", "Kirchstraße", "Königstraße", "Brückenstraße"),
}
CITIES: Final = {
    "en": ("Ashford", "Brightwater", "Coldstream", "Dunmere", "Eastvale", "Fairhaven", "Greenwick", "Holmfield"),
    "de": ("Altenau", "Birkenfeld", "Dornheim", "Eichstetten", "Felsberg", "Grünwinkel", "Hohenfels", "Lindenau"),
}
COUNTRY: Final = {"en": "GB", "de": "DE"}
DIALLING: Final = {"en": "+44 1632 ", "de": "+49 30 23125 "}
"""Numbers of nobody: area 01632 is not given out; 030 23125 is kept free for films, here with digits of an extension."""
JOBS: Final = ("clerk", "specialist", "team lead", "manager", "engineer", "driver", "analyst")
PRODUCTS: Final = ("Drill", "Lamp", "Pump", "Shelf", "Glove", "Valve", "Saw", "Cable", "Filter", "Ladder")
MAKES: Final = ("Standard", "Pro", "Compact", "Heavy", "Eco", "Plus")
CATEGORIES: Final = ("tools", "lighting", "plumbing", "storage", "safety")
