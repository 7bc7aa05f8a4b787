"""Facts become log lines and counters here."""
