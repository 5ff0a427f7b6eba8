"""The mirror's tables as rows of the schema: one module per group of tables."""

from connectors.hubspot.translation.translator import TRANSLATED, Translator

__all__ = ["TRANSLATED", "Translator"]
