"""What the lints share: which files there are, findings, and C++ text with comments and literals blanked."""

import dataclasses
import pathlib
import re

CPP = {".hpp", ".cpp"}


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def files(root, *folders, suffixes=None):
    """Files below root's folders, sorted; build trees and dot folders left out."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root).parts
            if not path.is_file() or "__pycache__" in inside or "node_modules" in inside:
                continue
            if suffixes is None or path.suffix in suffixes:
                found.append(path)
    return found


def relative(root, path):
    return path.relative_to(root).as_posix()


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")


_LITERAL = re.compile(
    r"""//[^\n]*(?:\\\n[^\n]*)*          # line comment
      | /\*.*?\*/                         # block comment
      | R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"   # raw string
      | "(?:\\.|[^"\\\n])*"               # string
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'            # character; not the ' of 16'384
    """,
    re.S | re.X,
)


def blanked(text):
    """`text` with comments replaced by spaces and literals by "" of the same length; line numbers stay."""

    def blank(match):
        whole = match.group(0)
        if whole.startswith("/"):
            return re.sub(r"[^\n]", " ", whole)
        return '"' + re.sub(r"[^\n]", " ", whole[1:-1]) + '"'

    return _LITERAL.sub(blank, text)


_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|\[\[|\]\]|::|->|&&|\|\||\S")


def tokens(text):
    """(text, line) of every token of blanked C++; preprocessor lines left out."""
    found = []
    continued = False
    for number, line in enumerate(blanked(text).split("\n"), 1):
        directive = continued or line.lstrip().startswith("#")
        continued = directive and line.rstrip().endswith("\\")
        if not directive:
            found.extend((match.group(0), number) for match in _TOKEN.finditer(line))
    return found
