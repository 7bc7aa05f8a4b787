"""A whole client's life in virtual time: the real client, a simulated network, a simulated Slack, and an oracle.

Everything follows from one seed. The client's tasks run on an event loop whose time moves only when they all wait
(`loop`); what is outside the client, network and Slack, is a list of things to come (`world`). `oracle` watches from
the outside and knows nothing of the client's own machines.

    python -m simulated --seed 7        replay one seed, with its whole trace
"""
