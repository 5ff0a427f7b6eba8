"""``python -m bot.cli``: the command ``kpi`` where it is not on the path."""

from bot.cli import main

main()
