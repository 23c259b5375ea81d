"""Plain Python functions in, machine code out, kept on disk between processes.

A kernel in this laboratory is an ordinary Python function over NumPy arrays. `native` compiles it
with Numba the first time it is wanted and keeps the object code; later processes load that object
through llvmlite alone, so a warm start imports no compiler. The key of a cache entry is a digest of
everything the machine code depends on: the byte code of the function, of every function it calls
and the value of every constant it reads, the signature, the compiler options, the versions of
Python, Numba and llvmlite, and the processor. A stale entry therefore cannot be found, whatever
the time stamps say.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import json
import os
import stat
import sys
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

from lab.interrupts import held_back

MAGIC = b"greedylr-lab native 1\n"

#: Argument codes of a signature: the ctypes class that crosses the boundary. `p` stands for an
#: address of float64, `q` of int64, `i` of int32.
ARGUMENTS: dict[str, type] = {
    "p": ctypes.c_void_p,
    "q": ctypes.c_void_p,
    "i": ctypes.c_void_p,
    "d": ctypes.c_double,
    "l": ctypes.c_int64,
    "u": ctypes.c_uint64,
}


@dataclass(frozen=True)
class Native:
    """Machine code of one function: its address, and a callable that releases the GIL."""

    address: int
    call: Callable[..., None]


def native(function: types.FunctionType, signature: str) -> Native:
    """Machine code of `function`.

    Parameters
    ----------
    function:
        A plain Python function that returns nothing and raises nothing. It may call other plain
        functions and read module constants (numbers, strings, tuples of them).
    signature:
        One letter an argument: `p` address of float64, `q` of int64, `i` of int32, `d` float64,
        `l` int64, `u` uint64.
    """
    with _lock:
        found = _found(function, signature)
        if found is None:
            code = _compile(function, signature, digest(function, signature))
            found = _loaded[function, signature] = _link(*code, signature)
    return found


def at_hand(function: types.FunctionType, signature: str) -> bool:
    """Whether there is machine code in the process or in the cache, from which it is loaded."""
    with _lock:
        return _found(function, signature) is not None


def _found(function: types.FunctionType, signature: str) -> Native | None:
    found = _loaded.get((function, signature))
    if found is None:
        code = _load(digest(function, signature))
        if code is not None:
            found = _loaded[function, signature] = _link(*code, signature)
    return found


def digest(function: types.FunctionType, signature: str) -> str:
    """Hexadecimal digest of all that the machine code of `function` depends on."""
    state = hashlib.sha256()
    for part in (*_toolchain(), signature):
        state.update(repr(part).encode())
    for part in _ingredients(function, set()):
        state.update(part.encode())
    return state.hexdigest()


def size(function: types.FunctionType) -> int:
    """How much code a function and all that it calls are, in characters of what is digested."""
    return sum(map(len, _ingredients(function, set())))


def cache_directory() -> Path:
    """Where object code is kept: `GREEDYLR_LAB_CACHE`, else the user's cache directory.

    Falls back to a directory under the system's temporary one when the first is not writable.
    """
    chosen = os.environ.get("GREEDYLR_LAB_CACHE")
    return Path(chosen) if chosen else _default_cache()


#: Functions that do nothing but call another one: the compiler makes no caller of its own for them.
callers: set[types.FunctionType] = set()
_lock = threading.RLock()
_loaded: dict[tuple[types.FunctionType, str], Native] = {}
_engines: list[object] = []
_listeners: list[Callable[[str], None]] = []


def on_compile(listener: Callable[[str], None]) -> None:
    """Have `listener` called with a function's name whenever one is about to be compiled."""
    _listeners.append(listener)


def announce(function: types.FunctionType) -> None:
    """Tell the listeners that a function is about to be compiled."""
    for listener in _listeners:
        listener(function.__name__)


def one_at_a_time() -> threading.RLock:
    """The lock under which code is loaded and compiled."""
    return _lock


def forked() -> None:
    """In a process that was forked to compile: nobody listens."""
    _listeners.clear()


@cache
def _default_cache() -> Path:
    import platformdirs

    preferred = Path(platformdirs.user_cache_dir("greedylr-lab", appauthor=False))
    try:
        preferred.mkdir(parents=True, exist_ok=True)
        if os.access(preferred, os.W_OK):
            return preferred
    except OSError:
        pass
    user = os.getuid() if hasattr(os, "getuid") else 0
    shared = Path(tempfile.gettempdir()) / f"greedylr-lab-{user}"
    return shared if _is_private(shared, user) else Path(tempfile.mkdtemp(prefix="greedylr-lab-"))


