"""Short messages of customers from a small grammar, of which intent and sentiment are known."""

from __future__ import annotations

from typing import Final

import numpy as np

from headway.demo import drawing
from headway.demo.columns import Category, Column
from headway.demo.frames import Array, Floats, Values
from headway.demo.place import Made, Place

INTENTS: Final = {"bill": 0.25, "delivery": 0.3, "fault": 0.2, "cancel": 0.1, "question": 0.15}
SENTIMENTS: Final = ("negative", "neutral", "positive")
MOODS: Final = {
    "bill": (0.45, 0.45, 0.10),
    "delivery": (0.40, 0.45, 0.15),
    "fault": (0.60, 0.35, 0.05),
    "cancel": (0.50, 0.45, 0.05),
    "question": (0.05, 0.55, 0.40),
}
"""Shares of the sentiments for each intent."""
COLUMNS: Final[tuple[Column, ...]] = (
    Category(name="channel", shares={"mail": 0.5, "chat": 0.35, "phone": 0.15}),
    Category(name="intent", shares=INTENTS),
)
"""The intent can drift, though no file of the company has it."""
FILES: Final = {"conversations": ("conversation_id", "received_at", "channel", "text")}
OPENINGS: Final = {
    "en": ("Hello,", "Good morning,", "Dear team,", "Hi there,"),
    "de": ("Hallo,", "Guten Morgen,", "Liebes Team,", "Guten Tag,"),
}
CORES: Final = {
    "en": {
        "bill": ("the last bill shows an amount I do not know", "I was charged twice this month", "which item is this bill for"),
        "delivery": ("my parcel has not come yet", "the delivery went to the wrong address", "when will the order arrive"),
        "fault": ("the device does not switch on", "a part was broken in the box", "the pump leaks after two days"),
        "cancel": ("I want to end my contract", "please cancel the order", "I give notice for the end of the month"),
        "question": ("does the lamp fit outdoors", "do you have the ladder in stock", "how do I clean the filter"),
    },
    "de": {
        "bill": ("auf der Rechnung steht ein Betrag, den ich nicht kenne", "es wurde zweimal abgebucht", "wofür ist diese Rechnung"),
        "delivery": ("mein Paket ist noch nicht da", "die Lieferung ging an die falsche Adresse", "wann kommt die Bestellung"),
        "fault": ("das Gerät geht nicht an", "ein Teil war zerbrochen", "die Pumpe tropft nach zwei Tagen"),
        "cancel": ("ich möchte den Vertrag beenden", "bitte stornieren Sie die Bestellung", "ich kündige zum Monatsende"),
        "question": ("passt die Lampe nach draußen", "ist die Leiter vorrätig", "wie reinige ich den Filter"),
    },
}  # fmt: skip
TONES: Final = {
    "en": {
        "negative": ("I am very annoyed.", "This is not acceptable.", "I am disappointed by this."),
        "neutral": ("Please let me know.", "I look forward to your answer.", "Please look into it."),
        "positive": (
            "Thank you for the good service!",
            "So far I am very happy.",
            "You have always been a great help.",
        ),
    },
    "de": {
        "negative": ("Ich bin sehr verärgert.", "Das ist nicht hinnehmbar.", "Ich bin enttäuscht."),
        "neutral": ("Bitte geben Sie mir Bescheid.", "Ich freue mich auf Ihre Antwort.", "Bitte prüfen Sie das."),
        "positive": ("Danke für den guten Service!", "Bisher bin ich sehr zufrieden.", "Sie haben mir immer geholfen."),
    },
}


def make(place: Place, block: int, first: int, count: int) -> Made:
    """Make a block of messages in the language of the region."""
    chance, at, ids = drawing.begin(place, block, first, count, "M")
    drawn = drawing.inputs(place, COLUMNS, at, chance)
    intent, language = drawn.pop("intent"), place.region.language
    bounds = np.cumsum([MOODS[level] for level in intent.levels], axis=1)[intent.array]
    sentiment = (chance.random(count)[:, None] >= bounds[:, :2]).sum(axis=1)
    cores, tones = CORES[language], TONES[language]
    parts = (
        _one(np.array(OPENINGS[language])[None, :], np.zeros(count, dtype=np.int64), chance.random(count)),
        _one(np.array([cores[level] for level in intent.levels]), intent.array, chance.random(count)),
        _one(np.array([tones[level] for level in SENTIMENTS]), sentiment, chance.random(count)),
    )
    text = np.strings.add(np.strings.add(np.strings.add(parts[0], " "), parts[1]), np.strings.add(". ", parts[2]))
    data = {
        "conversation_id": ids,
        "received_at": drawing.when(at),
        **drawn,
        "text": Values(kind="text", array=np.asarray(text)),
    }
    truth = {"intent": intent, "sentiment": Values(kind="category", array=sentiment, levels=SENTIMENTS)}
    return drawing.made(place, block, data, truth, at)


def _one(sentences: Array, row: Array, chance: Floats) -> Array:
    """One sentence for each message, of its row, all equally often."""
    return np.asarray(sentences[row, (chance * sentences.shape[1]).astype(np.int64)])
