"""What is known of providers before litellm is imported. Names as litellm spells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Provider:
    """`key` is the environment variable of its API key; `default` the llm taken when only it is named.

    The list of its llms is at `url` + `path`; "" where it can't be asked for. `base` is the variable that
    replaces `url`, `further` the variables that are passed with each call, with litellm's name of the argument.
    """

    title: str
    key: str = ""
    default: str = ""
    local: bool = False
    """Runs on this machine or one nearby, may have to load the llm first, and costs nothing per token."""
    url: str = ""
    path: str = "/models"
    base: str = ""
    further: Mapping[str, str] = field(default_factory=dict)


_AWS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
    "AWS_REGION_NAME": "aws_region_name",
}


def _nearby(title: str, name: str) -> Provider:
    return Provider(title, local=True, base=f"{name}_API_BASE")


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "openai": Provider(
            "OpenAI",
            "OPENAI_API_KEY",
            "openai/gpt-4.1-mini",
            url="https://api.openai.com/v1",
            base="OPENAI_BASE_URL",
        ),
        "anthropic": Provider(
            "Anthropic",
            "ANTHROPIC_API_KEY",
            "anthropic/claude-sonnet-4-6",
            url="https://api.anthropic.com",
            path="/v1/models?limit=1000",
            base="ANTHROPIC_API_BASE",
        ),
        "huggingface": Provider(
            "Hugging Face",
            "HUGGINGFACE_API_KEY",
            "huggingface/meta-llama/Llama-3.3-70B-Instruct",
            url="https://router.huggingface.co/v1",
        ),
        "gemini": Provider(
            "Google Gemini",
            "GEMINI_API_KEY",
            "gemini/gemini-flash-latest",
            url="https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        "mistral": Provider(
            "Mistral",
            "MISTRAL_API_KEY",
            "mistral/mistral-medium-latest",
            url="https://api.mistral.ai/v1",
            base="MISTRAL_API_BASE",
        ),
        "groq": Provider("Groq", "GROQ_API_KEY", url="https://api.groq.com/openai/v1", base="GROQ_API_BASE"),
        "deepseek": Provider("DeepSeek", "DEEPSEEK_API_KEY", "deepseek/deepseek-chat", url="https://api.deepseek.com"),
        "openrouter": Provider(
            "OpenRouter", "OPENROUTER_API_KEY", url="https://openrouter.ai/api/v1", base="OPENROUTER_API_BASE"
        ),
        "together_ai": Provider("Together AI", "TOGETHERAI_API_KEY", url="https://api.together.xyz/v1"),
        "xai": Provider("xAI", "XAI_API_KEY", url="https://api.x.ai/v1", base="XAI_API_BASE"),
        "azure": Provider(
            "Azure OpenAI",
            "AZURE_API_KEY",
            base="AZURE_API_BASE",
            path="",
            further={"AZURE_API_VERSION": "api_version"},
        ),
        "bedrock": Provider("Amazon Bedrock", further=_AWS),
        "ollama_chat": Provider("Ollama", local=True),
        "lm_studio": _nearby("LM Studio", "LM_STUDIO"),
        "hosted_vllm": _nearby("vLLM", "HOSTED_VLLM"),
        "llamafile": _nearby("llamafile", "LLAMAFILE"),
        "docker_model_runner": _nearby("Docker Model Runner", "DOCKER_MODEL_RUNNER"),
        "lemonade": _nearby("Lemonade", "LEMONADE"),
        "xinference": _nearby("Xinference", "XINFERENCE"),
        "ai21": Provider("AI21", "AI21_API_KEY"),
        "ai21_chat": Provider("AI21 (chat)", "AI21_API_KEY"),
        "aiml": Provider("AI/ML API", "AIML_API_KEY"),
        "amazon_nova": Provider("Amazon Nova", "AMAZON_NOVA_API_KEY"),
        "azure_ai": Provider("Azure AI", "AZURE_AI_API_KEY", base="AZURE_AI_API_BASE", path=""),
        "baseten": Provider("Baseten", "BASETEN_API_KEY"),
        "cerebras": Provider(
            "Cerebras", "CEREBRAS_API_KEY", url="https://api.cerebras.ai/v1", base="CEREBRAS_API_BASE"
        ),
        "chutes": Provider("Chutes", "CHUTES_API_KEY"),
        "clarifai": Provider("Clarifai", "CLARIFAI_API_KEY"),
        "cloudflare": Provider("Cloudflare", "CLOUDFLARE_API_KEY", base="CLOUDFLARE_API_BASE", path=""),
        "codestral": Provider("Codestral", "CODESTRAL_API_KEY"),
        "cohere": Provider("Cohere", "COHERE_API_KEY"),
        "cohere_chat": Provider("Cohere (chat)", "COHERE_API_KEY"),
        "cometapi": Provider("CometAPI", "COMETAPI_KEY"),
        "dashscope": Provider("DashScope", "DASHSCOPE_API_KEY"),
        "databricks": Provider("Databricks", "DATABRICKS_API_KEY", base="DATABRICKS_API_BASE", path=""),
        "datarobot": Provider("DataRobot", "DATAROBOT_API_TOKEN"),
        "deepinfra": Provider("DeepInfra", "DEEPINFRA_API_KEY", url="https://api.deepinfra.com/v1/openai"),
        "featherless_ai": Provider("Featherless", "FEATHERLESS_AI_API_KEY"),
        "fireworks_ai": Provider("Fireworks", "FIREWORKS_AI_API_KEY", url="https://api.fireworks.ai/inference/v1"),
        "friendliai": Provider("FriendliAI", "FRIENDLI_TOKEN"),
        "galadriel": Provider("Galadriel", "GALADRIEL_API_KEY"),
        "gigachat": Provider("GigaChat", "GIGACHAT_CREDENTIALS"),
        "github": Provider("GitHub Models", "GITHUB_API_KEY"),
        "github_copilot": Provider("GitHub Copilot"),
        "gradient_ai": Provider("Gradient AI", "GRADIENT_AI_API_KEY"),
        "heroku": Provider("Heroku", "HEROKU_API_KEY"),
        "hyperbolic": Provider("Hyperbolic", "HYPERBOLIC_API_KEY", url="https://api.hyperbolic.xyz/v1"),
        "infinity": Provider("Infinity", "INFINITY_API_KEY"),
        "lambda_ai": Provider("Lambda", "LAMBDA_API_KEY"),
        "litellm_proxy": Provider("LiteLLM proxy", "LITELLM_PROXY_API_KEY", base="LITELLM_PROXY_API_BASE"),
        "meta_llama": Provider("Meta Llama", "LLAMA_API_KEY"),
        "minimax": Provider("MiniMax", "MINIMAX_API_KEY"),
        "moonshot": Provider(
            "Moonshot", "MOONSHOT_API_KEY", url="https://api.moonshot.ai/v1", base="MOONSHOT_API_BASE"
        ),
        "morph": Provider("Morph", "MORPH_API_KEY"),
        "nebius": Provider("Nebius", "NEBIUS_API_KEY", url="https://api.studio.nebius.ai/v1"),
        "novita": Provider("Novita", "NOVITA_API_KEY", url="https://api.novita.ai/v3/openai"),
        "nscale": Provider("Nscale", "NSCALE_API_KEY"),
        "nvidia_nim": Provider("NVIDIA NIM", "NVIDIA_NIM_API_KEY", url="https://integrate.api.nvidia.com/v1"),
        "oci": Provider("Oracle Cloud"),
        "ovhcloud": Provider("OVHcloud", "OVHCLOUD_API_KEY"),
        "perplexity": Provider("Perplexity", "PERPLEXITYAI_API_KEY"),
        "poe": Provider("Poe", "POE_API_KEY"),
        "replicate": Provider("Replicate", "REPLICATE_API_KEY"),
        "sagemaker": Provider("Amazon SageMaker", further=_AWS),
        "sagemaker_chat": Provider("Amazon SageMaker (chat)", further=_AWS),
        "sambanova": Provider("SambaNova", "SAMBANOVA_API_KEY", url="https://api.sambanova.ai/v1"),
        "snowflake": Provider("Snowflake"),
        "triton": Provider("Triton"),
        "v0": Provider("v0", "V0_API_KEY"),
        "vercel_ai_gateway": Provider("Vercel AI Gateway", "VERCEL_AI_GATEWAY_API_KEY"),
        "vertex_ai": Provider(
            "Google Vertex AI",
            further={"VERTEXAI_PROJECT": "vertex_project", "VERTEXAI_LOCATION": "vertex_location"},
        ),
        "volcengine": Provider("Volcengine", "VOLCENGINE_API_KEY"),
        "wandb": Provider("Weights & Biases", "WANDB_API_KEY"),
        "watsonx": Provider("watsonx", "WATSONX_APIKEY", base="WATSONX_URL", path=""),
        "zai": Provider("Z.AI", "ZAI_API_KEY"),
    }
)
"""Every provider that can be named, those first that are offered first."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {"ollama": "ollama_chat", "hf": "huggingface", "google": "gemini", "claude": "anthropic"}
)
"""What people write. `ollama/` is litellm's older route, without native tool calls."""


def provider_of(llm: str) -> str:
    """`openai` of `openai/gpt-4.1-mini`; "" when there is no provider in the name."""
    provider, slash, _ = llm.partition("/")
    return provider if slash else ""


def about(llm: str) -> Provider:
    name = provider_of(llm)
    return PROVIDERS.get(name) or Provider(name or llm)
