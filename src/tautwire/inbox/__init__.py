"""The inbox: envelopes are kept here from before their ack until they are done or dead.

`api` says what every store promises, `memory` is the reference, `sqlite` the store for one machine, `jetstream` the one
for many.
"""
