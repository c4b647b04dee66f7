#!/usr/bin/env python3
"""Audits the machine code of the kernels: does the compiled code do the work that a kernel claims, and little else?

The claim stands in the head comment of the kernel's .cu file, whose name is the kernel's name, one line for a group of
architectures:

    //   sass  sm_80,sm_90a  loop    FFMA=512 FFMA.sources=2 CS2R=0 overhead<0.03
    //   sass  sm_90a        kernel  LDG.E.128=8 LDG=8 loops=0

    loop | kernel    count in one trip of the innermost loop that holds the first opcode, or in the whole kernel
    OPCODE=N         exactly N instructions of this opcode that have all of the named modifiers
    OPCODE.sources=N each of them reads exactly N distinct general registers, and no constant
    OPCODE.registers=N  each of them reads exactly N distinct general registers, and what else it likes
    overhead<X       the share of all other instructions is below X, and it is lost to the work, which is all issue slots
    other<X          the share of all other instructions is below X; the work leaves them issue slots
    OPCODE.anywhere=N  the whole kernel has exactly N, in whatever loop
    OPCODE.ahead=N   exactly N of these loads are under way before anything needs what one of them brings
    loops=N          the whole kernel has N loops

A claim may go on in the next line, which then begins with a word of it.

A file may hold several kernels; each claim then names its own:

    //   sass  sm_90a        loop wgmma_gemm_bf16    HGMMA.64x256x16=4
    //   sass  sm_75,sm_80   absent wgmma_gemm_bf16

A template's claims are those of all its instances by its bare name, or of one by its arguments (whole numbers, true and
false, names of types), without blanks:

    //   sass  sm_80,sm_90a  kernel dram_mix<5>     LDG.E.128=5 STG.E.128=3
    //   sass  sm_80,sm_90a  loop   shared_read     LDS.128=4 overhead<0.6

Or it holds kernels that are made from a template, chain<NAME, chains, steps> (kernels/arithmetic/chain.cuh):

    //   sass  sm_80,sm_90a  step Fp32Fma    FFMA=1 FFMA.sources=2 overhead<0.03
    //   sass  sm_80         step Int32Add   IADD3=1+1 other<0.03
    //   sass  sm_75         absent Bf16x2Fma

    step NAME        as loop, for every kernel chain<NAME, ...>; N is per step of one chain, and may be N/M (every M-th
                     step) or N+K (and K more in the loop)
    absent NAME      the architecture lacks the instruction: the kernels are there, and hold nothing but a trap
    unused NAME      another operation is measured on the architecture: the kernels are there, and not looked at

A NAME that ends with a * makes the claim for every operation of the file that begins so, or adds its words to the
operation's own "step" for the architecture, whose work stays the opcode that is named there. All of this holds of wgmma_chain<NAME, n, steps> too (kernels/tensor/wgmma.cu), which is one chain of
instructions whose opcode says the n: a claim writes {n} in its place.

    //   sass  sm_90a        step WgmmaFp16Shared  HGMMA.64x{n}x16.F32=1 HGMMA.registers=1
    //   sass  sm_90a        step Wgmma*           WARPGROUP.DEPBAR=0 other<0.8
    //   sass  sm_75,sm_80   absent Wgmma*

The opcode named first is the work: in a loop, each of its instructions must be executed on every trip, so neither
predicated nor jumped over. Code that the compiler moved out of a loop's way, as it does with waiting, counts with it.
Never allowed, without being said: local memory (LDL, STL) and a stack frame, which is where spilled registers go. An
architecture without a claim fails: nothing is relaxed for all.

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
from dataclasses import dataclass, field, replace
from fractions import Fraction
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
        """Has `wanted`'s opcode and all of its modifiers, in any order. What an IMAD is not, unless it is named: a move,
        an addition or a shift that the compiler made one, and the slower products of 64 bits."""
        base, *modifiers = wanted.split(".")
        have = set(self.opcode.split(".")[1:])
        if base == "IMAD" and not have & {"MOV", "IADD", "SHL", "WIDE", "HI"} <= set(modifiers):
            return False
        return self.base == base and set(modifiers) <= have

    def registers(self) -> Tuple[int, bool]:
        """The distinct general registers among the sources (the operands but the first), and whether there is nothing
        else; RZ counts as none. Predicates and what belongs to the opcode are no sources."""
        sources = [operand for operand in self.operands if not re.fullmatch(r"!?U?P(T|\d)", operand)][1:]
        if self.base == "LOP3":
            sources = sources[:-1]  # the function's truth table
        matches = [re.fullmatch(r"[-|~]*R(?:(\d+)|Z)(?:\.\w+)*\|?(?:\.\w+)*", source) for source in sources]
        return len({match.group(1) for match in matches if match and match.group(1)}), all(matches)


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


def find_detours(function: Function) -> Dict[int, Loop]:
    """Conditional branches forward to code that does nothing but come back to right behind the branch, which is how the
    compiler moves waiting out of the way. By the branch's address: the first and the last instruction of that code."""
    instructions = function.instructions
    index = {instruction.address: n for n, instruction in enumerate(instructions)}
    detours: Dict[int, Loop] = {}
    for branch, behind in zip(instructions, instructions[1:]):
        first = function.target(branch)
        if branch.base == "CALL" or not branch.conditional or first is None or first <= branch.address:
            continue
        for away in instructions[index[first] :] if first in index else []:
            target = function.target(away)
            if away.base == "BRA" and not away.conditional and target == behind.address:
                detours[branch.address] = Loop(first, away.address)
                break
            stays = away.base not in BRANCHES or (target is not None and first <= target <= away.address)
            if not stays or away.base in ("EXIT", "RET"):
                break
    return detours


