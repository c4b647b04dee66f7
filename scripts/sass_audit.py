#!/usr/bin/env python3
"""Audits the machine code of the kernels: does the compiled code do the work that a kernel claims, and little else?

The claim stands in the head comment of the kernel's .cu file, whose name is the kernel's name, one line for a group of
architectures:

    //   sass  sm_80,sm_90a  loop    FFMA=512 FFMA.sources=2 CS2R=0 overhead<0.03
    //   sass  sm_90a        kernel  LDG.E.128=8 LDG=8 loops=0

    loop | kernel    count in one trip of the innermost loop that holds the first opcode, or in the whole kernel
    OPCODE=N         exactly N instructions of this opcode that have all of the named modifiers
    OPCODE.sources=N each of them reads exactly N distinct general registers, and no constant
    overhead<X       the share of all other instructions is below X
    loops=N          the whole kernel has N loops

The opcode named first is the work: in a loop, each of its instructions must be executed on every trip, so neither
predicated nor jumped over. Never allowed, without being said: local memory (LDL, STL) and a stack frame, which is where
spilled registers go. An architecture without a claim fails: nothing is relaxed for all.

Exit code: 0 all audited, 1 a mismatch, 2 wrong usage or unreadable input, 3 no disassembler.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Set, Tuple

LOCAL_MEMORY = ("LDL", "STL")
BRANCHES = ("BRA", "JMP", "BRX", "JMX", "CALL")
HOW_TO_GET = (
    "no nvdisasm and cuobjdump: install the CUDA Toolkit's own, or "
    "'pip install nvidia-cuda-nvdisasm nvidia-cuda-cuobjdump' and name their folder with --tools DIR"
)


class AuditError(Exception):
    """Input that cannot be audited at all (exit code 2)."""


class NoDisassembler(Exception):
    """nvdisasm or cuobjdump is missing (exit code 3)."""


# ---- Machine code ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Instruction:
    """One line of SASS."""

    address: int
    guard: str  # "@P0", "@!PT", or "" when always executed
    opcode: str  # with its modifiers: "LDG.E.128"
    operands: Tuple[str, ...]

    @property
    def base(self) -> str:
        return self.opcode.split(".")[0]

    @property
    def never(self) -> bool:
        """Guarded by a predicate that is always false: it takes an issue slot and does nothing."""
        return self.guard in ("@!PT", "@!UPT")

    @property
    def conditional(self) -> bool:
        return self.guard not in ("", "@PT", "@UPT")

    def matches(self, wanted: str) -> bool:
        """Has `wanted`'s opcode and all of its modifiers, in any order."""
        base, *modifiers = wanted.split(".")
        return self.base == base and set(modifiers) <= set(self.opcode.split(".")[1:])

    def reads_registers(self, count: int) -> bool:
        """All sources (the operands but the first) are general registers, `count` distinct ones; RZ is not one."""
        matches = [re.fullmatch(r"[-|~]*R(\d+)(?:\.reuse)?\|?", operand) for operand in self.operands[1:]]
        return all(matches) and len({match.group(1) for match in matches if match}) == count


@dataclass
class Function:
    """One kernel's machine code."""

    name: str  # as mangled
    instructions: List[Instruction] = field(default_factory=list)
    labels: Dict[str, int] = field(default_factory=dict)

    def target(self, instruction: Instruction) -> Optional[int]:
        """Where a direct branch goes, or None when it is none."""
        if instruction.base not in BRANCHES:
            return None
        match = re.search(r"`\((\.L_\w+)\)", " ".join(instruction.operands))
        return self.labels.get(match.group(1)) if match else None


@dataclass(frozen=True)
class Loop:
    """The instructions from a backward branch's target to the branch."""

    first: int
    last: int

    def holds(self, instruction: Instruction) -> bool:
        return self.first <= instruction.address <= self.last

    def contains(self, other: "Loop") -> bool:
        return self != other and self.first <= other.first and other.last <= self.last


INSTRUCTION = re.compile(r"^\s*/\*([0-9a-f]{4,})\*/\s+(?:(@!?\w+)\s+)?([A-Z][\w.]*)\s*([^;]*);")
LABEL = re.compile(r"^(\.L_\w+):")
SECTION = re.compile(r"^\s*\.section\s+\.text\.([\w$.]+)")
OTHER_SECTION = re.compile(r"^\s*\.section\s")
TARGET = re.compile(r"^\s*\.target\s+(sm_\w+)")


