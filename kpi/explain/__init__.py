"""What stands behind an answer: its definition, its formula with the numbers put in, and the records, one by one."""

from kpi.explain.as_json import explanation_json
from kpi.explain.explanation import as_a_whole, explain, refuse
from kpi.explain.model import (
    ADDS,
    Definition,
    Equation,
    ExplainError,
    Explanation,
    Input,
    LeftOut,
    Page,
    Record,
    Records,
    Term,
)

__all__ = [
    "ADDS",
    "Definition",
    "Equation",
    "ExplainError",
    "Explanation",
    "Input",
    "LeftOut",
    "Page",
    "Record",
    "Records",
    "Term",
    "as_a_whole",
    "explain",
    "explanation_json",
    "refuse",
]
