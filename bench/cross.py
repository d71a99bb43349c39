"""Compile the components for the ESPs' processors, as far as possible without the vendors' toolchains, and report its size.

ESPHome generates the tree of bench/sdk/*.yaml; the components' files in it are compiled by Debian's bare-metal
compilers with newlib's headers. The driver's core needs nothing else. Files that include ESPHome get declarations in the place
of the vendor's SDK (bench/sdk/*.h). It compiles and sizes; it does not link, and proves nothing about the SDK.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
import hashlib
from pathlib import Path
import re
import shutil
import subprocess

from .cpp import CORES, FEATURE, MODEL, OWN, ROOT, call, compiler
from .rig.firmware import ESPHOME, esphome_environment

INPUT = ROOT / "bench" / "sdk"
BUILDS = ROOT / ".cache" / "labs" / "cross"
NEWLIB = Path("/usr/include/newlib")

INCLUDE = re.compile(r"#\s*include [<\"]([^>\"]+)[>\"]")
COMPONENT = re.compile(r"class (\w+) final : [^{]*\b(?:Component\b|LogApi<)")
EVENT = re.compile(r"^class (\w+) final : public three_phase_wire::WireText\b", re.MULTILINE)
"""The meter's data on the wire, each kind with its size."""
WARNINGS = ("-Wall", "-Wextra", "-Werror")
OPTIONS = ("-std=gnu++20", "-Os", "-fno-exceptions", "-fno-rtti", "-ffunction-sections", "-fdata-sections")
LOGGING = "-DESPHOME_LOG_LEVEL=ESPHOME_LOG_LEVEL_DEBUG"
"""Without it the check and the size would lose every text of the log."""

