"""Which files are taken: known by content, with a name that fits; all others are refused with a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.file_kinds import MEDIA_TYPES, FileRefused, media_type_of

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def packed(compression: int = zipfile.ZIP_STORED, **parts: bytes) -> bytes:
    """A ZIP file; `__` in a name stands for a full stop, `_S_` for a slash."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("_S_", "/").replace("__", "."), data)
    return made.getvalue()


TYPES = {"[Content_Types]__xml": b"<Types/>"}
DOCX = packed(**TYPES, word_S_document__xml=b"<w/>")
XLSX = packed(**TYPES, xl_S_workbook__xml=b"<w/>")
ODT = packed(mimetype=b"application/vnd.oasis.opendocument.text", content__xml=b"<o/>")


GOOD = {"a.pdf": PDF, "a.DOCX": DOCX, "a.xlsx": XLSX, "a.odt": ODT, "räksmörgås.csv": "namn;ort\nÅsa;Luleå\n".encode(),
        "b.txt": b"\xef\xbb\xbfhej", "a.png": b"\x89PNG\r\n\x1a\n..", "a.jpeg": b"\xff\xd8\xff..", "a.tif": b"II*\x00.."}  # fmt: skip


TYPE_ONLY = packed(mimetype=b"x")
TABLE = TYPE_ONLY.index(b"PK\x01\x02")
PAST_ITS_END = TYPE_ONLY[: TABLE + 20] + 2 * (200).to_bytes(4, "little") + TYPE_ONLY[TABLE + 28 :]
"""Its table says that its first part is longer than what is left of the file."""
ZIP64 = ODT[:-22] + b"PK\x06\x07" + bytes(16) + ODT[-22:]
BAD = {
    "a program": ("a.exe", b"MZ\x90\x00"),
    "a page": ("a.html", b"<!DOCTYPE html><script>alert(1)</script>"),
    "a page that says it is text": ("a.txt", b"\xef\xbb\xbf \n<html>"),
    "text that is named as a page": ("a.html", b"hej"),
    "an image with a script": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "a PDF named as a program": ("a.exe", PDF),
    "a name with two endings": ("a.pdf.exe", PDF),
    "an archive": ("a.zip", packed(a__pdf=PDF)),
    "an archive named as a document": ("a.docx", packed(a__pdf=PDF)),
    "a document with macros": ("a.docx", packed(**TYPES, word_S_document__xml=b"", word_S_vbaProject__bin=b"")),
    "an OpenDocument with macros": (
        "a.odt",
        packed(mimetype=b"application/vnd.oasis.opendocument.text", Basic_S_x=b""),
    ),
    "a document that unpacks to fill a disk": (
        "a.xlsx",
        packed(zipfile.ZIP_DEFLATED, **TYPES, xl_S_workbook__xml=bytes(101 * 1024 * 1024)),
    ),
    "half a document": ("a.docx", DOCX[: len(DOCX) // 2]),
    "a document that says it is longer": ("a.odt", PAST_ITS_END),
    "a document with a second end": ("a.odt", ZIP64),
    "an old document": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "text in another encoding": ("a.txt", "åäö".encode("latin-1")),
    "half a letter": ("a.txt", "å".encode()[:1]),
    "nothing": ("a.txt", b""),
    "a path": ("../../x", PDF),
    "a path with an ending": ("../../x.pdf", PDF),
    "a path of another system": ("a\\\\x.pdf", PDF),
    "a name that turns around": ("a\u202efdp.exe.pdf", PDF),
    "a name with a line break": ("a\u2028b.pdf", PDF),
    "a name that is too long": ("x" * 200 + ".pdf", PDF),
    "no more than dots": ("..", PDF),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_kinds_that_authorities_exchange_are_taken(name: str) -> None:
    source = io.BytesIO(GOOD[name])
    assert media_type_of(name, source) in MEDIA_TYPES
    assert source.tell() == 0, "it is to be read again"


@pytest.mark.parametrize("case", BAD)
def test_any_other_file_is_refused(case: str) -> None:
    name, data = BAD[case]
    with pytest.raises(FileRefused) as refused:
        media_type_of(name, io.BytesIO(data))
    assert refused.value.message.endswith(".")


@given(
    st.sampled_from([DOCX, ODT, PDF]), st.integers(0, 400), st.binary(max_size=40), st.sampled_from(["a.docx", "a.odt"])
)
def test_whatever_the_bytes_are_there_is_a_kind_or_a_sentence(data: bytes, at: int, put: bytes, name: str) -> None:
    try:
        assert media_type_of(name, io.BytesIO(data[:at] + put + data[at + len(put) :])) in MEDIA_TYPES
    except FileRefused as refused:
        assert refused.message.endswith(".")
