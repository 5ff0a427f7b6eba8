"""What the configuration gives, and what it says about a wrong one."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import (
    ConfigError,
    DigestSettings,
    PersonSettings,
    Secrets,
    SendTime,
    find_config,
    load_config,
)
from connectors.mapping import ActivityRule, FieldMap, Filters
from kpi.organisation import Organisation

SOURCE = '[[source]]\ntype = "files"\npath = "data/crm"\n'


def load(folder: Path, text: str, environ: dict[str, str] | None = None):
    file = folder / "scoreline.toml"
    file.write_text(text, "utf-8")
    return load_config(file, environ or {})


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_everything_but_a_source_has_a_default(tmp_path):
    config = load(tmp_path, SOURCE)
    assert config.organisation == Organisation()
    assert config.slack.api_url == "https://slack.com/api/"
    assert (config.slack.mode, config.slack.host, config.slack.port) == ("socket", "127.0.0.1", 3000)
    assert config.delivery.enabled is False
    assert config.access.policy == "team"
    assert config.access.admins == ()
    assert config.sync.every_minutes == 15
    assert config.people == config.digests == ()


def test_paths_are_relative_to_the_files_folder(tmp_path):
    config = load(tmp_path, SOURCE)
    assert config.base == tmp_path
    assert config.sources[0].path == tmp_path / "data/crm"
    assert config.store_url == f"duckdb:///{tmp_path}/var/crm.duckdb"
    assert config.state_url == f"sqlite:///{tmp_path}/var/state.db"


def test_absolute_paths_and_servers_stay_as_they_are(tmp_path):
    text = '[store]\nurl = "duckdb:////srv/crm.duckdb"\n[state]\nurl = "postgresql://bot@db/scoreline"\n'
    config = load(tmp_path, text + SOURCE.replace("data/crm", "/srv/crm"))
    assert config.store_url == "duckdb:////srv/crm.duckdb"
    assert config.state_url == "postgresql://bot@db/scoreline"
    assert config.sources[0].path == Path("/srv/crm")


def test_the_documented_example_is_read_whole(tmp_path):
    config = load(tmp_path, EXAMPLE)
    assert config.organisation == Organisation(
        name="Acme", timezone="America/New_York", currency="USD", fiscal_year_start=4, fiscal_year_named_by="end"
    )
    files, hubspot, salesforce = config.sources
    assert (files.name, hubspot.name, salesforce.name) == ("crm", "hubspot", "salesforce")
    assert files.filters == Filters(("Sales",), ("new", "expansion"), ("test@acme.example",), ("acme.example",))
    assert files.maps["deals"].fields["amount"] == FieldMap(columns=("custom_arr",))
    assert files.maps["deals"].fields["currency"] == FieldMap(constant="EUR")
    assert config.people == (PersonSettings("rep1@acme.example", "U0123", "manager", "head1@acme.example", "EMEA"),)
    assert config.digests == (
        DigestSettings("emea-weekly", "weekly", "team:T1", "#sales-emea", SendTime(9, 30, weekday=0), "Europe/Paris"),
        DigestSettings("board", "quarterly", "company", None, SendTime(8, 0, business_day=3)),
    )
    assert config.access.admins == ("ops@acme.example",)


HUBSPOT = '[[source]]\ntype = "hubspot"\n'


def test_a_hubspot_source_has_defaults_for_all_it_needs(tmp_path):
    (source,) = load(tmp_path, HUBSPOT).sources
    assert (source.name, source.api_url, source.api_version) == ("hubspot", "https://api.hubapi.com", "2026-09")
    assert (source.env_prefix, source.share) == ("HUBSPOT", 0.9)
    assert (source.demo, source.onboarding) == (ActivityRule(("*demo*",)), ActivityRule(("*onboarding*",)))


def test_a_hubspot_source_says_what_counts_and_what_is_a_demo(tmp_path):
    (source,) = load(
        tmp_path,
        HUBSPOT
        + 'api_url = "http://127.0.0.1:8/"\nshare = 1\napi_version = "V3"\nenv_prefix = "EMEA"\n'
        + '[source.exclude]\nnames = ["*test*"]\npipelines = ["Partner"]\n[source.demo]\ntitles = ["Demo: *"]\n'
        + '[source.map.deals]\namount = "arr"\n',
    ).sources
    assert (source.api_url, source.api_version, source.env_prefix) == ("http://127.0.0.1:8", "v3", "EMEA")
    assert source.share == 1.0
    assert source.filters == Filters(excluded_names=("*test*",), excluded_pipelines=("Partner",))
    assert source.demo == ActivityRule(("*demo*",), ("Demo: *",))
    assert source.maps["deals"].fields["amount"] == FieldMap(columns=("arr",))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('path = "x"', """unknown key 'path'; it is for a source of type "files": take it out."""),
        ('login_url = "https://x"', """'login_url'; it is for a source of type "salesforce": take it out."""),
        ('shares = "x"', """unknown key 'shares'; did you mean "share"?"""),
        ("share = 1.2", "1.2 must be more than 0 and at most 1"),
        ("share = nan", "nan must be more than 0"),
        ('share = "1"', "must be a number without quotes"),
        ("share = true", "must be a number without quotes"),
        ('api_version = "v4"', "'v4' is not one of its values"),
        ('[source.demo]\ntype = ["x"]', """unknown key 'type'; did you mean "types"?"""),
        ('[source.exclude]\nname = ["x"]', """unknown key 'name'; did you mean "names"?"""),
        ('[source.exclude]\nnames = [" "]', "must not be empty"),
        ('[source.map.deals]\nfile = "x.csv"', 'this is for a source of type "files"'),
        ("[source.map.deals]\ndistinct = true", 'this is for a source of type "files"'),
    ],
)
def test_what_makes_no_sense_of_hubspot_is_said(tmp_path, keys, said):
    assert said in refusal(tmp_path, HUBSPOT + keys + "\n")


@pytest.mark.parametrize(
    ("cadence", "at"),
    [
        ("weekly", SendTime(9, 0, weekday=0)),
        ("monthly", SendTime(9, 0, business_day=1)),
        ("quarterly", SendTime(9, 0, business_day=1)),
    ],
)
def test_a_digest_without_a_time_goes_out_as_its_cadence_begins(tmp_path, cadence, at):
    config = load(tmp_path, f'{SOURCE}[[digest]]\nid = "a"\ncadence = "{cadence}"\nto = "rep:R1"\n')
    assert config.digests[0].at == at


def test_an_api_address_ends_with_a_slash(tmp_path):
    config = load(tmp_path, SOURCE + '[slack]\napi_url = "http://127.0.0.1:8080/api"\n')
    assert config.slack.api_url == "http://127.0.0.1:8080/api/"


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "scoreline.toml").write_bytes(b"\xef\xbb\xbf" + SOURCE.encode())
    assert load_config(tmp_path / "scoreline.toml", {}).sources


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "zh-CN", "zh-Hant-TW", "ja-JP", "ru-RU", "vi-VN", "pt_BR"])
def test_locales_that_babel_knows_are_taken(tmp_path, locale):
    config = load(tmp_path, f'[organisation]\nlocale = "{locale}"\n{SOURCE}')
    assert config.organisation.locale == locale.replace("_", "-")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no source: add a block [[source]]"),
        ('[organisation]\ntimezon = "UTC"', """[organisation]: unknown key 'timezon'; did you mean "timezone"?"""),
        ("[organization]", "unknown key 'organization'; did you mean \"organisation\"?"),
        ('[organisation]\ntimezone = "Amerika/New_York"', 'did you mean "America/New_York"?'),
        ('[organisation]\ntimezone = "America"', "'America' is not a time zone"),
        ('[organisation]\ntimezone = "../../etc/passwd"', "is not a time zone; write one like"),
        ('[organisation]\ncurrency = "EURO"', "[organisation] currency: 'EURO' is not a currency"),
        ('[organisation]\nlocale = "english"', "[organisation] locale: 'english' is not a locale"),
        ('[organisation]\nlocale = "../en"', "is not a locale"),
        ('[organisation]\nweek_start = "mondy"', 'did you mean "monday"?'),
        ("[organisation]\nfiscal_year_start = 13", "fiscal_year_start: 13 must be between 1 and 12"),
        ('[organisation]\nfiscal_year_start = "4"', "fiscal_year_start: must be a whole number, not '4'"),
        ("[organisation]\nfiscal_year_start = true", "fiscal_year_start: must be a whole number, not True"),
        ('[organisation]\nname = " "', "[organisation] name: must not be empty"),
        ('[organisation]\nbusiness_hours = "mon-fri 18:00-09:00"', "write it like 'mon-fri 09:00-18:00'"),
        ("organisation = 3", "[organisation]: must be a block"),
        ('[source]\ntype = "files"', "write [[source]] with two brackets"),
        ('[[source]]\ntype = "file"', "[[source]] 1 type: 'file' is not a type of source; did you mean \"files\"?"),
        ('[[source]]\npath = "x"', "[[source]] 1: type is missing"),
        ('[[source]]\ntype = "files"', "[[source]] 1: path is missing"),
        ('[[source]]\ntype = "files"\npath = ""', "[[source]] 1 path: must not be empty"),
        ('[[source]]\ntype = "files"\npath = "a\\u0000b"', "is not a path"),
        ('[[source]]\ntype = "files"\npath = "~nobody-here/x"', "home folder that is not known"),
        (SOURCE + SOURCE, "two [[source]] blocks have the name 'files'"),
        (SOURCE + 'name = "a:b"', "[[source]] 1 name: 'a:b' must be"),
        (SOURCE + 'login_url = "https://x.example"', "unknown key 'login_url'"),
        (SOURCE + '[source.include]\ntypes = ["nw"]', "[[source]] 1 include.types: 'nw' is not one of its values"),
        (
            SOURCE + '[source.map.deal]\namount = "x"',
            '[source.map.deal]: there is no such table; did you mean "deals"?',
        ),
        (SOURCE + '[source.map.deals]\namout = "x"', 'did you mean "amount"?'),
        ('[[source]]\ntype = "salesforce"\nauth = "saml"', "[[source]] 1 auth: 'saml' is not one of its values"),
        ('[[source]]\ntype = "hubspot"\napi_url = "http://api.hubapi.com"', "must begin with https://"),
        ('[slack]\napi_url = "http://127.0.0.1.evil.example/"', "must begin with https://"),
        ('[slack]\napi_url = "https://"', "must begin with https://"),
        ('[slack]\napi_url = "http://[::1"', "is not an address"),
        ("[slack]\nport = 0", "[slack] port: 0 must be between 1 and 65535"),
        ('[slack]\nmode = "sockets"', 'did you mean "socket"?'),
        ('[store]\nurl = "mysql://h/db"', "[store] url: 'mysql://h/db' must begin with duckdb:// or postgresql://"),
        ('[store]\nurl = "crm.duckdb"', "must begin with duckdb:// or postgresql://"),
        ("[delivery]\nenabled = 1", "[delivery] enabled: must be true or false, not 1"),
        ('[access]\npolicy = "all"', "[access] policy: 'all' is not one of its values"),
        ('[access]\nadmins = "ops@acme.example"', "[access] admins: must be a list"),
        ('[access]\nadmins = ["ops"]', "[access] admins: 'ops' is not an email address"),
        ('[[person]]\nrole = "ae"', "[[person]] 1: email is missing"),
        (SOURCE + '[[person]]\nemail = "a@b"\n[[person]]\nemail = "A@b"', "two [[person]] blocks have the email 'a@b'"),
        ("[sync]\nevery_minutes = 0", "[sync] every_minutes: 0 must be between 1 and 1440"),
        ("x = \n", "is not TOML: Invalid value (at line 1, column 5)"),
    ],
)
def test_what_is_wrong_is_said_by_its_place(tmp_path, text, said):
    message = refusal(tmp_path, text)
    assert message.startswith("scoreline.toml")
    assert said in message


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('to = "teamT1"', "[[digest]] 1 to: 'teamT1' cannot be read; write 'team:ID', 'rep:ID' or 'company'"),
        ('to = "team:"', "[[digest]] 1 to"),
        ('to = "company"\nat = "9:00"', "at: '9:00' cannot be read; write it like 'monday 09:00'"),
        ('to = "company"\nat = "funday 09:00"', "at: 'funday 09:00' cannot be read"),
        ('to = "company"\nat = "monday 24:00"', "at: 'monday 24:00' cannot be read"),
        ('to = "company"\nat = "business day 1 09:00"', "a weekly digest goes out on a day like 'monday 09:00'"),
        ('to = "company"\ntimezone = "Mars"', "timezone: 'Mars' is not a time zone"),
        ('to = "company"\n[[digest]]\nid = "A"\ncadence = "weekly"\nto = "company"', "two [[digest]] blocks"),
    ],
)
def test_a_digest_that_cannot_be_sent_is_refused(tmp_path, keys, said):
    assert said in refusal(tmp_path, f'{SOURCE}[[digest]]\nid = "a"\ncadence = "weekly"\n{keys}\n')


def test_a_long_value_is_cut_in_the_message(tmp_path):
    assert len(refusal(tmp_path, f'[organisation]\ncurrency = "{"x" * 3000}"\n{SOURCE}')) < 200


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('[slack]\nbot_token = "abc-123"', "abc-123"),
        ('[slack]\nhost = "xoxb-1-2-three"', "xoxb-1-2-three"),
        ('[slack]\nhost = "xapp-1-A0-three"', "xapp-1-A0-three"),
        ('[slack]\nxoxb-1-2-three = "x"', "xoxb-1-2-three"),
        ('[slack]\nsigningSecret = "abc-123"', "abc-123"),
        ('[[source]]\ntype = "hubspot"\nname = "pat-na1-00aa"', "pat-na1-00aa"),
        ('[[source]]\ntype = "salesforce"\npassword = "hunter2"', "hunter2"),
        ('[access]\nadmins = ["a@b", "pat-eu1-00aa"]', "pat-eu1-00aa"),
        (SOURCE + '[source.map.deals]\namount = {constant = "xoxp-1-2"}', "xoxp-1-2"),
        ('[store]\nurl = "postgresql://bot:hunter2@db/crm"', "hunter2"),
        ('[slack]\n"xoxb-1-2-three" = 1\n"xoxb-1-2-three" = 2', "xoxb-1-2-three"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_shown(tmp_path, text, secret):
    message = refusal(tmp_path, text)
    assert secret not in message
    assert "secret" in message or "not TOML" in message


def test_a_crms_own_words_are_no_secrets(tmp_path):
    text = (
        SOURCE
        + '[source.map.deals]\nstatus = {column = "Stage", values = {"Token paid" = "won"}, otherwise = "open"}\n'
    )
    assert load(tmp_path, text).sources[0].maps["deals"].fields["status"].values == {"Token paid": "won"}


def test_a_missing_file_says_what_to_write_or_try(tmp_path):
    with pytest.raises(ConfigError, match=r"There is no configuration at .*none\.toml: write one .*kpi demo"):
        load_config(tmp_path / "none.toml", {})


def test_what_is_no_text_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})
    (tmp_path / "scoreline.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load_config(tmp_path / "scoreline.toml", {})


def test_the_given_file_comes_before_the_environments_and_the_folders(tmp_path):
    environ = {"SCORELINE_CONFIG": "env.toml"}
    assert find_config("given.toml", environ, tmp_path) == tmp_path / "given.toml"
    assert find_config(None, environ, tmp_path) == tmp_path / "env.toml"
    assert find_config(None, {}, tmp_path) == tmp_path / "scoreline.toml"
    assert find_config("/etc/s.toml", {}, tmp_path) == Path("/etc/s.toml")


def test_secrets_come_from_the_environment_or_a_file_it_names(tmp_path):
    file = tmp_path / "token"
    file.write_text("xapp-from-file\n")
    secrets = Secrets({"SLACK_BOT_TOKEN": " xoxb-1 ", "SLACK_APP_TOKEN_FILE": str(file), "EMPTY": ""})
    assert secrets.get("SLACK_BOT_TOKEN") == "xoxb-1"
    assert secrets.get("SLACK_APP_TOKEN") == "xapp-from-file"
    assert secrets.get("EMPTY") is None
    assert secrets.get("SLACK_SIGNING_SECRET") is None


def test_a_secret_that_is_needed_and_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="SLACK_BOT_TOKEN is not set; it is needed to post"):
        Secrets({}).require("SLACK_BOT_TOKEN", "to post")
    with pytest.raises(ConfigError, match="SLACK_BOT_TOKEN_FILE names a file that cannot be read"):
        Secrets({"SLACK_BOT_TOKEN_FILE": str(tmp_path / "none")}).get("SLACK_BOT_TOKEN")


def test_no_representation_shows_a_secret(tmp_path):
    config = load(tmp_path, SOURCE, {"SLACK_BOT_TOKEN": "xoxb-1-2-three"})
    assert config.secrets.get("SLACK_BOT_TOKEN") == "xoxb-1-2-three"
    for shown in (repr(config), str(config), repr(config.secrets), str(config.secrets)):
        assert "xoxb" not in shown


def test_reading_the_configuration_imports_nothing_heavy(tmp_path):
    (tmp_path / "scoreline.toml").write_text('[organisation]\nlocale = "de-DE"\n' + SOURCE)
    heavy = "{'babel', 'pandas', 'pyarrow', 'duckdb', 'sqlalchemy', 'slack_bolt', 'aiohttp', 'rich'}"
    code = (
        "import sys, pathlib; from bot.config import load_config; "
        f"load_config(pathlib.Path(sys.argv[1]), {{}}); print(sorted({heavy} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "scoreline.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"


EXAMPLE = """
[organisation]
name = "Acme"
timezone = "America/New_York"
currency = "usd"
locale = "en-US"
week_start = "Monday"
fiscal_year_start = 4
fiscal_year_named_by = "end"
business_hours = "mon-fri 09:00-18:00"

