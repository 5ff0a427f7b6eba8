"""What is wrong with a company's own KPI."""


class OwnKpiError(Exception):
    """An own KPI is not sound, or cannot be computed. One line. ``keys`` lead to the place in its block."""

    def __init__(self, what: str, *keys: str) -> None:
        super().__init__(what)
        self.what, self.keys = what, keys
