"""The configuration: what is shipped is valid, and a mistake is answered by what to do about it."""

import base64
from collections.abc import Mapping
import json
from pathlib import Path
import secrets
import shutil
from typing import Any

import pytest

from bench.rig.firmware import ROOT

from .validation import Answer, validate

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
ON_ESP8266: Mapping[str, Any] = {
    "esp32": None,
    "esp8266": {"board": "d1_mini"},
    "spi": {"clk_pin": 14, "miso_pin": 12, "mosi_pin": 13},
}
HUB = {"line_frequency": "50Hz", "cs_pin": 22}

CALIBRATED: Mapping[str, Any] = {"ade9000_calibration": {}}

type Configuration = dict[str, Any]


def on_esp32(other: Configuration | None = None, /, **hub: object) -> Configuration:
    """Return a configuration for an ESP32 with options of its hub, and other components, changed; None takes one away."""
    return _without_none({**ON_ESP32, "ade9000": _without_none({**HUB, **hub}), **(other or {})})


def watching(quality: Configuration, other: Configuration | None = None, /, **hub: object) -> Configuration:
    """Return a configuration for an ESP32 that watches for events."""
    return on_esp32({"ade9000_power_quality": quality, **(other or {})}, **hub)


def capturing(waveform: Configuration, other: Configuration | None = None, /, **hub: object) -> Configuration:
    """Return a configuration for an ESP32 that captures waveforms."""
    return on_esp32({"ade9000_waveform": waveform, **(other or {})}, **hub)


def on_host(sim: Configuration, **hub: object) -> Configuration:
    """Return a configuration with a simulated chip."""
    return {**ON_HOST, "ade9000_sim": sim, "ade9000": {"line_frequency": "50Hz", **hub}}


def _without_none(config: Configuration) -> Configuration:
    return {key: value for key, value in config.items() if value is not None}


