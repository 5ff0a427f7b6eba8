"""What a checked expression says: which columns it stands on, whether it adds up, what counts its records."""

from __future__ import annotations

from sqlglot import exp

from kpi.fragments import AGGREGATES, DIALECT


def columns_in(tree: exp.Expr) -> frozenset[str]:
    """The columns that an expression stands on; those that it handles where they are empty are not among them."""
    return frozenset(
        column.name for column in tree.find_all(exp.Column) if not isinstance(column.parent, exp.Is | exp.Coalesce)
    )


def is_additive(tree: exp.Expr) -> bool:
    """Whether the number of several reps together is the sum of theirs, by the looks of the expression."""
    if isinstance(tree, exp.Filter | exp.Paren | exp.Neg):
        return is_additive(tree.this)
    if isinstance(tree, exp.Add | exp.Sub):
        return is_additive(tree.this) and is_additive(tree.expression)
    if isinstance(tree, exp.Mul):
        return (is_additive(tree.this) and tree.expression.find(*AGGREGATES) is None) or (
            tree.this.find(*AGGREGATES) is None and is_additive(tree.expression)
        )
    return isinstance(tree, (exp.Count, exp.Sum)) and not isinstance(tree.this, exp.Distinct)


def middles_of(tree: exp.Expr) -> str | None:
    """For ``quantile_disc(x, 0.5)``, perhaps with a filter: the expression of the sum of the two middle values (twice
    the one in the middle). None for any other expression."""
    aggregate, condition = _apart(tree)
    if not isinstance(aggregate, exp.PercentileDisc) or aggregate.expression.name not in ("0.5", ".5"):
        return None
    value = aggregate.this.sql(DIALECT)
    return f"quantile_disc({value}, 0.5){condition} - quantile_disc(-({value}), 0.5){condition}"


def counts_records(tree: exp.Expr) -> bool:
    """Whether the expression is a count itself."""
    return isinstance(_apart(tree)[0], exp.Count)


def records_of(tree: exp.Expr) -> str:
    """The expression that counts the records that the first aggregate of an expression stands on."""
    first = next(node for node in tree.dfs() if type(node) in AGGREGATES)
    aggregate, condition = _apart(first.parent if isinstance(first.parent, exp.Filter) else first)
    counted = "*" if isinstance(aggregate.this, exp.Star) else aggregate.this.sql(DIALECT)
    return f"count({counted}){condition}"


def empties_of(tree: exp.Expr) -> tuple[str, str] | None:
    """Of an expression whose first aggregate takes a plain column: the column, and the expression that counts the
    records that are left out because it is empty."""
    first = next(node for node in tree.dfs() if type(node) in AGGREGATES)
    if not isinstance(first.this, exp.Column):
        return None
    where = first.parent.expression.this.sql(DIALECT) if isinstance(first.parent, exp.Filter) else "true"
    return first.this.name, f"count(*) filter (where ({where}) and {first.this.sql(DIALECT)} is null)"


def is_part_of(part: exp.Expr, whole: exp.Expr) -> bool:
    """Whether one count takes only records that the other takes as well: the same count, with all its conditions."""
    (counted, _), (counted_whole, _) = _apart(part), _apart(whole)
    return isinstance(counted, exp.Count) and counted == counted_whole and _conditions(part) >= _conditions(whole)


def _apart(tree: exp.Expr) -> tuple[exp.Expr, str]:
    """An aggregate, and its filter as text that can follow another."""
    if isinstance(tree, exp.Filter):
        return tree.this, f" filter ({tree.expression.sql(DIALECT).strip()})"
    return tree, ""


def _conditions(tree: exp.Expr) -> set[exp.Expr]:
    if not isinstance(tree, exp.Filter):
        return set()
    condition = tree.expression.this
    return set(condition.flatten()) if isinstance(condition, exp.And) else {condition}