def find_loops(function: Function) -> List[Loop]:
    """All loops; branches back to one target make one loop. The branch to itself that ends every kernel is none, nor is
    the way back from a detour."""
    ends: Dict[int, int] = {}
    returns = {detour.last for detour in find_detours(function).values()}
    for instruction in function.instructions:
        target = function.target(instruction)
        if instruction.address in returns:
            continue
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


def may_be_skipped(function: Function, loop: Loop, detours: Dict[int, Loop], instruction: Instruction) -> bool:
    """Whether a trip can pass by without executing the instruction: a guard, a jump over it, an exit before it."""
    if instruction.conditional:
        return True
    for other in function.instructions:
        if not loop.holds(other) or other.address >= instruction.address or other.address in detours:
            continue
        target = function.target(other)
        if target is not None and target > other.address and not (target <= instruction.address):
            return True
        if other.base in ("EXIT", "RET"):
            return True
    return False


# ---- Claims ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Amount:
    """N/M for each step, and K more."""

    per_step: Fraction
    more: int = 0

    def of(self, steps: int) -> Fraction:
        return self.per_step * steps + self.more


@dataclass
class Claim:
    """What the head comment says about one kernel on one architecture."""

    scope: str  # "loop", "kernel", "step" or "absent"
    counts: Dict[str, Amount] = field(default_factory=dict)
    sources: Dict[str, int] = field(default_factory=dict)
    registers: Dict[str, int] = field(default_factory=dict)
    anywhere: Dict[str, int] = field(default_factory=dict)
    ahead: Dict[str, int] = field(default_factory=dict)
    overhead: Optional[float] = None
    other: Optional[float] = None
    loops: Optional[int] = None

    def at_width(self, n: int) -> "Claim":
        """With the n of a kernel in its opcodes."""

        def named(claimed):
            return {name.replace("{n}", str(n)): value for name, value in claimed.items()}

        return replace(self, counts=named(self.counts), sources=named(self.sources), registers=named(self.registers))

    def with_words_of(self, shared: "Claim") -> "Claim":
        """This claim and what the shared one says besides."""
        return replace(
            self,
            counts={**self.counts, **{k: v for k, v in shared.counts.items() if k not in self.counts}},
            sources={**shared.sources, **self.sources},
            registers={**shared.registers, **self.registers},
            overhead=shared.overhead if self.overhead is None else self.overhead,
            other=shared.other if self.other is None else self.other,
        )

    def without_limits(self) -> "Claim":
        """The counts alone: of a loop of one step, half of which is its counter and its branch."""
        return replace(self, overhead=None, other=None)

    @property
    def work(self) -> str:
        """The opcode named first."""
        return next(iter(self.counts))


CLAIM_LINE = re.compile(
    r"^//\s+sass\s+(\S+)\s+"
    r"(?:(loop|kernel)(?:\s+([a-z]\w*(?:<[\w,]+>)?)(?=\s))?|(step|absent|unused)\s+([A-Za-z]\w*(?:\*|<[\w,]+>)?))"
    r"(?:\s+(.+?))?\s*$"
)
CONTINUATION = re.compile(r"^//\s{6,}([A-Za-z][\w.{}]*[=<]\S+(?:\s+[A-Za-z][\w.{}]*[=<]\S+)*)\s*$")
AMOUNT = re.compile(r"(\d+)(?:/([1-9]\d*))?(?:\+(\d+))?")


