"""Sales KPIs over published snapshots. For scripts: ``kpi.read`` and ``kpi.table`` give DataFrames."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpi.company import Company, ReadError, read, table

__all__ = ["Company", "ReadError", "read", "table"]


def __getattr__(name: str) -> Any:
    """Imported when it is first asked for: whoever needs the schema alone does not wait for the rest."""
    if name not in __all__:
        raise AttributeError(f"module 'kpi' has no attribute {name!r}")
    from kpi import company

    return getattr(company, name)
