"""Own KPIs are asked of the same small companies as the built-in ones."""

from tests.kpi.catalogue.conftest import asked, opened

__all__ = ["asked", "opened"]
