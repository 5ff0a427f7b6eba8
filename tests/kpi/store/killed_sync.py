"""A sync that is killed at random moments: lists two tables, generation by generation, going on where it was cut short.

Run as ``python -m tests.kpi.store.killed_sync FOLDER GENERATIONS``; says "ready" once it has begun to write.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Batch
from kpi.relations import Relation
from kpi.store import Writer, open_writer

from .conftest import BEGAN, NEW_YORK, URL, batch, deal

BATCHES, SIZE = 4, 50
GENERATION = Relation("generations", "select distinct name from deals union select distinct family from line_items")
ITEMS = Relation(
    "deal_items",
    """
    select deals.id as deal_id, deals.name, line_items.family, line_items.product
    from deals join line_items on line_items.deal_id = deals.id
    """,
    key="deal_id",
    remade_by={"deals": "id", "line_items": "deal_id"},
)
TURNS = Relation("turns", "select product, count(*) as items from deal_items group by product", kept=False)
RELATIONS = (GENERATION, ITEMS, TURNS)
CHANGED = 5  # of 200: few enough to be remade in part


def rows(table: str, generation: int, number: int) -> list[dict[str, str | None]]:
    """One batch: each generation leaves out ids, repeats one and has a bad row."""
    ids = [f"{number}-{n}" for n in range(generation % 3, SIZE)] + ["0-20"]
    if table == "deals":
        return [deal(each, name=f"g{generation}", status="?" if each.endswith("-10") else "won") for each in ids]
    return [item(each, generation, 0) for each in ids]


def item(each: str, generation: int, turn: int) -> dict[str, str | None]:
    return {"id": each, "deal_id": each, "product": f"turn {turn}", "family": f"g{generation}"}


def pull(cursors: dict[str, str], generation: int) -> Iterator[Batch]:
    """The batches from the cursors on; a cursor is ``generation:batches done``."""
    for table in ("deals", "line_items"):
        at, _, done = cursors.get(table, "0:0").partition(":")
        for number in range(int(done) if int(at) == generation else 0, BATCHES):
            yield batch(
                table,
                rows(table, generation, number),
                first=number * 100 + 1,
                cursor=f"{generation}:{number + 1}",
                starts=number == 0,
                ends=number == BATCHES - 1,
            )


def sync(writer: Writer, generation: int) -> None:
    """Lists both tables, then pulls changes of some items, each published."""
    for each in pull(writer.cursors("files"), generation):
        writer.load("files", each)
    publish(writer)
    for turn in (1, 2):
        some = [item(f"2-{n}", generation, turn) for n in range(20, 20 + CHANGED)]
        writer.load("files", batch("line_items", some, cursor=f"{generation}:{BATCHES}", ends=True))
        publish(writer)


def publish(writer: Writer) -> None:
    writer.publish({"files": BEGAN}, [], ["files"], relations=RELATIONS)


def main(folder: str, generations: str) -> None:
    with open_writer(URL, NEW_YORK, base=Path(folder)) as writer:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        begun = max((int(cursor.partition(":")[0]) for cursor in writer.cursors("files").values()), default=1)
        for generation in range(begun, int(generations) + 1):
            sync(writer, generation)


if __name__ == "__main__":
    main(*sys.argv[1:])
