"""What the company sells, to whom and where: the words and weights that its records are made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """A part of the world: its countries, currencies (with weights) and how its companies are called."""

    region: str
    countries: tuple[str, ...]
    currencies: Mapping[str, int]
    names: tuple[str, ...]
    forms: tuple[str, ...]


MARKETS: Mapping[str, Market] = {
    "dach": Market(
        "EMEA",
        ("DE", "AT", "CH", "FR", "PL"),
        {"": 3, "EUR": 6, "GBP": 1},
        ("Bergmann", "Grünwald", "Ostsee", "Hähnle", "Falkenberg", "Lefèvre", "Moreau", "Zieliński", "Kowalczyk",
         "Steiner", "Alpen", "Rhein-Main", "Brandt", "Königsberger", "Vogel & Söhne", "Sauerland", "Charpentier"),
        ("Logistik GmbH", "Energie AG", "Software GmbH", "Medizintechnik AG", "Handels KG", "SA", "Sp. z o.o.", "GmbH"),
    ),
    "nordics": Market(
        "EMEA",
        ("SE", "DK", "NO", "FI", "LV"),
        {"EUR": 5, "SEK": 5},
        ("Ångström", "Fjord", "Nørregaard", "Sjöberg", "Häkkinen", "Ødegård", "Balt", "Lumi", "Skärgård", "Vesterbro",
         "Aurora", "Gräns", "Kallio", "Ozols", "Tromsø", "Birka"),
        ("AB", "A/S", "Shipping ASA", "Oy", "Energi AB", "Data A/S", "SIA", "Hälsa AB"),
    ),
    "na": Market(
        "Americas",
        ("US", "CA"),
        {"USD": 1},
        ("Blue Ridge", "Hudson", "Cascadia", "Prairie", "Lakeshore", "Summit", "Copperfield", "Great Plains", "Sequoia",
         "Bayou", "Granite", "Old Harbor", "Maple", "Redwood", "O'Malley", "Whitfield & Sons", "Tidewater"),
        ("Inc.", "Freight LLC", "Health Partners", "Software Inc.", "Energy Co.", "Retail Group", "Bank", "Labs"),
    ),
    "latam": Market(
        "Americas",
        ("BR", "MX", "CO", "CL"),
        {"USD": 1},
        ("Água Clara", "Serra", "São Bento", "Quetzal", "Río Verde", "Andes", "Ipê", "Cañón", "Peñasco", "Litoral",
         "Itaúna", "Nuevo Sol", "Condor", "Guaraní"),
        ("Ltda.", "S.A. de C.V.", "Logística S.A.", "Energía S.A.", "Saúde Ltda.", "Comércio Ltda."),
    ),
    "apac": Market(
        "APAC",
        ("JP", "CN", "VN", "SG", "AU", "KR"),
        {"USD": 6, "JPY": 4},
        ("東光", "富士見", "青山", "华东", "长江", "星海", "Sông Hồng", "Hoàng Gia", "Đại Nam", "Merlion",
         "Southern Cross", "Hanbit", "Kookaburra", "Sakura", "Mekong"),
        ("株式会社", "物流有限公司", "科技有限公司", "Co., Ltd.", "Pte. Ltd.", "Pty Ltd", "JSC"),
    ),
}  # fmt: skip

NAME_PARTS = (
    *("North", "South", "East", "West", "Nova", "Prime", "Digital", "Global", "Systems", "One", "Plus", "Delta"),
    *("Union", "Alpha", "Lux", "Trans", "Inter", "Pro"),
)

INDUSTRIES = {"Software": 24, "Manufacturing": 20, "Logistics": 16, "Healthcare": 14, "Retail": 14, "Energy": 8, "": 4}

# segment: how often, its MRR beside the median, the days a sale takes, its win rate beside the mean, employees from, to
SEGMENTS = {
    "SMB": (50, 0.45, 26, 1.15, 5, 99),
    "Mid-Market": (38, 1.1, 44, 1.0, 100, 999),
    "Enterprise": (12, 2.4, 85, 0.75, 1000, 24000),
}

# source: how often a deal comes from it, its win rate beside the mean, its campaigns' channel
SOURCES = {
    "Referral": (14, 1.45, ""),
    "Inbound web": (30, 1.1, "search"),
    "Event": (14, 1.0, "event"),
    "Partner": (12, 1.15, "partner"),
    "Webinar": (12, 0.95, "email"),
    "Outbound": (18, 0.65, ""),
}

CONTACT_METHODS = {"email": 40, "call": 34, "meeting": 14, "chat": 12}

# product: how often, family
PRODUCTS = {
    "Insight Core": (45, "Platform"),
    "Insight Pro": (30, "Platform"),
    "Connect": (15, "Add-on"),
    "Forecast": (10, "Add-on"),
}
SERVICES = {"Onboarding package": 0.12, "Premium support": 0.18}  # their part of a deal's amount

# stage: probability; each deal goes through them in this order
STAGES = {"Qualified": "0.1", "Discovery": "0.25", "Proposal": "0.5", "Negotiation": "0.75"}
CLOSED_STAGES = {"won": ("Closed Won", "1"), "lost": ("Closed Lost", "0")}

MEDIAN_MRR = 900  # EUR
EUROS = {"EUR": 1.0, "USD": 0.91, "GBP": 1.17, "SEK": 0.088, "JPY": 0.0062, "BRL": 0.165}  # on average

SEASON = (0.92, 0.98, 1.12, 0.95, 1.0, 1.14, 0.82, 0.66, 1.08, 1.1, 1.16, 0.9)  # January to December


def growth(part: float) -> float:
    """How much more is sold at a part of the two years than in their middle."""
    return 0.85 + 0.3 * max(part, 0)
