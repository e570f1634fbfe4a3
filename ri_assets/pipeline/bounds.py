"""What bounds the memory and time of large corpora: samples of tweets, and blocks of rows."""

SAMPLE_LIMIT = 50_000
"""Of a larger corpus, a random sample of this size is rerun and measured, and the words of one are
read. So many tweets tell every figure to its third digit."""
BLOCK = 20_000
"""Rows of a block; what is computed in 64-bit floats on the way holds no more at once."""


def row_blocks(n: int, size: int = BLOCK) -> list[slice]:
    """Divide n rows into blocks, in order."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]
