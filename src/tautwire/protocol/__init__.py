"""The pure core: what Slack says and what to do about it. No I/O, no clock, no logging."""
