"""CSV as people have it: encodings, delimiters, quotes, broken rows."""

import csv
import gzip
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import SourceError
from connectors.files import csv_records
from tests.connectors.files.export import DEALS, Export

ACCOUNTS = "id,name,region\n"


def names(export: Export, content: str | bytes, file: str = "accounts.csv") -> list[str | None]:
    export.write(file, content)
    return export.column("accounts", "name")


def broken(export: Export, content: str | bytes) -> list[tuple[int, str, str]]:
    export.write("accounts.csv", content)
    return [(one.row, one.reason, one.raw) for batch in export.pull() for one in batch.unreadable]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("file", ["accounts.csv", "accounts.csv.gz"])
def test_the_encoding_is_found(export: Export, encoding: str, file: str) -> None:
    content = "id,name\nA1,Müller „Söhne“\n".encode(encoding)
    assert names(export, content, file) == ["Müller „Söhne“"]
    notices = [notice for batch in export.pull() for notice in batch.notices]
    assert ["Windows-1252" in notice for notice in notices] == ([True] if encoding == "cp1252" else [])


def test_an_umlaut_on_the_last_line_decides_the_encoding(export: Export) -> None:
    rows = "".join(f"A{number},Plain {number}\n" for number in range(40_000))
    assert names(export, f"id,name\n{rows}".encode() + "Z,Köln\n".encode("cp1252"))[-1] == "Köln"


