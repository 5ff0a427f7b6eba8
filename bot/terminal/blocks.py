"""Block Kit's blocks as ``rich`` renderables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType, RenderResult
from rich.markdown import Markdown
from rich.measure import Measurement
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.terminal.mrkdwn import Reader, plain_text, text_object, visible
from bot.terminal.rich_text import rich_text

Block = Mapping[str, Any]

_BUTTONS = {"primary": Style(bold=True, color="green"), "danger": Style(bold=True, color="red")}
_FIELDS_A_ROW = 2
_ANY_WIDTH = 10_000  # to measure what a table needs, whatever there is
_ALIGNS: Mapping[str, JustifyMethod] = {"right": "right", "center": "center"}


def rendered(block: Block, reader: Reader) -> RenderableType:
    """What to print for a block; its type in brackets for one that a terminal cannot show."""
    render = _BLOCKS.get(str(block.get("type")))
    return render(block, reader) if render else Text(f"[{visible(str(block.get('type')))}]", "dim")


def _header(block: Block, _reader: Reader) -> RenderableType:
    text = plain_text(block["text"])
    text.stylize("bold")
    return text


def _section(block: Block, reader: Reader) -> RenderableType:
    parts: list[RenderableType] = []
    if block.get("text"):
        parts.append(text_object(block["text"], reader))
    if block.get("fields"):
        parts.append(_fields([text_object(field, reader) for field in block["fields"]]))
    if not block.get("accessory"):
        return Group(*parts)
    beside = Table.grid(padding=(0, 2), expand=True)
    beside.add_column(ratio=1)
    beside.add_column(justify="right")
    beside.add_row(Group(*parts), _element(block["accessory"], reader))
    return beside


def _fields(texts: list[Text]) -> RenderableType:
    grid = Table.grid(padding=(0, 3))
    for start in range(0, len(texts), _FIELDS_A_ROW):
        row = texts[start : start + _FIELDS_A_ROW]
        grid.add_row(*row, *[""] * (_FIELDS_A_ROW - len(row)))
    return grid


def _context(block: Block, reader: Reader) -> RenderableType:
    text = Text("  ").join(_element(element, reader) for element in block.get("elements", ()))
    text.stylize_before("dim")
    return text


def _divider(_block: Block, _reader: Reader) -> RenderableType:
    return Rule(style="dim")


def _actions(block: Block, reader: Reader) -> RenderableType:
    return Text("  ").join(_element(element, reader) for element in block.get("elements", ()))


def _element(element: Block, reader: Reader) -> Text:
    """An element of a row: a text, an image by its words, or what can be clicked, in brackets."""
    kind = str(element.get("type"))
    if kind in ("mrkdwn", "plain_text"):
        return text_object(element, reader)
    if kind == "image":
        return Text(f"[{plain_text(element.get('alt_text', '')).plain}]")
    if kind == "button":
        style = _BUTTONS.get(str(element.get("style")), Style(bold=True))
        return Text(f"[ {plain_text(element['text']).plain} ]", style)
    if kind == "overflow":
        return Text("[ … ]", "bold")
    chosen = element.get("initial_option", {}).get("text") or element.get("placeholder") or visible(kind)
    return Text(f"[ {plain_text(chosen).plain} ▾ ]", "bold")


def _image(block: Block, _reader: Reader) -> RenderableType:
    title = [plain_text(block["title"])] if block.get("title") else []
    return Group(*title, Text(f"[image: {plain_text(block.get('alt_text', '')).plain}]", "dim"))


def _table(block: Block, reader: Reader) -> RenderableType:
    """The first row is the head. Columns of numbers keep their width, others wrap where the terminal is narrow."""
    rows = [[_cell(cell, reader) for cell in row] for row in block.get("rows", ())]
    if not rows:
        return Text()
    table = Table(box=box.ROUNDED, border_style="dim", header_style="bold", padding=(0, 1))
    settings = [*block.get("column_settings", ()), *[None] * len(rows[0])]
    for index, head in enumerate(rows[0]):
        align = _ALIGNS.get(
            (settings[index] or {}).get("align", "right" if _holds_numbers(block, index) else ""), "left"
        )
        table.add_column(head, justify=align, no_wrap=align == "right", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    caption = [plain_text(block["caption"])] if block.get("caption") else []
    return Group(*caption, _Fitting(table, rows))


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A table, or its rows as lines where the terminal is too narrow for its columns (Slack would scroll)."""

    table: Table
    rows: Sequence[Sequence[Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if Measurement.get(console, options.update(width=_ANY_WIDTH), self.table).minimum <= options.max_width:
            yield self.table
            return
        first, *others = self.rows[0]
        for name, *cells in self.rows[1:]:
            values = [Text.assemble(head, ": ", cell) for head, cell in zip(others, cells, strict=False)]
            yield Text.assemble((f"{first}: ", "dim"), name, "\n  ", Text(" · ").join(values))


def _cell(cell: Block, reader: Reader) -> Text:
    if cell.get("type") == "rich_text":
        return rich_text(cell, reader)
    return plain_text(str(cell.get("text") or cell.get("value", "")))


def _holds_numbers(block: Block, index: int) -> bool:
    return all(row[index].get("type") == "raw_number" for row in block["rows"][1:])


def _markdown(block: Block, _reader: Reader) -> RenderableType:
    return Markdown(visible(str(block.get("text", ""))), hyperlinks=False)


def _rich_text(block: Block, reader: Reader) -> RenderableType:
    return rich_text(block, reader)


def _container(block: Block, reader: Reader) -> RenderableType:
    title = plain_text(block.get("title", ""))
    title.stylize("bold")
    return Group(title, *(Padding(rendered(child, reader), (0, 0, 0, 2)) for child in block.get("child_blocks", ())))


_BLOCKS: Mapping[str, Callable[[Block, Reader], RenderableType]] = {
    "actions": _actions,
    "container": _container,
    "context": _context,
    "data_table": _table,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "section": _section,
    "table": _table,
}
