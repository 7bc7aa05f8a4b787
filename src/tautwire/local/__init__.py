"""The local Slack: Slack's side of the wire, on this machine."""
