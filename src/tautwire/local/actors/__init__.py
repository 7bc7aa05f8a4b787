"""Who acts in the workspace, and what they see: the side that a test or a person drives."""

from tautwire.local.actors.person import Person
from tautwire.local.actors.place import Place
from tautwire.local.actors.said import Said, Shown
from tautwire.local.actors.stage import Outcome, Stage

__all__ = ["Outcome", "Person", "Place", "Said", "Shown", "Stage"]
