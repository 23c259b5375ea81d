"""The only module that imports Numba: how plain functions become machine code.

Imported on a cache miss and at no other time.
"""

from __future__ import annotations

import os
import re
import types
from typing import Any

from lab.engine.native import callers, processor, referenced

os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
# Where colorama is installed, messages would be coloured, and what is read out of them not found.
os.environ["NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING"] = "1"
os.environ.update(zip(("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"), processor(), strict=True))

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba import types as nt
from numba.core import cgutils
from numba.extending import lower_builtin, overload, type_callable
from numba.np import arrayobj

from lab.engine import abi, bits
from lab.errors import RequestError

#: Two vectors side by side in every loop: the chains of dependent operations are long, and while
#: one waits the other proceeds (a normal costs a fifth less). It is an option of the whole process.
llvm.set_option("", "-force-vector-interleave=2")

#: No reassociation, no contraction: bits must not depend on the width of a vector register.
#: No reference counts: a kernel allocates nothing, and object code must not need Numba later.
OPTIONS = {
    "error_model": "numpy",
    "boundscheck": False,
    "fastmath": False,
    "nogil": True,
    "_nrt": False,
}

#: What object code may call: the C library, which every process has.
LIBRARY = frozenset(
    {
        *("memcpy", "memset", "memmove"),
        *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sqrt", "cbrt", "hypot"),
        *("floor", "ceil", "trunc", "rint", "fmod", "fma", "erf", "erfc", "lgamma", "tgamma"),
    }
)

#: Arrays handed to an inlined kernel never overlap; knowing it is worth a factor 1.4. Numba has the
#: flag but no public option for it, so it is asked for only where it exists.
ALIASING: dict[str, bool] = {}
try:
    from numba.core.cpu import CPUTargetOptions
    from numba.core.options import TargetOptions

    setattr(CPUTargetOptions, "noalias", TargetOptions.Mapping("noalias"))  # noqa: B010
    ALIASING = {"noalias": True}
except (ImportError, AttributeError):
    pass

#: Bytes of a cache line, or of eight float64.
CACHE_LINE = 64

TYPES = {
    "p": nt.CPointer(nt.float64),
    "q": nt.CPointer(nt.int64),
    "i": nt.CPointer(nt.int32),
    "d": nt.float64,
    "l": nt.int64,
    "u": nt.uint64,
}


class CompilationError(RequestError):
    """A kernel that cannot become free-standing machine code."""

    def __init__(self, kernel: str, reason: str) -> None:
        super().__init__(
            f"kernel {kernel!r} cannot be compiled: {reason} (a kernel must not raise, allocate or"
            " return a value)"
        )


def machine_code(
    function: types.FunctionType, signature: str, target: llvm.TargetMachine
) -> tuple[str, bytes]:
    """Symbol and object code of `function` for `target`."""
    entry = function if function in callers else _entry(function, len(signature))
    register(entry)
    arguments = [TYPES[letter] for letter in signature]
    try:
        compiled = numba.cfunc(nt.void(*arguments), **OPTIONS)(entry)
    except Exception as error:  # Numba lets errors of its own and of the kernel through
        raise CompilationError(function.__name__, _complaint(str(error))) from error
    text = compiled.inspect_llvm()
    module = llvm.parse_assembly(text)
    for declared in module.functions:
        name = declared.name
        if not declared.is_declaration or name.startswith("llvm.") or name in LIBRARY:
            continue
        if len(re.findall(rf"@{re.escape(name)}\b", text)) > 1:
            raise CompilationError(function.__name__, f"it needs {name} at run time")
    return compiled.native_name, target.emit_object(module)


def _complaint(text: str) -> str:
    """The cause in Numba's account of a failure, and the line of the kernel it names.

    The account goes from the entry inwards, a paragraph a call: what failed in functions that
    Python defines is followed by why, so the first cause that is not such a call is the one.
    """
    nested = re.compile(r"No implementation of function Function\(<function \w+ at 0x")
    causes = re.findall(r"\(step: .*\)\s*\n\s*(.*)", text) or [text.partition("\n")[0]]
    cause = next((c for c in causes if not nested.match(c)), causes[-1])
    places = re.findall(r"During: typing of .* at ([^<]\S*) \((\d+)\)", text)
    own = next((f", {file} line {line}" for file, line in places if "/numba/" not in file), "")
    return cause.strip().rstrip(":") + own


def _entry(function: types.FunctionType, arity: int) -> types.FunctionType:
    """A caller into which `function` is inlined.

    Only so does LLVM see that it cannot fail and drop the code that would report a failure. Every
    level of inlining is optimised anew, so a function that is such a caller already needs none.
    """
    names = ", ".join(f"a{i}" for i in range(arity))
    namespace: dict[str, object] = {"function": function}
    exec(f"def entry({names}):\n    function({names})\n", namespace)
    entry = namespace["entry"]
    assert isinstance(entry, types.FunctionType)
    return entry


