"""Socket Mode as Slack runs it: tickets, connections, who gets which envelope, and what became of it."""
