"""The words of minutes, in the languages in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LOCALES: Final = ("en", "de")
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Minutes of {council}", "Protokoll: {council}"),
    "source": (
        "Written by Headway from what is recorded, as it stood when the meeting was closed.",
        "Von Headway aus den Aufzeichnungen geschrieben, wie sie beim Schließen der Sitzung waren.",
    ),
    "attendance": ("Attendance", "Anwesenheit"),
    "agenda": ("Agenda", "Tagesordnung"),
    "no_items": ("Nothing was before the council.", "Dem Gremium lag nichts vor."),
    "struck": ("Taken off the agenda", "Von der Tagesordnung genommen"),
    "between": ("Written resolutions", "Beschlüsse im schriftlichen Verfahren"),
    "between_why": (
        "Decided outside of meetings since the one before.",
        "Seit der vorigen Sitzung außerhalb von Sitzungen entschieden.",
    ),
    "council": ("Council", "Gremium"),
    "place": ("Place", "Ort"),
    "began": ("Began", "Beginn"),
    "ended": ("Ended", "Ende"),
    "zone": ("Time zone", "Zeitzone"),
    "chair": ("In the chair", "Vorsitz"),
    "quorum": ("Quorum", "Beschlussfähigkeit"),
    "quorum_met": (
        "{there} of {seats} seats were there; {needed} were needed",
        "{there} von {seats} Sitzen waren anwesend; {needed} waren nötig",
    ),
    "quorum_missed": (
        "only {there} of {seats} seats were there; {needed} were needed",
        "nur {there} von {seats} Sitzen waren anwesend; {needed} waren nötig",
    ),
    "seat": ("Seat", "Sitz"),
    "holder": ("holder", "Inhaber"),
    "there": ("Present", "Anwesend"),
    "as": ("As", "Als"),
    "absent": ("absent", "abwesend"),
    "empty": ("the seat is empty", "der Sitz ist leer"),
    "guests": ("Guests without a vote: {names}", "Gäste ohne Stimme: {names}"),
    "delegate": ("delegate", "Bevollmächtigte"),
    "deputy": ("deputy", "Stellvertretung"),
    "delegate_of": ("delegate of {giver}", "bevollmächtigt von {giver}"),
    "asked": ("{who} asked for it on {day}.", "{who} hat es am {day} beantragt."),
    "papers": ("Papers", "Unterlagen"),
    "reviews": ("Reviews", "Prüfungen"),
    "recusals": ("Took no part", "Nicht beteiligt"),
    "supports": ("supports it", "befürwortet es"),
    "opposes": ("does not support it", "befürwortet es nicht"),
    "by_records": ("{who}, by the records: {reason}", "{who}, laut den Aufzeichnungen: {reason}"),
    "declared": ("{who} stepped back: {reason}", "{who} ist zurückgetreten: {reason}"),
    "who": ("Who", "Wer"),
    "vote": ("Vote", "Stimme"),
    "where": ("Where", "Wo"),
    "reason": ("Reason", "Begründung"),
    "yes": ("yes", "Ja"),
    "no": ("no", "Nein"),
    "abstain": ("abstain", "Enthaltung"),
    "here": ("in the meeting", "in der Sitzung"),
    "in_writing": ("in writing, {day}", "schriftlich, {day}"),
    "decision": ("Decision", "Entscheidung"),
    "undecided": ("Not decided; open until {day}.", "Nicht entschieden; offen bis {day}."),
    "approved": ("Approved", "Angenommen"),
    "rejected": ("Rejected", "Abgelehnt"),
    "lapsed": ("Lapsed", "Erledigt ohne Entscheidung"),
    "counted": ("{yes} yes, {no} no, {abstain} abstain", "{yes} Ja, {no} Nein, {abstain} Enthaltungen"),
    "decided_here": ("Decided in this meeting.", "In dieser Sitzung entschieden."),
    "written": ("A written resolution of {day}.", "Im schriftlichen Verfahren am {day} beschlossen."),
    "dissent": ("Dissent", "Abweichende Voten"),
    "conditions": ("Conditions of the yes", "Auflagen der Zustimmung"),
    "condition": ("Condition", "Auflage"),
    "owner": ("Owner", "Verantwortlich"),
    "due": ("Due", "Fällig"),
    "proposed_by": ("Proposed by", "Vorgeschlagen von"),
    "days_after": ("{days} days after a yes", "{days} Tage nach einer Zustimmung"),
    "seat_business": ("Business", "Fachbereich"),
    "seat_compliance": ("Compliance", "Compliance"),
    "seat_data": ("Data", "Daten"),
    "seat_ethics": ("Ethics", "Ethik"),
    "seat_finance": ("Finance", "Finanzen"),
    "seat_hr": ("Human resources", "Personal"),
    "seat_it": ("IT", "IT"),
    "seat_legal": ("Legal", "Recht"),
    "seat_privacy": ("Privacy", "Datenschutz"),
    "seat_risk": ("Risk", "Risiko"),
    "seat_security": ("Security", "Sicherheit"),
    "seat_validator": ("Independent validator", "Unabhängige Prüfung"),
    "seat_works_council": ("Works council", "Betriebsrat"),
    "seat_owner": ("Owner of the use case", "Verantwortliche des Anwendungsfalls"),
}


def say(locale: str, key: str, **values: object) -> str:
    """Give a sentence in a language; one that is not written is English."""
    english, german = WORDS[key]
    return (german if locale == "de" else english).format(**values)
