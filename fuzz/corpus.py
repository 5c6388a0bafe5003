"""Makes the first corpus of the `entry` target from the golden vectors. First byte: see targets/entry.rs."""

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