def parse_claim(scope: str, words: Sequence[str], where: str) -> Claim:
    claim = Claim(scope)
    for word in words:
        match = re.fullmatch(r"([A-Za-z](?:[\w.]|\{n\})*)([=<])([\d./+]+)", word)
        if not match:
            raise AuditError(f"{where}: '{word}' is no claim; write OPCODE=N, OPCODE.sources=N, loops=N or overhead<X")
        name, relation, value = match.groups()
        amount = AMOUNT.fullmatch(value)
        if relation == "<" and name == "overhead":
            claim.overhead = float(value)
        elif relation == "<" and name == "other":
            claim.other = float(value)
        elif (
            relation != "=" or not amount or (scope != "step" and not value.isdigit()) or name in ("overhead", "other")
        ):
            raise AuditError(f"{where}: '{word}': only overhead<X and other<X are limits, every other claim is exact")
        elif name == "loops":
            claim.loops = int(value)
        elif name.endswith(".sources"):
            claim.sources[name[: -len(".sources")]] = int(value)
        elif name.endswith(".registers"):
            claim.registers[name[: -len(".registers")]] = int(value)
        elif name.endswith(".anywhere"):
            claim.anywhere[name[: -len(".anywhere")]] = int(value)
        elif name.endswith(".ahead"):
            claim.ahead[name[: -len(".ahead")]] = int(value)
        else:
            number, every, more = amount.groups()
            claim.counts[name] = Amount(Fraction(int(number), int(every or 1)), int(more or 0))
    never_measured = scope in ("absent", "unused")
    if never_measured and words:
        raise AuditError(f"{where}: what is {scope} has no counts")
    if not never_measured and not claim.counts:
        raise AuditError(f"{where}: a claim counts at least one opcode")
    return claim


Claims = Dict[str, Dict[str, Claim]]  # by kernel or operation, by architecture


def read_claims(source: Path) -> Claims:
    """The claims of one source: of the kernel named as the file, or of the kernels or operations that it names."""
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise AuditError(f"{source}: {error.strerror}") from error
    claims: Claims = {}
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        for more in lines[number:]:
            goes_on = CLAIM_LINE.match(line) and CONTINUATION.match(more)
            if not goes_on:
                break
            line += " " + goes_on.group(1)
        match = CLAIM_LINE.match(line)
        where = f"{source}:{number}"
        if not match:
            if re.match(r"^//\s+sass\s", line):
                raise AuditError(f"{where}: no claim: write 'sass ARCHS loop|kernel [NAME]|step NAME|absent NAME ...'")
            continue
        architectures, plain, kernel, of_operation, operation, words = match.groups()
        by_arch = claims.setdefault(kernel or operation or source.stem, {})
        for architecture in architectures.split(","):
            if architecture in by_arch:
                raise AuditError(f"{where}: a second claim for {architecture}")
            by_arch[architecture] = parse_claim(plain or of_operation, (words or "").split(), where)
    if not claims:
        raise AuditError(f"{source}: no '//   sass ...' line in its head comment")
    return spread(claims, source)


def spread(claims: Claims, source: Path) -> Claims:
    """The claims of NAME* as those of the operations that begin so, or as part of their own."""
    shared = [name for name in claims if name.endswith("*")]
    own = {name: dict(by_arch) for name, by_arch in claims.items() if name not in shared}
    for name in shared:
        meant = [operation for operation in own if operation.startswith(name[:-1])]
        if not meant:
            raise AuditError(f"{source}: no operation begins like {name}")
        for operation in meant:
            for arch, claim in claims[name].items():
                has = own[operation].get(arch)
                if has is not None and (has.scope, claim.scope) != ("step", "step"):
                    raise AuditError(f"{source}: {operation} and {name} claim {has.scope} and {claim.scope} for {arch}")
                own[operation][arch] = claim if has is None else has.with_words_of(claim)
    return own


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
        if self.failures:
            return "failed"
        return self.scope if self.scope in ("absent", "unused") else "audited"

    @property
    def counted(self) -> str:
        return " ".join(f"{name}={count}" for name, count in self.counts.items())


def audit_absent(function: Function, outcome: Outcome) -> None:
    """A kernel that must not run: a trap, and no loop."""
    outcome.scope = "absent"
    outcome.instructions = len(function.instructions)
    if find_loops(function) or not any(i.base == "BPT" for i in function.instructions):
        outcome.failures.append("claimed to be absent, but there is more than a trap")


