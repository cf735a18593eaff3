"""Share a design space among workers by index ranges, here those of a local Dask cluster.

A shard is a slice of the space: a few numbers to send. Any executor will do, Dask's or one from
`concurrent.futures`.

Needs: distributed (pip install -e ".[distributed]")
Prints:
    726 designs in 8 shards on 2 workers
    Stack([Conv(1, stride=2), Conv(3, stride=2, padding=1), Conv(4, padding=1)])
"""

from distributed import Client, LocalCluster

from solver import Choice, Conv, Space, Stack, repeat


def score(stack: Stack) -> float:
    """Stand in for training."""
    return stack.macs(32) / stack.receptive_field**2


def best_of(shard) -> tuple[float, str]:
    """Return the best design of a shard, in its worker."""
    return min((score(stack), repr(stack)) for stack in shard)


if __name__ == "__main__":
    space = Space(repeat(Choice(Conv, "1..4", {1, 2}, "0..2"), 3), 32, 7)
    shards = space.shards(8)
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        best = min(client.get_executor().map(best_of, shards))
    print(f"{space.count:,} designs in {len(shards)} shards on 2 workers")
    print(best[1])