pytestmark = pytest.mark.usefixtures("esphome")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answer]:
    """The answers to all configurations below, by name."""
    folder = tmp_path_factory.mktemp("configurations")
    configurations = {
        **{name: config for name, (config, _) in {**MISTAKES, **WARNED}.items()},
        **VALID,
        **RISKY,
    }
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
    # JSON has no such numbers: 2000 × 60 + 1, 200 × 60 + 5 and 230 × 60 + 9 are what YAML makes of them.
    "CT ratio without quotes": (
        on_esp32(current_sensor={"ratio": 120001}),
        'YAML takes 2000:1 without quotes for 120001: write "2000:1" in quotes, or 120001.0 if that is the ratio',
    ),
    "CT ratio over 5 without quotes": (on_esp32(current_sensor={"ratio": 12005}), "YAML takes 200:5 without quotes for 12005"),
    "transformer without quotes": (
        on_esp32(voltage_sensor={"transformer": 13809, "divider": 41}),
        "YAML takes 230:9 without quotes for 13809",
    ),
    "burden that saturates": (
        on_esp32(current_sensor={"burden": "1kohm"}),
        "A burden of 1000 ohm on a transformer of 2500:1 saturates the chip at 1.77 A",
    ),
    "burden of a shunt": (on_esp32(current_sensor={"burden": "10mohm"}), "saturates the chip at 1.77e+05 A"),
    "divider that saturates": (
        on_esp32(voltage_sensor={"divider": ["200kohm", "1kohm"]}),
        "This divider saturates the chip at 142 V, but nominal_voltage is 230 V",
    ),
    # 1.2 × √2 × 230 V / 0.6 V = 650.5
    "divider that saturates at a gain of 2": (
        on_esp32(voltage_sensor={"divider": 700, "pga_gain": 2}),
        "needs 276 V with a margin for swells: a divider of 651 or more fits at a gain of 1",
    ),
    "divider of one resistance": (on_esp32(voltage_sensor={"divider": ["800kohm"]}), "A divider is two resistances"),
    "divider that amplifies": (on_esp32(voltage_sensor={"divider": 0.5}), "0.5 would be an amplifier"),
    "coarse divider": (on_esp32(voltage_sensor={"divider": 80100}), "too coarse for a nominal_voltage of 230 V"),
    "transformed voltage that saturates": (
        on_esp32(voltage_sensor={"divider": ["100kohm", "2.49kohm"], "transformer": "230:48"}),
        "a divider of 136 or more fits at a gain of 1",
    ),
    "shunt": (on_esp32(current_sensor={"type": "shunt"}), "A shunt is at the voltage of its phase"),
    "unknown kind of current sensor": (on_esp32(current_sensor={"type": "hall"}), "Unknown value 'hall', valid options are 'ct'"),
    "coil without sensitivity": (
        on_esp32(current_sensor={"type": "rogowski"}),
        "'sensitivity' is a required option for [current_sensor]",
    ),
    "coil with a burden": (
        on_esp32(current_sensor={"type": "rogowski", "sensitivity": "0.5mV/A", "burden": "10ohm"}),
        "A Rogowski coil has neither ratio nor burden, but a `sensitivity` such as 0.5mV/A",
    ),
    "transformer with a sensitivity": (
        on_esp32(current_sensor={"sensitivity": "0.5mV/A"}),
        "for a Rogowski coil add `type: rogowski`",
    ),
    "sensitivity without current": (
        on_esp32(current_sensor={"type": "rogowski", "sensitivity": "0.5mV"}),
        "is a voltage per current, such as 0.5mV/A or 22.5mV/kA, not '0.5mV'",
    ),
    "sensitivity of zero": (
        on_esp32(current_sensor={"type": "rogowski", "sensitivity": "0mV/A"}),
        "is a voltage per current, such as 0.5mV/A or 22.5mV/kA, not '0mV/A'",
    ),
    "sensitivity that saturates": (
        on_esp32(current_sensor={"type": "rogowski", "sensitivity": "0.5V/A"}),
        "A Rogowski coil of 500 mV/A saturates the chip at 1.41 A; 5 A to 20 kA are usual: check sensitivity and pga_gain",
    ),
    "unknown board": (on_esp32(board="arduino"), "Unknown value 'arduino', valid options are 'ev_ade9000shieldz'"),
    "board for transformers on the mains": (
        on_esp32(board="whatnick_ade9000_breakout"),
        "are for transformers, never for the mains: give their ratio, such as 230:9",
    ),
    "coil on a board with burdens": (
        on_esp32(board="ev_ade9000shieldz", current_sensor={"type": "rogowski", "sensitivity": "0.5mV/A"}),
        "must not be loaded by the burden of 10.2ohm on ev_ade9000shieldz",
    ),
    "unknown channel": (on_esp32(l1={"voltage_channel": "n"}), "Unknown value 'n', valid options are 'l1', 'l2', 'l3'"),
    "one voltage for two phases": (
        on_esp32(l1={"voltage_channel": "l2"}),
        "l1 and l2 both take their voltage from input l2: only the circuits of wiring single_phases may share one",
    ),
    "one current for two phases": (
        on_esp32(l3={"current_channel": "l1"}),
        "l1 and l3 both take their current from input l1: give each its own current_channel",
    ),
    "one current for two circuits": (
        on_esp32(wiring="single_phases", l3={"current_channel": "l1"}),
        "l1 and l3 both take their current from input l1",
    ),
    "input of the neutral taken": (
        on_esp32(neutral=True, l2={"current_channel": "n"}),
        "l2 and the neutral both take their current from input n",
    ),
    "channel of a neutral that is not measured": (
        on_esp32(neutral_channel="l1"),
        "neutral_channel is only used with `neutral: true`",
    ),
    "inverted current beside one that is computed": (
        on_esp32(wiring="3wire_delta", nominal_voltage="400V", l2_current_sensor=False, l1={"invert_current": True}),
        "turn the transformer round instead of using invert_current",
    ),
    "wiring check of a delta": (
        on_esp32(
            {"text_sensor": [{"platform": "ade9000_wiring_check", "name": "Wiring"}]},
            wiring="3wire_delta",
            nominal_voltage="400V",
        ),
        "There is no wiring check for wiring 3wire_delta",
    ),
    "unknown flow": (
        on_esp32({"text_sensor": [{"platform": "ade9000_wiring_check", "name": "Wiring", "flow": "solar"}]}),
        "Unknown value 'solar', valid options are 'import', 'export', 'any'",
    ),
    "text sensor of nothing": (
        on_esp32({"text_sensor": [{"platform": "ade9000"}]}),
        "'status' is a required option for [text_sensor.ade9000]",
    ),
    "unused neutral sensor": (on_esp32(neutral_sensor={"ratio": 1000}), "only used with `neutral: true`"),
    "no current sensor of L2": (on_esp32(l2_current_sensor=False), "where L2 is not measured at all, set `l2: fitted: false`"),
    "nothing fitted": (on_esp32(**{line: {"fitted": False} for line in ("l1", "l2", "l3")}), "No phase is fitted"),
    "log beyond memory": (on_esp32(log={"size": 1000}), "1000 records need 904 KB of memory; esp32 has room for 221"),
    "log beyond memory of an ESP8266": (
        on_esp32({**ON_ESP8266}, cs_pin=5, log={"size": 100}),
        "100 records need 52 KB of memory; esp8266 has room for 48",
    ),
    "sensor of a counter that an ESP8266 leaves out": (
        on_esp32(
            {**ON_ESP8266, "sensor": [{"platform": "ade9000", "net": {"fundamental_active_energy_import": "E1"}}]}, cs_pin=5
        ),
        "fundamental_active_energy_import is not counted: set `energy: {fundamental: true}`",
    ),
    "delta with one element": (
        on_esp32(wiring="3wire_delta", nominal_voltage="400V", l3={"fitted": False}),
        "Two elements measure a three-wire delta, those of l1 and l3: both have to be fitted",
    ),
    "log beyond memory without optional counters": (
        on_esp32(log={"size": 1000}, energy={"quadrants": False, "fundamental": False}),
        "1000 records need 520 KB of memory; esp32 has room for 384",
    ),
    "residual current without a neutral transformer": (
        on_esp32(summed_current="residual"),
        "it needs a transformer on the neutral, and `neutral: true`",
    ),
    "calculated neutral of three wires": (
        on_esp32(wiring="3wire_delta", nominal_voltage="400V", summed_current="neutral"),
        "Three wires have no neutral: their sum is the residual current",
    ),
    "neutral of another order of magnitude": (
        on_esp32(neutral=True, current_sensor={"pga_gain": 4}, neutral_sensor={"pga_gain": 1, "burden": "1ohm"}),
        "The neutral is measured up to 1.77e+03 A and the phases up to 43.3 A; the chip takes less than 16 times as much",
    ),
    "chips built in different ways": (
        on_esp32({"ade9000": [HUB, {**HUB, "cs_pin": 21, "energy": {"quadrants": False}}]}),
        "`energy:` is the same for all chips of a device",
    ),
    "sensor of a counter that is not built": (
        on_esp32({"sensor": [{"platform": "ade9000", "total": {"reactive_energy_q4": "Q4"}}]}, energy={"quadrants": False}),
        "reactive_energy_q4 is not counted: set `energy: {quadrants: true}` in `ade9000:`",
    ),
    "sensor of the calculated neutral beside a transformer": (
        on_esp32({"sensor": [{"platform": "ade9000", "n": {"calculated_current": "N"}}]}, neutral=True),
        "which is the residual current: set `summed_current: neutral`",
    ),
    "sensor of the residual current without a transformer": (
        on_esp32({"sensor": [{"platform": "ade9000", "total": {"residual_current": "Leakage"}}]}),
        "residual_current needs a transformer on the neutral, `neutral: true`",
    ),
    "sensor of a sum of mixed directions": (
        on_esp32({"sensor": [{"platform": "ade9000", "n": {"calculated_current": "N"}}]}, l2={"invert_current": True}),
        "`invert_current` is set for l2 but not for l1, l3: turn the transformers of l2 round",
    ),
    "sensor of a sum without a phase": (
        on_esp32({"sensor": [{"platform": "ade9000", "n": {"calculated_current": "N"}}]}, l3={"fitted": False}),
        "calculated_current is not valid, because l3 has no current transformer",
    ),
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
    "gain of a wrong unit": (
        on_esp32(l1={"calibration": {"voltage": "230V"}}),
        "expected float",
    ),
    "gain that no tolerance explains": (on_esp32(l1={"calibration": {"current": 3}}), "value must be at most 2"),
    "calibration of a neutral that is not measured": (
        on_esp32(neutral_calibration={"current": 1.01}),
        "neutral_calibration is only used with `neutral: true`",
    ),
    "more shift than the chip does": (
        on_esp32(current_sensor={"phase_shift": "1.5deg"}, l2={"calibration": {"phase": "1deg"}}),
        "The phase shift of the current sensor and the calibration of l2 are 2.50° together; the chip does -15° to 2.25°",
    ),
    "six ranges of the current": (
        on_esp32(multipoint=[{}, *({"above": f"{current}A"} for current in (1, 2, 4, 8, 16))]),
        "The chip has 5 ranges of the current, not 6",
    ),
    "first range that begins above nothing": (on_esp32(multipoint=[{"above": "1A"}]), "The first range begins at 0 A"),
    "ranges that overlap": (
        on_esp32(multipoint=[{}, {"above": "1A"}, {"above": "1.1A"}]),
        "Each range begins at least 11 % above the one before, because they overlap; 1.1 A follows 1 A",
    ),
    "range that is never reached": (
        on_esp32(multipoint=[{}, {"above": "170A"}]),
        "A range above 170 A is never reached: full scale is 173.3 A",
    ),
    "reference of a neutral that is not measured": (
        on_esp32({**CALIBRATED, "number": [{"platform": "ade9000_calibration", "n": {"reference_current": "N"}}]}),
        "The neutral is not measured: set `neutral: true`",
    ),
    "calibration of a phase that is not fitted": (
        on_esp32(
            {**CALIBRATED, "button": [{"platform": "ade9000_calibration", "l3": {"calibrate_gain": "L3"}}]}, l3={"fitted": False}
        ),
        "`ade9000:` says `fitted: false` of l3, so there is nothing to calibrate",
    ),
    "phase of the neutral": (
        on_esp32({**CALIBRATED, "button": [{"platform": "ade9000_calibration", "n": {"calibrate_phase": "N"}}]}, neutral=True),
        "[calibrate_phase] is an invalid option for [n]",
    ),
    "text of nothing": (
        on_esp32({**CALIBRATED, "text_sensor": [{"platform": "ade9000_calibration"}]}),
        "Must contain at least one of calibration, l1, l2, l3, n",
    ),
    "number without a calibration": (
        on_esp32({"number": [{"platform": "ade9000_calibration", "l1": {"reference_voltage": "L1"}}]}),
        "Component number.ade9000_calibration requires component ade9000_calibration",
    ),
    "dip above the nominal voltage": (
        watching({"dip": "105%"}),
        "105 % is out of range: 10 % to 99 % of nominal_voltage make sense here",
    ),
    "dip in volts": (watching({"dip": "207V"}), "A limit of a voltage is a percentage of nominal_voltage, such as"),
    "dip that never ends": (
        watching({"dip": {"threshold": "98%", "hysteresis": "3%"}}),
        "A dip would be over at 101 % of nominal_voltage, where a healthy supply may never be",
    ),
    "swell that never ends": (
        watching({"swell": {"threshold": "102%", "hysteresis": "3%"}}),
        "A swell would be over at 99 % of nominal_voltage, where a healthy supply may never be",
    ),
    "interruption above the dip": (
        watching({"dip": "40%", "interruption": "45%"}),
        "its limit of 45 % has to be below that of a dip, 40 %",
    ),
    "swell beyond full scale": (
        watching({"swell": "130%"}, voltage_sensor={"divider": 400}),
        "The chip is saturated at 283 V and would never see a swell above 130 %",
    ),
    "over-current of nothing": (
        watching({"over_current": "0A"}),
        "A limit of a current has to be greater than 0 A, not 0A; leave the option out to watch nothing",
    ),
    "over-current beyond full scale": (
        watching({"over_current": "180A"}),
        "The chip is saturated at 173.3 A and would never see more than 180 A: lower the threshold, or take a smaller burden",
    ),
    "mismatch without a residual current": (
        watching({"neutral_mismatch": "0.5A"}, neutral=True, summed_current="neutral"),
        "A mismatch shows in the residual current, which is not measured: leave out `summed_current: neutral`",
    ),
    "mismatch without a neutral": (
        watching({"neutral_mismatch": "0.5A"}),
        "set `neutral: true` in `ade9000:` where the neutral has a transformer",
    ),
    "log of events too small": (watching({"log": {"size": 4}}), "value must be at least 8"),
    "counter without events": (
        on_esp32({"sensor": [{"platform": "ade9000_power_quality", "dip_count": "Dips"}]}),
        "Component sensor.ade9000_power_quality requires component ade9000_power_quality",
    ),
    "events without a meter": (
        on_esp32({"ade9000": None, "ade9000_power_quality": {}}),
        "Component ade9000_power_quality requires component ade9000",
    ),
    "two watches of one meter": (
        on_esp32({"ade9000_power_quality": [{"swell": "112%"}, {"swell": "115%"}]}),
        "There is more than one `ade9000_power_quality:` for one `ade9000:`; put all options into one of them",
    ),
    "state of a phase that is not fitted": (
        watching({}, {"binary_sensor": [{"platform": "ade9000_power_quality", "l2": {"dip": "L2 dip"}}]}, l2={"fitted": False}),
        "`ade9000:` says `fitted: false` of l2, so nothing happens there",
    ),
    "waveform of a neutral that is not measured": (
        capturing({"channels": ["l1_voltage", "n_current"]}),
        "n_current is not measured: set `neutral: true`",
    ),
    "harmonics of a phase that is not fitted": (
        capturing({"harmonics": {"channels": "l2_current"}}, l2={"fitted": False}),
        "l2_current is not measured: `l2: fitted: false` says so",
    ),
    "unknown channel of a waveform": (
        capturing({"channels": "l1_power"}),
        "Unknown value 'l1_power', valid options are 'l1_current'",
    ),
    "small buffer for two channels": (
        capturing({"buffer": "single", "channels": ["l1_voltage", "l1_current"]}),
        "With `buffer: single` one channel is captured at a time: give one here, or set `buffer: all`, which takes 7 KB",
    ),
    "harmonics too often": (capturing({"harmonics": {"interval": "5s"}}), "value must be at least 10s"),
    "sensor of a harmonic without harmonics": (
        capturing({}, {"sensor": [{"platform": "ade9000_waveform", "l1": {"voltage_harmonics": {"5": "Fifth"}}}]}),
        "Single harmonics need `harmonics:` in `ade9000_waveform:`",
    ),
    "sensor of a harmonic that is not computed": (
        capturing(
            {"harmonics": {"channels": "l1_voltage"}},
            {"sensor": [{"platform": "ade9000_waveform", "l1": {"current_harmonics": {"5": "Fifth"}}}]},
        ),
        "l1_current is missing under `harmonics: channels:` of `ade9000_waveform:`",
    ),
    "sensor of the first harmonic": (
        capturing({"harmonics": {}}, {"sensor": [{"platform": "ade9000_waveform", "l1": {"voltage_harmonics": {"1": "First"}}}]}),
        "value must be at least 2",
    ),
    "sensors of harmonics without their orders": (
        capturing({"harmonics": {}}, {"sensor": [{"platform": "ade9000_waveform", "l1": {"voltage_harmonics": ["Fifth"]}}]}),
        "Give each order a sensor, such as `5: Fifth harmonic`",
    ),
    "button without waveforms": (
        on_esp32({"button": [{"platform": "ade9000_waveform", "name": "Capture"}]}),
        "Component button.ade9000_waveform requires component ade9000_waveform",
    ),
    "unknown fault": (on_host({"id": "chip", "faults": {"smoke": True}}), "[smoke] is an invalid option for [faults]"),
    "two factors for three phases": (
        on_host({"id": "chip", "profile": [{"duration": "10s", "current": [1, 2]}]}),
        "Give one factor, or one for each of l1, l2, l3",
    ),
}


