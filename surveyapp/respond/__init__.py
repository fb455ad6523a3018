"""The respondent's journey, and the pages about it that anybody may read."""
