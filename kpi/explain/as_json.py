"""An explanation as JSON: numbers as decimal strings, unrounded; instants in UTC; ids as people see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpi.answer import Json, answer_json, instant, number
from kpi.explain.model import Explanation, Record, Records, Term
from kpi.scopes import Directory

Link = Callable[[str, str], str | None]  # the address of a record in its CRM, by table and stored id


def explanation_json(explanation: Explanation, directory: Directory, link: Link) -> Json:
    """The explanation in the shape that `kpi explain --json` promises."""
    definition, equation = explanation.definition, explanation.equation
    return {
        "answer": answer_json(explanation.reading, directory),
        "definition": {
            "what": definition.what,
            "formula": definition.formula,
            "source": definition.source,
            "redefined": definition.redefined,
        },
        "equation": equation.template.format(*map(number, equation.numbers)) if equation else None,
        "terms": [_term(term) for term in explanation.terms],
        "left_out": [
            {"name": one.name, "text": one.text, "records": one.records, "table": one.table}
            for one in explanation.left_out
        ],
        "inputs": [{"supplied": one.is_supplied, "filled": dict(one.filled)} for one in explanation.inputs],
        "measures": list(explanation.measures),
        "ignored": list(explanation.ignored),
        "records": _records(explanation.records, directory, link) if explanation.records else None,
    }


def _term(term: Term) -> Json:
    return {
        "name": term.name,
        "number": number(term.number),
        "period": term.period,
        "start": instant(term.start),
        "until": instant(term.until),
        "records": term.records,
        "table": term.table,
    }


def _records(records: Records, directory: Directory, link: Link) -> Json:
    return {
        "measure": records.measure,
        "table": records.table,
        "dated_by": records.dated_by,
        "columns": list(records.columns),
        "adds": records.adds,
        "sort": records.sort,
        "total": records.total,
        "hidden": records.hidden,
        "page": records.page,
        "pages": records.pages,
        "rows": [_record(record, records, directory, link) for record in records.rows],
    }


def _record(record: Record, records: Records, directory: Directory, link: Link) -> Json:
    owner = {"id": directory.shown_id(record.owner_id), "name": record.owner} if record.owner_id else None
    return {
        "id": record.id and directory.shown_id(record.id),
        "name": record.name,
        "owner": owner,
        "at": instant(record.at),
        "values": {
            column: directory.shown_id(value) if value and column in records.id_columns else _value(value)
            for column, value in record.values.items()
        },
        "url": link(records.table, record.id) if record.id else None,
    }


def _value(value: Any) -> Any:
    match value:
        case Decimal():
            return number(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case _:
            return value
