"""Messages to people on a campaign's lists: the plan, the outbox, its carriers."""
