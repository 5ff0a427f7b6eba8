"""The SQL expressions that measures are made of, held to an allow-list: they count and sum a relation's columns, and
reach nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from kpi.nearest import did_you_mean

DIALECT = "duckdb"
_LONGEST = 1_000  # characters
_DEEPEST = 60  # nodes within nodes
_LONGEST_NUMBER = 18  # digits: with more, products leave what a decimal holds
_SHOWN = 60
_RESERVED = "scoreline_"  # what stands for instants and windows until they are known begins so
_INSTANTS = ("start", "end", "now")

AGGREGATES: Mapping[type[exp.Expr], str] = {
    exp.Count: "count",
    exp.Sum: "sum",
    exp.Min: "min",
    exp.Max: "max",
    exp.PercentileDisc: "quantile_disc",
}
_SCALARS: Mapping[type[exp.Expr], str] = {
    exp.Abs: "abs",
    exp.Case: "case",
    exp.Cast: "cast",
    exp.Coalesce: "coalesce",
    exp.Greatest: "greatest",
    exp.If: "if",
    exp.Interval: "interval",
    exp.Least: "least",
    exp.Length: "length",
    exp.Lower: "lower",
    exp.Nullif: "nullif",
    exp.Trim: "trim",
    exp.Upper: "upper",
}
_EPOCH = "epoch_us"  # a function that sqlglot does not know
_FUNCTIONS = (*AGGREGATES.values(), *_SCALARS.values(), _EPOCH)
_OPERATORS = (
    exp.Add, exp.And, exp.Between, exp.EQ, exp.GT, exp.GTE, exp.ILike, exp.In, exp.Is, exp.LT, exp.LTE, exp.Like,
    exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Or, exp.Paren, exp.Sub,
)  # fmt: skip
_PLAIN = {*_SCALARS, *_OPERATORS, exp.Boolean, exp.DataTypeParam, exp.Identifier, exp.Null}
_TYPES: Mapping[exp.DType, str] = {
    exp.DType.DECIMAL: "decimal",
    exp.DType.BIGINT: "bigint",
    exp.DType.INT128: "hugeint",
    exp.DType.VARCHAR: "varchar",
    exp.DType.TEXT: "varchar",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPNTZ: "timestamp",
}
_A_QUERY = "a query of its own; an expression reads its relation's columns alone"
_ON_THE_LIST = "may not be used; there are aggregates, comparisons, and, or, not, +, -, * and case"
_REFUSALS = (
    ((exp.Query, exp.Exists, exp.From, exp.Table), _A_QUERY),
    ((exp.Div, exp.IntDiv, exp.Mod), "a value is divided once, so write two measures and a ratio of them"),
    ((exp.Window,), "a window; an expression counts and sums whole groups"),
    ((exp.Distinct,), "distinct stands in count(distinct COLUMN) alone"),
)


class FragmentError(Exception):
    """An expression that may not be, or cannot be read. One line: what is wrong, where, and what to write instead."""


def check_expression(expression: str, columns: Collection[str]) -> exp.Expr:
    """The tree of an expression of aggregates over these columns (and ``$start``, ``$end``, ``$now``).

    Raises FragmentError for whatever is not on the allow-list, for unknown columns, and for columns that stand outside
    an aggregate.
    """
    tree = _parsed(expression)
    depths: dict[int, int] = {}
    for node in tree.walk():
        depth = depths[id(node)] = depths.get(id(node.parent), 0) + 1
        if depth > _DEEPEST:
            raise FragmentError("is nested too deeply: write it in simpler parts")
        _check(node, columns)
    if tree.find(*AGGREGATES) is None:
        raise FragmentError(f"{_shown(tree)} counts nothing: write an aggregate ({', '.join(AGGREGATES.values())})")
    return tree


def _parsed(expression: str) -> exp.Expr:
    if len(expression) > _LONGEST:
        raise FragmentError(f"has {len(expression):,} characters: write at most {_LONGEST:,}")
    try:
        tokens = sqlglot.tokenize(expression, dialect=DIALECT)
        _check_tokens(tokens)
        trees = sqlglot.parse(expression, dialect=DIALECT)
    except SqlglotError as error:
        raise FragmentError(f"cannot be read as SQL{_where(error)}") from None
    except RecursionError:
        raise FragmentError("is nested too deeply: write it in simpler parts") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Expr):
        raise FragmentError("is no expression: write one like count(*)")
    return trees[0]


def _check_tokens(tokens: Collection[Token]) -> None:
    for token in tokens:
        if token.comments:
            raise FragmentError("holds a comment: leave it out")
        if token.token_type is TokenType.SEMICOLON:
            raise FragmentError("holds a semicolon: write one expression")
    first = next(iter(tokens), None)
    parser = sqlglot.Dialect.get_or_raise(DIALECT)
    if first and first.token_type in (*parser.parser_class.STATEMENT_PARSERS, *parser.tokenizer_class.COMMANDS):
        raise FragmentError(f"begins with {first.text[:_SHOWN]!r}: write an expression, not a statement")


def _where(error: SqlglotError) -> str:
    """Which word the parser stumbled over, where it tells."""
    places = getattr(error, "errors", [])
    return f" at {places[0]['highlight'][:_SHOWN]!r}" if places and places[0].get("highlight") else ""


def _check(node: exp.Expr, columns: Collection[str]) -> None:
    """FragmentError for a node that may not be, or not where it is."""
    if isinstance(node, exp.Column):
        _check_column(node, columns)
        return
    kind = type(node)
    rule = _check_aggregate if kind in AGGREGATES else _RULES.get(kind)
    if rule:
        rule(node)
    elif not _MAY_BE[kind](node) if kind in _MAY_BE else kind not in _PLAIN:
        raise _refusal(node)


def _check_column(node: exp.Column, columns: Collection[str]) -> None:
    if not isinstance(node.this, exp.Identifier) or not _has_only(node, "this"):
        raise FragmentError(f"{_shown(node)} names a table: write the column alone")
    if node.name not in columns:
        raise FragmentError(f"there is no column {node.name[:_SHOWN]!r} here; {did_you_mean(node.name, columns)}")
    if next(_ancestors(node, *AGGREGATES, exp.Filter), None) is None:
        raise FragmentError(f"{_shown(node)} stands outside an aggregate: write one, such as sum({node.name})")


def _check_literal(node: exp.Literal) -> None:
    if node.is_string:
        if _RESERVED in node.name.lower():
            raise FragmentError(f"{_shown(node)} holds {_RESERVED}, which is not free to use")
    elif not re.fullmatch(r"\d+(\.\d+)?|\.\d+", node.name):
        raise FragmentError(f"{_shown(node)} is no plain decimal: write it without an exponent")
    elif len(node.name) > _LONGEST_NUMBER:
        raise FragmentError(f"{_shown(node)} has too many digits: write at most {_LONGEST_NUMBER}")


def _check_aggregate(node: exp.Expr) -> None:
    if next(_ancestors(node, *AGGREGATES, exp.Where), None):
        raise FragmentError(f"{_shown(node)} stands within another aggregate or a filter: leave it out there")
    is_quantile = isinstance(node, exp.PercentileDisc)
    if node.this is None or not _has_only(node, "this", "big_int", *(["expression"] if is_quantile else [])):
        raise FragmentError(f"{_shown(node)}: {AGGREGATES[type(node)]} takes one expression here")
    share = node.args.get("expression")
    if is_quantile and not (isinstance(share, exp.Literal) and re.fullmatch(r"0?\.\d+|[01]", share.name)):
        raise FragmentError(f"{_shown(node)}: quantile_disc takes an expression and a number from 0 to 1")


def _check_type(node: exp.DataType) -> None:
    if not isinstance(node.parent, exp.Cast):
        raise _refusal(node)
    if node.this not in _TYPES or node.args.get("nested"):
        given = node.sql(DIALECT).lower()
        raise FragmentError(f"nothing may be cast to {given}; {did_you_mean(given, sorted(set(_TYPES.values())))}")


def _check_instant(node: exp.Expr) -> None:
    if node.name not in _INSTANTS:
        raise FragmentError(f"{_shown(node)} is no instant: there are $start, $end and $now")


def _check_star(node: exp.Expr) -> None:
    if not isinstance(node.parent, exp.Count) or any(node.args.values()):
        raise FragmentError("* stands in count(*) alone: name a column")


def _refusal(node: exp.Expr) -> FragmentError:
    """Why a node is not on the list."""
    shown = _shown(node)
    why = next((why for kinds, why in _REFUSALS if isinstance(node, kinds)), None)
    if why is None and node.find(exp.Query):
        why = _A_QUERY
    if why is None and type(node) in _SCALARS:
        why = f"{_SCALARS[type(node)]} may not be written so"
    if why is None and isinstance(node, exp.Func):
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        return FragmentError(f"the function {name[:_SHOWN]!r} may not be used; {did_you_mean(name, _FUNCTIONS)}")
    return FragmentError(f"{shown}: {why or _ON_THE_LIST}")


def _ancestors(node: exp.Expr, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    above = node.parent
    while above is not None:
        if isinstance(above, kinds):
            yield above
        above = above.parent


def _has_only(node: exp.Expr, *parts: str) -> bool:
    return all(name in parts for name, value in node.args.items() if value)


def _shown(node: exp.Expr) -> str:
    text = " ".join(node.sql(DIALECT).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_RULES: Mapping[type[exp.Expr], Callable[[Any], None]] = {
    exp.Literal: _check_literal,
    exp.Placeholder: _check_instant,
    exp.DataType: _check_type,
    exp.Star: _check_star,
}
_MAY_BE: Mapping[type[exp.Expr], Callable[[Any], bool]] = {
    exp.Anonymous: lambda node: node.name.lower() == _EPOCH and len(node.expressions) == 1,
    exp.Distinct: lambda node: (
        isinstance(node.parent, exp.Count) and len(node.expressions) == 1 and not node.args.get("on")
    ),
    exp.Filter: lambda node: type(node.this) in AGGREGATES,
    exp.Interval: lambda node: isinstance(node.this, exp.Literal) and isinstance(node.args.get("unit"), exp.Var),
    exp.Trim: lambda node: _has_only(node, "this"),
    exp.Var: lambda node: isinstance(node.parent, exp.Interval),
    exp.Where: lambda node: isinstance(node.parent, exp.Filter),
}
