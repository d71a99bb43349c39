"""The files that Home Assistant reads: manifest, translations, icons, quality scale and images."""

import ast
import json
from pathlib import Path
import re
import struct
import sys
from typing import Any

from homeassistant.const import Platform
import pytest
import yaml

from custom_components.three_phase_energy import issues
from custom_components.three_phase_energy.flows.broker import BROKER_ERRORS, BROKER_SCHEMA, QUANTUMLEAP_ERRORS, REAUTH_SCHEMA
from custom_components.three_phase_energy.flows.meter import OPTIONS_SCHEMA
from custom_components.three_phase_energy.meters.sensor import METER_SENSORS
from custom_components.three_phase_energy.mirror.binary_sensor import CONNECTED
from custom_components.three_phase_energy.mirror.sensor import BROKER_SENSORS

PACKAGE = Path(issues.__file__).parent
LANGUAGES = ("en", "fr")
PLACEHOLDER = re.compile(r"{(\w+)}")


def read(name: str) -> dict[str, Any]:
    """Return a JSON file of the integration."""
    document: dict[str, Any] = json.loads((PACKAGE / name).read_text())
    return document


def flat(document: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the texts of nested objects by their dotted keys."""
    texts: dict[str, str] = {}
    for key, value in document.items():
        texts |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return texts


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the texts of a language."""
    return flat(read(f"translations/{request.param}.json"))


def literals() -> set[str]:
    """Return every text that stands in the integration's code."""
    modules = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    nodes = (node for module in modules for node in ast.walk(module))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    english, french = (flat(read(f"translations/{language}.json")) for language in LANGUAGES)

    assert english.keys() == french.keys()
    for key, text in english.items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(french[key])), key


def test_texts_are_finished(texts: dict[str, str]) -> None:
    for key, text in texts.items():
        assert text.strip() == text != "", key
        assert "[%key" not in text, key
        # Home Assistant's checks want addresses as placeholders.
        assert "://" not in text, key


def test_french_is_french() -> None:
    english, french = (flat(read(f"translations/{language}.json")) for language in LANGUAGES)

    # What both languages call the same: the product, and placeholders alone.
    same = {key for key in english if english[key] == french[key]}
    assert same == {"title", "config.flow_title"}


def test_every_entity_has_a_name(texts: dict[str, str]) -> None:
    sensors = {description.translation_key for description in (*METER_SENSORS, *BROKER_SENSORS)}
    named = {key.split(".")[2] for key in texts if key.startswith("entity.sensor.") and key.endswith(".name")}
    assert named == sensors
    assert f"entity.binary_sensor.{CONNECTED.translation_key}.name" in texts


def test_every_field_of_every_form_has_a_name_and_a_description(texts: dict[str, str]) -> None:
    forms = {
        "config.step.broker": BROKER_SCHEMA,
        "config.step.reconfigure": BROKER_SCHEMA,
        "config.step.reauth_confirm": REAUTH_SCHEMA,
        "options.step.init": OPTIONS_SCHEMA,
    }
    fields = {f"{form}.{{}}.{key}" for form, schema in forms.items() for key in map(str, schema.schema)}
    fields |= {"config.step.meter.{}.device", "config.step.choose.{}.meter"}
    for field in fields:
        assert field.format("data") in texts
        assert field.format("data_description") in texts


def test_every_error_that_can_be_shown_has_a_text_and_no_text_is_left_over(texts: dict[str, str]) -> None:
    shown = {error for table in (BROKER_ERRORS, QUANTUMLEAP_ERRORS) for errors in table.values() for error in errors.values()}
    shown |= {issues.UPDATE_FIRMWARE, issues.UPDATE_INTEGRATION}
    present = {key.removeprefix("config.error.") for key in texts if key.startswith("config.error.")}
    assert shown <= present
    assert present <= shown | literals()


def test_every_abort_exception_and_repair_has_a_text_and_no_text_is_left_over(texts: dict[str, str]) -> None:
    given_by_home_assistant = {"already_configured", "already_in_progress", "reauth_successful", "reconfigure_successful"}
    aborts = {key.removeprefix("config.abort.") for key in texts if key.startswith("config.abort.")}
    assert aborts == given_by_home_assistant | {"meter_has_nothing_to_enter"}

    exceptions = {key.split(".")[1] for key in texts if key.startswith("exceptions.")}
    assert exceptions == {"esphome_device_missing", "outbox_unusable"}
    repairs = {key.split(".")[1] for key in texts if key.startswith("issues.")}
    assert repairs == {
        issues.UPDATE_FIRMWARE,
        issues.UPDATE_INTEGRATION,
        issues.ISSUE_MIRROR_INCOMPLETE,
        issues.ISSUE_OUTBOX_FAILS,
        issues.ISSUE_OUTBOX_SALVAGED,
    }
    assert exceptions | repairs - {issues.UPDATE_FIRMWARE, issues.UPDATE_INTEGRATION} <= literals()


def test_manifest() -> None:
    manifest = read("manifest.json")

    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert manifest["domain"] == PACKAGE.name == "three_phase_energy"
    assert manifest["version"] == "0.1.0"
    assert manifest["requirements"] == []
    assert set(manifest["after_dependencies"]) == {"esphome", "recorder"}
    for key in ("documentation", "issue_tracker"):
        assert manifest[key].startswith("https://github.com/three-phase-energy/three-phase-energy")


def test_version_is_that_of_the_project() -> None:
    project = (PACKAGE.parents[1] / "pyproject.toml").read_text()

    assert f'version = "{read("manifest.json")["version"]}"' in project


def test_only_home_assistant_and_itself_are_imported() -> None:
    allowed = {"aiohttp", "homeassistant", "orjson", "probatio", "yarl"} | sys.stdlib_module_names
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert {name.name.partition(".")[0] for name in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").partition(".")[0] in allowed, path


def test_hacs_asks_for_the_home_assistant_that_it_was_written_for() -> None:
    hacs = json.loads((PACKAGE.parents[1] / "hacs.json").read_text())

    assert hacs == {"name": read("manifest.json")["name"], "homeassistant": "2026.11.0"}


def test_icons_are_for_entities_that_have_no_device_class() -> None:
    icons = read("icons.json")["entity"]

    assert set(icons) == {Platform.SENSOR}
    sensors = (*METER_SENSORS, *BROKER_SENSORS)
    assert set(icons["sensor"]) == {sensor.translation_key for sensor in sensors if sensor.device_class is None}
    assert all(icon["default"].startswith("mdi:") for icon in icons["sensor"].values())


def test_quality_scale_answers_every_rule() -> None:
    rules = yaml.safe_load((PACKAGE / "quality_scale.yaml").read_text())["rules"]

    assert len(rules) == 54
    for rule, answer in rules.items():
        status = answer if isinstance(answer, str) else answer["status"]
        assert status in {"done", "exempt", "todo"}, rule
        assert status == "done" or answer["comment"], rule


@pytest.mark.parametrize(("name", "height"), [("icon", 256), ("logo", 128), ("dark_logo", 128)])
@pytest.mark.parametrize(("suffix", "factor"), [("", 1), ("@2x", 2)])
def test_images_have_the_sizes_that_home_assistant_expects(name: str, height: int, suffix: str, factor: int) -> None:
    content = (PACKAGE / "brand" / f"{name}{suffix}.png").read_bytes()

    assert content.startswith(b"\x89PNG\r\n")
    size = struct.unpack(">II", content[16:24])
    assert size[1] == height * factor
    assert size[0] == height * factor or name != "icon"
