"""What starts runs without a person: a weekly schedule, and a sensor for new tweets."""

import dagster as dg

from ri_assets.resources.settings import SourceResource

_TEN_MINUTES = 600


def weekly_schedule(job_name: str) -> dg.ScheduleDefinition:
    """Rerun everything early on Monday."""
    return dg.ScheduleDefinition(
        name="weekly_personas",
        job_name=job_name,
        cron_schedule="0 4 * * 1",
        execution_timezone="UTC",
        description="Reruns the whole graph every Monday at 04:00 UTC, so that the week starts "
        "with fresh personas.",
    )


def new_tweets_sensor(job_name: str) -> dg.SensorDefinition:
    """Start a run when the source holds tweets that no earlier tick saw."""

    @dg.sensor(
        name="new_tweets",
        job_name=job_name,
        minimum_interval_seconds=_TEN_MINUTES,
        description="Starts a run when the source holds tweets that no earlier tick saw. A tick "
        "asks for nothing but their number and the newest id.",
    )
    def new_tweets(
        context: dg.SensorEvaluationContext, source: SourceResource
    ) -> dg.RunRequest | dg.SkipReason:
        opened = source.open()
        state = opened.newest()
        mark = f"{state.n_tweets}:{state.newest_tweet_id}"
        if mark == context.cursor:
            return dg.SkipReason(f"{opened.name} still holds {state.n_tweets:,} tweets")
        context.update_cursor(mark)
        return dg.RunRequest(run_key=f"{opened.name}:{mark}", tags={"ri/source": opened.name})

    return new_tweets
