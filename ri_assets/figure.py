"""The figure that everything here draws on: of matplotlib, and shown by a notebook as it is.

Only code that is about to draw imports this module, because it loads matplotlib.
"""

from __future__ import annotations

import warnings
from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: TID253 - see above
from matplotlib.figure import Figure  # noqa: TID253
from PIL import Image

_COLOURS = 128  # which halves the size of a picture
_DPI_IN_A_NOTEBOOK = 100


class PersonaFigure(Figure):
    """A matplotlib figure that belongs to no window, so no notebook shows it twice."""

    def _repr_png_(self) -> bytes:
        """Give what a notebook shows."""
        return png_of(self, _DPI_IN_A_NOTEBOOK)


def new_figure(height: float) -> PersonaFigure:
    """Make an empty figure of the usual width; the height is in inches."""
    return PersonaFigure(figsize=(6.4, height), layout="constrained")


def png_of(figure: Figure, dpi: int) -> bytes:
    """Write a figure as a small PNG; the same figure always gives the same bytes."""
    usual = figure.get_dpi()
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    try:
        with warnings.catch_warnings():
            # Names may contain emoji or letters that the bundled font lacks; it draws boxes.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            canvas.draw()  # type: ignore[no-untyped-call]
        shown = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        drawn = Image.fromarray(np.asarray(shown)).convert("RGB")
    finally:
        figure.set_dpi(usual)
    picture = BytesIO()
    drawn.quantize(_COLOURS).save(picture, format="png", optimize=True)
    return picture.getvalue()
