"""Configurations of a meter in the documentation, completed so that ESPHome can judge them.

A block fenced as `yaml` whose top-level keys are all components of ESPHome is a configuration, or a part of one. A block of
another kind, such as an automation of Home Assistant, says so behind the fence: `yaml home-assistant`.
"""

from pathlib import Path
from typing import Any

import yaml

from bench.rig.firmware import ESPHOME, ROOT

from .pages import PAGES, Block

COMPONENTS = ROOT / "esphome" / "components"
ESPHOME_KEYS = {"esphome", "external_components", "packages", "substitutions", "globals", "script", "interval"} | {
    path.name
    for folder in (COMPONENTS, *ESPHOME.parents[1].glob("lib/python3*/site-packages/esphome/components"))
    for path in folder.iterdir()
}

type Configuration = dict[str, Any]

LOCAL = [{"source": {"type": "local", "path": str(COMPONENTS)}}]
ESP32: Configuration = {
    "esp32": {"board": "esp32dev", "framework": {"type": "esp-idf"}},
    "wifi": {"ssid": "home", "password": "password", "reboot_timeout": "0s"},
    "spi": {"clk_pin": 18, "miso_pin": 19, "mosi_pin": 23},
}
ESP8266: Configuration = {**ESP32, "esp8266": {"board": "d1_mini"}, "spi": {"clk_pin": 14, "miso_pin": 12, "mosi_pin": 13}}
del ESP8266["esp32"]
HOST: Configuration = {"host": {}, "ade9000_sim": {"id": "simulated"}}
ALL: Configuration = {
    "esphome": {"name": "meter"},
    "logger": {},
    "api": {"reboot_timeout": "0s", "homeassistant_services": True, "custom_services": True},
}
HUB: Configuration = {"line_frequency": "50Hz", "cs_pin": 5}
EVERY_SENSOR: Configuration = {"id": "meter", "neutral": True}
"""For a block that shows sensors only."""


class Tagged:
    """A scalar with a tag of ESPHome, such as `!secret`, kept as it is."""

    def __init__(self, tag: str, value: str) -> None:
        """Take the tag with its exclamation mark."""
        self.tag = tag
        self.value = value


class _Loader(yaml.SafeLoader):
    pass


class _Dumper(yaml.SafeDumper):
    pass


def _construct(loader: _Loader, suffix: str, node: yaml.Node) -> Tagged:
    return Tagged(f"!{suffix}", str(loader.construct_scalar(node)))  # type: ignore[arg-type]  # tags of ESPHome are on scalars


def _represent(dumper: _Dumper, value: Tagged) -> yaml.ScalarNode:
    return dumper.represent_scalar(value.tag, value.value)


_Loader.add_multi_constructor("!", _construct)
_Dumper.add_representer(Tagged, _represent)


def load(block: Block) -> Any:
    """Return what a block holds.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(block.text, _Loader)  # noqa: S506  # a safe loader


def is_meter(block: Block) -> bool:
    """Return whether a block is a meter's configuration or a part of one; what is not YAML is not."""
    try:
        content = load(block)
    except yaml.YAMLError:
        return False
    return block.info == "yaml" and isinstance(content, dict) and set(content) <= ESPHOME_KEYS


def completed(block: Block) -> Configuration:
    """Return the configuration of a block with what it leaves out, and the component of this tree."""
    content: Configuration = load(block)
    if "esphome" in content:
        return {**content, "external_components": LOCAL}
    host = {"host", "ade9000_sim"} & content.keys()
    platform = HOST if host else ESP8266 if "esp8266" in content else ESP32
    hub = {key: value for key, value in HUB.items() if not (host and key == "cs_pin")}
    hubs = content.get("ade9000", EVERY_SENSOR)
    merged = [{**hub, **one} for one in (hubs if isinstance(hubs, list) else [hubs])]
    return {**ALL, **platform, **content, "ade9000": merged, "external_components": LOCAL}


def write(configuration: Configuration, path: Path) -> None:
    """Write a configuration for ESPHome."""
    path.write_text(yaml.dump(configuration, Dumper=_Dumper, sort_keys=False, allow_unicode=True), encoding="utf-8")


BLOCKS = [block for page in PAGES for block in page.blocks() if block.info.split(" ")[0] == "yaml"]
