"""Let clang-tidy read the driver's core and the model of the chip; .clang-tidy says which checks, and why.

A file that it found good is read again only when the file, a header, the flags or the checks have changed.
"""

from concurrent.futures import ThreadPoolExecutor
import hashlib
from pathlib import Path
import subprocess
import sys

from bench.cpp import COMPONENTS, CORES, ROOT, core_features, core_headers, core_sources

CLANG_TIDY = ROOT / ".venv" / "bin" / "clang-tidy"
GOOD = ROOT / ".cache" / "tidy"
FLAGS = ("-std=gnu++20", f"-I{ROOT}", f"-I{COMPONENTS}")


def _digest(source: Path, flags: tuple[str, ...]) -> str:
    digest = hashlib.sha256(repr(flags).encode())
    for path in (ROOT / ".clang-tidy", ROOT / "requirements.lock", source, *core_headers()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _complaints(source: Path) -> str:
    """Return what clang-tidy has against a file; nothing if it is good."""
    flags = (*FLAGS, *core_features())
    stamp = GOOD / f"{source.parent.name}-{source.stem}"
    digest = _digest(source, flags)
    if stamp.exists() and stamp.read_text() == digest:
        return ""
    command = (str(CLANG_TIDY), "--quiet", "--warnings-as-errors=*", str(source), "--", *flags)
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if result.returncode == 0:
        stamp.write_text(digest)
        return ""
    return result.stdout or result.stderr


def main() -> int:
    """Read all files and print what is wrong."""
    GOOD.mkdir(parents=True, exist_ok=True)
    sources = core_sources()
    with ThreadPoolExecutor(CORES) as pool:
        complaints = [text for text in pool.map(_complaints, sources) if text]
    print(*complaints, f"{len(sources) - len(complaints)} of {len(sources)} files are good", sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
