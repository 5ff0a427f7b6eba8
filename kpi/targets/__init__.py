"""Targets: those that were set, how a whole is split into parts, and what history says of them."""

from kpi.targets.rows import (
    MONEY,
    NUMBER,
    YES_NO,
    Origin,
    StatedTarget,
    Target,
    TargetError,
    TargetKey,
    Targets,
    key_of,
    kind_of,
    read_targets,
)

__all__ = [
    "MONEY",
    "NUMBER",
    "YES_NO",
    "Origin",
    "StatedTarget",
    "Target",
    "TargetError",
    "TargetKey",
    "Targets",
    "key_of",
    "kind_of",
    "read_targets",
]
