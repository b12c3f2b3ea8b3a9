"""Words of business data that mean the same, English and German, with usual abbreviations. Pure data, to be added to.

Each line is one meaning; its first word stands for all. A phrase counts before its single words.
"""

from __future__ import annotations

from functools import cache
from typing import Final

_LINES: Final = """
id; number; no; nr; nummer; kennung; key; schluessel; code
lead; interessent; anfrage; inquiry; enquiry
customer; client; kunde; kundin; kunden; cust; debitor; account
existing customer; bestandskunde; is customer; current customer; altkunde; stammkunde
vendor; supplier; lieferant; kreditor
employee; mitarbeiter; mitarbeitende; staff; personal; headcount; worker; beschaeftigte
company size; number of employees; employees; mitarbeiter; mitarbeiterzahl; firmengroesse; unternehmensgroesse; headcount
company; firma; unternehmen; organisation; organization; business; betrieb
source; origin; herkunft; quelle; kanal; channel; medium
industry; sector; branche; wirtschaftszweig; trade; vertical
job; position; stelle; beruf; occupation; taetigkeit; funktion; role; rolle
level; stufe; grade; rank; rang; seniority; ebene
job level; position; funktion; seniority; hierarchie; hierarchiestufe
size; groesse; umfang; volume
page; seite; seiten
viewed; views; view; gesehen; angesehen; aufrufe; besucht; visits; visited; besuche
pages viewed; page views; seiten; seitenaufrufe; seiten gesehen
email; mail; mails; emails; e mail; e mails
opened; open; opens; gelesen; geoeffnet; read
day; days; tag; tage; d
week; weeks; woche; wochen
month; months; monat; monate; mon
year; years; jahr; jahre; yr
hour; hours; stunde; stunden; hr; hrs; std
minute; minutes; minuten; min
second; seconds; sekunde; sekunden; sec
since; seit; ago; her
contact; kontakt; ansprache; touch
last; letzte; letzter; letzten; latest; recent
first; erste; erster; ersten
created; erstellt; angelegt; eingang; received; erhalten; incoming; inbound
created at; eingang; eingangsdatum; angelegt am; erstellt am; creation date; date created; received at
at; am; on; date; datum; time; zeit; zeitpunkt; timestamp; ts; when; dt
action; vorgehen; massnahme; aktion; treatment; step
converted; abschluss; conversion; won; gewonnen; sold; verkauft; sale; closed; success; erfolg
outcome; result; ergebnis; ausgang; response; label; target; ziel
default; ausfall; delinquent; delinquency; dlq
price; preis; cost; kosten; rate; tarif
amount; betrag; summe; sum; total; wert; value; amt
revenue; umsatz; turnover; sales volume; erloes
profit; gewinn; margin; marge
income; einkommen; salary; gehalt; earnings; lohn; pay; wage; verdienst
debt; schulden; liability; verbindlichkeit; obligations
debt ratio; verschuldungsgrad; schuldenquote; dti
ratio; quote; share; anteil; percent; prozent; pct; percentage
count; anzahl; num; zahl; qty; quantity; menge; cnt
age; alter; years old; lebensalter
sex; gender; geschlecht
race; ethnicity; ethnie; abstammung; hautfarbe
marital; familienstand; marital status; civil status; ehestand
status; zustand; state; stand
relationship; beziehung; verwandtschaft; household role; familienrolle
education; bildung; ausbildung; abschluss bildung; schulbildung; edu; degree
education years; education num; bildungsjahre; schuljahre; years of schooling
country; land; nation; staat
native country; geburtsland; country of birth; herkunftsland; birth country
native; born; birth; geburt; gebuertig
city; ort; stadt; town
street; strasse; address; adresse; anschrift
postcode; plz; zip; postal code; postleitzahl
region; gebiet; bezirk; territory; area
name; bezeichnung; title; titel
first name; vorname; given name
last name; nachname; surname; family name
phone; telefon; tel; telephone; mobile; handy
work class; arbeitgebertyp; employment type; beschaeftigungsart; workclass; employer type
hours per week; wochenstunden; weekly hours; arbeitszeit; stunden pro woche
per; pro; je
capital gain; kapitalgewinn; kapitalertrag; investment gain
capital loss; kapitalverlust; investment loss
weight; gewicht; gewichtung; wgt
final weight; fnlwgt; hochrechnungsfaktor; sample weight
gain; zuwachs; ertrag
loss; verlust
loan; kredit; darlehen; credit
credit lines; kreditlinien; open credit lines; offene kredite
utilization; utilisation; auslastung; ausnutzung; ausschoepfung
unsecured; ungesichert; blanko; revolving
dependents; angehoerige; kinder; unterhaltspflichtige; family members; haushaltsmitglieder
real estate; immobilien; property; mortgage; hypothek; hypotheken
late; overdue; verspaetet; past due; verzug; ueberfaellig
times; number of times; number of time; haeufigkeit; anzahl male; male; mal
monthly; monatlich; per month; monats
balance; saldo; kontostand
duration; dauer; laenge; length
campaign; kampagne; aktion marketing
product; produkt; artikel; item; ware; sku
department; abteilung; bereich; division; dept
manager; leiter; leitung; vorgesetzter; supervisor
start; beginn; from; von; begin
end; ende; until; bis; finish
web form; webformular; online form; kontaktformular; website
event; messe; veranstaltung; trade fair; fair; exhibition; conference
partner; haendler; reseller; vertriebspartner
referral; empfehlung; recommendation; recommended; weiterempfehlung
cold list; kaltliste; cold call; kaltakquise; purchased list
manufacturing; produktion; fertigung; industrie; herstellung
retail; einzelhandel; handel
software; it; edv
health; gesundheit; healthcare; medizin
public; oeffentlich; oeffentlicher dienst; government; behoerde; public sector
private; privat; privatwirtschaft; private sector
director; direktor; direktion; geschaeftsfuehrung; executive
clerk; sachbearbeiter; sachbearbeitung
yes; ja; true; y; j; wahr; t; 1
no; nein; false; n; falsch; f; 0
male; man; mann; maennlich; m; herr
female; woman; frau; weiblich; w
married; verheiratet
single; ledig; never married; unmarried
divorced; geschieden
widowed; verwitwet
germany; deutschland; de; deu; ger
united kingdom; great britain; gb; gbr; uk; england; vereinigtes koenigreich; grossbritannien
united states; usa; us; united states of america; vereinigte staaten
france; frankreich; fr; fra
italy; italien; ita
spain; spanien; es; esp
austria; oesterreich; aut; at
switzerland; schweiz; ch; che
netherlands; niederlande; nl; nld; holland
poland; polen; pl; pol
mexico; mexiko; mx; mex
canada; kanada; ca; can
india; indien; ind
china; cn; chn
japan; jp; jpn
open; offen
closed; geschlossen; erledigt
high; hoch
medium; mittel
low; niedrig
other; sonstige; andere; misc; sonstiges
unknown; unbekannt; n a; none; keine angabe
"""
UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "à": "a", "ñ": "n"})


@cache
def meanings() -> dict[str, frozenset[int]]:
    """For each word or phrase the meanings that it can have."""
    found: dict[str, set[int]] = {}
    for at, line in enumerate(one for one in _LINES.splitlines() if one.strip()):
        for phrase in line.split(";"):
            found.setdefault(" ".join(phrase.split()), set()).add(at)
    return {phrase: frozenset(numbers) for phrase, numbers in found.items()}


@cache
def longest_phrase() -> int:
    """Words in the longest phrase."""
    return max(len(phrase.split()) for phrase in meanings())
