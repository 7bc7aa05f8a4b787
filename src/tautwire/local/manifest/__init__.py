"""App manifests: what an app is called, what it may do, and what it is told.

`Manifest.load("manifest.yaml")` reads Slack's own format; `ANYTHING` stands in where there is none.
"""

from tautwire.local.manifest.document import Manifest, manifest_from, manifests_from
from tautwire.local.manifest.questions import ANYTHING, AppManifest, Audience, Permissive
from tautwire.local.manifest.sections import Shortcut, ShortcutType, SlashCommand

__all__ = [
    "ANYTHING",
    "AppManifest",
    "Audience",
    "Manifest",
    "Permissive",
    "Shortcut",
    "ShortcutType",
    "SlashCommand",
    "manifest_from",
    "manifests_from",
]