HEAP = "event that is sent, on the heap"
"""Heap that set-up allocates, in addition to the logs, the waveform samples and 12 bytes for each sensor."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes in flash, in flash and RAM, and in RAM."""

    text: int = 0
    data: int = 0
    bss: int = 0

    def __add__(self, other: Size) -> Size:
        """Return both together."""
        return Size(self.text + other.text, self.data + other.data, self.bss + other.bss)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The features of a meter."""

    components: frozenset[str] = frozenset({"ade9000", "three_phase_wire"})
    features: frozenset[str] = frozenset()
    """Defines."""

    @property
    def name(self) -> str:
        """Of its folder; all that it holds would be longer than a name may be."""
        return hashlib.sha256(" ".join(sorted(self.components | self.features)).encode()).hexdigest()[:16]

    def files(self, tree: Path, pattern: str) -> list[Path]:
        """Return the files of its components in a tree, less those that ESPHome would leave out of it."""
        return [
            path
            for component in sorted(self.components)
            for path in sorted((tree / "esphome" / "components" / component).rglob(pattern))
            if not (needed := NEEDED.get((component, path.name))) or needed & self.features
        ]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A processor with its compiler and ESPHome's defines for it."""

    name: str
    """Of its files in bench/sdk."""
    title: str
    prefix: str
    package: str
    """Of Debian, with the compiler."""
    flags: tuple[str, ...]

    def missing(self) -> str | None:
        """Name the missing tools to compile for it; None if nothing is missing."""
        if shutil.which(f"{self.prefix}g++") is None:
            return f"there is no {self.prefix}g++ (Debian: {self.package})"
        if not self.cpp_headers:
            return "there are no C++ headers for it (Debian: libstdc++-arm-none-eabi-dev, libnewlib-dev)"
        return None if ESPHOME.exists() else "ESPHome is not installed: run scripts/setup"

    @property
    def cpp_headers(self) -> Path | None:
        """Debian's newest bare-metal headers of the C++ library; any GCC has the same ABI."""
        return max(NEWLIB.glob("c++/*"), default=None)

    @property
    def tree(self) -> Path:
        """The sources that ESPHome generates."""
        return BUILDS / self.name / "data" / "build" / "footprint" / "src"

    @cached_property
    def header_folders(self) -> tuple[Path, ...]:
        """The compiler's system headers."""
        cpp = self.cpp_headers or NEWLIB
        return (cpp, cpp / "arm-none-eabi", cpp / "backward", NEWLIB)

    def generate(self) -> None:
        """Let ESPHome write the tree, and put empty files in place of the SDK's headers."""
        subprocess.run(
            (ESPHOME, "compile", "--only-generate", INPUT / f"{self.name}.yaml"),
            env=esphome_environment(BUILDS / self.name / "data"), check=True, capture_output=True,
        )  # fmt: skip
        own = Path(call(f"{self.prefix}g++", "-print-file-name=include").strip())
        known = (*self.header_folders, own, self.tree)
        shutil.rmtree(BUILDS / self.name / "sdk", ignore_errors=True)
        for path, name in self._includes():
            if not any((folder / name).exists() for folder in (*known, path.parent)):
                stub = BUILDS / self.name / "sdk" / name
                stub.parent.mkdir(parents=True, exist_ok=True)
                stub.touch()

    def _includes(self) -> set[tuple[Path, str]]:
        """Return every header of the tree with its includes."""
        headers = ((path, path.read_text(encoding="utf-8")) for path in self.tree.rglob("*.h"))
        return {(path, name) for path, text in headers for name in INCLUDE.findall(text)}

    def sizes(self, choice: Choice) -> dict[str, Size]:
        """Return the size of each file, built with a choice and nothing else.

        Raises:
            CompileError: a file does not compile, or compiles with a warning.
        """
        variant = Variant(self, choice)
        with ThreadPoolExecutor(CORES) as pool:
            objects = list(pool.map(variant.compile, choice.files(self.tree, "*.cpp")))
        return {built.stem: self._size(built) for built in objects}

    def memory(self, choice: Choice) -> dict[str, int]:
        """Return the RAM of each component's object in bytes, and the heap that set-up allocates."""
        variant = Variant(self, choice)
        headers = {path: path.read_text(encoding="utf-8") for path in choice.files(self.tree, "*.h")}
        expressions = {
            name: f"sizeof({_place(path)[0]}::{name})"
            for path, text in headers.items()
            for name in _components(text, choice.features)
        }
        if SENDING in choice.features:
            events = [f"{_place(path)[0]}::{name}" for path, text in headers.items() for name in EVENT.findall(text)]
            expressions[HEAP] = (
                f"sizeof(api::HomeassistantServiceMap) * {_most(events, 'MAX_FIELDS')} + {_most(events, 'CAPACITY')}"
            )
        source = variant.folder / "memory.cpp"
        source.write_text(_memory_source(headers, list(expressions.values())), encoding="utf-8")
        symbols = call(f"{self.prefix}nm", "--print-size", "--defined-only", variant.compile(source))
        sizes = {symbol: int(size, 16) for size, symbol in re.findall(r"^\w+ (\w+) \w (size_\d+)$", symbols, re.MULTILINE)}
        return {name: sizes[f"size_{index}"] for index, name in enumerate(expressions)}

    def _size(self, built: Path) -> Size:
        _, numbers = call(f"{self.prefix}size", built).splitlines()
        return Size(*map(int, numbers.split()[:3]))


@dataclass(frozen=True)
class Variant:
    """A platform with a choice. ESPHome's defines.h holds some of its features, flags of the build the others."""

    platform: Platform
    choice: Choice

    @cached_property
    def folder(self) -> Path:
        """The folder of its objects, with a defines.h of its own."""
        folder = BUILDS / self.platform.name / self.choice.name
        header = folder / "esphome" / "core" / "defines.h"
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text("\n".join(line for line in self._generated() if self._is_wanted(line)), encoding="utf-8")
        return folder

    def compile(self, source: Path) -> Path:
        """Return the object of a file."""
        built = self.folder / f"{source.parent.name}-{source.stem}.o"
        folders = (BUILDS / self.platform.name / "sdk", self.platform.tree)
        call(
            *compiler(f"{self.platform.prefix}g++"), *self.platform.flags, *OPTIONS, *WARNINGS, LOGGING, *self._flags(),
            "-nostdinc++", *(option for folder in self.platform.header_folders for option in ("-isystem", folder)),
            f"-I{self.folder}", *(option for folder in folders for option in ("-isystem", folder)),
            "-include", INPUT / f"{self.platform.name}.h", "-c", source, "-o", built,
        )  # fmt: skip
        return built

    def _generated(self) -> list[str]:
        return (self.platform.tree / "esphome" / "core" / "defines.h").read_text(encoding="utf-8").splitlines()

    def _is_wanted(self, line: str) -> bool:
        return self.choice.features.issuperset(FEATURE.findall(line))

    def _flags(self) -> list[str]:
        in_header = set(FEATURE.findall("\n".join(self._generated())))
        return [f"-D{feature}" for feature in sorted(self.choice.features - in_header)]


