"""How much of a head's gradient reaches the layers below it."""


def shared(u, share):
    """u, of whose gradient only `share` goes on: the head learns at full strength, what is below by a part.

    Heads that are new have gradients many times those of a language model that is nearly done. They would
    otherwise reshape its stream.
    """
    return u if share == 1 else share * u + (1 - share) * u.detach()
