"""What the metadata of a release tells beside pyproject.toml: its page and its addresses.

On the index of packages no file stands beside the README. Where `repository` is set, links lead to
the files of this version there, as GitHub and GitLab address them; where it is empty, as long as
there is no public address, they are plain text: the name, and the file in the source distribution.
"""

from __future__ import annotations

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

#: A link or a picture of Markdown to a file beside the README, outside of blocks of code.
_LINK = re.compile(r"(?ms)(^```.*?^```$)|(!?)\[([^]]*)\]\((?!\w+:|#)([^)\s]+)\)")


class Metadata(MetadataHookInterface):
    """Set readme and urls."""

    def update(self, metadata: dict[str, object]) -> None:
        version = metadata["version"]
        address = self.config["repository"].rstrip("/")
        text = Path(self.root, "README.md").read_text(encoding="utf-8")

        def linked(match: re.Match[str]) -> str:
            block, picture, words, path = match.groups()
            if block:
                return block
            if not address:
                return f"{words} ({path})" if words != path else path
            kind = "raw" if picture else "blob"
            return f"{picture}[{words}]({address}/{kind}/v{version}/{path})"

        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": _LINK.sub(linked, text),
        }
        metadata["urls"] = {}
        if address:
            metadata["urls"] = {
                "Repository": address,
                "Documentation": f"{address}/blob/v{version}/docs/start.md",
                "Changelog": f"{address}/blob/v{version}/CHANGELOG.md",
            }