def _components(header: str, features: frozenset[str]) -> Iterable[str]:
    """Yield the components that a header declares with some features; no header uses `#ifndef` for a feature."""
    conditions: list[str] = []
    for line in header.splitlines():
        if line.startswith("#if"):
            conditions.append(line)
        elif line.startswith("#endif"):
            conditions.pop()
        elif (found := COMPONENT.match(line)) and features.issuperset(FEATURE.findall(" ".join(conditions))):
            yield found[1]


def _memory_source(headers: Iterable[Path], expressions: Iterable[str]) -> str:
    """Return a source whose symbols are as large as the expressions say."""
    return "\n".join((
        *(f'#include "esphome/components/{"/".join(_place(path))}"' for path in headers),
        "#include <algorithm>",
        "using namespace esphome;",
        'extern "C" {',
        *(f"char size_{index}[{text}];" for index, text in enumerate(expressions)),
        "}",
    ))  # fmt: skip


def _place(path: Path) -> tuple[str, ...]:
    """Return the path of a file below the folder of the components, the component first."""
    return path.parts[path.parts.index("components") + 1 :]


def _most(events: Iterable[str], number: str) -> str:
    return f"std::max({{{', '.join(f'{event}::{number}' for event in events)}}})"


def _conditions(component: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the files of a component that are not always built, with the defines of which one has to be there."""
    tree = ast.parse((component / "__init__.py").read_text(encoding="utf-8"))
    names = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    match names.get("FILTER_SOURCE_FILES"):
        case ast.Call(args=[ast.Dict(keys=keys, values=values)]):
            for key, value in zip(filter(None, keys), values, strict=True):
                alternatives = value.elts if isinstance(value, ast.Tuple) else [value]
                yield (
                    ast.literal_eval(key),
                    frozenset(ast.literal_eval(names.get(ast.unparse(one)) or one) for one in alternatives),
                )


def _features() -> frozenset[str]:
    """Return the defines that the components' files ask for, or are built for."""
    files = (path for folder in DRIVERS for pattern in ("*.h", "*.cpp") for path in folder.glob(pattern))
    asked = {feature for path in files for feature in FEATURE.findall(path.read_text(encoding="utf-8"))}
    return frozenset(asked.union(*NEEDED.values()))


SENDING = "USE_THREE_PHASE_WIRE_API"
DRIVERS = tuple(folder for folder in OWN if folder != MODEL)
NEEDED = {(folder.name, name): defines for folder in DRIVERS for name, defines in _conditions(folder)}
"""Defines of which a file needs one, by component and file."""

EVERYTHING = Choice(components=frozenset(folder.name for folder in DRIVERS), features=_features())

PLATFORMS: Mapping[str, Platform] = {
    platform.name: platform
    for platform in (
        Platform(
            name="lx106",
            title="ESP8266",
            prefix="xtensa-lx106-elf-",
            package="gcc-xtensa-lx106",
            flags=("-mlongcalls", "-mtext-section-literals", "-DUSE_ESP8266", "-DUSE_ARDUINO"),
        ),
        Platform(
            name="rv32imc",
            title="ESP32-C3",
            prefix="riscv64-unknown-elf-",
            package="gcc-riscv64-unknown-elf",
            flags=("-march=rv32imc", "-mabi=ilp32", "-DUSE_ESP32", "-DUSE_ESP_IDF", "-DUSE_ESP32_VARIANT_ESP32C3"),
        ),
    )
}