def _is_private(directory: Path, user: int) -> bool:
    """Whether nobody else can have put code there: what lies in the cache is executed."""
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        state = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == user and not state.st_mode & 0o022


@cache
def _toolchain() -> tuple[str, ...]:
    compiler = Path(__file__).with_name("compiler.py")
    return (
        sys.version,
        importlib.metadata.version("numba"),
        importlib.metadata.version("llvmlite"),
        llvm.get_process_triple(),
        *processor(),
        hashlib.sha256(compiler.read_bytes()).hexdigest(),
    )


@cache
def processor() -> tuple[str, str]:
    """Name and features of the processor, as the compiler is told them (Numba's variables rule)."""
    name = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        host = llvm.get_host_cpu_features()
        features = "" if "NUMBA_CPU_NAME" in os.environ else host.flatten()
        # LLVM halves the registers of some processors for fear of a lower clock; here the full
        # width is a fifth to a third faster, and the bits are the same.
        if host.get("avx512f") and features:
            features += ",-prefer-256-bit"
    return name, features


def _ingredients(function: types.FunctionType, seen: set[types.FunctionType]) -> Iterator[str]:
    """Byte code and constants of a function and of everything it reaches."""
    if function in seen:
        return
    seen.add(function)
    yield from _code(function.__code__)
    yield repr((function.__defaults__, function.__kwdefaults__))
    for name, value in referenced(function):
        if isinstance(value, types.FunctionType):
            yield name
            yield from _ingredients(value, seen)
        elif isinstance(value, np.ndarray):
            yield f"{name}={value.dtype}{value.shape}{value.tobytes().hex()}"
        else:
            yield f"{name}={value!r}"


def _code(code: types.CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames, code.co_freevars))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code(constant)
        else:
            yield repr(constant)


#: What a kernel can read from a module.
PLAIN = (bool, int, float, str, tuple, np.generic, np.ndarray, types.FunctionType)


def referenced(function: types.FunctionType) -> Iterator[tuple[str, object]]:
    """Globals and closed-over values that a function's code names, in the order of its names.

    Of a module, the numbers, arrays and functions in it that are named stand in its place; those of
    NumPy are the compiler's.
    """
    names = list(_names(function.__code__))
    for name in names:
        if name not in function.__globals__:
            continue
        value = function.__globals__[name]
        if not isinstance(value, types.ModuleType):
            yield name, value
            continue
        for attribute in names:
            found = vars(value).get(attribute)
            if isinstance(found, PLAIN) and value is not np:
                yield f"{name}.{attribute}", found
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents


def _names(code: types.CodeType) -> Iterator[str]:
    """Names in a function's code and in that of the functions defined inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _compile(function: types.FunctionType, signature: str, key: str) -> tuple[str, bytes]:
    announce(function)
    with held_back():
        from lab.engine.compiler import machine_code

        symbol, code = machine_code(function, signature, _target_machine())
    _save(key, symbol, code)
    return symbol, code


def _save(key: str, symbol: str, code: bytes) -> None:
    """Keep an entry; a cache that cannot be written costs a compilation, never a failure."""
    directory = cache_directory()
    header = json.dumps({"symbol": symbol, "sha256": _checksum(symbol, code)}).encode()
    with suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=directory, suffix=".part")
        try:
            with open(handle, "wb") as file:
                file.write(MAGIC + header + b"\n" + code)
            os.replace(part, directory / key)
        except BaseException:
            os.unlink(part)
            raise


def _load(key: str) -> tuple[str, bytes] | None:
    """An entry, or nothing where it is missing or damaged."""
    try:
        content = (cache_directory() / key).read_bytes()
    except OSError:
        return None
    header, _, code = content.removeprefix(MAGIC).partition(b"\n")
    try:
        entry = json.loads(header)
        symbol, checksum = entry["symbol"], entry["sha256"]
    except (ValueError, TypeError, KeyError):
        return None
    return (symbol, code) if checksum == _checksum(symbol, code) else None


def _checksum(symbol: str, code: bytes) -> str:
    return hashlib.sha256(f"{symbol}\n".encode() + code).hexdigest()


@cache
def _target_machine() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = processor()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(
        cpu=name, features=features, opt=3, reloc="default", codemodel="jitdefault", jit=True
    )


def _link(symbol: str, code: bytes, signature: str) -> Native:
    machine = _target_machine()
    empty = llvm.parse_assembly("")
    engine = llvm.create_mcjit_compiler(empty, machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    address = engine.get_function_address(symbol)
    _engines.append((engine, empty))
    prototype = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in signature))
    return Native(address, prototype(address))


def address_of(array: np.ndarray) -> int:
    """Address of an array's first element."""
    return array.ctypes.data
