"""Names the licence text of each library in a folder, as Debian's packages have it: licences.py FOLDER."""

import pathlib
import subprocess
import sys

for library in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    owner = subprocess.run(["dpkg-query", "-S", f"*/{library.name}"], capture_output=True, text=True, check=True).stdout
    package = owner.split(":")[0]
    text = pathlib.Path("/usr/share/doc", package, "copyright").read_text(errors="replace")
    print(f"==== {library.name} (Debian's package {package})\n\n{text}\n")
