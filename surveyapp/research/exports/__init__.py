"""De-identified answers of a campaign as files for a researcher."""
