"""From a received envelope to a listener and its ack."""