def split_operands(text: str) -> Tuple[str, ...]:
    """The operands, at commas outside brackets."""
    parts = re.split(r",\s*(?![^\[(]*[\])])", text.strip())
    return tuple(part.strip() for part in parts if part.strip())


def parse_sass(text: str) -> Tuple[str, Dict[str, Function]]:
    """nvdisasm's text -> the architecture and the functions by mangled name."""
    architecture = ""
    functions: Dict[str, Function] = {}
    current: Optional[Function] = None
    waiting: List[str] = []  # labels whose instruction has not come yet
    for line in text.splitlines():
        target = TARGET.match(line)
        section = SECTION.match(line)
        label = LABEL.match(line)
        instruction = INSTRUCTION.match(line)
        if target:
            architecture = target.group(1)
        elif section:
            current = functions.setdefault(section.group(1), Function(section.group(1)))
            waiting = []
        elif OTHER_SECTION.match(line):
            current = None
        elif current is not None and label:
            waiting.append(label.group(1))
        elif current is not None and instruction:
            address = int(instruction.group(1), 16)
            for name in waiting:
                current.labels[name] = address
            waiting = []
            _, guard, opcode, operands = instruction.groups()
            current.instructions.append(Instruction(address, guard or "", opcode, split_operands(operands)))
    return architecture, functions


def find_loops(function: Function) -> List[Loop]:
    """All loops; branches back to one target make one loop. The branch to itself that ends every kernel is none."""
    ends: Dict[int, int] = {}
    for instruction in function.instructions:
        target = function.target(instruction)
        if instruction.base != "CALL" and target is not None and target < instruction.address:
            ends[target] = max(instruction.address, ends.get(target, 0))
    return [Loop(first, last) for first, last in sorted(ends.items())]


def hot_loop(function: Function, opcode: str) -> Tuple[Optional[Loop], str]:
    """The innermost loop that holds `opcode`, or why there is not exactly one."""
    work = [i for i in function.instructions if i.matches(opcode)]
    holding = [loop for loop in find_loops(function) if any(loop.holds(i) for i in work)]
    innermost = [loop for loop in holding if not any(loop.contains(other) for other in holding)]
    if len(innermost) == 1:
        return innermost[0], ""
    return None, f"{len(innermost)} innermost loops hold {opcode}, not 1"


def may_be_skipped(function: Function, loop: Loop, instruction: Instruction) -> bool:
    """Whether a trip can pass by without executing the instruction: a guard, a jump over it, an exit before it."""
    if instruction.conditional:
        return True
    for other in function.instructions:
        if not loop.holds(other) or other.address >= instruction.address:
            continue
        target = function.target(other)
        if target is not None and target > other.address and not (target <= instruction.address):
            return True
        if other.base in ("EXIT", "RET"):
            return True
    return False


# ---- Claims ---------------------------------------------------------------------------------------------------------


@dataclass
class Claim:
    """What the head comment says about one architecture."""

    scope: str  # "loop" or "kernel"
    counts: Dict[str, int] = field(default_factory=dict)
    sources: Dict[str, int] = field(default_factory=dict)
    overhead: Optional[float] = None
    loops: Optional[int] = None

    @property
    def work(self) -> str:
        """The opcode named first."""
        return next(iter(self.counts))


CLAIM_LINE = re.compile(r"^//\s+sass\s+(\S+)\s+(loop|kernel)\s+(.+?)\s*$")


def parse_claim(scope: str, words: Sequence[str], where: str) -> Claim:
    claim = Claim(scope)
    for word in words:
        match = re.fullmatch(r"([A-Za-z][\w.]*)([=<])([\d.]+)", word)
        if not match:
            raise AuditError(f"{where}: '{word}' is no claim; write OPCODE=N, OPCODE.sources=N, loops=N or overhead<X")
        name, relation, value = match.groups()
        if relation == "<" and name == "overhead":
            claim.overhead = float(value)
        elif relation != "=" or not value.isdigit():
            raise AuditError(f"{where}: '{word}': only overhead<X is a limit, every other claim is an exact count")
        elif name == "loops":
            claim.loops = int(value)
        elif name.endswith(".sources"):
            claim.sources[name[: -len(".sources")]] = int(value)
        else:
            claim.counts[name] = int(value)
    if not claim.counts:
        raise AuditError(f"{where}: a claim counts at least one opcode")
    return claim


