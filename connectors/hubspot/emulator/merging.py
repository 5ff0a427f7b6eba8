"""What becomes of two records that are merged."""

from __future__ import annotations

from datetime import datetime

from connectors.hubspot.emulator.records import Record


def merged(winner: Record, loser: Record, kept_id: int, at: datetime) -> Record:
    """One record of two: the winner's values and their past, the loser's where the winner has none.

    ``merged`` names every id that is no more, those of earlier merges too.
    """
    values = {name: value for name, value in loser.properties.items() if name not in winner.properties}
    made = winner.copy()
    made.id = kept_id
    made.created_at = min(winner.created_at, loser.created_at)
    made.change(values, at)
    gone = [*winner.merged, *loser.merged, winner.id, loser.id]
    made.merged = tuple(record_id for record_id in dict.fromkeys(gone) if record_id != kept_id)
    return made
