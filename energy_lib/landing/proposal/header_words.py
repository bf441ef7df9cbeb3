"""What the names of columns say, in the languages that exports come in."""

from __future__ import annotations

import re
import unicodedata

# Words are compared whole; those with a * are beginnings.
METER = "meter meters meterid id ids ean gsrn mpan mprn nmi pod cups prm pdl lclid esiid esi household haushalt client "
METER += "customer zahler zahlernummer zahlpunkt zahlpunktnummer messstelle metering metrenummer maalepunkt malepunkt "
METER += "supply serial device sensor entity site building point punkt statistic mp anlage contador contatore compteur "
METER += "malepunktsid maalepunktsid eancode eancodeasn meternummer authority "
METER += "marktlokation malo metercode meternumber meteringpoint station zone area region"
VALUE = "gj mj therm therms ccf maengde "
VALUE += "kwh wh mwh kw mw w m3 energy energie energia verbrauch* consum* consommation verbruik usage use used volume "
VALUE += "quantity value wert waarde valeur valor load demand power leistung puissance consumed units reading stand "
VALUE += "zahlerstand meterstand index menge kwhh lastgang last forbrug forbruk forbrukning maara kulutus qty import "
VALUE += "export net afname injectie delivered teruglevering generation production mengde state sum measure* consumo"
NO_VALUE = "cost price preis prijs prix precio costo temperature temp reactive blind kvarh var voltage volt spannung "
NO_VALUE += "current intensity ampere lat lon latitude longitude humidity wind irradiance rate tariff currency factor "
NO_VALUE += "kva cosphi frequency hz year month week weekday row number no nr version max min mean interval minutes "
NO_VALUE += "minute duration resolution period hour uur tax fee charge estimated_cost celsius degc submetering sub "
NO_VALUE += "forecast forecasts imputed adjusted"
REGISTER = "reading readings stand zahlerstand meterstand meterreading register index relev* lectura letture cumul* "
REGISTER += "counter totalizer sum state total"
INTERVAL = (
    "verbrauch* consum* consommation verbruik usage use used demand load power leistung forbrug* forbruk* kulutus "
)
INTERVAL += "lastgang consumed hh interval delta net"
IMPORT = "import afname bezug consumption delivered verbruik imported soutirage prelievo forward received verbrauch"
EXPORT = (
    "surplus export exported injectie einspeisung teruglevering injection immissione reverse returned return feedin "
)
EXPORT += "feed excedent*"
GENERATION = "generation production produktion opwek erzeugung solar pv generated produced"
NET = "net netto saldo"
START = "start from von van begin begins beginn debut inicio inizio beginning starttime startzeit fra alku* desde da"
END = "end ending ends to bis tot ende fin hasta fine endtime endzeit til loppu* a"
QUALITY = "quality status flag ersatzwert validatiestatus qualitat kwaliteit validation statut estado state type "
QUALITY += "readtype estimated kvalitet kvalitetskode laatu"
UNIT = "maleenhed maaleenhed unit units uom eenheid einheit unite unidad unita enhet enhed yksikko measure"
FUEL = "fuel commodity energytype medium sparte service utility"


def without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("æ", "ae").replace("³", "3"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words(name: str) -> list[str]:
    """`MeteringPointGSRN` → metering, point, gsrn; `Zähler-Nr.` → zahler, nr."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z]{3,})", " ", without_accents(name))
    return [
        word for word in re.split(r"[^a-zA-Z0-9]+", parts.replace("kWh", "kwh").replace("MWh", "mwh").lower()) if word
    ]


def says(name: str, vocabulary: str) -> bool:
    """Whether one of the name's words is in the vocabulary."""
    known = vocabulary.split()
    whole, beginnings = set(known), tuple(word[:-1] for word in known if word.endswith("*"))
    own = words(name)
    return any(word in whole or word.startswith(beginnings) for word in [*own, "".join(own)])
