"""`python -m ri_assets.ri_index` is `ri-index`."""

from ri_assets.ri_index.cli import main

main()