def loads_ahead(instructions: Sequence[Instruction], name: str) -> int:
    """How many of these loads come before the first use of a register that one of them fills. Filling it again is one."""
    filled: Set[int] = set()
    count = 0
    for instruction in instructions:
        numbers = [[int(n) for n in re.findall(r"\bR(\d+)", operand)] for operand in instruction.operands]
        if any(number in filled for operand in numbers for number in operand):
            break
        if instruction.matches(name):
            count += 1
            width = next((bits for bits in (256, 128, 64) if str(bits) in instruction.opcode.split(".")), 32) // 32
            filled.update(range(numbers[0][0], numbers[0][0] + width))
    return count


def audit(function: Function, claim: Claim, steps: int, outcome: Outcome) -> None:
    """Compares a kernel's machine code with its claim; fills the outcome. `steps` of all chains in one trip."""
    outcome.scope = claim.scope
    scope = list(function.instructions)
    while scope and scope[-1].opcode == "NOP":  # what fills the kernel up to its alignment
        scope.pop()
    if claim.scope in ("loop", "step"):
        loop, problem = hot_loop(function, claim.work)
        if loop is None:
            outcome.failures.append(problem)
            scope = []
        else:
            detours = find_detours(function)
            parts = [loop] + [detour for branch, detour in detours.items() if loop.first <= branch <= loop.last]
            scope = [i for i in scope if any(part.holds(i) for part in parts)]
            skipped = [i for i in scope if i.matches(claim.work) and may_be_skipped(function, loop, detours, i)]
            if skipped:
                outcome.failures.append(f"{len(skipped)} {claim.work} are not executed on every trip")

    live = [i for i in scope if not i.never]
    for name, amount in claim.counts.items():
        expected = amount.of(steps)
        outcome.counts[name] = sum(1 for i in live if i.matches(name))
        if outcome.counts[name] != expected:
            outcome.failures.append(f"{name} is {outcome.counts[name]}, claimed {expected}")
    for claimed, strict in ((claim.sources, True), (claim.registers, False)):
        for name, expected in claimed.items():
            odd = []
            for instruction in live:
                count, nothing_else = instruction.registers()
                if instruction.matches(name) and (count != expected or (strict and not nothing_else)):
                    odd.append(instruction)
            if odd:
                example = f"{odd[0].opcode} {', '.join(odd[0].operands)}"
                outcome.failures.append(
                    f"{len(odd)} {name} do not read {expected} distinct registers, such as '{example}'"
                )

    for name, expected in claim.ahead.items():
        count = loads_ahead(live, name)
        if count != expected:
            outcome.failures.append(f"{count} {name} are under way before one of them is needed, claimed {expected}")
    for name, expected in claim.anywhere.items():
        count = sum(1 for i in function.instructions if i.matches(name) and not i.never)
        if count != expected:
            outcome.failures.append(f"{name} is {count} times anywhere, claimed {expected}")

    work = sum(1 for i in live if any(i.matches(name) for name in claim.counts))
    outcome.instructions = len(scope)
    outcome.overhead = (len(scope) - work) / len(scope) if scope else 1.0
    outcome.overhead_claimed = claim.overhead is not None
    if claim.overhead is not None and not outcome.overhead < claim.overhead:
        outcome.failures.append(f"overhead is {outcome.overhead:.4f}, claimed below {claim.overhead}")
    if claim.other is not None and not outcome.overhead < claim.other:
        outcome.failures.append(f"other instructions are {outcome.overhead:.4f}, claimed below {claim.other}")
    if claim.loops is not None and len(find_loops(function)) != claim.loops:
        outcome.failures.append(f"{len(find_loops(function))} loops, claimed {claim.loops}")

    local = sum(1 for i in function.instructions if i.base in LOCAL_MEMORY)
    if local:
        outcome.failures.append(f"{local} accesses to local memory (spilled registers or an indexed array)")
    if outcome.stack_bytes:
        outcome.failures.append(f"a stack frame of {outcome.stack_bytes} bytes")


@dataclass(frozen=True)
class Kernel:
    """A kernel by its symbol."""

    name: str  # as a profiler shows it, without namespaces: "fill_pattern", "chain<Fp32Fma, 8, 64>"
    claimed_as: str  # "fill_pattern", "Fp32Fma"
    steps: int = 1  # of all chains, in one trip of the loop
    one_step: bool = False  # a chain of one step a trip: it is there to replay another one, and never measured
    n: int = 0  # of a wgmma_chain
    also_claimed_as: str = ""  # "dram_mix", of an instance "dram_mix<5>" that has claims of its own


