"""What a researcher takes away: exports, and reports on how sound a measure is."""
