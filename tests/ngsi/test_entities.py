"""Entities: names, units, ranges and forms of the Smart Data Models, and what Orion and QuantumLeap need beside them."""

from dataclasses import replace
from datetime import UTC, datetime
import re
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.three_phase_energy.model.quantities import BY_WIRE, QUANTITIES
from custom_components.three_phase_energy.model.quantity import Ngsi, Phase, Profile, Quantity, StateClass
from custom_components.three_phase_energy.model.reading import decode
from custom_components.three_phase_energy.model.twin import Twin
from custom_components.three_phase_energy.ngsi.entities import device, measurement
from custom_components.three_phase_energy.ngsi.profiles import MeasurementProfile
from tests.samples import OTHER, TWIN, WIRE, reading, without_date

from .models import faults, key_values

FORBIDDEN = "<>\"'=;()"
"""What Orion refuses in any value, at any depth: its manual, section "Restrictions on attribute values"."""

VALUES: dict[str, Any] = {
    "phaseVoltage": {"L1": 230.12, "L2": 231.02, "L3": 229.87},
    "phaseToPhaseVoltage": {"L12": 399.8, "L23": 400.1, "L31": 398.2},
    "current": {"L1": 6.512, "L2": 0.104, "L3": 12.9, "N": 7.31},
    "calculatedCurrent": {"N": 7.28},
    "residualCurrent": 0.031,
    "voltagePeak": 327.12,
    "currentPeak": 21.407,
    "voltageUnbalance": 0.00251,
    "currentUnbalance": 0.73182,
    "activePower": {"L1": 1498.1, "L2": -20.4, "L3": 2960.7},
    "totalActivePower": 4438.4,
    "reactivePower": {"L1": 31.2, "L2": 12.9, "L3": -180.5},
    "totalReactivePower": -136.4,
    "apparentPower": {"L1": 1498.7, "L2": 24.1, "L3": 2966.2},
    "totalApparentPower": 4489,
    "powerFactor": {"L1": 0.9996, "L2": -0.8465, "L3": 0.9981},
    "totalPowerFactor": 0.9887,
    "displacementPowerFactor": {"L1": 1, "L2": -0.85, "L3": 0.999},
    "totalDisplacementPowerFactor": 0.99,
    "fundamentalActivePower": {"L1": 1497.9, "L2": -20.4, "L3": 2959.8},
    "totalFundamentalActivePower": 4437.3,
    "fundamentalReactivePower": {"L1": 31, "L2": 12.8, "L3": -180.1},
    "totalFundamentalReactivePower": -136.3,
    "fundamentalApparentPower": {"L1": 1498.2, "L2": 24, "L3": 2965.3},
    "totalFundamentalApparentPower": 4487.5,
    "thdVoltage": {"L1": 0.0213, "L2": 0.0198, "L3": 0.0205},
    "thdCurrent": {"L1": 0.112, "L2": 0.871, "L3": 0.064},
    "phaseFrequency": {"L1": 50.012, "L2": 50.012, "L3": 50.013},
    "frequency": 50.012,
    "voltageAngle": {"L1": 0, "L2": -120.02, "L3": 119.97},
    "phaseAngle": {"L1": 1.19, "L2": 147.9, "L3": -3.49},
    "chipTemperature": 41.5,
    # Whole milli-units on the wire, kilo-units in the model: 6 decimals, exactly.
    "activeEnergyImport": {"L1": 123.456789, "L2": 0.002345, "L3": 98765.4321},
    "totalActiveEnergyImport": 98889.234234,
    "netActiveEnergyImport": 98889.0,
    "activeEnergyExport": {"L1": 0, "L2": 0.987654, "L3": 0},
    "totalActiveEnergyExport": 0.987654,
    "netActiveEnergyExport": 0.75342,
    "reactiveEnergyImport": {"L1": 5, "L2": 6.000001, "L3": 0},
    "totalReactiveEnergyImport": 11.000001,
    "netReactiveEnergyImport": 10,
    "reactiveEnergyExport": {"L1": 0, "L2": 0, "L3": 7},
    "totalReactiveEnergyExport": 7,
    "netReactiveEnergyExport": 5.999999,
    "apparentEnergyImport": {"L1": 124, "L2": 0.003, "L3": 99000},
    "totalApparentEnergyImport": 99124.003,
    "apparentEnergyExport": {"L1": 0, "L2": 1, "L3": 0},
    "totalApparentEnergyExport": 1,
    "reactiveEnergyQ1": {"L1": 4, "L2": 0, "L3": 0},
    "totalReactiveEnergyQ1": 4,
    "netReactiveEnergyQ1": 3.5,
    "reactiveEnergyQ2": {"L1": 1, "L2": 6.000001, "L3": 0},
    "totalReactiveEnergyQ2": 7.000001,
    "netReactiveEnergyQ2": 6.5,
    "reactiveEnergyQ3": {"L1": 0, "L2": 0, "L3": 3},
    "totalReactiveEnergyQ3": 3,
    "netReactiveEnergyQ3": 2.999999,
    "reactiveEnergyQ4": {"L1": 0, "L2": 0, "L3": 4},
    "totalReactiveEnergyQ4": 4,
    "netReactiveEnergyQ4": 3,
    "fundamentalActiveEnergyImport": {"L1": 123, "L2": 0.002, "L3": 98700},
    "totalFundamentalActiveEnergyImport": 98823.002,
    "netFundamentalActiveEnergyImport": 98822,
    "fundamentalActiveEnergyExport": {"L1": 0, "L2": 0.98, "L3": 0},
    "totalFundamentalActiveEnergyExport": 0.98,
    "netFundamentalActiveEnergyExport": 0.75,
    "fundamentalReactiveEnergyImport": {"L1": 4.9, "L2": 5.9, "L3": 0},
    "totalFundamentalReactiveEnergyImport": 10.8,
    "netFundamentalReactiveEnergyImport": 9.9,
    "fundamentalReactiveEnergyExport": {"L1": 0, "L2": 0, "L3": 6.9},
    "totalFundamentalReactiveEnergyExport": 6.9,
    "netFundamentalReactiveEnergyExport": 5.9,
    "fundamentalApparentEnergyImport": {"L1": 123.5, "L2": 0.0029, "L3": 98900},
    "totalFundamentalApparentEnergyImport": 99023.5029,
    "fundamentalApparentEnergyExport": {"L1": 0, "L2": 0.99, "L3": 0},
    "totalFundamentalApparentEnergyExport": 0.99,
}
UNIT_CODES = {
    "phaseVoltage": "VLT",
    "current": "AMP",
    "calculatedCurrent": "AMP",
    "residualCurrent": "AMP",
    "voltagePeak": "VLT",
    "currentUnbalance": "C62",
    "activePower": "WTT",
    "totalReactivePower": "D44",
    "apparentPower": "D46",
    "powerFactor": "C62",
    "thdCurrent": "C62",
    "frequency": "HTZ",
    "phaseAngle": "DD",
    "chipTemperature": "CEL",
    "activeEnergyImport": "KWH",
    "netReactiveEnergyExport": "K3",
    "totalApparentEnergyImport": "C79",
    "netReactiveEnergyQ3": "K3",
    "fundamentalActiveEnergyExport": "KWH",
}
"""UN/CEFACT Recommendation 20."""