CHAIN = re.compile(r"(?:5|11(wgmma_))chainI(?:N|NS\w_)?(?:\d+[a-z]\w*?)*?(\d+)([A-Z]\w*?)E?Li(\d+)ELi(\d+)EE")


BUILT_IN_TYPES = {"f": "float", "d": "double", "i": "int", "j": "unsigned int", "m": "unsigned long"}
LITERAL = re.compile(r"Lb(?P<bool>[01])E|L[a-z](?P<number>\d+)E|(?P<built_in>[fdijm])")


def identifier(mangled: str) -> Tuple[str, str]:
    """The name of "4ReadEE" and what follows it; an empty name where there is none."""
    length = re.match(r"\d+", mangled)
    if not length:
        return "", mangled
    end = length.end() + int(length.group())
    return mangled[length.end() : end], mangled[end:]


def type_name(mangled: str) -> Tuple[str, str]:
    """The last part of the name of "N6kernels4ReadE..." or "4Read..." and what follows the type; an empty name for any
    other type."""
    if not mangled.startswith("N"):
        return identifier(mangled)
    name, rest = "", re.sub(r"^N(S[\dA-Z]*_|St)?", "", mangled)
    while rest and not rest.startswith("E"):
        name, rest = identifier(rest)
        if not name:
            return "", mangled
    return name, rest[1:]


def template_arguments(mangled: str) -> Optional[List[str]]:
    """The arguments at the begin of "Li5EN6kernels4ReadEE...", as a profiler shows them but for namespaces; None where
    one of them is of a kind that no claim can name."""
    arguments = []
    while not mangled.startswith("E"):
        literal = LITERAL.match(mangled)
        if literal and literal["bool"]:
            arguments.append("true" if literal["bool"] == "1" else "false")
        elif literal and literal["number"]:
            arguments.append(literal["number"])
        elif literal:
            arguments.append(BUILT_IN_TYPES[literal["built_in"]])
        else:
            name, rest = type_name(mangled)
            if not name:
                return None
            arguments.append(name)
            mangled = rest
            continue
        mangled = mangled[literal.end() :]
    return arguments


def kernel_of(mangled: str, names: Sequence[str]) -> Optional[Kernel]:
    """Which of the claimed kernels or operations a symbol is, in any namespace."""
    chain = CHAIN.search(mangled)
    if chain:
        wgmma, length, name, first, steps = chain.groups()
        if len(name) != int(length) or name not in names:
            return None
        counts = int(first), int(steps)
        if wgmma:
            return Kernel(f"wgmma_chain<{name}, {counts[0]}, {counts[1]}>", name, counts[1], n=counts[0])
        return Kernel(f"chain<{name}, {counts[0]}, {counts[1]}>", name, counts[0] * counts[1], counts == (1, 1))
    for name in dict.fromkeys(name.split("<")[0] for name in names):
        found = re.search(rf"(?<!\d){len(name)}{name}(I)?", mangled)
        if found and found.group(1):
            arguments = template_arguments(mangled[found.end() :])
            if arguments is None:
                continue
            instance = f"{name}<{','.join(arguments)}>"
            shown = f"{name}<{', '.join(arguments)}>"
            if instance in names:
                return Kernel(shown, instance, also_claimed_as=name if name in names else "")
            if name in names:
                return Kernel(shown, name)
        elif name in names and (found or mangled == name):
            return Kernel(name, name)
    return None


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
        wanted = [file for file in files if any(kernel.split("<")[0].encode() in file.read_bytes() for kernel in kernels)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda file: read_cubin(tools, file), wanted))


