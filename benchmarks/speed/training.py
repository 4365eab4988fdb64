"""From rows in a real MySQL to a current version: the whole process, its memory, its errors.

python -m benchmarks training
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.processes import run
from benchmarks.report import Row
from tests.servers import mysql_server

RUNS = 5


def rows() -> list[Row]:
    """Starts a MySQL of its own, generates the default data, trains `RUNS` times."""
    with mysql_server() as url, TemporaryDirectory() as folder:
        environment = {
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "ARTIFACT_DIR": folder,
            "MODEL": "als",
        }
        run(environment, "-m", "shared.database")
        run(environment, "-m", "services.generator", "generate")
        return [*_process_rows(environment), *_error_rows(Path(folder))]


def _process_rows(environment: Mapping[str, str]) -> Iterator[Row]:
    trainings, imports = [], []
    for _run in range(RUNS):  # in turn, so that both see the same machine
        imports.append(run(environment, "-c", "import torch"))
        trainings.append(run(environment, "-m", "services.trainer"))
    seconds = median(one.seconds for one in trainings)
    ratio = seconds / median(one.seconds for one in imports)
    yield Row(
        "50,000 rows in MySQL → current version, whole process",
        f"{seconds:.1f} s, {ratio:.1f} × `import torch`",
        "≤ 8 s, ≤ 4 ×",
        seconds <= 8 and ratio <= 4,
    )
    peak = max(one.peak_mib for one in trainings)
    yield Row(
        "trainer, 50,000 rows, peak memory", f"{peak:.0f} MiB", "≤ 500 MB", peak * 1.049 <= 500
    )


def _error_rows(artifact_dir: Path) -> Iterator[Row]:
    version = json.loads((artifact_dir / "current.json").read_text())["version"]
    metrics = json.loads((artifact_dir / "models" / version / "metrics.json").read_text())
    ratings = metrics["last_of_each_user"]["ratings"]
    als, bias = (ratings["models"][name]["mse"] for name in ("als", "bias"))
    floor = ratings["noise_floor"]["mse"]
    share = (als - floor) / (bias - floor)
    yield Row("generated data, validation MSE", f"{als:.4f}", "< .5", als < 0.5)
    yield Row(
        "the same, excess over the noise floor / the bias model's",
        f"{share:.2f} (floor {floor:.4f}, biases {bias:.4f})",
        "≤ .5",
        share <= 0.5,
    )