_registered: set[types.FunctionType] = set()


def register(function: types.FunctionType) -> None:
    """Let Numba compile every plain function that `function` reaches, inlined at each call."""
    for _, value in referenced(function):
        if isinstance(value, types.FunctionType) and value not in _registered:
            _registered.add(value)
            register(value)
            inline: Any = {**OPTIONS, **ALIASING, "forceinline": True, "no_cfunc_wrapper": True}
            overload(value, jit_options=inline, strict=False)(_always(value))


def _always(function: types.FunctionType):
    return lambda *arguments: function


def _implement(stub: types.FunctionType, result, generate) -> None:
    """Give Numba the meaning of a stub: `result` of the argument types, and its instructions."""

    @type_callable(stub)
    def typer(context):
        return result

    @lower_builtin(stub, nt.VarArg(nt.Any))
    def lower(context, builder, signature, arguments):
        return generate(context, builder, signature, arguments)

    _registered.add(stub)


def _array_over(context, builder, signature, arguments):
    """A C-ordered array structure over memory that somebody else owns."""
    pointer, *shape = arguments
    array = arrayobj.make_array(signature.return_type)(context, builder)
    itemsize = ir.Constant(ir.IntType(64), signature.return_type.dtype.bitwidth // 8)
    strides = [itemsize]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    arrayobj.populate_array(
        array, data=pointer, shape=shape, strides=strides, itemsize=itemsize, meminfo=None
    )
    return array._getvalue()


def _call_stage(context, builder, signature, arguments):
    function = ir.FunctionType(ir.VoidType(), [argument.type for argument in arguments[1:]])
    builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])
    return context.get_dummy_value()


def _address(context, builder, signature, arguments):
    return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))


_implement(abi.vector, lambda pointer, length: nt.Array(pointer.dtype, 1, "C"), _array_over)
_implement(abi.matrix, lambda pointer, rows, columns: nt.Array(pointer.dtype, 2, "C"), _array_over)
_implement(
    abi.offset,
    lambda pointer, elements: pointer,
    lambda context, builder, signature, arguments: builder.gep(arguments[0], [arguments[1]]),
)
_implement(abi.float_pointer, lambda address: nt.CPointer(nt.float64), _address)
_implement(abi.int_pointer, lambda address: nt.CPointer(nt.int64), _address)
_implement(
    abi.call_stage,
    lambda address, arm, block, draws, rows, parameters, step, lane, seed: nt.void,
    _call_stage,
)
_implement(
    bits.fma,
    lambda a, b, c: nt.float64,
    lambda context, builder, signature, arguments: builder.fma(
        *(
            context.cast(builder, value, source, nt.float64)
            for value, source in zip(arguments, signature.args, strict=True)
        )
    ),
)


def _stream(context, builder, signature, arguments):
    target_type, row_type = signature.args[0], signature.args[3]
    target = arrayobj.make_array(target_type)(context, builder, arguments[0])
    row = arrayobj.make_array(row_type)(context, builder, arguments[3])
    eight = ir.VectorType(ir.DoubleType(), 8).as_pointer()
    source, place = (
        builder.bitcast(
            cgutils.get_item_pointer(context, builder, kind, structure, at, wraparound=False), eight
        )
        for kind, structure, at in (
            (row_type, row, arguments[4:]), (target_type, target, arguments[1:3])
        )
    )  # fmt: skip
    values = builder.load(source, align=8)
    address = builder.ptrtoint(place, ir.IntType(64))
    rest = builder.and_(address, address.type(CACHE_LINE - 1))
    with builder.if_else(builder.icmp_unsigned("==", rest, rest.type(0))) as (aligned, other):
        with aligned:
            stored = builder.store(values, place, align=CACHE_LINE)
            stored.set_metadata("nontemporal", builder.module.add_metadata([ir.IntType(32)(1)]))
        with other:
            builder.store(values, place, align=8)
    return context.get_dummy_value()


_implement(bits.stream, lambda array, i, j, row, k: nt.void, _stream)
_implement(
    bits.to_bits,
    lambda x: nt.uint64,
    lambda context, builder, signature, arguments: builder.bitcast(arguments[0], ir.IntType(64)),
)
_implement(
    bits.from_bits,
    lambda n: nt.float64,
    lambda context, builder, signature, arguments: builder.bitcast(arguments[0], ir.DoubleType()),
)
_implement(
    bits.to_integer,
    lambda x: nt.int64,
    lambda context, builder, signature, arguments: builder.fptosi(arguments[0], ir.IntType(64)),
)