def read_claims(source: Path) -> Dict[str, Claim]:
    """The claims of one kernel source by architecture."""
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise AuditError(f"{source}: {error.strerror}") from error
    claims: Dict[str, Claim] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = CLAIM_LINE.match(line)
        if not match:
            continue
        where = f"{source}:{number}"
        for architecture in match.group(1).split(","):
            if architecture in claims:
                raise AuditError(f"{where}: a second claim for {architecture}")
            claims[architecture] = parse_claim(match.group(2), match.group(3).split(), where)
    if not claims:
        raise AuditError(f"{source}: no '//   sass ...' line in its head comment")
    return claims


# ---- The audit ------------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """One kernel on one architecture."""

    kernel: str
    arch: str
    cubin_sha256: str
    scope: str = ""
    instructions: int = 0
    overhead: float = 0.0
    overhead_claimed: bool = False  # only then is it what a kernel that is all issue slots loses
    counts: Dict[str, int] = field(default_factory=dict)
    registers: int = 0
    stack_bytes: int = 0
    failures: List[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return "failed" if self.failures else "audited"

    @property
    def counted(self) -> str:
        return " ".join(f"{name}={count}" for name, count in self.counts.items())


def audit(function: Function, claim: Claim, outcome: Outcome) -> None:
    """Compares a kernel's machine code with its claim; fills the outcome."""
    outcome.scope = claim.scope
    scope = list(function.instructions)
    while scope and scope[-1].opcode == "NOP":  # what fills the kernel up to its alignment
        scope.pop()
    if claim.scope == "loop":
        loop, problem = hot_loop(function, claim.work)
        if loop is None:
            outcome.failures.append(problem)
            scope = []
        else:
            scope = [i for i in scope if loop.holds(i)]
            skipped = [i for i in scope if i.matches(claim.work) and may_be_skipped(function, loop, i)]
            if skipped:
                outcome.failures.append(f"{len(skipped)} {claim.work} are not executed on every trip")

    live = [i for i in scope if not i.never]
    for name, expected in claim.counts.items():
        outcome.counts[name] = sum(1 for i in live if i.matches(name))
        if outcome.counts[name] != expected:
            outcome.failures.append(f"{name} is {outcome.counts[name]}, claimed {expected}")
    for name, expected in claim.sources.items():
        odd = [i for i in live if i.matches(name) and not i.reads_registers(expected)]
        if odd:
            example = f"{odd[0].opcode} {', '.join(odd[0].operands)}"
            outcome.failures.append(f"{len(odd)} {name} do not read {expected} distinct registers, such as '{example}'")

    work = sum(1 for i in live if any(i.matches(name) for name in claim.counts))
    outcome.instructions = len(scope)
    outcome.overhead = (len(scope) - work) / len(scope) if scope else 1.0
    outcome.overhead_claimed = claim.overhead is not None
    if claim.overhead is not None and not outcome.overhead < claim.overhead:
        outcome.failures.append(f"overhead is {outcome.overhead:.4f}, claimed below {claim.overhead}")
    if claim.loops is not None and len(find_loops(function)) != claim.loops:
        outcome.failures.append(f"{len(find_loops(function))} loops, claimed {claim.loops}")

    local = sum(1 for i in function.instructions if i.base in LOCAL_MEMORY)
    if local:
        outcome.failures.append(f"{local} accesses to local memory (spilled registers or an indexed array)")
    if outcome.stack_bytes:
        outcome.failures.append(f"a stack frame of {outcome.stack_bytes} bytes")


def is_kernel(mangled: str, name: str) -> bool:
    """Whether a symbol is the function `name`, in any namespace."""
    return mangled == name or re.search(rf"(?<!\d){len(name)}{name}", mangled) is not None


# ---- The tools ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tools:
    nvdisasm: str
    cuobjdump: str

    def version(self) -> str:
        text = run([self.nvdisasm, "--version"])
        match = re.search(r"\bV([\d.]+)", text)
        return f"nvdisasm {match.group(1)}" if match else text.strip().splitlines()[-1]


def run(command: Sequence[str], folder: Optional[Path] = None) -> str:
    """The output of a tool; AuditError when it fails."""
    try:
        done = subprocess.run(list(command), cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoDisassembler(f"{command[0]} does not start ({error.strerror}): {HOW_TO_GET}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise AuditError(f"{' '.join(command)}: {said[-1] if said else f'exit code {done.returncode}'}")
    return done.stdout


def find_tools(folder: Optional[str]) -> Tools:
    """From `folder` when given, else from PATH, else from the CUDA Toolkit."""
    places = [folder] if folder else [None]
    if not folder:
        homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
        places += [str(Path(home) / "bin") for home in homes if home]
    for place in places:
        nvdisasm = shutil.which("nvdisasm", path=place)
        cuobjdump = shutil.which("cuobjdump", path=place)
        if nvdisasm and cuobjdump:
            return Tools(nvdisasm, cuobjdump)
    raise NoDisassembler(f"in {folder}: {HOW_TO_GET}" if folder else HOW_TO_GET)


@dataclass
class Cubin:
    """One piece of machine code that was found in the binary."""

    sha256: str
    arch: str
    functions: Dict[str, Function]
    usage: Dict[str, Tuple[int, int]]  # by mangled name: registers, bytes of stack


def parse_usage(text: str) -> Dict[str, Tuple[int, int]]:
    """cuobjdump -res-usage -> registers and bytes of stack by mangled name."""
    pattern = re.compile(r"Function\s+([\w$.]+):\s*\n\s*REG:(\d+)\s+STACK:(\d+)")
    return {name: (int(registers), int(stack)) for name, registers, stack in pattern.findall(text)}


def read_cubin(tools: Tools, file: Path) -> Cubin:
    arch, functions = parse_sass(run([tools.nvdisasm, "-c", str(file)]))
    usage = parse_usage(run([tools.cuobjdump, "-res-usage", str(file)]))
    return Cubin(hashlib.sha256(file.read_bytes()).hexdigest(), arch, functions, usage)


def extract_cubins(tools: Tools, binary: Path, kernels: Sequence[str]) -> List[Cubin]:
    """The cubins of an object, archive or executable that mention one of the kernels; a .cubin file is its own."""
    if not binary.is_file():
        raise AuditError(f"{binary}: no such file")
    with tempfile.TemporaryDirectory(prefix="sass_audit_") as name:
        files = [binary]
        if binary.suffix != ".cubin":
            run([tools.cuobjdump, "-xelf", "all", str(binary.resolve())], Path(name))
            files = sorted(Path(name).glob("*.cubin"))
        wanted = [file for file in files if any(kernel.encode() in file.read_bytes() for kernel in kernels)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda file: read_cubin(tools, file), wanted))


def audit_binary(tools: Tools, binary: Path, sources: Sequence[Path], required: Sequence[str]) -> List[Outcome]:
    """Every claimed kernel in every cubin of the binary, in the order of the sources and architectures."""
    claims = {source.stem: read_claims(source) for source in sources}
    cubins = extract_cubins(tools, binary, list(claims))
    outcomes: List[Outcome] = []
    for kernel, by_arch in claims.items():
        found: List[Outcome] = []
        for cubin in cubins:
            for mangled, function in cubin.functions.items():
                if not is_kernel(mangled, kernel):
                    continue
                registers, stack = cubin.usage.get(mangled, (0, 0))
                outcome = Outcome(kernel, cubin.arch, cubin.sha256, registers=registers, stack_bytes=stack)
                if mangled not in cubin.usage:
                    outcome.failures.append("cuobjdump names no resources of it")
                if cubin.arch in by_arch:
                    audit(function, by_arch[cubin.arch], outcome)
                else:
                    outcome.failures.append(f"no claim for {cubin.arch} in its head comment")
                found.append(outcome)
        have = {outcome.arch for outcome in found}
        for arch in required or ([] if found else ["none"]):
            if arch not in have:
                found.append(Outcome(kernel, arch, "", failures=["not in the binary"]))
        outcomes += sorted(found, key=lambda outcome: int(re.sub(r"\D", "", outcome.arch) or 0))
    return outcomes


# ---- Telling --------------------------------------------------------------------------------------------------------


def to_text(outcomes: Sequence[Outcome]) -> str:
    rows = [("kernel", "arch", "verdict", "instr.", "overhead", "regs", "counts")]
    for o in outcomes:
        numbers = (f"{o.instructions}", f"{o.overhead:.2%}", f"{o.registers}")
        rows.append((o.kernel, o.arch, o.verdict, *numbers, o.counted))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[6]]).rstrip() for row in rows]
    for o in outcomes:
        lines += [f"{o.kernel} {o.arch}: {failure}" for failure in o.failures]
    return "\n".join(lines) + "\n"


