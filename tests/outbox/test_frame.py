"""Frames: documents that can be found and read without the database around them."""

from pathlib import Path
import zlib

from hypothesis import given, strategies as st
import orjson

from custom_components.three_phase_energy.outbox.frame import carve, pack, unpack

DOCUMENTS = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(0, 2**53))


@given(DOCUMENTS)
def test_a_document_comes_back(document: dict[str, object]) -> None:
    assert unpack(pack(document)) == document


@given(DOCUMENTS, st.data())
def test_a_damaged_frame_is_never_taken_for_another_document(document: dict[str, object], data: st.DataObject) -> None:
    frame = bytearray(pack(document))
    at = data.draw(st.integers(0, len(frame) - 1))
    frame[at] ^= 1 << data.draw(st.integers(0, 7))
    assert unpack(bytes(frame)) in (None, document)


def test_what_is_no_frame_is_none() -> None:
    whole = pack({"a": 1})
    for other in (None, 5, "text", b"", whole[:4], whole[:-1], whole[:4] + zlib.compress(b"no JSON"), b"x" + whole):
        assert unpack(other) is None
    assert unpack(whole[:4] + zlib.compress(orjson.dumps([1]))) is None


def test_whole_frames_are_found_wherever_they_lie(tmp_path: Path) -> None:
    one, two, three = (pack({"n": number, "text": str(number) * 50}) for number in (1, 2, 3))
    file = tmp_path / "file"
    file.write_bytes(
        b"\x00" * 77 + one + b"3PE\x1anonsense" + two[:-1] + one[:4] + b"3PE\x1a" + zlib.compress(b"5") + three + b"tail"
    )
    assert [(frame, document["n"]) for frame, document in carve(file)] == [(one, 1), (three, 3)]


def test_an_empty_file_holds_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert list(carve(tmp_path / "file")) == []
