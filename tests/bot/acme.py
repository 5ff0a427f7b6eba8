"""Acme: a small company, as a folder of CSV files with its configuration, and as a Slack workspace.

At ``NOW`` November runs. Closed in it, won of all: Ana 3 of 4, Bo 1 of 2, Cy 0 of 1; so team T1 4 of 6, the company
4 of 7. In the last finished week, 2026-W46, Ana won 2 of 3 and Bo 1 of 2.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.config import Config, load_config
from bot.playground.workspace import Channel, User, Workspace
from bot.sync import SilentProgress, sync

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SYNCED_AT = datetime(2026, 11, 20, 16, 55, tzinfo=UTC)

HOSTILE_NAME = "<!channel> *Eve* =1+1"

TABLES = {
    "teams": """\
id,name,parent_id
T0,Sales,
T1,EMEA,T0
T2,Americas,T0
""",
    "owners": f"""\
id,name,email,team_id,manager_id,role,active
H1,Hugo Head,hugo@acme.example,T0,,manager,true
M1,Mia Lang,mia@acme.example,T1,H1,manager,true
R1,Ana Diaz,ana@acme.example,T1,M1,ae,true
R2,Bo Ek,bo@acme.example,T1,M1,ae,true
R3,Cy Fox,cy@acme.example,T2,,ae,true
R4,Dee Oh,dee@acme.example,T2,,ae,true
R5,{HOSTILE_NAME},eve@acme.example,T2,,ae,true
R6,Gus Guest,gus@agency.example,T1,M1,ae,true
R7,Lou Left,lou@acme.example,T1,M1,ae,true
R8,Pat Partner,pat@partner.example,T1,M1,ae,true
R9,Ned Noslack,ned@acme.example,T2,,ae,true
""",
    "deals": """\
id,name,owner_id,status,amount,currency,type,created_at,closed_at
D1,=1+1,R1,won,1000,USD,new,2026-10-01T10:00:00Z,2026-11-03T15:00:00Z
D2,+1,R1,won,2000,USD,new,2026-10-02T10:00:00Z,2026-11-10T15:00:00Z
D3,-1,R1,won,3000,USD,new,2026-10-03T10:00:00Z,2026-11-12T15:00:00Z
D4,@sum,R1,lost,4000,USD,new,2026-10-04T10:00:00Z,2026-11-13T15:00:00Z
D5,"\ttab",R2,won,500,USD,new,2026-10-05T10:00:00Z,2026-11-11T15:00:00Z
D6,"Comma, quote "" and é",R2,lost,700,USD,new,2026-10-06T10:00:00Z,2026-11-12T15:00:00Z
D7,plain,R3,lost,900,USD,new,2026-10-07T10:00:00Z,2026-11-05T15:00:00Z
""",
    "accounts": """\
id,name,employees
A1,One,7
A2,Two,
""",
    "activities": """\
id,type,owner_id,at
C1,call,R1,2026-11-10T10:00:00Z
C2,call,R1,2026-11-11T10:00:00Z
C3,email,R2,2026-11-12T10:00:00Z
""",
    "targets": """\
kpi,scope,scope_id,period,value
bookings,rep,ana@acme.example,2026-11,8000
bookings,team,T1,2026-11,10000
""",
}

CONFIGURATION = """\
[organisation]
name = "Acme"
timezone = "America/New_York"
currency = "USD"

[store]
url = "duckdb:///var/crm.duckdb"

[state]
url = "sqlite:///var/state.db"

[[source]]
name = "files"
type = "files"
path = "crm"

[[person]]
email = "dee@acme.example"
slack = "UALIAS"

[[digest]]
id = "emea-weekly"
cadence = "weekly"
to = "team:T1"
channel = "#sales"

[[digest]]
id = "americas-monthly"
cadence = "monthly"
to = "team:T2"
channel = "mixed"

[[digest]]
id = "americas-weekly"
cadence = "weekly"
to = "team:T2"
channel = "CNOWHERE"

[access]
policy = "team"
admins = ["ops@acme.example"]
"""

BOT = Workspace(users=()).bot_user_id

USERS = (
    User("UHUGO", "hugo", "Hugo Head", "hugo@acme.example"),
    User("UMIA", "mia", "Mia Lang", "Mia@acme.example", locale="de-DE"),
    User("UANA", "ana", "Ana Diaz", "ana@acme.example"),
    User("UBO", "bo", "Bo Ek", "bo@acme.example"),
    User("UCY", "cy", "Cy Fox", "cy@acme.example"),
    User("UALIAS", "dee", "Dee Oh", "dee.oh@private.example"),
    User("UEVE", "eve", "Eve", "eve@acme.example"),
    User("UOPS", "ops", "Olga Ops", "ops@acme.example"),
    # Who sees nothing, though the CRM has the emails of most.
    User("UFIN", "fin", "Finn Fin", "fin@acme.example"),
    User("UGUEST", "gus", "Gus Guest", "gus@agency.example", is_restricted=True),
    User("ULEFT", "lou", "Lou Left", "lou@acme.example", deleted=True),
    User("UROBOT", "robot", "Robot", "ana@acme.example", is_bot=True),
    User("USTRANGER", "stranger", "Stranger", "ana@acme.example", is_stranger=True, team_id="T9"),
    User("UPARTNER", "pat", "Pat Partner", "pat@partner.example", team_id="T9"),  # in a shared channel
    User("UNOMAIL", "nomail", "No Mail"),
    # Whom no other test looks up.
    *(User(f"UFRESH{n}", f"fresh{n}", "Ana Diaz", "ana@acme.example") for n in range(10)),
)

CHANNELS = (
    Channel("CSALES", "sales", frozenset({"UMIA", "UANA", "UBO", "UROBOT", BOT})),
    Channel("CMIXED", "mixed", frozenset({"UANA", "UCY", "UFIN", BOT})),
    Channel("CGUESTS", "guests", frozenset({"UANA", "UGUEST", "UNOMAIL", BOT})),
    Channel("CSHARED", "shared", frozenset({"UANA", "UPARTNER", BOT})),
    Channel("CSECRET", "secret", frozenset({"UANA", "UBO"}), is_private=True),
    Channel("CHUGE", "huge", frozenset({"UANA", BOT, *(f"U{n:05}" for n in range(199))})),
    Channel("CEVERY", "everybody", frozenset(user.id for user in USERS) | {BOT}),
)

ACME = Workspace(users=USERS, channels=CHANNELS)


def write_acme(folder: Path) -> Path:
    """Writes the tables and the configuration; gives the configuration's path."""
    (folder / "crm").mkdir(parents=True)
    for name, text in TABLES.items():
        (folder / "crm" / f"{name}.csv").write_text(text, "utf-8")
    config = folder / "scoreline.toml"
    config.write_text(CONFIGURATION, "utf-8")
    return config


def publish(folder: Path) -> None:
    """Syncs the folder's company, as of ``SYNCED_AT``."""
    config = load_config(folder / "scoreline.toml", {})
    sync(config, only=None, full=False, clock=lambda: SYNCED_AT, progress=SilentProgress())


def add_rows(folder: Path, table: str, *lines: str) -> None:
    """More rows in the folder's export."""
    with (folder / "crm" / f"{table}.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def connect(folder: Path, api_url: str, tokens: dict[str, str]) -> Config:
    """Writes where Slack is into the folder's configuration, and loads it with these tokens."""
    path = folder / "scoreline.toml"
    path.write_text(f'{path.read_text("utf-8")}\n[slack]\napi_url = "{api_url}"\n', "utf-8")
    return load_config(path, tokens)
