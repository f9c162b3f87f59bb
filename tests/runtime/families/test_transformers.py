"""Hugging Face pipelines with a tiny model made here: nothing is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import transformers
from PIL import Image
from runtime.context import Context

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "day", "work"]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    vocabulary = Path(tmp_path_factory.mktemp("words")) / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    transformers.set_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    labels = {0: "negative", 1: "neutral", 2: "positive"}
    config = transformers.BertConfig(
        vocab_size=len(WORDS), id2label=labels, label2id={v: k for k, v in labels.items()}, **sizes
    )
    model = transformers.BertForSequenceClassification(config).eval()
    return transformers.pipeline(
        "text-classification", model=model, tokenizer=transformers.BertTokenizer(str(vocabulary))
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_texts_are_classified_as_the_pipeline_does(texts: Any) -> None:
    context = Context({"model": texts})
    (listed,) = context.data("list_models")["models"]
    assert listed["task"] == "classification" and listed["classes"] == ["negative", "neutral", "positive"]
    lines = ["good day", "bad work", "a day"] * 7
    told = context.data("make_prediction", model_id="model", features=[{"text": line} for line in lines[:20]])
    assert told["prediction"] == [one["label"] for one in texts(lines[:20])]
    one = context.data("make_prediction", model_id="model", features={"text": "good day"})
    assert one["probability"] == {row["label"]: pytest.approx(row["score"]) for row in texts("good day", top_k=None)}
    assert one["confidence"] == pytest.approx(max(one["probability"].values()))
    missing = context.run("validate_features", model_id="model", features={"txt": "good"})
    assert {issue["code"] for issue in missing["issues"]} == {"missing_column", "extra_column"}


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_images_are_prepared_by_the_pipeline_itself() -> None:
    transformers.set_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.ViTConfig(image_size=32, patch_size=16, id2label={0: "cat", 1: "dog"}, **sizes)
    processor = transformers.ViTImageProcessorPil(size={"height": 32, "width": 32})
    model = transformers.ViTForImageClassification(config).eval()
    pipe = transformers.pipeline("image-classification", model=model, image_processor=processor)
    picture = Image.new("RGB", (40, 50), "red")
    context = Context({"pipe": pipe, "picture": picture})
    told = context.data("make_prediction", model_id="pipe", data="picture")
    best = pipe(picture)[0]
    assert told["prediction"] == best["label"] and told["confidence"] == pytest.approx(best["score"])


@pytest.mark.long
def test_other_tasks_are_listed_and_refused(texts: Any) -> None:
    other = transformers.FeatureExtractionPipeline(model=texts.model, tokenizer=texts.tokenizer)
    context = Context({"other": other})
    fault = context.run("make_prediction", model_id="other", features={"text": "good"})["fault"]
    assert fault["code"] == "unsupported"
