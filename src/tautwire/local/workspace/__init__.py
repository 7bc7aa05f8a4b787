"""The workspace: people, places, apps, and what has been said. Pure: callers bring the time and the random source."""

from tautwire.local.manifest import ANYTHING, AppManifest
from tautwire.local.workspace.content import Content
from tautwire.local.workspace.keys import Key
from tautwire.local.workspace.model import App, Channel, File, Identity, Message, Team, User, View
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.workspace import Workspace

__all__ = [
    "ANYTHING",
    "App",
    "AppManifest",
    "Channel",
    "Content",
    "File",
    "Identity",
    "Key",
    "Message",
    "Refusal",
    "Team",
    "User",
    "View",
    "Workspace",
]
