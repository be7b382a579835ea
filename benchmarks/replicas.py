"""Several replicas behind HAProxy against one: `python -m benchmarks.replicas [ROUNDS]`.

The app itself on loopback, behind the file of deploy/, as one replica and as two; both sites are there all the time and take
turns. A class behind one address comes to the two replicas. Then eight visitors from different addresses ask a handler again
and again that takes 100 ms, needs no processor, and answers one at a time. Each looks whether the answer is its own, from
its own replica, and whether the replica has counted all of its calls.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gradio_client import Client

from benchmarks.paired import describe_machine, summarize
from tests.support.site import Site, site_of

CLASS, VISITORS, WINDOW_S = 32, 8, 6.0


@contextmanager
def visitors_of(site: Site) -> Iterator[list[Client]]:
    """The real clients, each with an address of its own, as a proxy before this one would tell."""
    with ExitStack() as stack:
        clients = []
        for number in range(VISITORS):
            address = {"X-Forwarded-For": f"8.8.1.{number + 1}"}
            clients.append(Client(site.url, verbose=False, analytics_enabled=False, headers=address, ssl_verify=False))
            stack.callback(clients[-1].close)
        yield clients


def stay(client: Client, number: int, until: float) -> tuple[int, list[str]]:
    """Ask until this time; return how many answers came by then, and those that are not this visitor's."""
    answers, wrong = 0, []
    own = client.cookies["REPLICA"]
    counted = int(client.predict(api_name="/counted").split()[1])
    while time.monotonic() < until:
        said = client.predict(f"visitor {number}, {answers}", api_name="/paused")
        if said != f"{own} visitor {number}, {answers}":
            wrong.append(said)
        answers += time.monotonic() < until
    if (said := client.predict(api_name="/counted")) != f"{own} {counted + 1}":
        wrong.append(said)
    return answers, wrong


def answers_in(clients: list[Client]) -> tuple[float, list[str]]:
    """Answers per second of all, and wrong ones."""
    until = time.monotonic() + WINDOW_S
    with ThreadPoolExecutor(VISITORS) as threads:
        stays = list(threads.map(stay, clients, range(VISITORS), [until] * VISITORS))
    return sum(answers for answers, _ in stays) / WINDOW_S, [said for _, wrong in stays for said in wrong]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(describe_machine(["gradio", "gradio-client"]), flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        places = [Path(folder, name) for name in ("one", "two")]
        for place in (Path(folder), *places):
            place.mkdir(exist_ok=True)
            place.chmod(0o755)  # HAProxy gives up the rights that it was started with
        one = stack.enter_context(site_of(places[0], ("r1",)))
        two = stack.enter_context(site_of(places[1], ("r1", "r2")))
        shares = [max(two.visits(CLASS).values()) / CLASS for _ in range(rounds)]
        print(f"a class of {CLASS} behind one address: {summarize(shares)} of it on the replica with the most", flush=True)
        alone, together = stack.enter_context(visitors_of(one)), stack.enter_context(visitors_of(two))
        print("visitors on each replica:", *sorted(client.cookies["REPLICA"] for client in together))
        ratios, wrong, rates = [], [], []
        for number in range(rounds + 1):
            (slow, bad), (fast, worse) = answers_in(alone), answers_in(together)
            wrong += [*bad, *worse]
            if number:  # the first one warms up
                ratios.append(fast / slow)
                rates.append((slow, fast))
        print(
            f"answers per second, one: {summarize([slow for slow, _ in rates])}, two: {summarize([fast for _, fast in rates])}"
        )
        print(f"two are {summarize(ratios)} times one; {len(wrong)} answers are somebody else's {wrong[:3] or ''}")


if __name__ == "__main__":
    main()