def to_json(outcomes: Sequence[Outcome], binary: Path, tool: Optional[str]) -> str:
    kernels = [
        {
            "kernel": o.kernel,
            "arch": o.arch,
            "cubin_sha256": o.cubin_sha256 or None,
            "verdict": o.verdict,
            "scope": o.scope or None,
            "instructions": o.instructions,
            "overhead": round(o.overhead, 6),
            "counts": o.counts,
            "registers": o.registers,
            "stack_bytes": o.stack_bytes,
            "failures": o.failures,
        }
        for o in outcomes
    ]
    return json.dumps({"disassembler": tool, "binary": binary.name, "kernels": kernels}, indent=2) + "\n"


def to_table(outcomes: Sequence[Outcome], tool: Optional[str]) -> str:
    """Rows of a C++ array: kernel, architecture, SHA-256 of the cubin, verdict, overhead, counts, note."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [
        "// Made by scripts/sass_audit.py; there may be no row. Kernel, architecture, SHA-256 of the cubin, verdict,",
        "// overhead (-1: not claimed), counts, note.",
    ]
    for o in outcomes:
        if o.cubin_sha256:
            note = "; ".join(o.failures) if o.failures else tool or ""
            overhead = f"{o.overhead:.6f}" if o.overhead_claimed else "-1"
            names = [quoted(text) for text in (o.kernel, o.arch, o.cubin_sha256, o.verdict)]
            lines.append("{" + ", ".join([*names, overhead, quoted(o.counted), quoted(note)]) + "},")
    return "\n".join(lines) + "\n"


def write_file(path: Path, text: str) -> None:
    """Whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise AuditError(f"{path}: {error.strerror}") from error


