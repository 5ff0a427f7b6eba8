"""A progress bar for syncs."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import TaskID


class Bar:
    """A progress bar on a terminal, nothing in a pipe."""

    def __init__(self, *, visible: bool) -> None:
        self._visible = visible

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} rows"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not self._visible,
            transient=True,
        )
        self._task: TaskID | None = None
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def source(self, name: str, rows: int | None) -> None:
        self._task = self._progress.add_task(name, total=rows)

    def advance(self, what: str, rows: int) -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=rows, description=what)

    def publishing(self) -> None:
        self._progress.add_task("publishing", total=None)
