"""The query language: which entities meet a condition, and which texts are no query."""

import pytest

from fiware_bridge.edge.base.errors import NgsiError
from fiware_bridge.edge.base.json_text import Json
from fiware_bridge.edge.entities.model import Attribute, Entity, Metadatum
from fiware_bridge.edge.entities.query import Language, parse_query

_CREATED = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z."""


def _attribute(kind: str, value: Json, **metadata: Metadatum) -> Attribute:
    return Attribute(type=kind, value=value, metadata=metadata, created=_CREATED, modified=_CREATED)


METER = Entity(
    id="meter",
    type="ThreePhaseAcMeasurement",
    path="/",
    created=_CREATED,
    modified=_CREATED + 1_000_000,
    attributes={
        "frequency": _attribute("Number", 50.02, accuracy=Metadatum("Number", 0.5), limits=Metadatum("X", {"low": 47.5})),
        "activePower": _attribute("StructuredValue", {"L1": -120.5, "L2": 0, "by.phase": 3}),
        "name": _attribute("Text", "Main hall"),
        "code": _attribute("Text", "20"),
        "online": _attribute("Boolean", True),
        "since": _attribute("DateTime", "2024-01-01T12:00:00.000Z"),
        "note": _attribute("None", None),
        "tags": _attribute("Array", ["a", 7, "grid"]),
        "a.b": _attribute("Number", 1),
    },
)


def _holds(text: str, language: Language = Language.ATTRIBUTES) -> bool:
    return all(condition.holds(METER) for condition in parse_query(text, language))


@pytest.mark.parametrize(
    "text",
    [
        "frequency", "!missing", "frequency==50.02", "frequency:50.02", "frequency>50", "frequency>=50.02", "frequency<51",
        "frequency!=50", "frequency==49..51", "frequency==50,50.02", "frequency!=49..50", "frequency!=1,2", "frequency>50;online",
        "frequency > 50 ; name", "frequency>50;", "activePower.L1<0", "activePower.L2==0", "activePower.'by.phase'==3",
        "'a.b'==1", "name==Main hall", "name=='Main hall'", "name~=^Main", "name~=hall", "name>A", "name==L..N", "code=='20'",
        "online==true", "online!=false", "since==2024-01-01T12:00:00Z", "since>2024-01-01", "since==2024-01-01T13:00+01:00",
        "since==2024-01-01..2024-01-02", "note", "note==null", "note!=1", "tags==7", "tags==grid", "tags!=b",
        "dateCreated==2024-01-01", "dateModified>2024-01-01", "activePower",
    ],
)  # fmt: skip
def test_the_condition_holds(text: str) -> None:
    assert _holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "missing", "!frequency", "frequency==50", "frequency>50.02", "frequency<50.02", "frequency=='50.02'", "missing!=1",
        "missing==null", "code==20", "code>10", "name~=^hall", "frequency~=50", "online==1", "online=='true'",
        "activePower.L3", "activePower.L1.x==1", "a.b==1", "since=='2024-01-01T12:00:00.000Z'", "note==0", "tags==8",
        "tags~=grid",
        "note>1", "note<1", "activePower>1", "online>0",
        "frequency>50;missing", "name>1", "since>5", "dateCreated>2024-01-01", "frequency!=50.02", "frequency==51..52",
    ],
)  # fmt: skip
def test_the_condition_does_not_hold(text: str) -> None:
    assert not _holds(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("frequency.accuracy", True),
        ("frequency.accuracy==0.5", True),
        ("frequency.accuracy>1", False),
        ("frequency.limits.low<48", True),
        ("frequency.limits.high", False),
        ("!frequency.unit", True),
        ("!missing.unit", True),
        ("missing.unit", False),
        ("frequency.dateModified>2023-01-01", True),
        ("frequency.dateCreated<2023-01-01", False),
    ],
)
def test_conditions_on_metadata(text: str, holds: bool) -> None:
    assert _holds(text, Language.METADATA) is holds


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("a==", "empty right-hand-side in q-item"),
        ("==1", "empty left-hand-side in q-item"),
        ("!", "empty left-hand-side in q-item"),
        ("a;;b", "empty q-item"),
        ("a==b<c", "forbidden characters in String Filter"),
        ("a>>", "forbidden characters in String Filter"),
        ("a==x(1)", "forbidden characters in String Filter"),
        ("a~=(x)", "forbidden characters in String Filter"),
        ("a~=[", "error compiling filter regex: ["),
        ("a=='x", "non-terminated forced string"),
        ("a==1..", "empty item in range"),
        ("a==1..x", "invalid range: types mixed"),
        ("a>1..2", "ranges only valid for equal and not equal ops"),
        ("a==1,,2", "empty item in list"),
        ("a>1,2", "lists only valid for equal and not equal ops"),
        ("a>true", "values of this type not supported for operator />/"),
        ("a(==1", "invalid character found in URI param /q/"),
    ],
)
def test_what_is_no_query_is_refused(text: str, description: str) -> None:
    with pytest.raises(NgsiError) as caught:
        parse_query(text, Language.ATTRIBUTES)
    assert (caught.value.status, caught.value.description) == (400, description)


def test_a_query_of_metadata_names_metadata() -> None:
    with pytest.raises(NgsiError, match="no metadata"):
        parse_query("frequency", Language.METADATA)
