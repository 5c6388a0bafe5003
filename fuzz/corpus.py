"""Makes the first corpus of the `entry` and `session` targets from the golden vectors. First byte: see targets/."""

import json
from pathlib import Path

here = Path(__file__).parent
vectors = json.loads((here / "../node/tests/vectors/entries.json").read_text())
out = here / "corpus" / "entry"
out.mkdir(parents=True, exist_ok=True)


def write(name: str, first: int, data: str) -> None:
    (out / name).write_bytes(bytes([first]) + bytes.fromhex(data))


for vector in vectors["entries"]:
    write(vector["name"] + ".run", 1, vector["run"])
    if vector["kind"] < 18:
        write(vector["name"] + ".body", vector["kind"] + 1, vector["body"])
write("post.header", 0, next(v["header"] for v in vectors["entries"] if v["name"] == "post"))
write("delete.header", 0, next(v["header"] for v in vectors["entries"] if v["name"] == "delete"))
write("all.runs", 1, vectors["runs_of_all_without_bodies"])


def field(number: int, value: bytes) -> bytes:
    """A field with a byte string, as CBOR."""
    size = len(value)
    head = bytes([0x40 | size]) if size < 24 else bytes([0x58, size]) if size < 256 else b"\x59" + size.to_bytes(2, "big")
    return bytes([number]) + head + value


out = here / "corpus" / "session"
out.mkdir(parents=True, exist_ok=True)
key = bytes(32)
opening = b"\xa4" + field(0, bytes(16)) + b"\x01\x01" + field(2, key) + field(3, key)
start = bytes([0, 5, 1, 6, 2, 0xF5])
secret = b"\x03\xa2\x00\x07" + field(1, key)
(out / "control.plain").write_bytes(b"\x00\xa5" + start + b"\x04\x00\x05\x00")
(out / "message.plain").write_bytes(b"\x00\xa8" + start + secret + b"\x04\x09\x05\x0a" + field(6, b"Hi") + b"\x07\x81\x0b")
(out / "first.plain").write_bytes(b"\x00\xa7" + start + b"\x04\x00\x05\x0a" + field(6, b"Hi") + b"\x08" + opening)
named = {v["name"]: v for v in vectors["entries"]}
statements = b"".join(bytes.fromhex(named[name]["run"]) for name in ["persona_open", "device_cert", "device_keys"])
persona, device = (bytes.fromhex(named["profile"]["header"])[at : at + 32] for at in [1, 33])
olm = b"\x04\x0a\x20" + key + b"\x12\x20" + key + b"\x1a\x20" + key + b"\x22\x57\x04\x0a\x20" + key
olm += b"\x10\x00\x22\x10" + bytes(16) + bytes(32)
(out / "intro").write_bytes(b"\x01\xa4" + field(0, persona) + field(1, device) + field(2, statements) + field(3, olm))


def said(name: str, *fields: bytes) -> None:
    """What a message says: salt, id, time, and these fields."""
    first = field(0, key) + b"\x02\x05"
    (out / (name + ".said")).write_bytes(b"\x02" + bytes(16) + bytes([0xA2 + len(fields)]) + first + b"".join(fields))


text = b"\x04\xa1\x00\x62Hi"
member = b"\xa3" + field(0, key) + b"\x01\x01\x02\x01"
grant = b"\x0a\xa7" + field(0, key) + b"\x01\x00\x02\x61F\x03\x01" + field(4, bytes(16)) + field(5, key) + b"\x06\x81" + member
said("text", b"\x03\x01", text, field(5, key), b"\x08\x00")
said("edit", b"\x03\x02", text, field(5, key), b"\x06\x01")
said("deletion", b"\x03\x03", field(5, key))
said("reaction", b"\x03\x04", field(5, key), b"\x06\x01", b"\x07\x61+")
said("read", b"\x03\x05", b"\x08\x05")
said("timer", b"\x03\x06", b"\x06\x01", b"\x08\x05")
said("members", b"\x03\x07", b"\x07\x61F", b"\x09\x81" + member)
said("grant", b"\x03\x08", grant)