def parse_arguments(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Audits the machine code of the kernels against the claims in their head comments."
    )
    parser.add_argument("sources", nargs="+", type=Path, help="the kernels' .cu files, named as the kernels")
    parser.add_argument("--binary", required=True, type=Path, help="object, archive, executable or cubin")
    parser.add_argument("--tools", metavar="DIR", help="folder of nvdisasm and cuobjdump (else PATH, else the toolkit)")
    parser.add_argument("--require", metavar="ARCHS", default="", help="architectures that must be there: sm_80,sm_90a")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all outcomes")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write them as rows for C++ to include")
    parser.add_argument("--advisory", action="store_true", help="write, warn, and end with 0 (for a build)")
    return parser.parse_args(arguments)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    options = parse_arguments(arguments)
    outcomes: List[Outcome] = []
    tool: Optional[str] = None
    code = 0
    try:
        try:
            tools = find_tools(options.tools)
            tool = tools.version()
            required = [arch for arch in options.require.split(",") if arch]
            outcomes = audit_binary(tools, options.binary, options.sources, required)
            code = 1 if any(o.failures for o in outcomes) else 0
        except NoDisassembler as error:
            warning = "warning: every result will say unaudited: " if options.advisory else ""
            print(f"sass_audit: {warning}{error}", file=sys.stderr)
            code = 3
        if options.json:
            write_file(options.json, to_json(outcomes, options.binary, tool))
        if options.table:
            write_file(options.table, to_table(outcomes, tool))
    except AuditError as error:
        print(f"sass_audit: {error}", file=sys.stderr)
        return 2
    if code != 3:
        if options.advisory:
            for o in outcomes:
                for failure in o.failures:
                    print(f"sass_audit: warning: {o.kernel} {o.arch}: {failure}", file=sys.stderr)
        else:
            print(to_text(outcomes), end="")
    return 0 if options.advisory else code


if __name__ == "__main__":
    sys.exit(main())