def audit_binary(tools: Tools, binary: Path, sources: Sequence[Path], required: Sequence[str]) -> List[Outcome]:
    """Every claimed kernel in every cubin of the binary, in the order of the sources, kernels and architectures."""
    claims: Claims = {}
    for source in sources:
        claims.update(read_claims(source))
    cubins = extract_cubins(tools, binary, list(claims))
    place = {name: n for n, name in enumerate(claims)}
    found: Dict[str, List[Outcome]] = {}  # by kernel
    place_of: Dict[str, int] = {}
    for cubin in cubins:
        for mangled, function in cubin.functions.items():
            kernel = kernel_of(mangled, list(claims))
            if kernel is None:
                continue
            registers, stack = cubin.usage.get(mangled, (0, 0))
            outcome = Outcome(kernel.name, cubin.arch, cubin.sha256, registers=registers, stack_bytes=stack)
            claim = claims[kernel.claimed_as].get(cubin.arch)
            if claim is None and kernel.also_claimed_as:
                claim = claims[kernel.also_claimed_as].get(cubin.arch)
            if mangled not in cubin.usage:
                outcome.failures.append("cuobjdump names no resources of it")
            if claim is None:
                outcome.failures.append(f"no claim for {cubin.arch} in its head comment")
            elif claim.scope == "absent":
                audit_absent(function, outcome)
            elif claim.scope == "unused":
                outcome.scope = "unused"
            else:
                claim = claim.without_limits() if kernel.one_step else claim.at_width(kernel.n)
                audit(function, claim, kernel.steps, outcome)
            found.setdefault(kernel.name, []).append(outcome)
            place_of[kernel.name] = place[kernel.claimed_as]
    for name, n in place.items():
        if n not in place_of.values() and not any(kernel.split("<")[0] == name for kernel in found):
            found[name] = []
            place_of[name] = n
    outcomes: List[Outcome] = []
    for kernel in sorted(found, key=lambda kernel: (place_of[kernel], kernel)):
        those = found[kernel]
        have = {outcome.arch for outcome in those}
        for arch in required or ([] if those else ["none"]):
            if arch not in have:
                those.append(Outcome(kernel, arch, "", failures=["not in the binary"]))
        outcomes += sorted(those, key=lambda o: int(re.sub(r"\D", "", o.arch) or 0))
    return outcomes


NEVER_MEASURED = {
    "absent": "the architecture lacks the instruction",
    "unused": "another operation is measured on this architecture",
}


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
            "overhead_claimed": o.overhead_claimed,
            "counts": o.counts,
            "registers": o.registers,
            "stack_bytes": o.stack_bytes,
            "failures": o.failures,
        }
        for o in outcomes
    ]
    return json.dumps({"disassembler": tool, "binary": binary.name, "kernels": kernels}, indent=2) + "\n"


def from_json(file: Path) -> Tuple[List[Outcome], Optional[str], str]:
    """What to_json has written: the outcomes, the disassembler and the binary."""
    try:
        text = json.loads(file.read_text(encoding="utf-8"))
        outcomes = [
            Outcome(
                kernel=k["kernel"],
                arch=k["arch"],
                cubin_sha256=k["cubin_sha256"] or "",
                scope=k["scope"] or "",
                instructions=k["instructions"],
                overhead=k["overhead"],
                overhead_claimed=k["overhead_claimed"],
                counts=k["counts"],
                registers=k["registers"],
                stack_bytes=k["stack_bytes"],
                failures=k["failures"],
            )
            for k in text["kernels"]
        ]
        return outcomes, text["disassembler"], text["binary"]
    except OSError as error:
        raise AuditError(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise AuditError(f"{file}: not the outcome of an audit ({error!r})") from error


def merge(files: Sequence[Path]) -> Tuple[List[Outcome], Optional[str]]:
    """The outcomes of several audits; no disassembler where any of them had none."""
    outcomes: List[Outcome] = []
    tool: Optional[str] = ""
    for file in files:
        those, disassembler, _ = from_json(file)
        outcomes += those
        tool = disassembler if tool is not None else None
    return outcomes, tool


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
            if o.verdict in NEVER_MEASURED:
                note = NEVER_MEASURED[o.verdict]
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
    parser.add_argument("--binary", type=Path, help="object, archive, executable or cubin")
    parser.add_argument("--merge", action="store_true", help="the files are outcomes of earlier audits (their --json)")
    parser.add_argument("--tools", metavar="DIR", help="folder of nvdisasm and cuobjdump (else PATH, else the toolkit)")
    parser.add_argument("--require", metavar="ARCHS", default="", help="architectures that must be there: sm_80,sm_90a")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all outcomes")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write them as rows for C++ to include")
    parser.add_argument("--advisory", action="store_true", help="write, warn, and end with 0 (for a build)")
    options = parser.parse_args(arguments)
    if options.merge == (options.binary is not None):
        parser.error("give --binary FILE to audit it, or --merge to put outcomes together")
    return options


def main(arguments: Optional[Sequence[str]] = None) -> int:
    options = parse_arguments(arguments)
    outcomes: List[Outcome] = []
    tool: Optional[str] = None
    code = 0
    try:
        try:
            if options.merge:
                outcomes, tool = merge(options.sources)
            else:
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
            write_file(options.json, to_json(outcomes, options.binary or Path("all"), tool))
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
