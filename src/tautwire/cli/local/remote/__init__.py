"""The commands that speak to a local Slack which runs already. None of them imports it: they start at once."""
