"""The command line `ri-index`."""
