"""The picture of a search: coherence, stability and number of personas at one glance."""

from __future__ import annotations

from pathlib import Path

from ri_assets.freeze.search import Search

_WINNER, _SOUND, _REFUSED = "#c2410c", "#1d4ed8", "#9ca3af"


def draw(search: Search, path: Path) -> None:
    """Draw every configuration: one panel a corpus, the number of personas as the mark.

    Parameters
    ----------
    search
        What was found; finalists appear with the figures of their many draws.
    path
        Of the picture; its suffix says the format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    finals = {result.profile.name: result for result in search.finalists}
    shown = [finals.get(result.profile.name, result) for result in search.screened]
    n = len(shown[0].trials)
    with mpl.rc_context({"svg.hashsalt": "ri", "svg.fonttype": "none"}):
        figure = Figure(figsize=(1 + 4.2 * n, 4.6), layout="constrained")
        panels = figure.subplots(1, n, sharey=True, squeeze=False)[0]
        for place, panel in enumerate(panels):
            for result in shown:
                trial = result.trials[place]
                is_winner = search.winner is not None and result is search.winner
                panel.text(
                    trial.coherence,
                    trial.resample_ari_lift,
                    str(trial.k),
                    ha="center",
                    va="center",
                    fontsize=14 if is_winner else 10,
                    fontweight="bold" if is_winner else "normal",
                    color=_WINNER if is_winner else _REFUSED if trial.obstacles else _SOUND,
                )
            # Text sets no limits of its own.
            panel.scatter(
                [result.trials[place].coherence for result in shown],
                [result.trials[place].resample_ari_lift for result in shown],
                s=0,
            )
            panel.margins(0.12)
            panel.set_title(f"{Path(shown[0].trials[place].corpus).name}", fontsize=10)
            panel.set_xlabel("coherence (umap_50d, centred)")
            panel.grid(visible=True, alpha=0.3)
        panels[0].set_ylabel("resample ARI above its null (lift)")
        figure.suptitle(
            "Number of personas of each configuration\n"
            "blue passes the gates, grey does not, orange is the winner",
            fontsize=9,
        )
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata)
