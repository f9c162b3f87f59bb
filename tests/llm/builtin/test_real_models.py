"""A whole conversation with real models: the engine reads, the kernel's own tools answer, the engine words it."""

from __future__ import annotations

import threading
from typing import Any

import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from talk import hear

from jupyter_mlchat.agent.memory import calling_message, tool_message, tool_text
from jupyter_mlchat.llm.builtin.names import read_names
from jupyter_mlchat.protocol.records import ToolInfo, ToolResult
from jupyter_mlchat.runtime.calls import CallContext, run_tool
from jupyter_mlchat.runtime.catalog import catalogue
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from jupyter_mlchat.kernel.link import decode_result
