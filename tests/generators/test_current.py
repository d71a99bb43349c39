"""What is committed is what the table of quantities says today."""

import pytest

from generators.__main__ import outputs
from generators.output import Output


@pytest.mark.parametrize("output", outputs(), ids=lambda output: output.name)
def test_generated_file_is_current(output: Output) -> None:
    assert output.is_current, f"{output.name} is stale: run scripts/generate"
