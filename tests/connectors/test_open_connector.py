"""Sources by their type."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectors import open_connector
from connectors.base import SourceError
from connectors.mapping import SourceSettings
from tests.connectors.surroundings import surroundings


def test_a_files_source_is_opened_without_reading() -> None:
    connector = open_connector(SourceSettings("crm", "files", Path("/nowhere")), surroundings())
    assert connector.name == "crm"


def test_salesforce_is_not_supported_yet() -> None:
    with pytest.raises(SourceError, match="not supported in this version"):
        open_connector(SourceSettings("crm", "salesforce"), surroundings())


def test_an_unknown_type_is_told_what_there_is() -> None:
    with pytest.raises(SourceError, match=r'"file".*did you mean "files"'):
        open_connector(SourceSettings("crm", "file"), surroundings())


def test_reading_a_mapping_needs_no_arrow() -> None:
    code = "import connectors, connectors.mapping, sys; sys.exit('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 0
