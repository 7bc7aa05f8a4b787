"""The nursery's own process."""

from mortal import Life
from mortal.client import live
from mortal.nursing import nurse

nurse(Life, live)
