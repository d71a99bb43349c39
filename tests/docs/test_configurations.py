"""Every example in YAML parses, and every configuration of a meter, whole or partial, is valid for ESPHome."""

import base64
from collections.abc import Mapping

import pytest

from bench.rig.firmware import ROOT

from ..firmware.validation import Answer, validate
from .configuration import BLOCKS, completed, is_meter, load, write
from .pages import Block

METERS = [block for block in BLOCKS if is_meter(block)]


@pytest.fixture(scope="module")
def answers(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answer]:
    """The answers to all configurations, by the place of their block."""
    folder = tmp_path_factory.mktemp("configurations")
    secrets = (ROOT / "esphome" / "secrets.example.yaml").read_text(encoding="utf-8")
    key = base64.b64encode(bytes(range(32))).decode()
    (folder / "secrets.yaml").write_text(secrets.replace("replace-me", key), encoding="utf-8")
    paths = [folder / f"{number}.yaml" for number in range(len(METERS))]
    for path, block in zip(paths, METERS, strict=True):
        write(completed(block), path)
    return dict(zip((block.place for block in METERS), validate(paths, folder / "data"), strict=True))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_example_is_yaml(block: Block) -> None:
    assert load(block) is not None


@pytest.mark.parametrize("block", METERS, ids=lambda block: block.place)
def test_configuration_is_valid(answers: Mapping[str, Answer], block: Block) -> None:
    assert answers[block.place].is_valid, answers[block.place].text
