"""Published figures, each with its own protocol and source, to stand beside measured ones.

They are quoted, not measured here. A figure may be compared with ours only where the protocol is
the same one.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A figure of a model on a data set, under a protocol, and where it stands."""

    data: str
    protocol: str
    model: str
    metric: str
    figure: float
    source: str


SURPRISE = "Surprise's documentation, surpriselib.com"
RENDLE = "Rendle, Krichene, Zhang & Anderson 2020, arXiv 2005.09683"
ANELLI = "Anelli, Bellogín, Di Noia & Pomo 2021, arXiv 2107.13472"
RECOMMENDERS = "recommenders-team/recommenders, README of release 1.1.1"
MYFM = "myFM's documentation, MovieLens 100K with user and item features"

FIVE_FOLDS = "random 5-fold cross-validation"
ONE_OF_100 = "last item of each user among 99 given others"
BY_ITEM = "random 75/25 by item, seed 42"

PUBLISHED = (
    Published("ml-100k", FIVE_FOLDS, "SVD", "RMSE", 0.934, SURPRISE),
    Published("ml-100k", FIVE_FOLDS, "SVD++", "RMSE", 0.919, SURPRISE),
    Published("ml-100k", FIVE_FOLDS, "baseline", "RMSE", 0.944, SURPRISE),
    Published("ml-100k", "official fold u3", "myFM with features", "RMSE", 0.8855, MYFM),
    Published("ml-100k", BY_ITEM, "BiVAE", "nDCG@10", 0.475, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "BPR", "nDCG@10", 0.442, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "LightGCN", "nDCG@10", 0.420, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "NCF", "nDCG@10", 0.396, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "embeddings and biases", "nDCG@10", 0.148, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "SVD", "nDCG@10", 0.096, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "BiVAE", "P@10", 0.412, RECOMMENDERS),
    Published("ml-100k", BY_ITEM, "BPR", "P@10", 0.388, RECOMMENDERS),
    Published("ml-1m", FIVE_FOLDS, "SVD", "RMSE", 0.873, SURPRISE),
    Published("ml-1m", FIVE_FOLDS, "SVD++", "RMSE", 0.862, SURPRISE),
    Published("ml-1m", FIVE_FOLDS, "baseline", "RMSE", 0.909, SURPRISE),
    Published("ml-1m", ONE_OF_100, "NeuMF", "HR@10", 0.709, RENDLE),
    Published("ml-1m", ONE_OF_100, "NeuMF", "NDCG@10", 0.435, RENDLE),
    Published("ml-1m", ONE_OF_100, "EASE", "HR@10", 0.7192, ANELLI),
    Published("ml-1m", ONE_OF_100, "EASE", "NDCG@10", 0.4494, ANELLI),
    Published("ml-1m", ONE_OF_100, "SLIM", "HR@10", 0.716, RENDLE),
    Published("ml-1m", ONE_OF_100, "SLIM", "NDCG@10", 0.447, RENDLE),
    Published("ml-1m", ONE_OF_100, "MF", "HR@10", 0.729, RENDLE),
    Published("ml-1m", ONE_OF_100, "MF", "NDCG@10", 0.452, RENDLE),
)


def of(data: str) -> tuple[Published, ...]:
    """What was published on a data set, by the name of its folder."""
    return tuple(row for row in PUBLISHED if row.data == data)
