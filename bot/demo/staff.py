"""The company's teams and people, and how each of them sells."""

from dataclasses import dataclass

from kpi.scopes import Team

DOMAIN = "larkspur.example"

TEAMS = (
    Team("T1", "EMEA"),
    Team("T2", "DACH", "T1"),
    Team("T3", "Nordics", "T1"),
    Team("T4", "Americas"),
    Team("T5", "North America", "T4"),
    Team("T6", "LatAm", "T4"),
    Team("T7", "APAC"),
    Team("T8", "Sales Development"),
    Team("T9", "Customer Success"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the company. ``pace`` multiplies how many deals they open, ``skill`` how many of them they win,
    ``reply_minutes`` is their median time to a first answer; ``joined`` and ``left`` are parts of the two years."""

    id: str
    name: str
    login: str
    team_id: str
    role: str
    manager_id: str
    timezone: str
    locale: str
    market: str
    pace: float = 1.0
    skill: float = 1.0
    reply_minutes: float = 45.0
    joined: float = 0.0
    left: float | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    @property
    def active(self) -> bool:
        return self.left is None


STAFF = (
    Member("M1", "Ngozi Adeyemi", "ngozi", "", "manager", "", "Europe/Berlin", "en-GB", "dach"),
    Member("M2", "Zoë Lindqvist-O'Hara", "zoe", "T1", "manager", "M1", "Europe/Berlin", "en-GB", "dach"),
    Member("M3", "Marcus Bell", "marcus", "T4", "manager", "M1", "America/New_York", "en-US", "na"),
    Member("M4", "佐藤 美咲", "misaki", "T7", "manager", "M1", "Asia/Tokyo", "ja-JP", "apac"),
    Member("M5", "Niamh Ní Bhriain", "niamh", "T8", "manager", "M1", "Europe/Dublin", "en-IE", "dach"),
    Member("R1", "Jürgen Weiß", "juergen", "T2", "ae", "M2", "Europe/Berlin", "de-DE", "dach", 1.1, 1.15, 25),
    Member("R2", "Chloé Dubois", "chloe", "T2", "ae", "M2", "Europe/Paris", "fr-FR", "dach", 1.0, 0.95, 60),
    Member("R3", "Łukasz Wójcik", "lukasz", "T2", "ae", "M2", "Europe/Warsaw", "pl-PL", "dach", 1.25, 0.8, 90),
    Member("R4", "Søren Kjær", "soren", "T3", "ae", "M2", "Europe/Copenhagen", "da-DK", "nordics", 0.9, 1.3, 18),
    Member("R5", "Åsa Björk", "asa", "T3", "ae", "M2", "Europe/Stockholm", "sv-SE", "nordics", 1.05, 1.0, 40),
    Member("R6", "Дарья Соколова", "darya", "T1", "ae", "M2", "Europe/Riga", "ru-RU", "nordics", 0.85, 1.1, 35),
    Member("R7", "Priya Raman", "priya", "T5", "ae", "M3", "America/Chicago", "en-US", "na", 1.2, 1.2, 15),
    Member("R8", "Tom Okafor", "tom", "T5", "ae", "M3", "America/New_York", "en-US", "na", 1.0, 0.75, 120),
    Member("R9", "Aaliyah Brooks", "aaliyah", "T5", "ae", "M3", "America/Denver", "en-US", "na", 1.0, 1.0, 50, 0.6),
    Member("R10", "João Araújo", "joao", "T6", "ae", "M3", "America/Sao_Paulo", "pt-BR", "latam", 0.9, 0.9, 70),
    Member("R11", "Lucía Peña", "lucia", "T6", "ae", "M3", "America/Mexico_City", "es-MX", "latam", 0.95, 1.05, 55),
    Member("R12", "王小明", "xiaoming", "T7", "ae", "M4", "Asia/Shanghai", "zh-CN", "apac", 1.1, 1.1, 30),
    Member("R13", "Nguyễn Thị Ánh", "anh", "T7", "ae", "M4", "Asia/Ho_Chi_Minh", "vi-VN", "apac", 1.0, 1.25, 20),
    Member("R14", "Trần Văn Đức", "duc", "T7", "ae", "M4", "Asia/Ho_Chi_Minh", "vi-VN", "apac", 0.9, 0.85, 80, 0.75),
    Member(
        "R15", "Viktor Novák", "viktor", "T2", "ae", "M2", "Europe/Prague", "cs-CZ", "dach", 1.0, 0.7, 150, 0.0, 0.65
    ),
    Member("R16", "Ivana Petrović", "ivana", "T8", "bdr", "M5", "Europe/Belgrade", "en-GB", "dach", 1.0, 1.0, 12),
    Member("R17", "Owen Hughes", "owen", "T8", "bdr", "M5", "America/New_York", "en-US", "na", 1.0, 1.0, 30),
    Member("R18", "김민준", "minjun", "T8", "bdr", "M5", "Asia/Seoul", "ko-KR", "apac", 1.0, 1.0, 22),
    Member("R19", "Fatima Zahra El Idrissi", "fatima", "T9", "csm", "M1", "Africa/Casablanca", "fr-FR", "dach"),
    Member("R20", "Mei-Ling Chua", "meiling", "T9", "csm", "M1", "Asia/Singapore", "en-SG", "apac"),
    Member("R21", "Camila Ferreira", "camila", "T9", "csm", "M1", "America/Sao_Paulo", "pt-BR", "na"),
)

MEMBERS = {member.id: member for member in STAFF}
SELLERS = tuple(member for member in STAFF if member.role == "ae")


def helper_of(market: str, role: str) -> Member:
    """The BDR or CSM who works for a market: the nearest by day and night."""
    near = {"nordics": "dach", "latam": "na"}.get(market, market)
    of_role = [member for member in STAFF if member.role == role]
    return next((member for member in of_role if member.market == near), of_role[0])