VALID: Mapping[str, Configuration] = {
    "largest CT ratios": on_esp32(neutral=True, current_sensor={"ratio": 10000}, neutral_sensor={"ratio": 6000}),
    "CT ratio as printed on it": on_esp32(current_sensor={"ratio": "2000:1", "burden": "16.5ohm", "phase_shift": "-0.2deg"}),
    "divider as soldered": on_esp32(voltage_sensor={"divider": ["1Mohm", "1kohm"]}),
    "plain sensors without API": on_esp32(
        {"api": None, "sensor": [{"platform": "ade9000", "l1": {"voltage": "L1"}, "net": {"active_energy_import": "Net"}}]}
    ),
    "plain sensors beside an API without actions": on_esp32({"api": {"reboot_timeout": "0s"}}, readings=False),
    "divider of one pin": on_esp32(voltage_sensor={"divider": 651}),
    "gain that ends below the limit of a pin": on_esp32(voltage_sensor={"divider": 1200, "pga_gain": 2}),
    "delta with two transformers": on_esp32(wiring="3wire_delta", nominal_voltage="400V", l2_current_sensor=False),
    "coils as their data sheet says": on_esp32(
        neutral=True,
        current_sensor={"type": "rogowski", "sensitivity": "22.5mV/kA", "sensitivity_frequency": "50Hz", "pga_gain": 4},
        neutral_sensor={"type": "ct", "ratio": 1000, "burden": "5.1ohm"},
    ),
    "board": on_esp32(board="ev_ade9000shieldz"),
    "board with transformers": on_esp32(board="whatnick_ade9000_breakout", voltage_sensor={"transformer": "230:9"}),
    "board that was changed": on_esp32(
        board="whatnick_ade9000_breakout", voltage_sensor={"divider": 801}, current_sensor={"burden": "10ohm"}
    ),
    "swapped sensors": on_esp32(
        neutral=True,
        neutral_channel="l1",
        l1={"voltage_channel": "l2", "current_channel": "n"},
        l2={"voltage_channel": "l1"},
    ),
    "input of a phase that is not fitted": on_esp32(l1={"current_channel": "l3"}, l3={"fitted": False}),
    "circuits with one voltage": on_esp32(wiring="single_phases", l2={"voltage_channel": "l1"}, l3={"voltage_channel": "l1"}),
    "computed current of three that are inverted": on_esp32(
        wiring="3wire_delta",
        nominal_voltage="400V",
        l2_current_sensor=False,
        **{line: {"invert_current": True} for line in ("l1", "l2", "l3")},
    ),
    "wiring check": on_esp32({"text_sensor": [{"platform": "ade9000_wiring_check", "name": "Wiring", "flow": "any"}]}),
    "calibrated": on_esp32(
        l1={
            "calibration": {
                "voltage": 1.0032,
                "current": 0.9978,
                "phase": "-1.2500deg",
                "voltage_offset": "0.0500V",
                "current_offset": "0.00123A",
                "active_power_offset": "-0.2500W",
                "reactive_power_offset": "1.5000var",
            }
        },
        l2={"invert_current": True, "calibration": {}},
        neutral=True,
        neutral_calibration={"current": 1.03, "current_offset": "0.25000A"},
    ),
    "ranges of the current": on_esp32(
        multipoint=[
            {"l1": {"current": 1.01, "phase": "-0.3deg"}, "l2": {"current": 1.008}},
            {"above": "2A"},
            {"above": "50A", "l3": {"current": 0.998}},
        ]
    ),
    "every entity of the calibration": on_esp32(
        {
            **CALIBRATED,
            "number": [
                {
                    "platform": "ade9000_calibration",
                    "l2": {
                        "reference_voltage": "V",
                        "reference_current": {"name": "A", "mode": "slider"},
                        "reference_angle": "Angle",
                        "reference_active_power": "W",
                    },
                    "n": {"reference_current": "N"},
                }
            ],
            "button": [
                {
                    "platform": "ade9000_calibration",
                    "calibrate_gain": "Gain",
                    "calibrate_phase": "Phase",
                    "calibrate_offset": "Offset",
                    "calibrate_voltage_offset": "Voltage offset",
                    "undo_calibration": "Undo",
                    "clear_calibration": "Clear",
                    "l1": {"calibrate_gain": "L1 gain", "calibrate_voltage_offset": "L1 voltage offset"},
                    "n": {"calibrate_gain": "N gain", "calibrate_offset": "N offset"},
                }
            ],
            "text_sensor": [
                {"platform": "ade9000_calibration", "calibration": "Calibration", "l1": {"calibration_yaml": "L1 calibration"}}
            ],
        },
        neutral=True,
    ),
    "all currents inverted": on_esp32(
        neutral=True,
        neutral_sensor={"invert_current": True},
        **{line: {"invert_current": True} for line in ("l1", "l2", "l3")},
    ),
    "neutral calculated beside its transformer": on_esp32(
        {"sensor": [{"platform": "ade9000", "n": {"calculated_current": "Calculated", "current": "Measured"}}]},
        neutral=True,
        summed_current="neutral",
    ),
    "calculated neutral without a transformer": on_esp32(
        {"sensor": [{"platform": "ade9000", "n": {"calculated_current": "N"}, "net": {"reactive_energy_q2": "Q2"}}]}
    ),
    "events of the supply by default": watching({}),
    "events of the supply with everything": watching(
        {
            "irq1_pin": 35,
            "dip": {"threshold": "85%", "hysteresis": "3%"},
            "swell": "112%",
            "interruption": "10%",
            "over_current": {"threshold": "63A", "hysteresis": "5%"},
            "neutral_mismatch": "0.5A",
            "phase_loss": False,
            "wrong_sequence": False,
            "log": {"size": 32},
            "on_dip": [{"logger.log": {"format": "%s", "args": ["event.phase_name()"]}}],
            "on_event_begin": [{"logger.log": "begins"}],
        },
        {
            "sensor": [{"platform": "ade9000_power_quality", "dip_count": "Dips", "neutral_mismatch_count": "Mismatches"}],
            "binary_sensor": [{"platform": "ade9000_power_quality", "l1": {"dip": "Dip"}, "neutral_mismatch": "Mismatch"}],
            "text_sensor": [{"platform": "ade9000_power_quality", "last_event": "Last event"}],
            "logger": {},
        },
        neutral=True,
    ),
    "waveforms and harmonics": capturing(
        {"on_event": True, "harmonics": {"interval": "5min", "channels": ["l1_voltage", "l1_current"]}},
        {
            "sensor": [{"platform": "ade9000_waveform", "l1": {"voltage_harmonics": {"5": "Fifth", "7": {"name": "Seventh"}}}}],
            "button": [{"platform": "ade9000_waveform", "name": "Capture"}],
        },
    ),
    "every feature of two meters": on_esp32(
        {
            "ade9000": [{**HUB, "id": "house"}, {**HUB, "id": "garage", "cs_pin": 21, "readings": False}],
            **{
                f"ade9000_{feature}": [{"id": f"{hub}_{feature}", "ade9000_id": hub} for hub in ("house", "garage")]
                for feature in ("calibration", "power_quality", "waveform")
            },
            "sensor": [
                {
                    "platform": "ade9000_power_quality",
                    "ade9000_power_quality_id": f"{hub}_power_quality",
                    "dip_count": f"Dips of the {hub}",
                }
                for hub in ("house", "garage")
            ],
        }
    ),
}


