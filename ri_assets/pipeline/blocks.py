"""Rows in blocks: what is computed in 64-bit floats on the way holds few rows of a large corpus."""

BLOCK = 20_000
"""Rows of a block."""


def row_blocks(n: int, size: int = BLOCK) -> list[slice]:
    """Divide n rows into blocks, in order."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]
