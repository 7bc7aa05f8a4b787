"""`tautwire inbox …`: for whoever operates an inbox, while its client runs or not."""
