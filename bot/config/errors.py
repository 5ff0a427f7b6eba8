"""What a wrong configuration raises, and how a place in the file is named."""

from dataclasses import dataclass, replace


class ConfigError(Exception):
    """The configuration cannot be used. One line: the file and key, what is wrong, what to do. Never a secret."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file: ``scoreline.toml, [[source]] 2 map.deals.amount``."""

    file: str
    block: str = ""
    keys: tuple[str, ...] = ()

    def under(self, key: str, *, entry: int | None = None) -> "Place":
        """The place of a key in here, or of an entry (counted from 1) of a list of blocks."""
        if self.block:
            return replace(self, keys=(*self.keys, key if entry is None else f"{key}[{entry}]"))
        return replace(self, block=f"[{key}]" if entry is None else f"[[{key}]] {entry}")

    def error(self, what: str) -> ConfigError:
        named = " ".join(filter(None, (self.block, ".".join(self.keys))))
        return ConfigError(f"{self.file}, {named}: {what}" if named else f"{self.file}: {what}")
