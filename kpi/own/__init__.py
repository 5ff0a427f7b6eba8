"""A company's own KPIs: what its configuration may say of one, and how that becomes a ``Kpi`` like any other."""

from kpi.own.shapes import OwnDoubt, OwnExtra, OwnKpi, OwnMeasure, OwnValue, OwnVariant

__all__ = ["OwnDoubt", "OwnExtra", "OwnKpi", "OwnMeasure", "OwnValue", "OwnVariant"]
