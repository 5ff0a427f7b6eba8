"""Where a source's records are shown: what the configuration takes, and what it makes of an id."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load_config
from bot.config.record_url import fill_record_url, record_url
from bot.explaining import record_links

URL = "https://crm.acme.example/{table}/{id}"


def load(folder: Path, *sources: str):
    file = folder / "scoreline.toml"
    file.write_text("".join(f'[[source]]\ntype = "files"\npath = "crm"\n{lines}\n' for lines in sources), "utf-8")
    return load_config(file, {})


def test_each_source_has_its_own_and_needs_none(tmp_path):
    config = load(tmp_path, f'name = "one"\nrecord_url = "{URL}"', 'name = "two"')

    assert config.record_urls == {"one": URL}
    assert load(tmp_path, "").record_urls == {}
    assert load(tmp_path, f'record_url = "{URL}"').record_urls == {"files": URL}


@pytest.mark.parametrize("url", [URL, "https://crm.example:8443/x?o={id}#top", " https://crm.example/{id} "])
def test_an_https_address_with_an_id_is_taken(url):
    assert record_url(url) == url.strip()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://crm.example/{id}", "must begin with https://"),
        ("javascript:alert({id})", "must begin with https://"),
        ("https:///{id}", "must begin with https://"),
        ("https://{table}.example/{id}", "must begin with https:// and a host"),
        ("https://crm.example/{id!r}", "must begin with https://"),
        ("https://crm.example/{id:>9}", "must begin with https://"),
        ("https://crm.example/{table}", "must be one word that holds {id}"),
        ("https://crm.example/a b/{id}", "must be one word"),
        ("https://crm.example/{tabel}/{id}", '{tabel} is no part of a record; did you mean "table"?'),
        ("https://crm.example/{id.__class__}", "is no part of a record"),
        ("https://crm.example/{}", "is no part of a record"),
        ("https://crm.example/{id", "is not an address"),
        ("https://[crm/{id}", "is not an address"),
    ],
)
def test_another_address_is_refused_with_what_to_write(tmp_path, url, said):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f'record_url = "{url}"')
    assert said in str(caught.value)
    assert "[[source]] 1 record_url" in str(caught.value)


@pytest.mark.parametrize(
    ("id_", "path"),
    [("D1", "D1"), ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d"), ("日本", "%E6%97%A5%E6%9C%AC"), ("{id}", "%7Bid%7D")],
)
def test_an_id_is_one_part_of_the_path_whatever_it_holds(id_, path):
    assert fill_record_url(URL, "deals", id_) == f"https://crm.acme.example/deals/{path}"


@pytest.mark.parametrize("id_", ["", ".", ".."])
def test_an_id_that_would_lead_elsewhere_has_no_address(id_):
    assert fill_record_url(URL, "deals", id_) is None


def test_records_of_a_source_without_one_have_no_link():
    link = record_links({"crm": URL})

    assert link("deals", "crm:D:1") == "https://crm.acme.example/deals/D%3A1"
    assert link("deals", "files:D1") is None
