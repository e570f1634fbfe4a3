"""`python -m ri_assets.cli` is `ri-index`."""

from ri_assets.cli.app import main

main()