def test_a_marked_file_with_bad_bytes_is_read_and_told(export: Export) -> None:
    export.write("accounts.csv", b"\xef\xbb\xbfid,name\nA1,K\xf6ln\n")
    (batch,) = export.pull()
    assert batch.rows["name"].to_pylist() == ["K\ufffdln"]
    assert "not quite" in batch.notices[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_and_the_line_ends_are_found(export: Export, delimiter: str, end: str) -> None:
    lines = [["id", "name", "region"], ["A1", "Acme, Inc; Ltd", "EU"], ["A2", "B", ""]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(lines)
    assert names(export, out.getvalue()) == ["Acme, Inc; Ltd", "B"]


def test_a_table_of_one_column_is_one(export: Export) -> None:
    export.write("accounts.csv", "id\nA1\nA2\n")
    assert export.column("accounts", "id") == ["A1", "A2"]


def test_quotes_hold_line_breaks_delimiters_and_quotes(export: Export) -> None:
    assert names(export, ACCOUNTS + 'A1,"a ""b"", c\nd\r\ne",EU\n') == ['a "b", c\nd\r\ne']


def test_the_last_line_needs_no_line_end(export: Export) -> None:
    assert names(export, ACCOUNTS + "A1,a,EU\nA2,b,EU") == ["a", "b"]


def test_nul_characters_are_left_out_and_told(export: Export) -> None:
    export.write("accounts.csv", ACCOUNTS + "A1,a\0b,EU\n")
    (batch,) = export.pull()
    assert batch.rows["name"].to_pylist() == ["ab"]
    assert "NUL" in batch.notices[0]


def test_cells_that_begin_like_formulas_are_text(export: Export) -> None:
    cells = ["=1+1", "+4930", "-5", "@cmd", "#REF!"]
    assert names(export, ACCOUNTS + "".join(f"A,{cell},x\n" for cell in cells)) == cells


def test_a_field_of_megabytes_is_a_field(export: Export) -> None:
    long = "x" * 5_000_000
    assert names(export, f'{ACCOUNTS}A1,"{long}",EU\nA2,b,EU\n') == [long, "b"]


def test_blank_lines_are_skipped_and_rows_of_blanks_are_rows(export: Export) -> None:
    export.write("accounts.csv", "\n" + ACCOUNTS + "A1,a,EU\n\n   \n,,\n \r\nA2,b,EU\n")
    rows = export.rows("accounts")
    assert [(row["_row"], row["id"]) for row in rows] == [(1, "A1"), (2, ""), (3, "A2")]


def test_rows_of_another_length_are_told_apart_and_shift_nothing(export: Export) -> None:
    content = ACCOUNTS + "A1,a,EU\nA2,Smith, John,EU\nA3\nA4,d,EU\n"
    assert broken(export, content) == [
        (2, "4 columns where the header has 3", "A2,Smith, John,EU\n"),
        (3, "1 columns where the header has 3", "A3\n"),
    ]
    assert [(row["_row"], row["name"], row["region"]) for row in export.rows("accounts")] == [
        (1, "a", "EU"),
        (4, "d", "EU"),
    ]


def test_a_broken_row_counts_as_pulled(export: Export) -> None:
    export.write("accounts.csv", ACCOUNTS + "A1,a,EU\nA2\n")
    assert [batch.pulled for batch in export.pull()] == [2]


@pytest.mark.parametrize("closing", ["", 'A4,"Quoted, Inc",EU\n', 'A4,"",EU\n'])
def test_an_open_quote_breaks_its_own_line_alone(export: Export, closing: str) -> None:
    content = ACCOUNTS + 'A1,a,EU\nA2,"unclosed,EU\nA3,c,EU\n' + closing
    assert [(row, reason) for row, reason, _ in broken(export, content)] == [(2, "a quote is not closed")]
    assert export.column("accounts", "id")[:2] == ["A1", "A3"]
    assert export.column("accounts", "id")[2:] == (["A4"] if closing else [])


def test_an_open_quote_cannot_merge_two_rows_into_one_that_fits(export: Export) -> None:
    content = ACCOUNTS + 'A1,"unclosed,EU\nA2,"foo",US\n'
    assert [row for row, _, _ in broken(export, content)] == [1]
    assert [(row["id"], row["name"], row["region"]) for row in export.rows("accounts")] == [("A2", "foo", "US")]


def test_an_open_quote_at_the_very_end_is_a_cut_off_row(export: Export) -> None:
    assert [row for row, _, _ in broken(export, ACCOUNTS + 'A1,a,EU\nA2,b,"cut o')] == [2]


def test_an_open_quote_does_not_hold_the_whole_file_in_memory(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "_LONGEST_RECORD", 1_000)
    rows = "".join(f"A{number},b,EU\n" for number in range(500))
    assert [row for row, _, _ in broken(export, ACCOUNTS + 'A,"unclosed,EU\n' + rows)] == [1]
    assert len(export.rows("accounts")) == 500


def test_quotes_inside_a_field_are_read_leniently(export: Export) -> None:
    assert names(export, ACCOUNTS + 'A1,5" pipe,EU\nA2,"say "hi" now",EU\n') == ['5" pipe', 'say hi" now"']


def test_the_raw_text_of_a_broken_row_is_bounded(export: Export) -> None:
    ((_, _, raw),) = broken(export, ACCOUNTS + "x" * 50_000 + "\n")
    assert len(raw) == 10_000


def test_of_columns_with_one_name_the_first_counts(export: Export) -> None:
    export.write("accounts.csv", "id,name,name,\nA1,first,second,\n")
    (batch,) = export.pull()
    assert batch.rows["name"].to_pylist() == ["first"]
    assert batch.notices == ("accounts.csv repeats columns; the first counts: name",)


def test_unknown_columns_are_told_once_and_only_without_a_mapping(export: Export) -> None:
    export.write("accounts.csv", "id,name,,Colour,Taste\nA1,a,x,red,sweet\n")
    assert [batch.notices for batch in export.pull()] == [
        ("accounts.csv: accounts have no such columns, not read: Colour, Taste",)
    ]
    export.maps = {"accounts": {"name": "Colour"}}
    assert [batch.notices for batch in export.pull()] == [()]


def test_headers_may_differ_in_case_and_blanks(export: Export) -> None:
    assert names(export, '" ID ",Name\nA1,a\n') == ["a"]


def test_a_header_alone_is_a_whole_table_of_no_rows(export: Export) -> None:
    export.write("accounts.csv", "id,name")
    (batch,) = export.pull()
    assert (batch.starts, batch.ends, batch.rows.num_rows, batch.pulled) == (True, True, 0, 0)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("file", ["accounts.csv", "accounts.csv.gz"])
def test_a_file_without_a_header_is_no_table(export: Export, content: bytes, file: str) -> None:
    export.write(file, content)
    with pytest.raises(SourceError, match="is empty"):
        export.pull()


def test_a_broken_header_is_told(export: Export) -> None:
    export.write("accounts.csv", 'id,"name\nA1,a\n')
    with pytest.raises(SourceError, match=r"column names of .* cannot be read"):
        export.pull()


@pytest.mark.parametrize("rows", [3, 60_000])
def test_a_cut_off_archive_is_an_error_before_its_first_row(export: Export, rows: int) -> None:
    text = "id,name\n" + "".join(f"A{number},{number * 7919 % 10007}\n" for number in range(rows))
    packed = gzip.compress(text.encode())
    (export.path / "accounts.csv.gz").write_bytes(packed[: len(packed) * 9 // 10])
    batches = export.connector().pull({}, full=False)
    with pytest.raises(SourceError, match="ends in the middle"):
        next(batches)


def test_a_damaged_archive_is_an_error(export: Export) -> None:
    packed = bytearray(gzip.compress(b"id,name\n" + b"A1,a\n" * 50))
    packed[12:20] = b"\xff" * 8
    (export.path / "accounts.csv.gz").write_bytes(bytes(packed))
    with pytest.raises(SourceError, match="damaged"):
        export.pull()


def test_an_archive_is_known_by_its_content(export: Export) -> None:
    (export.path / "accounts.csv").write_bytes(gzip.compress(b"id,name\nA1,packed\n"))
    (export.path / "deals.csv.gz").write_text(DEALS)
    assert export.column("accounts", "name") == ["packed"]
    assert len(export.rows("deals")) == 3


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)


@pytest.mark.parametrize("file", ["accounts.csv", "accounts.csv.gz"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_that_is_written_is_read_again(
    export: Export, file: str, rows: list[tuple[str, str, str]], delimiter: str, encoding: str, quoting: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(  # type: ignore[arg-type]
        [("id", "name", "region"), *rows]
    )
    export.write(file, out.getvalue().encode(encoding))
    read = [(row["_row"], row["id"], row["name"], row["region"]) for row in export.rows("accounts")]
    assert read == [(number, *row) for number, row in enumerate(rows, start=1)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text('ab,";\n\r\0 \t', max_size=60).map(str.encode))
def test_no_content_is_an_exception_of_another_kind(export: Export, content: bytes) -> None:
    export.write("accounts.csv", b"id,name\n" + content)
    numbers = sorted(
        number
        for batch in export.pull()
        for number in [*batch.rows["_row"].to_pylist(), *(one.row for one in batch.unreadable)]
    )
    assert numbers == list(range(1, len(numbers) + 1))
