"""The loss of a sequence: language model, answers, and supervision of notes and attention."""


import torch
import torch.nn.functional as F

from ..model.memmamba import Trace
from .cross_entropy import WeightedCrossEntropy
from .retrieval import retrieval_loss

ANSWER = 1.0
# Weights of the supervision of the memory, beside a language-model loss of 1.
SHARES = {"note": 0.1, "rival": 0.1, "natural": 0.03, "attention": 0.5, "retrieval": 0.1}
NOTE_POSITIVE = 20.0  # planted values are a few tokens in a hundred
RIVALS = 8  # of a batch of 32k tokens: about as many as would hold a pool of 50 in 200k
MARGIN = 2.0
SUPERVISED_HEADS = 2  # the other heads stay free
RARE = 2e-4  # unigram frequency under which a recurring word is worth a note


def total_loss(model, batch, unigrams, memory=True, without=()):
    """Loss of a batch of `data.Sequences` (on the model's device), and its parts for the log.

    `memory=False` trains without the memory path: the pool off, and only the language model and the answers.
    `without` names parts that are measured but not trained on, for ablations.
    """
    config = model.config
    tokens = batch["tokens"]
    trace = Trace(weighed=config.fact_layers)
    hidden = model.hidden(tokens[:, :-1], pool=memory, trace=trace)
    answer = batch["answer"]
    answers = answer.sum().clamp(min=1)
    # The mean over all tokens, and over those of answers.
    shares = torch.full(answer.shape, 1 / answer.numel(), device=answer.device)
    weights = shares + ANSWER * answer / answers
    text, losses, right = WeightedCrossEntropy.apply(
        hidden.flatten(0, 1), model.embedding.weight, tokens[:, 1:].flatten(), weights.flatten()
    )
    of_answers = answer.flatten()
    parts = {"lm": losses.mean(), "answer": (losses * of_answers).sum() / answers}
    parts["right"] = (right & of_answers).sum() / answers
    if not memory:
        return text, parts
    planted = batch["planted"]
    natural = torch.maximum(recurring(tokens[:, :-1], unigrams), headings(batch, unigrams))
    positive = torch.full((), NOTE_POSITIVE, device=tokens.device)
    facts = [trace.scores[index] for index in config.fact_layers]
    others = [scores for index, scores in enumerate(trace.scores) if index not in config.fact_layers]
    for name, scores, labels in (("note", facts, planted.float()), ("natural", others, natural)):
        # Of all layers at once: a call has a dozen kernels.
        scores = torch.stack(scores)
        labels = labels.expand_as(scores)
        parts[name] = F.binary_cross_entropy_with_logits(scores, labels, pos_weight=positive)
    parts["rival"] = sum(rival_loss(scores, planted) for scores in facts) / len(facts)
    parts["attention"], parts["mass"] = attention_loss(config, trace, batch["asked"], batch["source"])
    parts["retrieval"], parts["found"] = torch.zeros(()), torch.zeros(())
    if model.retrieves:
        parts["retrieval"], parts["found"] = retrieval_loss(model, trace, batch["query"], batch["passage"])
    return text + sum(share * parts[name] for name, share in SHARES.items() if name not in without), parts


def rival_loss(scores, planted):
    """How far planted values stay ahead of the tokens that would push them out of a long document's pool.

    scores, planted (B, L). A pool of a million tokens is contested by the few best of the whole batch, not by
    the sequence at hand: softplus(margin + rival - s), the mean over planted tokens and over the highest
    scores of everything else. So short sequences train what long documents need.
    """
    scores, planted = scores.flatten(), planted.flatten()
    rivals = scores.masked_fill(planted, -torch.inf).topk(RIVALS).values
    behind = F.softplus(MARGIN + rivals - scores[:, None]) * planted[:, None]
    return behind.sum() / (planted.sum() * RIVALS).clamp(min=1)


def attention_loss(config, trace, asked, source):
    """Minus the log of the pool-attention mass on the note of the very token to be produced.

    asked (B, A), source (B, A, 2), see `datasets/sequences.py`. Only where that note is in the pool;
    elsewhere the note loss must work. Every shape is fixed, so that a training step can be captured as a CUDA
    graph.
    """
    valid = asked >= 0
    place = asked.clamp(min=0)[..., None]
    loss, mass_sum = 0.0, 0.0
    for layer in config.fact_layers:
        positions, weights = trace.positions[layer], trace.weights[layer]
        size = positions.shape[-1]
        visible = positions.gather(1, (place // config.chunk).expand(-1, -1, size))
        match = (visible[..., None] == source[:, :, None]) & (source[:, :, None] >= 0)
        match = match.any(-1) & valid[..., None]
        heads = weights[:, :, :SUPERVISED_HEADS].transpose(2, 3).flatten(3).flatten(1, 2)
        heads = heads.gather(1, place.expand(-1, -1, heads.shape[-1]))
        mass = (heads.unflatten(-1, (SUPERVISED_HEADS, size)).mean(2) * match).sum(-1)
        present = match.any(-1).float()
        loss = loss - (present * torch.log(mass + 1e-6)).sum() / present.sum().clamp(min=1)
        mass_sum = mass_sum + mass.detach().sum() / valid.sum().clamp(min=1)
    layers = len(config.fact_layers)
    return loss / layers, mass_sum / layers


def headings(batch, unigrams):
    """(B, L) float: the rare words of headings, which natural text's notes should hold too."""
    return (batch["heading"] & (unigrams[batch["tokens"][:, :-1]] < RARE)).float()


def recurring(tokens, unigrams):
    """Labels of natural text: the first mention of a rare token that comes again in the sequence.

    tokens (B, L), unigrams (V) relative frequencies with 1 for what is no word → (B, L) float.
    """
    length = tokens.shape[1]
    order = torch.sort(tokens, dim=1, stable=True)
    ids, places = order.values, order.indices
    same_before = F.pad(ids[:, 1:] == ids[:, :-1], (1, 0))
    same_after = F.pad(ids[:, 1:] == ids[:, :-1], (0, 1))
    first = ~same_before & same_after & (unigrams[ids] < RARE)
    labels = torch.zeros(tokens.shape[0], length, device=tokens.device)
    return labels.scatter(1, places, first.float())
