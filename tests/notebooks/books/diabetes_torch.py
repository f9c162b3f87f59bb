"""A small network in torch, left in training mode, on ten measurements of diabetes.

Due: nothing
"""

# %%
import torch
from sklearn.datasets import load_diabetes
from torch import nn

# %%
data = load_diabetes(as_frame=True)
X, y = data.data, data.target
torch.manual_seed(0)

# %%
net = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
inputs = torch.tensor(X.to_numpy(), dtype=torch.float32)
truth = torch.tensor(y.to_numpy()[:, None], dtype=torch.float32)
for epoch in range(20):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(inputs), truth)
    loss.backward()
    optimizer.step()

# %% [question]
register("net", net, X=X, y=y)
with torch.no_grad():
    net.eval()
    direct = net(inputs[3:4]).item()
    net.train()
near(ask("make_prediction", model_id="net", row="X[3]")["prediction"], direct)
near(ask("make_prediction", model_id="net", row="X[3]")["prediction"], direct)  # no dropout
assert net.training
told = ask("explain_prediction", model_id="net", row="X[3]", data="X")
assert abs(told["base"] + sum(one["contribution"] for one in told["contributions"]) - direct) < 1e-3
assert refused("get_threshold_curve", model_id="net", data="X", target="y")["code"] == "unsupported"