WARNED: Mapping[str, tuple[Configuration, str]] = {
    # 0.6 V / √2 × 601 = 255 V
    "divider for both pins": (
        on_esp32(voltage_sensor={"divider": 601}),
        "up to 255 V with this divider, and nominal_voltage needs 276 V with a margin for swells: take a divider of 651 or more",
    ),
    # 0.6 V / √2 × 801 = 340 V
    "divider for 230 V in a delta": (
        on_esp32(wiring="3wire_delta", nominal_voltage="400V"),
        "up to 340 V with this divider, and nominal_voltage needs 480 V with a margin for swells: take a divider of 1132 or more",
    ),
    "one current of three is inverted": (
        on_esp32(l2={"invert_current": True}),
        "Neither the calculated neutral nor the residual current is valid, because the chip adds before currents are inverted",
    ),
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


BOARD_VALUES: Mapping[str, tuple[str, ...]] = {
    "board": ("divider: 801.0", "burden: 10.2", "ratio: 2500.0"),
    # (100 + 2.49) / 2.49, and 230 / 9
    "board with transformers": ("divider: 41.160642", "transformer: 25.555555", "burden: 2.4"),
    "board that was changed": ("divider: 801.0", "transformer: 1.0", "burden: 10.0"),
}


@pytest.mark.parametrize("name", BOARD_VALUES)
def test_board_fills_in_what_the_configuration_leaves_out(answers: Mapping[str, Answer], name: str) -> None:
    for value in BOARD_VALUES[name]:
        assert value in answers[name].text


@pytest.mark.parametrize("name", WARNED)
def test_what_is_lost_is_warned_of(answers: Mapping[str, Answer], name: str) -> None:
    assert answers[name].is_valid
    assert WARNED[name][1] in answers[name].text


UNWARNED = ("divider of one pin", "gain that ends below the limit of a pin")


@pytest.mark.parametrize("name", UNWARNED)
def test_divider_that_bears_a_swell_is_not_warned_of(answers: Mapping[str, Answer], name: str) -> None:
    assert answers[name].is_valid, answers[name].text
    assert "WARNING" not in answers[name].text


@pytest.mark.parametrize("component", RISKY)
def test_reboots_that_would_lose_readings_are_warned_of(answers: Mapping[str, Answer], component: str) -> None:
    assert answers[component].is_valid
    assert f"{component}: reboot_timeout is 15min: an outage as long reboots the meter" in answers[component].text
