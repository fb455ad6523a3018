"""Files of answers, plans and reports: what needs no application and no database."""
