"""The configuration: what is shipped is valid, and a mistake is answered by what to do about it."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import secrets
import shutil
import subprocess
from typing import Any

import pytest

from rig.firmware import ESPHOME, ROOT, esphome_environment

FOLDER = ROOT / "esphome"
SHIPPED = ("three-phase-meter-esp32.yaml", "three-phase-meter-esp8266.yaml", "three-phase-meter-simulated.yaml")
API = {"reboot_timeout": "0s", "homeassistant_services": True, "custom_services": True}
ON_ESP32: Mapping[str, Any] = {
    "esphome": {"name": "meter"},
    "external_components": [{"source": {"type": "local", "path": str(FOLDER / "components")}}],
    "esp32": {"board": "esp32dev", "framework": {"type": "esp-idf"}},
    "wifi": {"ssid": "home", "password": "password", "reboot_timeout": "0s"},
    "api": API,
    "spi": {"clk_pin": 18, "miso_pin": 19, "mosi_pin": 23},
}
ON_HOST: Mapping[str, Any] = {
    "esphome": {"name": "meter"},
    "external_components": ON_ESP32["external_components"],
    "host": {},
    "api": API,
}
HUB = {"line_frequency": "50Hz", "cs_pin": 22}

type Configuration = dict[str, Any]


def on_esp32(other: Configuration | None = None, /, **hub: object) -> Configuration:
    """Return a configuration for an ESP32 with options of its hub, and other components, changed; None takes one away."""
    return _without_none({**ON_ESP32, **(other or {}), "ade9000": _without_none({**HUB, **hub})})


def on_host(sim: Configuration, **hub: object) -> Configuration:
    """Return a configuration with a simulated chip."""
    return {**ON_HOST, "ade9000_sim": sim, "ade9000": {"line_frequency": "50Hz", **hub}}


def _without_none(config: Configuration) -> Configuration:
    return {key: value for key, value in config.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What `esphome config` answers to a configuration."""

    is_valid: bool
    text: str
    """All that it says, in one line."""


def validate(paths: Iterable[Path], data: Path) -> list[Answer]:
    """Validate configurations, in their order."""
    paths = list(paths)
    command = [ESPHOME.with_name("python"), Path(__file__).with_name("validate_configs.py"), *paths]
    subprocess.run(command, env=esphome_environment(data), check=True, timeout=120)
    return [
        Answer(
            is_valid=path.with_suffix(".status").read_text(encoding="utf-8") == "0",
            text=" ".join(path.with_suffix(".out").read_text(encoding="utf-8").split()),
        )
        for path in paths
    ]


pytestmark = pytest.mark.usefixtures("esphome")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answer]:
    """The answers to all configurations below, by name."""
    folder = tmp_path_factory.mktemp("configurations")
    configurations = {**{name: config for name, (config, _) in MISTAKES.items()}, **VALID, **RISKY}
    paths = [folder / f"{number}.yaml" for number in range(len(configurations))]
    for path, config in zip(paths, configurations.values(), strict=True):
        # JSON is YAML.
        path.write_text(json.dumps(config), encoding="utf-8")
    return dict(zip(configurations, validate(paths, folder / "data"), strict=True))


@pytest.fixture
def users_folder(tmp_path: Path) -> Path:
    """The shipped configurations beside secrets that a user made of the example."""
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    shutil.copytree(FOLDER / "packages", tmp_path / "packages")
    (tmp_path / "components").symlink_to(FOLDER / "components")
    example = (FOLDER / "secrets.example.yaml").read_text(encoding="utf-8")
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    (tmp_path / "secrets.yaml").write_text(example.replace("replace-me", key), encoding="utf-8")
    return tmp_path


def test_shipped_configurations_are_valid(users_folder: Path) -> None:
    for name, answer in zip(SHIPPED, validate((users_folder / name for name in SHIPPED), users_folder / "data"), strict=True):
        assert answer.is_valid, f"{name}: {answer.text}"
        assert "WARNING" not in answer.text, name


def test_example_secrets_are_refused_until_they_are_replaced(users_folder: Path) -> None:
    shutil.copy(FOLDER / "secrets.example.yaml", users_folder / "secrets.yaml")

    (answer,) = validate([users_folder / SHIPPED[0]], users_folder / "data")

    assert not answer.is_valid
    assert "Invalid key format" in answer.text


