"""`tautwire local`: a Slack on this machine, to develop and test an app against."""
