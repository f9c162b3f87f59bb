"""What an import of a pickle is good for: known and harmless, unknown, or able to run anything."""

from __future__ import annotations

import _compat_pickle
import re
import sys
from typing import Literal

Verdict = Literal["safe_looking", "unknown_imports", "dangerous"]
Import = tuple[str, str]

_RUNS = frozenset(
    """os posix nt subprocess _posixsubprocess sys importlib runpy code codeop pty socket _socket ssl shutil ctypes
    _ctypes webbrowser urllib http ftplib smtplib telnetlib requests httpx aiohttp urllib3 pickle _pickle dill
    cloudpickle marshal shelve types inspect pdb bdb timeit cProfile profile trace doctest pydoc platform
    multiprocessing threading _thread asyncio concurrent signal tempfile glob io _io fileinput linecache
    zipimport pkgutil zipfile tarfile venv ensurepip pip setuptools pkg_resources distutils idlelib lib2to3 test
    unittest cgitb antigravity gc atexit site sqlite3 tkinter commands popen2 builtins __builtin__ __builtins__
    IPython ipykernel jupyter_client cffi torch.hub numpy.testing numpy.f2py numpy.distutils numpy.lib.npyio
    joblib.memory joblib.parallel logging.config weakref numexpr pandas.io pandas.core.computation paramiko
    fabric invoke sh pexpect nbformat nbconvert jinja2 mako scipy.io scipy.weave sklearn.datasets
    torch.utils.cpp_extension torch.serialization torch.jit torch.package torch.distributed torch._dynamo
    torch._inductor mlflow transformers sympy yaml jsonpickle tensorflow keras.src.saving keras.saving""".split()
)  # fmt: skip
"""Modules, with all below them, that can run commands or code, or reach files and the network."""
_FINE_BUILTINS = frozenset(
    """object int float complex bool str bytes bytearray list tuple dict set frozenset slice range type super
    Ellipsis NotImplemented property Exception ValueError TypeError KeyError RuntimeError long unicode xrange""".split()
)
_SAYS_IT_RUNS = re.compile(
    r"system|popen\w*|spawn\w*|exec\w*|eval|compile|loads?|_?load_\w+|read_\w+|open|run\w*|call|check_\w*(output|call)"
    r"|getattr|setattr|attrgetter|methodcaller|import_\w+|__import__|__\w+__|globals|locals|vars|CodeType|FunctionType"
)
"""Last names that no file of a model needs, in whatever package they are."""
_HARMLESS = frozenset(
    """abc array bisect collections copy copyreg copy_reg datetime decimal enum fractions functools heapq itertools
    json math cmath numbers operator random re statistics string uuid zoneinfo pathlib""".split()
)
_FINE_FUNCTIONS = frozenset(
    {
        ("_codecs", "encode"), ("copyreg", "__newobj__"), ("copyreg", "_reconstructor"),
        ("copyreg", "__newobj_ex__"), ("numpy.core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"),
        ("numpy", "dtype"), ("numpy", "ndarray"), ("numpy.random._pickle", "__randomstate_ctor"),
        ("numpy.random._pickle", "__generator_ctor"), ("numpy.random._pickle", "__bit_generator_ctor"),
        ("numpy.dtypes", "StringDType"), ("pandas._libs.internals", "_unpickle_block"),
        ("pandas.core.internals.blocks", "new_block"), ("pandas.core.indexes.base", "_new_Index"),
        ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"), ("pandas.core.dtypes.dtypes", "__pyx_unpickle_Enum"),
        ("pandas._libs.tslibs.timestamps", "_unpickle_timestamp"),
        ("pandas.core.indexes.datetimes", "_new_DatetimeIndex"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper"), ("torch._utils", "_rebuild_tensor_v2"),
        ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_tensor"), ("torch", "Size"),
        ("torch", "device"), ("torch.serialization", "_get_layout"), ("sklearn.utils._bunch", "Bunch"),
        ("builtins", "reversed"), ("types", "SimpleNamespace"), ("weakref", "WeakKeyDictionary"),
        ("pyarrow.lib", "type_for_alias"), ("pyarrow.lib", "_restore_array"), ("pyarrow.lib", "py_buffer"),
        ("numpy.ma.core", "_mareconstruct"),
    }
)  # fmt: skip
_LIBRARIES = frozenset("sklearn numpy scipy pandas xgboost lightgbm catboost statsmodels".split())
_CLASS = re.compile(r"_{0,2}[A-Z]\w*")
_UNPICKLES = re.compile(
    r"__pyx_unpickle_\w+|_?unpickle_\w+|newObj|(float|u?int|complex|datetime|timedelta)\d*|bool_?|str_"
)
_UFUNCS = frozenset("log log1p log2 log10 exp expm1 sqrt square cbrt abs absolute sin cos clip power mean".split())
_TORCH = ("torch", "torch.storage", "torch._utils")
_TORCH_PARTS = re.compile(r"\w+Storage|b?float\d+|u?int\d+|bool|half|double|long|short|contiguous_format|_rebuild_\w+")


def verdict_of(where: Import) -> Verdict:
    module, name = current(where)
    if (module, name) in _FINE_FUNCTIONS:
        return "safe_looking"
    root, last = module.partition(".")[0], name.rpartition(".")[2]
    if root in ("builtins", "__builtin__"):
        return "safe_looking" if name in _FINE_BUILTINS else "dangerous"
    if _runs(module) or any(_runs(part.lstrip("_")) for part in name.split(".")):
        return "dangerous"
    if root == "__main__" or root not in _LIBRARIES | _HARMLESS | {"torch"}:
        runs = _SAYS_IT_RUNS.fullmatch(last) is not None or (root in sys.stdlib_module_names and last[:1].islower())
        return "dangerous" if runs and root != "__main__" else "unknown_imports"
    if _SAYS_IT_RUNS.fullmatch(last) is not None:
        return "dangerous"
    if "." in name:
        return "unknown_imports"
    if root in _HARMLESS:
        return "safe_looking"
    if root == "torch":
        return "safe_looking" if _torch(module, name) else "unknown_imports"
    if root == "pandas" and not module.startswith(("pandas.core.", "pandas._libs.", "pandas.arrays")):
        return "unknown_imports"
    plain = root == "numpy" and name in _UFUNCS
    metric = module.startswith("sklearn.metrics._") and name[:1].islower()
    fine = plain or metric or _CLASS.fullmatch(name) is not None or _UNPICKLES.fullmatch(name) is not None
    return "safe_looking" if fine else "unknown_imports"


def current(where: Import) -> Import:
    """An import by its name in Python 3; a pickle of an old protocol spells some as Python 2 did."""
    module, name = _compat_pickle.NAME_MAPPING.get(where, where)
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def worst(verdicts: list[Verdict]) -> Verdict:
    order: tuple[Verdict, ...] = ("dangerous", "unknown_imports")
    for verdict in order:
        if verdict in verdicts:
            return verdict
    return "safe_looking"


def _torch(module: str, name: str) -> bool:
    layers = module.startswith("torch.nn.modules.") and _CLASS.fullmatch(name) is not None
    return layers or (module in _TORCH and _TORCH_PARTS.fullmatch(name) is not None)


def _runs(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:end]) in _RUNS for end in range(1, len(parts) + 1))