MISTAKES: Mapping[str, tuple[Configuration, str]] = {
    "no chip select": (on_esp32(cs_pin=None), "'cs_pin' is a required option for [ade9000]"),
    "no line frequency": (on_esp32(line_frequency=None), "'line_frequency' is a required option for [ade9000]"),
    "other line frequency": (on_esp32(line_frequency="55Hz"), "Unknown value '55HZ', did you mean '50HZ'?"),
    "unknown key": (on_esp32(burden="10ohm"), "[burden] is an invalid option for [ade9000]"),
    "unknown wiring": (on_esp32(wiring="star"), "Unknown value 'star', valid options are '4wire_wye'"),
    "simulated chip on an ESP": (on_esp32(sim_id="chip"), "A simulated chip needs the platform `host:`"),
    "real chip on a host": (on_host({"id": "chip"}, cs_pin=22), "The platform `host:` has no SPI"),
    "bus too fast": (on_esp32(data_rate="40MHz"), "The ADE9000 takes 20 MHz at most"),
    "other SPI mode": (on_esp32(spi_mode="MODE1"), "The ADE9000 speaks SPI mode 0 or 3"),
    "bus without MISO": (
        on_esp32({"spi": {"clk_pin": 18, "mosi_pin": 23}}),
        "Component ade9000 requires this spi bus to declare a miso_pin",
    ),
    "CT ratio of zero": (on_esp32(current_sensor={"ratio": 0}), "such as 2500 or 2500:1; it has to be greater than 0, not 0"),
    "negative CT ratio": (on_esp32(current_sensor={"ratio": -2500}), "it has to be greater than 0, not -2500"),
    "CT ratio in words": (on_esp32(current_sensor={"ratio": "100A/50mA"}), "it has to be a number, not '100A/50mA'"),
    "burden that saturates": (
        on_esp32(current_sensor={"burden": "1kohm"}),
        "A burden of 1000 ohm on a transformer of 2500:1 saturates the chip at 1.77 A",
    ),
    "burden of a shunt": (on_esp32(current_sensor={"burden": "10mohm"}), "saturates the chip at 1.77e+05 A"),
    "divider that saturates": (
        on_esp32(voltage_sensor={"divider": ["200kohm", "1kohm"]}),
        "This divider saturates the chip at 142 V, but nominal_voltage is 230 V",
    ),
    "divider of one resistance": (on_esp32(voltage_sensor={"divider": ["800kohm"]}), "A divider is two resistances"),
    "divider that amplifies": (on_esp32(voltage_sensor={"divider": 0.5}), "0.5 would be an amplifier"),
    "coarse divider": (on_esp32(voltage_sensor={"divider": 80100}), "too coarse for a nominal_voltage of 230 V"),
    "unused neutral sensor": (on_esp32(neutral_sensor={"ratio": 1000}), "only used with `neutral: true`"),
    "no current sensor of L2": (on_esp32(l2_current_sensor=False), "where L2 is not measured at all, set `l2: fitted: false`"),
    "nothing fitted": (on_esp32(**{line: {"fitted": False} for line in ("l1", "l2", "l3")}), "No phase is fitted"),
    "log beyond memory": (on_esp32(log={"size": 1000}), "1000 records need 500 KB of memory; esp32 has room for 400"),
    "API without actions": (
        on_esp32({"api": {"reboot_timeout": "0s"}}),
        "Under `api:` add `homeassistant_services: true` and `custom_services: true`, or set `readings: false` here",
    ),
    "readings without API": (on_esp32({"api": None}, readings=True), "`readings: true` needs ESPHome's `api:`"),
    "sensor of a phase that it does not have": (
        on_esp32({"sensor": [{"platform": "ade9000", "n": {"voltage": "Neutral voltage"}}]}),
        "[voltage] is an invalid option for [n]",
    ),
    "sensor of a neutral that is not measured": (
        on_esp32({"sensor": [{"platform": "ade9000", "n": {"current": "Neutral"}}]}),
        "The neutral is not measured: set `neutral: true`",
    ),
    "sensor of a phase that is not fitted": (
        on_esp32({"sensor": [{"platform": "ade9000", "l2": {"voltage": "L2"}}]}, l2={"fitted": False}),
        "`ade9000:` says `fitted: false` of l2",
    ),
    "waveform of a neutral that is not measured": (
        on_esp32(waveform={"channels": ["l1_voltage", "n_current"]}),
        "n_current is not measured: set `neutral: true`",
    ),
    "harmonics of a phase that is not fitted": (
        on_esp32(harmonics={"channels": "l2_current"}, l2={"fitted": False}),
        "l2_current is not measured: `l2: fitted: false` says so",
    ),
    "unknown channel": (on_esp32(waveform={"channels": "l1_power"}), "Unknown value 'l1_power', valid options are 'l1_current'"),
    "small buffer for two channels": (
        on_esp32(waveform={"buffer": "single", "channels": ["l1_voltage", "l1_current"]}),
        "With `buffer: single` one channel is captured at a time: give one here, or set `buffer: all`, which takes 7 KB",
    ),
    "harmonics too often": (on_esp32(harmonics={"interval": "5s"}), "value must be at least 10s"),
    "sensor of a harmonic without harmonics": (
        on_esp32({"sensor": [{"platform": "ade9000", "l1": {"voltage_harmonics": {"5": "Fifth"}}}]}),
        "Single harmonics need `harmonics:` in `ade9000:`",
    ),
    "sensor of a harmonic that is not computed": (
        on_esp32(
            {"sensor": [{"platform": "ade9000", "l1": {"current_harmonics": {"5": "Fifth"}}}]},
            harmonics={"channels": "l1_voltage"},
        ),
        "l1_current is missing under `harmonics: channels:`",
    ),
    "sensor of the first harmonic": (
        on_esp32({"sensor": [{"platform": "ade9000", "l1": {"voltage_harmonics": {"1": "First"}}}]}, harmonics={}),
        "value must be at least 2",
    ),
    "sensors of harmonics without their orders": (
        on_esp32({"sensor": [{"platform": "ade9000", "l1": {"voltage_harmonics": ["Fifth"]}}]}, harmonics={}),
        "Give each order a sensor, such as `5: Fifth harmonic`",
    ),
    "button without waveforms": (
        on_esp32({"button": [{"platform": "ade9000", "capture_waveform": "Capture"}]}),
        "capture_waveform needs `waveform:` in `ade9000:`",
    ),
    "unknown fault": (on_host({"id": "chip", "faults": {"smoke": True}}), "[smoke] is an invalid option for [faults]"),
    "two factors for three phases": (
        on_host({"id": "chip", "profile": [{"duration": "10s", "current": [1, 2]}]}),
        "Give one factor, or one for each of l1, l2, l3",
    ),
}


