"""Predictions for more rows than anybody looks at: source -> chunks -> sink, here or on dask.

The seam for another engine is one function: `(source, scorer, done) -> Iterator[(part, Scored)]`, parts in
rising order, as `local.parts` and the three of `on_dask` are. What it runs elsewhere is `scoring.score`, which is
pure and needs nothing of this kernel: on Ray that is `map_batches` over a class that holds the `Scorer`, on Spark
`mapInArrow` with a broadcast one. What it may not do is write: parts reach the sink in this process.
"""
