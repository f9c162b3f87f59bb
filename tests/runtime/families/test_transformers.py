"""Hugging Face pipelines with a tiny model made here: nothing is fetched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import transformers
from PIL import Image
from runtime.context import Context
from runtime.reproduce import reproduced

from jupyter_mlchat.runtime.toolbox import NeedsIdle

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


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning:sklearn")
def test_words_and_measures_are_those_of_the_pipeline(texts: Any) -> None:
    lines, tones = ["good day", "bad work", "a day"] * 5, ["negative", "neutral", "positive"] * 5
    context = Context({"model": texts, "lines": lines, "tones": pd.Series(tones)})
    result = context.run("explain_prediction", model_id="model", features="bad good day", output="neutral")
    scores = [{one["label"]: one["score"] for one in texts(line, top_k=None)} for line in ("bad good day", "bad  day")]
    words = {card["word"]: card["contribution"] for card in result["data"]["contributions"]}
    assert words["good"] == pytest.approx(scores[0]["neutral"] - scores[1]["neutral"], abs=1e-6) and len(words) == 3
    assert dict(reproduced(context, result["code"])) == pytest.approx(words, abs=1e-6)
    measured = context.run("evaluate_model", model_id="model", data="lines", target="tones")
    right = [one["label"] == tone for one, tone in zip(texts(lines), tones, strict=True)]
    assert measured["data"]["metrics"]["accuracy"]["value"] == pytest.approx(sum(right) / 15)
    assert reproduced(context, measured["code"])["accuracy"][0] == pytest.approx(sum(right) / 15)
    assert context.run("check_drift", model_id="model", data="lines")["fault"]["code"] == "unsupported"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_tokenizer_is_left_as_it_was_told(texts: Any) -> None:
    fast = texts.tokenizer._tokenizer
    fast.enable_truncation(max_length=4)
    fast.enable_padding(length=6)
    before, calls = (fast.truncation, fast.padding), texts.call_count
    context = Context({"model": texts})
    context.data("make_prediction", model_id="model", features="good day")
    assert (fast.truncation, fast.padding) == before and texts.call_count == calls
    fast.no_truncation()
    fast.no_padding()
    context.running = 2
    with ThreadPoolExecutor(1) as reader, pytest.raises(NeedsIdle, match="shares its tokenizer"):
        reader.submit(context.run, "make_prediction", model_id="model", features="good day").result()
