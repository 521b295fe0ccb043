"""Which pipelines have taught, and which of them a word on the command line means."""

from __future__ import annotations

from difflib import get_close_matches

from argus.errors import TraceNotFound
from argus.model.profile import Profile
from argus.storage.base import Baseline, BaseStore, TraceQuery

__all__ = ["LearnedPipelines"]

_SHOWN = 8


class LearnedPipelines:
    """What a store has learned.

    Args:
        store: The store.

    Raises:
        TraceNotFound: It has learned nothing yet.
    """

    def __init__(self, store: BaseStore) -> None:
        self._store = store
        self.baselines = store.baselines()
        """In order of pipeline."""
        if not self.baselines:
            raise TraceNotFound(f"nothing has been learned in {store.url} yet; healthy runs teach when they are stored")

    @property
    def names(self) -> list[str]:
        """The pipelines, each once."""
        return list(dict.fromkeys(one.pipeline_name for one in self.baselines))

    def versions(self, pipeline: str) -> list[Baseline]:
        """What was learned of a pipeline, by version of its graph.

        Args:
            pipeline: Its name.
        """
        return [one for one in self.baselines if one.pipeline_name == pipeline]

    def one(self, pipeline: str | None, graph_version: str | None = None) -> Baseline:
        """The baseline that is meant; of several versions the one that ran last.

        Args:
            pipeline: A pipeline's name; None means the only one.
            graph_version: The beginning of a version's hash, or None.

        Raises:
            TraceNotFound: Nothing was learned of it; what comes close is named.
        """
        names = self.names
        name = pipeline if pipeline is not None else names[0]
        if pipeline is None and len(names) > 1:
            raise TraceNotFound(f"which pipeline? {_listed(names)}")
        if name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {_listed(names)}"
            raise TraceNotFound(f"nothing has been learned of a pipeline {name!r}; {hint}")
        found = self.versions(name)
        if graph_version is not None:
            found = [one for one in found if (one.graph_version or "").startswith(graph_version)]
            if len(found) != 1:
                versions = _listed([one.graph_version or "unknown" for one in self.versions(name)])
                which = "no version" if not found else f"{len(found)} versions"
                raise TraceNotFound(
                    f"{which} of the graph of {name!r} begin with {graph_version!r}; there are {versions}"
                )
        return self._latest(name, found)

    def profile(self, baseline: Baseline) -> Profile:
        """What was learned.

        Args:
            baseline: Of one pipeline and graph version.
        """
        return self._store.history(baseline.pipeline_name, baseline.graph_version).profile()

    def _latest(self, name: str, found: list[Baseline]) -> Baseline:
        newest = self._store.list(TraceQuery(pipeline=name), limit=1).rows if len(found) > 1 else ()
        current = [one for one in found if newest and one.graph_version == newest[0].graph_version]
        return current[0] if current else max(found, key=lambda one: one.runs)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if names[_SHOWN:] else "")
