"""What starts runs without a person: a weekly schedule, and a sensor for new tweets.

A third, the sensor `dead_runs`, starts nothing: it closes runs that died, so that the others
can start.
"""

import dagster as dg

from ri_assets.asked_runs import REQUEST_TAG, TRY_TAG, Ask, Wait, next_step
from ri_assets.dead_runs import close_dead_runs
from ri_assets.resources.settings import SourceResource

_TEN_MINUTES = 600
_MINUTE = 60


def weekly_schedule(job_name: str) -> dg.ScheduleDefinition:
    """Rerun everything early on Monday."""

    @dg.schedule(
        name="weekly_personas",
        job_name=job_name,
        cron_schedule="0 4 * * 1",
        execution_timezone="UTC",
        description="Reruns the whole graph every Monday at 04:00 UTC, so that the week starts "
        "with fresh personas.",
    )
    def weekly_personas(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        close_dead_runs(context.instance)  # the new run would wait for them
        return dg.RunRequest()

    return weekly_personas


def new_tweets_sensor(job_name: str) -> dg.SensorDefinition:
    """Start a run when the source holds tweets on which no run has ended yet."""

    @dg.sensor(
        name="new_tweets",
        job_name=job_name,
        minimum_interval_seconds=_TEN_MINUTES,
        description="Starts a run when the source holds new tweets. A tick asks for nothing but "
        "their number and the newest id. A run that broke is tried again, after ten minutes at "
        "first and once a day in the end; one that a check blocked waits for other tweets.",
    )
    def new_tweets(
        context: dg.SensorEvaluationContext, source: SourceResource
    ) -> dg.RunRequest | dg.SkipReason:
        close_dead_runs(context.instance)  # one of them may be a run that this sensor waits for
        opened = source.open()
        state = opened.newest()
        mark = f"{state.n_tweets}:{state.newest_tweet_id}"
        if mark == context.cursor:
            return dg.SkipReason(f"{opened.name} still holds {state.n_tweets:,} tweets")
        request = f"{opened.name}:{mark}"
        step = next_step(context.instance, request)
        if isinstance(step, Ask):
            return dg.RunRequest(
                run_key=f"{request}:{step.n_try}",
                tags={"ri/source": opened.name, REQUEST_TAG: request, TRY_TAG: str(step.n_try)},
            )
        if not isinstance(step, Wait):
            # Only now: a cursor that moved with the request would forget a run that broke.
            context.update_cursor(mark)
        return dg.SkipReason(step.why)

    return new_tweets


def dead_runs_sensor() -> dg.SensorDefinition:
    """Close runs whose process died."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=_MINUTE,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed whose process was killed, so that queued runs can "
        "start. It starts none.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        closed = close_dead_runs(context.instance)
        return dg.SkipReason(f"closed: {', '.join(closed)}" if closed else "no run died")

    return dead_runs
