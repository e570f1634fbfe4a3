"""What production needs: units, an image, databases for Dagster's records, hashes, an audit."""
