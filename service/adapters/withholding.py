"""Files that stay in the raw mail: what a colleague must not open by a click."""

from staff.adapters.file_types import sniff

MOST_FILES = 30
LARGEST = 20 * 1024 * 1024
# by their names too: a script is text, and an image of a disk is unknown bytes
ENDINGS = frozenset(
    "exe com scr pif bat cmd js jse mjs vbs vbe wsf wsh hta lnk ps1 psm1 msi msp jar iso img vhd vhdx chm cpl reg dll"
    " htm html xhtml shtml mht mhtml svg svgz xll app apk dmg pkg deb rpm sh url scf one docm xlsm pptm dotm"
    " xlam".split()
)
CONTENTS = frozenset({"program", "html", "svg"})


def reason_to_withhold(name: str, content: bytes, *, kept: int) -> str:
    """Return why a file is not kept beside its message ("type", "size", "count"), or nothing."""
    ending = name.strip(" .").rpartition(".")[2].lower()
    if ending in ENDINGS or sniff(content) in CONTENTS:
        return "type"
    if len(content) > LARGEST:
        return "size"
    return "count" if kept >= MOST_FILES else ""
