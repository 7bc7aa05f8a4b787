"""The nursery's own process, as that of `mortal`."""

from mortal.nursing import nurse
from scattered import Life
from scattered.program import live

nurse(Life, live)