def attributes(entity: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: part for name, part in entity.items() if name not in ("id", "type")}


def texts(value: Any) -> list[str]:
    """Return all texts within a JSON value."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


OTHER_PROFILE = MeasurementProfile(
    type="ACMeasurement",
    attributes=(
        (BY_WIRE["u"], Ngsi(attribute="voltage", unit_code="VLT")),
        (BY_WIRE["ei"], Ngsi(total="energyImported", unit_code="WHR", scale=1e-3, minimum=0)),
    ),
)
DERIVED = Quantity(
    key="demand",
    phases=(Phase.TOTAL,),
    unit="W",
    state_class=StateClass.MEASUREMENT,
    precision=0,
    ngsi={Profile.THREE_PHASE: Ngsi(total="demand", unit_code="WTT")},
)
"""A quantity that no meter sends."""


class TestProfile:
    def test_names_type_id_attributes_and_units(self) -> None:
        entity = measurement(reading(7), TWIN, OTHER_PROFILE)

        assert (entity["id"], entity["type"]) == ("urn:ngsi-ld:ACMeasurement:021122334455-meter", "ACMeasurement")
        assert entity["voltage"]["value"] == {"L1": 230.12, "L2": 231.02, "L3": 229.87}
        assert (entity["energyImported"]["value"], entity["energyImported"]["metadata"]["unitCode"]["value"]) == (
            98889234.234,
            "WHR",
        )
        assert not {"phaseVoltage", "totalActivePower"} & entity.keys()

    def test_tells_a_quantity_that_is_not_on_the_wire_where_a_reading_has_it(self) -> None:
        profile = MeasurementProfile(type="X", attributes=((DERIVED, DERIVED.ngsi[Profile.THREE_PHASE]),))
        plain = reading(7)
        derived = replace(plain, values=MappingProxyType({**plain.values, ("demand", Phase.TOTAL): 1250.0}))

        assert measurement(derived, TWIN, profile)["demand"]["value"] == 1250
        assert "demand" not in measurement(plain, TWIN, profile)


class TestMeasurement:
    def test_carries_every_value_in_the_units_of_the_model(self) -> None:
        entity = key_values(measurement(reading(7, p=WIRE["p"]), TWIN))
        assert {name: entity[name] for name in VALUES} == VALUES
        assert VALUES.keys() | {
            "id",
            "type",
            "name",
            "TimeInstant",
            "dateObserved",
            "dateObservedFrom",
            "dateEnergyMeteringStarted",
            "refDevice",
        } == set(entity)

    def test_names_its_units_by_their_codes(self) -> None:
        entity = measurement(reading(), TWIN)
        assert {name: entity[name]["metadata"] for name in UNIT_CODES} == {
            name: {"unitCode": {"value": code}} for name, code in UNIT_CODES.items()
        }
        assert all("metadata" in entity[name] for name in VALUES)

    def test_says_who_and_when(self) -> None:
        entity = measurement(reading(7), TWIN)
        assert entity["id"] == "urn:ngsi-ld:ThreePhaseAcMeasurement:021122334455-meter"
        assert entity["type"] == "ThreePhaseAcMeasurement"
        assert entity["TimeInstant"] == {"type": "DateTime", "value": "2026-11-22T12:00:07.000Z"}
        assert entity["dateObserved"] == {"type": "DateTime", "value": "2026-11-22T12:00:07.000Z"}
        assert entity["dateObservedFrom"] == {"type": "DateTime", "value": "2026-11-22T12:00:06.000Z"}
        assert entity["dateEnergyMeteringStarted"] == {"type": "DateTime", "value": "2026-11-22T11:59:59.123Z"}
        assert entity["refDevice"] == {"type": "StructuredValue", "value": ["urn:ngsi-ld:Device:021122334455-meter"]}

    def test_is_valid_by_the_official_schema(self) -> None:
        assert faults(measurement(reading(p=WIRE["p"]), TWIN)) == []

    def test_a_schema_would_notice_a_wrong_value(self) -> None:
        entity = measurement(reading(), TWIN)
        entity["thdCurrent"]["value"]["L1"] = 1.2
        assert faults(entity) == ["$.thdCurrent.L1: 1.2 is greater than the maximum of 1"]

    def test_always_uses_the_types_that_keep_a_column_what_it_is(self) -> None:
        kinds = {float: "Number", int: "Number", dict: "StructuredValue", list: "StructuredValue"}
        for name, part in attributes(measurement(reading(), TWIN)).items():
            expected = kinds.get(type(part["value"]), "Text" if name == "name" else "DateTime")
            assert part["type"] == expected, name

    def test_a_phase_without_a_value_is_left_out_of_its_object(self) -> None:
        entity = measurement(reading(u="230.1,,229.8"), TWIN)
        assert entity["phaseVoltage"]["value"] == {"L1": 230.1, "L3": 229.8}

    def test_a_value_beyond_the_range_of_the_model_is_left_out_and_not_bent(self) -> None:
        entity = measurement(reading(thdi="1.31,0.5,1", pf="1.0004,-1.01,0.9,1", s="-0.1,0,2,3"), TWIN)
        assert entity["thdCurrent"]["value"] == {"L2": 0.5, "L3": 1}
        assert entity["powerFactor"]["value"] == {"L3": 0.9}
        assert entity["apparentPower"]["value"] == {"L2": 0, "L3": 2}
        assert faults(entity) == []

    def test_what_turned_invalid_does_not_leave_its_last_value_in_the_broker(self) -> None:
        """Attributes that an update does not mention stay in a broker as they were, under the new instant."""
        entity = measurement(reading(thdi=",,", pf=",,,", f="-1,-1,-1,-1"), TWIN)
        assert entity["thdCurrent"] == {"type": "StructuredValue", "value": {}, "metadata": {"unitCode": {"value": "C62"}}}
        assert entity["powerFactor"]["value"] == {}
        assert entity["totalPowerFactor"] == {"type": "Number", "value": None, "metadata": {"unitCode": {"value": "C62"}}}
        assert entity["frequency"]["value"] is None
        assert faults(entity) == []

    def test_groups_that_the_record_does_not_carry_are_left_out(self) -> None:
        compact = {key: value for key, value in WIRE.items() if key not in ("thdu", "thdi", "tc")}
        entity = measurement(decode(compact), TWIN)
        assert not {"thdVoltage", "thdCurrent", "chipTemperature"} & entity.keys()

    def test_a_dead_supply_is_a_measurement_of_zeros_with_a_time(self) -> None:
        """QuantumLeap 1.0 drops an entity of which every attribute is 0.0; the text of a time saves it."""
        zeros: dict[str, Any] = {wire: ",".join("0" * len(quantity.phases)) for wire, quantity in BY_WIRE.items()}
        entity = measurement(reading(7, **zeros), TWIN)
        assert entity["phaseVoltage"]["value"] == {"L1": 0, "L2": 0, "L3": 0}
        assert entity["totalActivePower"]["value"] == 0
        assert entity["TimeInstant"]["value"] == "2026-11-22T12:00:07.000Z"

    @pytest.mark.parametrize("value", ["1e20", "-1e20", "1e15"])
    def test_what_a_broker_would_render_as_something_else_is_left_out(self, value: str) -> None:
        """Orion 4.7 answers 100 for 1e20."""
        assert measurement(reading(p=f"{value},2,3,4"), TWIN)["activePower"]["value"] == {"L2": 2, "L3": 3}

    def test_a_counter_beyond_anything_measured_is_left_out(self) -> None:
        entity = measurement(reading(si=f"{10**300},1000000,2000000,{10**300}"), TWIN)
        assert entity["apparentEnergyImport"]["value"] == {"L2": 1, "L3": 2}
        assert entity["totalApparentEnergyImport"]["value"] is None

    @given(st.integers(0, 10**14))
    def test_a_counter_is_exact_to_the_last_milli_unit(self, counter: int) -> None:
        value = measurement(reading(si=f"{counter},0,0,0"), TWIN)["apparentEnergyImport"]["value"]["L1"]
        digits = f"{counter:07d}"
        assert f"{value:.6f}" == f"{digits[:-6]}.{digits[-6:]}"

    def test_the_order_of_the_attributes_does_not_depend_on_the_record(self) -> None:
        backwards = dict(reversed(list(WIRE.items())))
        assert list(measurement(decode(backwards), TWIN)) == list(measurement(decode(WIRE), TWIN))

    def test_a_full_reading_costs_at_most_65_bytes_a_value(self) -> None:
        values = sum(len(quantity.phases) for quantity in QUANTITIES)
        assert len(orjson.dumps(measurement(reading(), TWIN))) / values <= 65

    def test_a_reading_without_a_date_is_refused(self) -> None:
        with pytest.raises(ValueError, match="reading 7 of boot a1b2c3d4 has no date"):
            measurement(without_date(), TWIN)


class TestText:
    def test_a_name_with_parentheses_is_told_without_them(self) -> None:
        assert measurement(reading(), TWIN)["name"] == {"type": "Text", "value": "Meter %28garage%29"}

    @given(st.text())
    def test_any_name_can_be_sent_and_undone(self, name: str) -> None:
        twin = Twin(key="k", name=name, metering_started=OTHER.metering_started)
        sent = device(twin, None)["name"]["value"]
        assert not set(FORBIDDEN) & set(sent)
        assert unquote(sent) == name

    def test_no_text_of_an_entity_holds_what_orion_forbids(self) -> None:
        twin = Twin(
            key="k",
            name=FORBIDDEN,
            metering_started=OTHER.metering_started,
            manufacturer="A (B)",
            model="M=1",
            serial_number="<7>",
            firmware_version='1"',
            mac="(none)",
        )
        for entity in (measurement(reading(), twin), device(twin, reading())):
            assert not set(FORBIDDEN) & set("".join(texts(entity)))


class TestDevice:
    def test_describes_the_meter(self) -> None:
        entity = key_values(device(TWIN, reading(7)))
        assert entity == {
            "id": "urn:ngsi-ld:Device:021122334455-meter",
            "type": "Device",
            "name": "Meter %28garage%29",
            "deviceCategory": ["meter"],
            "controlledProperty": ["electricityConsumption", "energy", "power"],
            "dateFirstUsed": "2026-11-22T11:59:59.123Z",
            "manufacturerName": "Three-Phase Energy",
            "modelName": "ADE9000",
            "serialNumber": "0042",
            "firmwareVersion": "2026.11.0",
            "macAddress": "02:11:22:33:44:55",
            "TimeInstant": "2026-11-22T12:00:07.000Z",
            "dateLastValueReported": "2026-11-22T12:00:07.000Z",
        }

    def test_is_valid_by_the_official_schema(self) -> None:
        assert faults(device(TWIN, reading())) == []
        assert faults(device(OTHER, None)) == []

    def test_what_is_not_known_is_left_out(self) -> None:
        optional = {"manufacturerName", "modelName", "serialNumber", "firmwareVersion", "macAddress", "TimeInstant"}
        assert not optional & device(OTHER, None).keys()
        assert "TimeInstant" not in device(TWIN, without_date())

    @pytest.mark.parametrize("mac", ["02:11:22:33:44:55", "02-11-22-33-44-55", "0211.2233.4455", "021122334455"])
    def test_a_mac_address_may_have_any_usual_form(self, mac: str) -> None:
        twin = Twin(key="k", name="n", metering_started=OTHER.metering_started, mac=mac)
        assert device(twin, None)["macAddress"]["value"] == "02:11:22:33:44:55"


class TestTwin:
    @pytest.mark.parametrize("key", ["", "a b", "a/b", "ä", "a?b", "a#b", "a(b)", "-a", "x" * 201])
    def test_a_key_that_no_entity_id_can_end_with_is_refused(self, key: str) -> None:
        with pytest.raises(ValueError, match="cannot be the end of an entity id"):
            Twin(key=key, name="n", metering_started=OTHER.metering_started)

    def test_a_start_without_a_time_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Twin(key="k", name="n", metering_started=datetime(2026, 1, 1))  # noqa: DTZ001  # that is the case

    def test_a_start_in_any_time_zone_is_told_in_utc(self) -> None:
        twin = Twin(key="k", name="n", metering_started=datetime.fromisoformat("2026-01-01T01:30:00+01:30"))
        assert device(twin, None)["dateFirstUsed"]["value"] == "2026-01-01T00:00:00.000Z"

    def test_times_have_the_one_form_that_brokers_answer(self) -> None:
        twin = Twin(key="k", name="n", metering_started=datetime(2026, 1, 1, microsecond=999999, tzinfo=UTC))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.999Z", device(twin, None)["dateFirstUsed"]["value"])
