"""Writes src/tokenize/reference_tables.cpp: what the reference tokenizer takes each code point for.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.3 unicodedata2==18.0.0
    venv/bin/python tests/golden/tokenize/make_tables.py

It asks the reference itself, one code point at a time: its libraries carry tables of several old versions of Unicode.
unicodedata2 knows the characters that came later, which the reference neither decomposes nor reorders. It takes a minute.
"""

import pathlib

import unicodedata2
from tokenizers import normalizers, pre_tokenizers

POINTS = [point for point in range(1, 0x110000) if not 0xD800 <= point < 0xE000]
OUT = pathlib.Path(__file__).resolve().parents[3] / "src" / "tokenize" / "reference_tables.cpp"


def ranges(points):
    out = []
    for point in sorted(points):
        if out and out[-1][1] == point - 1:
            out[-1][1] = point
        else:
            out.append([point, point])
    return out


def removed_by(normalizer):
    return {point for point in POINTS if normalizer.normalize_str("a" + chr(point) + "b") == "ab"}


def isolated_by(pre_tokenizer):
    return {point for point in POINTS if len(pre_tokenizer.pre_tokenize_str("a" + chr(point) + "b")) == 3}


def later(marks):
    """The characters that Unicode composes, decomposes or reorders, and the reference does not, with their parts."""
    out = {point for point in POINTS if unicodedata2.combining(chr(point)) and point not in marks}
    for form in ("NFD", "NFKD"):
        reference = getattr(normalizers, form)()
        for point in POINTS:
            whole = unicodedata2.normalize(form, chr(point))
            if whole != chr(point) and reference.normalize_str(chr(point)) == chr(point):
                out.add(point)
                if form == "NFD":  # its parts must not be composed. None of the old ones is so far up
                    out.update(part for part in map(ord, whole) if part > 0xFFFF)
    return out


def main():
    marks = removed_by(normalizers.StripAccents())
    tables = {
        "marks": marks,
        "nonspacing_marks": removed_by(normalizers.BertNormalizer(False, False, True, False)),
        "punctuation": isolated_by(pre_tokenizers.BertPreTokenizer()),
        "numbers": isolated_by(pre_tokenizers.Digits(individual_digits=True)),
        "not_text": removed_by(normalizers.BertNormalizer(True, False, False, False)),
        "unnormalized": later(marks),
    }
    lines = ["// Written by tests/golden/tokenize/make_tables.py.", '#include "tokenize/reference_tables.hpp"', "",
             "namespace triage::tokenize {", ""]
    for name, points in tables.items():
        found = ranges(points)
        lines += [f"const std::array<CodePoints, {len(found)}> {name} = {{{{"]
        row = "   "
        for first, last in found:
            cell = f" {{0x{first:x}, 0x{last:x}}},"
            if len(row) + len(cell) > 120:
                lines.append(row)
                row = "   "
            row += cell
        lines += [row.rstrip(","), "}};", ""]
    lines += ["}  // namespace triage::tokenize", ""]
    OUT.write_text("\n".join(lines))
    for name, points in tables.items():
        print(name, len(points), "code points,", len(ranges(points)), "ranges")


main()
