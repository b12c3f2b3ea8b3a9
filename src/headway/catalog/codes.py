"""Lists the standardisation protocol holds contracts to: currencies, countries, units, words that SQL reserves."""

from __future__ import annotations

from typing import Final


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


CURRENCIES: Final = _listed(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
    """
)
"""ISO 4217, currencies that people pay with."""
COUNTRIES: Final = _listed(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """
)
"""ISO 3166-1 alpha-2."""
COUNTRIES_OF_THREE: Final = _listed(
    """
    AND ARE AFG ATG AIA ALB ARM AGO ATA ARG ASM AUT AUS ABW ALA AZE BIH BRB BGD BEL BFA BGR BHR BDI BEN BLM BMU BRN
    BOL BES BRA BHS BTN BVT BWA BLR BLZ CAN CCK COD CAF COG CHE CIV COK CHL CMR CHN COL CRI CUB CPV CUW CXR CYP CZE
    DEU DJI DNK DMA DOM DZA ECU EST EGY ESH ERI ESP ETH FIN FJI FLK FSM FRO FRA GAB GBR GRD GEO GUF GGY GHA GIB GRL
    GMB GIN GLP GNQ GRC SGS GTM GUM GNB GUY HKG HMD HND HRV HTI HUN IDN IRL ISR IMN IND IOT IRQ IRN ISL ITA JEY JAM
    JOR JPN KEN KGZ KHM KIR COM KNA PRK KOR KWT CYM KAZ LAO LBN LCA LIE LKA LBR LSO LTU LUX LVA LBY MAR MCO MDA MNE
    MAF MDG MHL MKD MLI MMR MNG MAC MNP MTQ MRT MSR MLT MUS MDV MWI MEX MYS MOZ NAM NCL NER NFK NGA NIC NLD NOR NPL
    NRU NIU NZL OMN PAN PER PYF PNG PHL PAK POL SPM PCN PRI PSE PRT PLW PRY QAT REU ROU SRB RUS RWA SAU SLB SYC SDN
    SWE SGP SHN SVN SJM SVK SLE SMR SEN SOM SUR SSD STP SLV SXM SYR SWZ TCA TCD ATF TGO THA TJK TKL TLS TKM TUN TON
    TUR TTO TUV TWN TZA UKR UGA UMI USA URY UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM MYT ZAF ZMB ZWE
    """
)
"""ISO 3166-1 alpha-3."""
UNITS: Final = _listed(
    """
    % 1 ppm s ms us ns min h d wk mo a m km cm mm um m2 km2 cm2 ha m3 cm3 l ml g kg mg t m/s km/h Cel K Pa kPa bar J
    kJ MJ Wh kWh MWh W kW MW V A Hz kHz MHz GHz bit By kB MB GB TB pixel piece person
    """
)
"""Units of measures as UCUM writes them (``Cel``, ``By``, ``a`` for a year), with share, pieces and persons."""
UNIT_WORDS: Final = _listed(
    """
    ms s sec secs second seconds min mins minute minutes h hr hrs hour hours d day days week weeks month months year
    years m meter meters metre metres km cm mm mi miles ft feet inch inches m2 sqm sqft km2 ha m3 l liter liters litre
    litres ml g kg mg lb lbs t ton tons tonnes kmh mph celsius fahrenheit kelvin pa kpa bar psi joule kj mj wh kwh mwh
    w kw mw hz mhz ghz bytes kb mb gb tb pct percent percentage ratio share px pixels pieces
    """
)
"""Last words of a name that say a unit: ``weight_kg``, ``duration_seconds``."""
RESERVED: Final = _listed(
    """
    all and any array as asc between both by case cast check collate column constraint create cross current_date
    current_time current_timestamp current_user default delete desc distinct drop else end except exists false fetch
    for foreign from full grant group having in inner insert intersect interval into is join key lateral left like
    limit natural not null offset on only or order outer over partition primary references right row rows select
    session_user set some table then to true union unique update user using values when where window with
    """
)
"""Words that SQL (ISO 9075) or the engines at hand reserve, so that a column of that name must be quoted."""
