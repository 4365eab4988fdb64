"""The API does what its OpenAPI document says, whatever is sent to it.

Schemathesis makes requests out of the document, right ones and wrong ones: right ones must be
accepted, wrong ones refused, and each answer must be one that is documented.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api import small_version
from tests.api.keys import ADMIN, KEYS, WRITE, with_key
from tests.api.serving import Serve

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
FILTERS = {"cheap": {"attributes": {"price": {"max": 50}}}}
ITEMS = [
    {"item_id": "TECH1001", "title": "One", "attributes": {"price": 49.9, "released": "2024-01-31"}}
]
OPTIONS = {
    "--phases": "examples,coverage,fuzzing",
    "--max-examples": "20",  # of each operation, beside a thousand that stay the same
    "--seed": "1",
    "--header": f"X-API-Key: {ADMIN}",
}


@pytest.mark.programs
@pytest.mark.parametrize("is_trained", [True, False], ids=["trained", "untrained"])
def test_every_answer_is_documented(
    serve: Serve, artifact_dir: Path, tmp_path: Path, is_trained: bool
) -> None:
    if is_trained:
        small_version.publish_current(artifact_dir)
    # Wrong keys are among what is made, more than an address may send.
    with serve(**KEYS, wrong_key_rate=0, filters=json.dumps(FILTERS)) as api:
        described = api.post("/items", json={"items": ITEMS}, headers=with_key(WRITE))
        assert described.json()["created"] == len(ITEMS)
        paths = api.get("/openapi.json", headers=with_key(ADMIN)).json()["paths"]
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
        options = [part for option in OPTIONS.items() for part in option]
        document = f"{api.base_url}/openapi.json"
        run = subprocess.run(
            [*command, "run", document, *options],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS)},
            capture_output=True,
            text=True,
        )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"Tested: {sum(map(len, paths.values()))}\n" in run.stdout
