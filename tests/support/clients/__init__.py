"""Programs that others' clients carry, as processes of their own beside a local Slack, and what is said to them."""
