"""Run `examples/tour.ipynb` and save it with its output, made from the bundled sample.

`make examples` publishes a fresh snapshot of the sample and runs this script.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from common import arguments, report_errors
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from page import assignment, require_sample
from traitlets.config import Config

from ri_assets.environment import store_location
from ri_assets.errors import QueryError
from ri_assets.ri_index import RIIndex

TOUR = Path(__file__).with_name("tour.ipynb")
_SECONDS = 600  # for one cell
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(store: str | None) -> Any:
    """Run every cell of the tour on a store, and return the notebook with its output.

    Raises
    ------
    QueryError
        A cell fails.
    """
    notebook = nbformat.read(TOUR, as_version=4)
    with TemporaryDirectory() as folder:
        settings = Config()
        settings.KernelManager.transport = "ipc"  # opens no port
        settings.KernelManager.connection_file = str(Path(folder) / "kernel.json")
        client = NotebookClient(
            notebook,
            config=settings,
            kernel_name="python3",
            timeout=_SECONDS,
            record_timing=False,
        )
        # Nothing of the user's own IPython takes part.
        own = {"RI_STORE": store_location(store), "IPYTHONDIR": folder}
        try:
            client.execute(env={**os.environ, **own})
        except CellExecutionError as error:
            raise QueryError(
                f"a cell of {TOUR.name} fails: {error.ename}: {error.evalue}",
                "a tour that runs without errors",
                "correct the cell, or what it calls",
            ) from error
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            # The store that `make run` fills, not a folder of the machine that ran the tour.
            data = output.get("data", {})
            if "text/plain" in data:
                data["text/plain"] = data["text/plain"].replace(own["RI_STORE"], "data/store")
    return notebook


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--notebook", type=Path, default=TOUR, help="output file")
    parser.add_argument(
        "--check", action="store_true", help="run on any snapshot, and write nothing"
    )
    given = parser.parse_args()
    with report_errors():
        ri = RIIndex.open(store=given.store)
        if not given.check:
            require_sample(ri)
        made = executed(given.store)
        made.metadata = {**_METADATA, "ri": {"assignment": assignment(ri)}}
        if not given.check:
            nbformat.write(made, given.notebook)