[store]
url = "duckdb:///var/crm.duckdb"
[state]
url = "sqlite:///var/state.db"

[[source]]
name = "crm"
type = "files"
path = "data/crm"
[source.include]
pipelines = ["Sales"]
types = ["new", "expansion"]
[source.exclude]
owners = ["test@acme.example"]
domains = ["acme.example"]
[source.map.deals]
amount = "custom_arr"
closed_at = ["Closing Date", "Created Time"]
status = {column = "Stage", values = {"Payment Done" = "won", "Lost" = "lost"}, otherwise = "open"}
created_at = {column = "Created Time", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin"}
currency = {constant = "EUR"}

[[source]]
type = "hubspot"
api_url = "https://api.hubapi.com"
env_prefix = "ACME_HUBSPOT"

[[source]]
type = "salesforce"
login_url = "https://acme.my.salesforce.com"
auth = "password"
ca_file = ""

[[person]]
email = "rep1@acme.example"
slack = "U0123"
role = "manager"
manager = "head1@acme.example"
team = "EMEA"

[slack]
api_url = "https://slack.com/api/"
mode = "http"
host = "127.0.0.1"
port = 3000

[delivery]
enabled = true

[[digest]]
id = "emea-weekly"
cadence = "weekly"
to = "team:T1"
channel = "#sales-emea"
at = "Monday 9:30"
timezone = "Europe/Paris"
[[digest]]
id = "board"
cadence = "quarterly"
to = "company"
at = "business day 3 08:00"

[access]
policy = "team"
admins = ["ops@acme.example"]
"""
