"""Slack's limits as one table. Where copies of Slack's reference disagree the smaller number stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters for texts, items for lists; ``Limits().section_text`` and so on."""

    message_text: int = 40_000
    message_text_advised: int = 4_000
    message_blocks: int = 50
    message_characters: int = 13_000  # of all blocks together; not documented, measured by those who met it
    message_tables: int = 1
    message_charts: int = 2
    metadata_bytes: int = 16_000
    view_blocks: int = 100
    view_bytes: int = 250_000
    view_title: int = 24
    private_metadata: int = 3_000
    identifier: int = 255  # action_id, block_id, callback_id, external_id
    text: int = 3_000
    url: int = 3_000
    section_text: int = 3_000
    section_fields: int = 10
    section_field: int = 2_000
    header: int = 150
    markdown: int = 12_000  # of all markdown blocks together
    context_elements: int = 10
    actions_elements: int = 25
    button_text: int = 75
    button_value: int = 2_000
    option_text: int = 75
    option_value: int = 150
    options: int = 100
    overflow_options: int = 5
    choices: int = 10  # radio buttons, checkboxes
    placeholder: int = 150
    image_alt: int = 2_000
    image_title: int = 2_000
    input_label: int = 2_000
    input_text: int = 3_000
    confirm_title: int = 100
    confirm_text: int = 300
    confirm_button: int = 30
    table_rows: int = 100
    table_columns: int = 20
    table_characters: int = 10_000  # of all tables together
    data_table_rows: int = 101  # the header's row and 100 more
    data_table_page: int = 100
    chart_title: int = 50
    chart_label: int = 20
    chart_axis: int = 50
    chart_categories: int = 20
    chart_series: int = 6  # or segments of a pie
    container_blocks: int = 10
    container_title: int = 150


LIMITS = Limits()
