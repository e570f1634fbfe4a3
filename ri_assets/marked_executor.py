"""The executor: one process for a run, which says which process that is.

Belongs here: marking a run that Dagster launched at the moment at which it starts, whoever
asked for it. `ri-index run` marks its own (`ri_assets.run`), because Dagster replaces the
executor of a run within the calling process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from ri_assets.dead_runs import heartbeat, run_marks

if TYPE_CHECKING:
    from dagster._core.execution.context.system import PlanOrchestrationContext
    from dagster._core.execution.plan.plan import ExecutionPlan
    from dagster._core.execution.retries import RetryMode
    from dagster._core.execution.step_dependency_config import StepDependencyConfig


class MarkedExecutor(dg.Executor):
    """Marks the run with this process, and keeps its heartbeat while another executor works.

    Parameters
    ----------
    inner
        The executor that does the work.
    """

    def __init__(self, inner: dg.Executor) -> None:
        self.inner = inner

    @property
    def retries(self) -> RetryMode:
        """Whether steps are retried, as the inner executor says."""
        return self.inner.retries

    @property
    def step_dependency_config(self) -> StepDependencyConfig:
        """Which steps a step waits for, as the inner executor says."""
        return self.inner.step_dependency_config

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        """Execute the plan; gives the events of the inner executor."""
        instance, run_id = plan_context.instance, plan_context.run_id
        instance.add_run_tags(run_id, run_marks(run_id))
        with heartbeat(instance, run_id):
            yield from self.inner.execute(plan_context, execution_plan)


# What Dagster's own executor takes, in a form that `executor` accepts but does not declare.
_CONFIG: Any = dg.in_process_executor.config_schema


@dg.executor(name="in_process", config_schema=_CONFIG)
def marked_executor(context: dg.InitExecutorContext) -> dg.Executor:
    """Execute a run in one process, marked.

    A process for each of the twenty steps would spend more time importing than computing.
    The heavy stages use both cores by themselves.
    """
    create = dg.in_process_executor.executor_creation_fn
    assert create is not None  # noqa: S101 - Dagster's own executor has one
    return MarkedExecutor(create(context))