VALID: Mapping[str, Configuration] = {
    "CT ratio as printed on it": on_esp32(current_sensor={"ratio": "2000:1", "burden": "16.5ohm", "phase_shift": "-0.2deg"}),
    "divider as soldered": on_esp32(voltage_sensor={"divider": ["1Mohm", "1kohm"]}),
    "plain sensors without API": on_esp32(
        {"api": None, "sensor": [{"platform": "ade9000", "l1": {"voltage": "L1"}, "net": {"active_energy_import": "Net"}}]}
    ),
    "plain sensors beside an API without actions": on_esp32({"api": {"reboot_timeout": "0s"}}, readings=False),
    "delta with two transformers": on_esp32(wiring="3wire_delta", nominal_voltage="400V", l2_current_sensor=False),
    "waveforms and harmonics": on_esp32(
        {
            "sensor": [{"platform": "ade9000", "l1": {"voltage_harmonics": {"5": "Fifth", "7": {"name": "Seventh"}}}}],
            "button": [{"platform": "ade9000", "capture_waveform": "Capture"}],
        },
        waveform={"on_event": True},
        harmonics={"interval": "5min", "channels": ["l1_voltage", "l1_current"]},
    ),
    "calibrated": on_esp32(l1={"calibration": {"voltage": 1.0032, "current": 0.9978}}, l2={"invert_current": True}),
}


RISKY: Mapping[str, Configuration] = {
    component: on_esp32({component: {name: value for name, value in ON_ESP32[component].items() if name != "reboot_timeout"}})
    for component in ("api", "wifi")
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_answered(answers: Mapping[str, Answer], name: str) -> None:
    assert not answers[name].is_valid
    assert MISTAKES[name][1] in answers[name].text


@pytest.mark.parametrize("name", VALID)
def test_configuration_is_valid(answers: Mapping[str, Answer], name: str) -> None:
    assert answers[name].is_valid, answers[name].text


@pytest.mark.parametrize("component", RISKY)
def test_reboots_that_would_lose_readings_are_warned_of(answers: Mapping[str, Answer], component: str) -> None:
    assert answers[component].is_valid
    assert f"{component}: reboot_timeout is 15min: an outage as long reboots the meter" in answers[component].text
