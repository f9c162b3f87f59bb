"""Where keys come from: the environment, `env_file`, or the system's keyring.

They go along with each call. Nothing here puts one into the environment of this process, from where kernels, terminals
and other extensions would have it too.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress

from ..settings import MLChat
from .external import key_variable
from .providers import PROVIDERS

PATIENCE_S = 5.0
"""The longest that the service waits for a keyring, which may ask its person to unlock it."""
SECRET_ARGUMENTS = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token"})
"""Those of `Provider.further` that are keys; the others name a region, a project or a version."""
FURTHER_SPELLINGS = frozenset(
    """ANTHROPIC_AUTH_TOKEN AIMLAPI_KEY AZURE_AD_TOKEN AZURE_OPENAI_API_KEY COMETAPI_API_KEY CO_API_KEY
    DOCKER_MODEL_RUNNER_API_KEY FEATHERLESS_API_KEY FIREWORKSAI_API_KEY FIREWORKS_AI_TOKEN FIREWORKS_API_KEY
    FRIENDLIAI_API_KEY GIGACHAT_API_KEY GOOGLE_API_KEY HF_TOKEN HOSTED_VLLM_API_KEY LEMONADE_API_KEY LLAMAFILE_API_KEY
    LM_STUDIO_API_KEY META_API_KEY OLLAMA_API_KEY OPENAI_LIKE_API_KEY OR_API_KEY PERPLEXITY_API_KEY
    REPLICATE_API_TOKEN TOGETHER_AI_API_KEY TOGETHER_AI_TOKEN TOGETHER_API_KEY VERCEL_OIDC_TOKEN VERTEXAI_CREDENTIALS
    VERTEX_CREDENTIALS WATSONX_API_KEY WATSONX_TOKEN WATSONX_ZENAPIKEY WX_API_KEY XINFERENCE_API_KEY""".split()
)
"""Variables that litellm reads by itself where ours are not set."""
_OURS = re.compile(r"MLCHAT_(AGENT_\w+_KEY|WEBHOOK_SECRET|SMTP_PASSWORD)")


class KeyringTrouble(Exception):
    """Why the keyring gave nothing, in words for the log; no key and no name of a user is in them."""


def keys_in(traits: MLChat) -> dict[str, str]:
    """API keys by provider. Never logged, never sent anywhere but to that provider."""
    found = traits.variables(provider.key for provider in PROVIDERS.values() if provider.key)
    return {name: found[provider.key] for name, provider in PROVIDERS.items() if provider.key in found}


def passed_in(traits: MLChat) -> dict[str, dict[str, str]]:
    """What else of the settings goes along with each call of a provider, by litellm's names of arguments."""
    wanted = {
        name: {**({provider.base: "api_base"} if provider.base else {}), **provider.further}
        for name, provider in PROVIDERS.items()
    }
    found = traits.variables(variable for variables in wanted.values() for variable in variables)
    passed = {
        name: {argument: found[variable] for variable, argument in variables.items() if variable in found}
        for name, variables in wanted.items()
    }
    return {name: arguments for name, arguments in passed.items() if arguments}


def is_key(variable: str) -> bool:
    """Whether an environment variable is one in which a key of a provider or of an external agent lies."""
    return variable in _variables() or variable in FURTHER_SPELLINGS or _OURS.fullmatch(variable) is not None


def _variables() -> list[str]:
    further = [
        variable
        for provider in PROVIDERS.values()
        for variable, argument in provider.further.items()
        if argument in SECRET_ARGUMENTS
    ]
    return list(dict.fromkeys([*(p.key for p in PROVIDERS.values() if p.key), *further]))


async def open_keyring(traits: MLChat, tell: Callable[[str], object]) -> None:
    """Read the keys that lie under `keyring_service`, where that is set; `tell` hears what went wrong.

    Keys that come later than `PATIENCE_S`, since a person had to unlock the keyring first, are used from then on.
    """
    service = traits.keyring_service
    if not service:
        return
    wanted = [*_variables(), *map(key_variable, traits.external_agents)]
    done: Future[None] = Future()

    def read() -> None:
        try:
            traits.kept_keys = read_keyring(service, wanted)
        except KeyringTrouble as trouble:
            tell(str(trouble))
        finally:
            done.set_result(None)

    # A daemon: a keyring that waits for its person keeps no process from ending.
    threading.Thread(target=read, name="mlchat-keyring", daemon=True).start()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.wrap_future(done), PATIENCE_S)


def read_keyring(service: str, names: Iterable[str]) -> dict[str, str]:
    """Those of `names` that the system's keyring holds for `service`. Raises KeyringTrouble. Blocks."""
    try:
        import keyring
    except ImportError:
        raise KeyringTrouble("`keyring_service` needs a package that is not here: `pip install keyring`.") from None
    try:
        found = {name: (keyring.get_password(service, name) or "").strip() for name in names}
    except Exception as error:  # each system's keyring fails in its own way
        kind = type(error).__name__
        raise KeyringTrouble(f"The system's keyring gave no keys ({kind}); those of `env_file` are used.") from None
    return {name: value for name, value in found.items() if value}
