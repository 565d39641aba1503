"""Packs the program as a Python wheel: wheel.py FOLDER VERSION ARCH DIST. The same input gives the same bytes.

    pip install triage_gateway-....whl && triage serve --config triage.yaml
"""

import base64
import hashlib
import os
import pathlib
import sys
import time
import zipfile

NAME = "triage_gateway"
LAUNCHER = '''"""Triage, a gateway to language models: runs the program that this package carries."""

import os
import sys


def main():
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "triage")
    os.execv(program, [program, *sys.argv[1:]])
'''
MAIN = "from triage_gateway import main\n\nmain()\n"


def files(folder):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            yield f"{NAME}/{path.relative_to(folder)}", path.read_bytes(), bool(path.stat().st_mode & 0o100)
    yield f"{NAME}/__init__.py", LAUNCHER.encode(), False
    yield f"{NAME}/__main__.py", MAIN.encode(), False


def main(folder, version, arch, dist):
    tag = f"py3-none-manylinux_2_36_{arch}"
    info = f"{NAME}-{version}.dist-info"
    when = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), 315532800))[:6]  # zip begins in 1980
    metadata = {
        "METADATA": f"Metadata-Version: 2.1\nName: triage-gateway\nVersion: {version}\nLicense: Apache-2.0\n"
        "Summary: A gateway that sends each request to the cheapest model that can handle it\nRequires-Python: >=3.8\n",
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: triage\nRoot-Is-Purelib: false\nTag: {tag}\n",
        "entry_points.txt": f"[console_scripts]\ntriage = {NAME}:main\n",
    }
    record = []
    with zipfile.ZipFile(pathlib.Path(dist) / f"{NAME}-{version}-{tag}.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        def add(name, content, executable=False):
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            wheel.writestr(entry, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}")

        for each in files(folder):
            add(*each)
        for name, text in metadata.items():
            add(f"{info}/{name}", text.encode())
        record.append(f"{info}/RECORD,,")
        entry = zipfile.ZipInfo(f"{info}/RECORD", when)
        entry.external_attr = 0o100644 << 16
        wheel.writestr(entry, "\n".join(record) + "\n")


main(*sys.argv[1:])
