"""Share a design space with residual blocks among the workers of Ray.

A shard is a slice of the space: a few numbers to send, however many designs it has.

Needs: ray (pip install -e ".[distributed]")
Prints:
    1,728 designs in 8 shards on 2 workers
    75,936 parameters, the same as proved
"""

import ray

from solver import Choice, Conv, Space, optional, repeat, residual, squeeze_excite


def score(design) -> int:
    """Stand in for training."""
    return design.parameters


@ray.remote
def best_of(shard) -> int:
    """Return the best of a shard, in its worker."""
    return min(map(score, shard))


if __name__ == "__main__":
    down = Choice(Conv, {3, 5}, 2, "half", out_channels="x2")
    keep = Choice(Conv, {3, 5}, padding="half")
    block = residual(down, "relu", keep, optional(squeeze_excite("2,4")), project="batchnorm")
    space = Space([Conv(3, 2, 1, out_channels=8), repeat(block, 3)], 64, 4, channels=3)
    shards = space.shards(8)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    best = min(ray.get([best_of.remote(shard) for shard in shards]))
    ray.shutdown()
    print(f"{space.count:,} designs in {len(shards)} shards on 2 workers")
    assert best == space.best(by="parameters")[0].parameters
    print(f"{best:,} parameters, the same as proved")
